#include "search/segment.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>
#include <sys/mman.h>

#include "base/result.h"
#include "search/kernels.h"
#include "search/quantise.h"

namespace search {
namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

}  // namespace

void Segment::Free::operator()(void* memory) const {
    std::free(memory);
}

template <class T>
Segment::Aligned<T> Segment::allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    const bool huge = bytes >= kHugePage;
    const std::size_t alignment = huge ? kHugePage : kCacheLine;
    const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    auto* memory = static_cast<T*>(std::aligned_alloc(alignment, rounded));
    if (memory == nullptr) throw std::bad_alloc();
    // A scan touches every page in turn; huge pages spare it most address translations. Only advice.
    if (huge) ::madvise(memory, rounded, MADV_HUGEPAGE);
    return Aligned<T>(memory);
}

Segment::Segment(std::size_t rows_max, std::size_t stride)
    : rows_max_(rows_max),
      stride_(stride),
      block_bytes_(stride * kBlockRows),
      vectors_(allocate<float>(rows_max * stride)),
      codes_(allocate<std::uint8_t>(rows_max * stride)),
      scales_(allocate<float>(rows_max)),
      residuals_(rows_max / kBlockRows),
      keys_(rows_max),
      ended_(rows_max) {
    INVARIANT(rows_max % kBlockRows == 0 && stride % kLanes == 0);
}

const float* Segment::scales(std::size_t block) const {
    return scales_.get() + block * kBlockRows;
}

std::size_t Segment::append(const Key& key, std::span<const float> unit) {
    INVARIANT(!full() && unit.size() == stride_);
    const std::size_t row = rows_++;
    ++live_;
    std::copy(unit.begin(), unit.end(), vectors_.get() + row * stride_);
    keys_[row] = key;
    ended_[row].store(kNever, std::memory_order_relaxed);
    if (rows_ % kBlockRows == 0) code(row / kBlockRows);
    return row;
}

void Segment::end(std::size_t row, std::uint64_t change) {
    ended_[row].store(change, std::memory_order_relaxed);
    --live_;
}

void Segment::code(std::size_t block) {
    std::vector<std::int8_t> row_codes(stride_);
    std::uint8_t* codes = codes_.get() + block * block_bytes_;
    float residual = 0;
    for (std::size_t row = 0; row < kBlockRows; ++row) {
        const Codes made = quantise({vector(block * kBlockRows + row), stride_}, row_codes);
        scales_[block * kBlockRows + row] = made.scale;
        residual = std::max(residual, made.residual);
        for (std::size_t i = 0; i < stride_; ++i) {
            const std::size_t group = i / kGroupDimensions;
            codes[(group * kBlockRows + row) * kGroupDimensions + i % kGroupDimensions] =
                static_cast<std::uint8_t>(row_codes[i] + kCodeOffset);
        }
    }
    residuals_[block] = residual;
}

}  // namespace search
