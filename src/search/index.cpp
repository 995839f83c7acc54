#include "search/index.h"

#include <algorithm>
#include <limits>

#include "search/probe.h"
#include "search/quantise.h"

namespace search {
namespace {

// The first segment of a collection is small, since most collections are; each next one is twice as large up
// to this.
constexpr std::size_t kSegmentRowsMin = 64;
constexpr std::size_t kSegmentRowsMax = 16384;

std::size_t padded(std::size_t dimensions) {
    return (dimensions + kLanes - 1) / kLanes * kLanes;
}

}  // namespace

Index::Index(std::size_t dimensions, const Kernels& kernels)
    : dimensions_(dimensions), stride_(padded(dimensions)), kernels_(kernels) {
    INVARIANT(dimensions >= 1 && dimensions <= kDimensionsMax);
}

Result<void> Index::upsert(const Key& key, std::span<const float> vector) {
    const Entry entry{key, vector};
    return upsert(std::span(&entry, 1));
}

Result<void> Index::upsert(std::span<const Entry> entries) {
    std::vector<float> units(entries.size() * stride_);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries[i].vector.size() != dimensions_) return Error::refusal(Refusal::dimensions_differ);
        if (!normalise(entries[i].vector, std::span(units).subspan(i * stride_, stride_)))
            return Error::refusal(Refusal::no_direction);
    }

    std::lock_guard lock(writer_);
    Segments segments = *published_.segments;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        auto old = locations_.find(entries[i].key);
        if (old != locations_.end()) old->second.segment->end(old->second.row, published_.change + 1);
        append(segments, entries[i].key, std::span<const float>(units).subspan(i * stride_, stride_));
    }
    compact(segments);
    publish(std::move(segments));
    return {};
}

std::size_t Index::erase(std::span<const Key> keys) {
    std::lock_guard lock(writer_);
    std::size_t erased = 0;
    for (const auto& key : keys) {
        auto found = locations_.find(key);
        if (found == locations_.end()) continue;
        found->second.segment->end(found->second.row, published_.change + 1);
        locations_.erase(found);
        ++erased;
    }
    if (erased == 0) return 0;
    Segments segments = *published_.segments;
    compact(segments);
    publish(std::move(segments));
    return erased;
}

std::size_t Index::size() const {
    return view().live;
}

Index::View Index::view() const {
    std::lock_guard lock(published_mutex_);
    return published_;
}

// Reads of published_ by the writer need no lock: only the writer changes it.
void Index::publish(Segments segments) {
    View next;
    next.change = published_.change + 1;
    next.last_rows = segments.empty() ? 0 : segments.back()->rows();
    next.live = locations_.size();
    next.segments = segments == *published_.segments ? published_.segments
                                                     : std::make_shared<Segments>(std::move(segments));
    std::lock_guard lock(published_mutex_);
    std::swap(published_, next);
}

void Index::append(Segments& segments, const Key& key, std::span<const float> unit) {
    if (segments.empty() || segments.back()->full()) {
        std::size_t rows = kSegmentRowsMin;
        for (std::size_t i = 0; i < segments.size() && rows < kSegmentRowsMax; ++i)
            rows *= 2;
        segments.push_back(std::make_shared<Segment>(rows, stride_));
    }
    const std::size_t row = segments.back()->append(key, unit);
    locations_.insert_or_assign(key, Location{segments.back().get(), row});
}

// Rows move to the end, as new rows, from every full segment of which less than half is alive; so dead rows
// never outnumber the living by much, and a change costs a constant amount of moving on average.
void Index::compact(Segments& segments) {
    if (locations_.empty()) {
        segments.clear();
        return;
    }
    Segments sparse;
    std::erase_if(segments, [&](const std::shared_ptr<Segment>& segment) {
        const bool is_sparse = segment->full() && segment->live() * 2 < segment->rows();
        if (is_sparse) sparse.push_back(segment);
        return is_sparse;
    });
    for (const auto& segment : sparse)
        for (std::size_t row = 0; row < segment->rows(); ++row)
            if (segment->alive(row, published_.change + 1))
                append(segments, segment->key(row), {segment->vector(row), stride_});
}

Result<std::vector<Hit>> Index::search(const Query& query) const {
    auto answers = TRY(search(std::span(&query, 1)));
    return std::move(answers.front());
}

Result<std::vector<std::vector<Hit>>> Index::search(std::span<const Query> queries) const {
    const View now = view();
    std::vector<Probe> probes;
    probes.reserve(queries.size());
    for (const auto& query : queries) {
        if (query.vector.size() != dimensions_) return Error::refusal(Refusal::dimensions_differ);
        auto coded = coded_query(query.vector);
        if (!coded) return Error::refusal(Refusal::no_direction);
        probes.emplace_back(kernels_, std::move(*coded), std::min(query.hits_max, now.live), query.floor,
                            now.change);
    }
    for (const auto& segment : *now.segments) {
        const bool last = segment == now.segments->back();
        const std::size_t rows = last ? now.last_rows : segment->rows();
        const std::size_t coded_blocks = rows / kBlockRows;
        // A block of codes is in the nearest cache when the second probe comes to it.
        for (std::size_t block = 0; block < coded_blocks; ++block)
            for (auto& probe : probes)
                probe.scan_block(*segment, block);
        for (std::size_t row = coded_blocks * kBlockRows; row < rows; ++row)
            for (auto& probe : probes)
                probe.compare(*segment, row);
    }
    std::vector<std::vector<Hit>> answers;
    for (auto& probe : probes)
        answers.push_back(probe.best());
    return answers;
}

}  // namespace search
