#include "search/probe.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>

#include "search/kernels.h"

namespace search {
namespace {

constexpr std::size_t kPruneMin = 1024;

bool better(const Hit& a, const Hit& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.key < b.key;
}

}  // namespace

Probe::Probe(const Kernels& kernels, CodedQuery query, std::size_t hits_max, float floor,
             std::uint64_t change)
    : kernels_(kernels),
      query_(std::move(query)),
      hits_max_(hits_max),
      floor_(floor),
      change_(change),
      least_(hits_max == 0 ? std::numeric_limits<float>::infinity() : floor),
      prune_at_(kPruneMin + 2 * hits_max) {}

void Probe::scan_block(const Segment& segment, std::size_t block) {
    const float error = query_.error(segment.residual(block));
    const BlockScan scan{
        .codes = segment.codes(block),
        .groups = query_.codes.size() / kGroupDimensions,
        .scales = segment.scales(block),
        .query = query_.codes.data(),
        .query_offset = query_.offset,
        .query_scale = query_.scale,
        .least = least_ - error,
    };
    alignas(64) float scores[kBlockRows];
    for (auto reported = kernels_.score_block(scan, scores); reported != 0; reported &= reported - 1) {
        const auto row = static_cast<std::size_t>(std::countr_zero(reported));
        consider(segment, block * kBlockRows + row, scores[row] - error, scores[row] + error);
    }
}

void Probe::compare(const Segment& segment, std::size_t row) {
    const float exact = score(segment, row);
    consider(segment, row, exact, exact);
}

void Probe::consider(const Segment& segment, std::size_t row, float lower, float upper) {
    if (upper < least_ || !segment.alive(row, change_)) return;
    candidates_.push_back({upper, static_cast<std::uint32_t>(row), &segment});
    if (candidates_.size() >= prune_at_) {
        std::erase_if(candidates_, [&](const Candidate& candidate) { return candidate.upper < least_; });
        prune_at_ = std::max(prune_at_, 2 * candidates_.size());
    }
    if (lowers_.size() < hits_max_) {
        lowers_.push_back(lower);
        std::push_heap(lowers_.begin(), lowers_.end(), std::greater<>());
    } else if (lower > lowers_.front()) {
        std::pop_heap(lowers_.begin(), lowers_.end(), std::greater<>());
        lowers_.back() = lower;
        std::push_heap(lowers_.begin(), lowers_.end(), std::greater<>());
    }
    if (lowers_.size() == hits_max_) least_ = std::max(floor_, lowers_.front());
}

float Probe::score(const Segment& segment, std::size_t row) const {
    const double exact = kernels_.inner_product(query_.unit.data(), segment.vector(row), query_.unit.size());
    return std::clamp(static_cast<float>(exact), -1.0f, 1.0f);
}

std::vector<Hit> Probe::best() {
    std::sort(candidates_.begin(), candidates_.end(),
              [](const Candidate& a, const Candidate& b) { return a.upper > b.upper; });
    std::vector<Hit> hits;  // a heap, the worst first
    for (const auto& candidate : candidates_) {
        const bool enough = hits.size() == hits_max_;
        if (enough && candidate.upper < hits.front().score) break;
        const Hit hit{candidate.segment->key(candidate.row), score(*candidate.segment, candidate.row)};
        if (hit.score < floor_ || (enough && !better(hit, hits.front()))) continue;
        if (enough) {
            std::pop_heap(hits.begin(), hits.end(), better);
            hits.pop_back();
        }
        hits.push_back(hit);
        std::push_heap(hits.begin(), hits.end(), better);
    }
    std::sort_heap(hits.begin(), hits.end(), better);
    return hits;
}

}  // namespace search
