// Rows side by side: unit vectors, keys, and the 8-bit codes of each full block of 64 rows.
//
// A row is written once and never moves or changes, except that it can end: it is dead for every view as of
// some change number. A block is coded when its last row arrives; until then its rows are compared in full
// precision, so that what a reader scans is never written meanwhile.
#pragma once

#include <array>
#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace search {

// What a vector is called: 16 bytes, such as a UUID. Ordered byte by byte.
struct Key {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const Key&) const = default;
};

// One writer appends and ends; readers read rows that their view holds. What a reader may see (rows below a
// count, a change number) is handed over by Index under its lock, which orders the writes before the reads.
class Segment {
public:
    // `rows_max` is a multiple of kBlockRows, `stride` (floats per row) one of kLanes.
    Segment(std::size_t rows_max, std::size_t stride);

    std::size_t rows() const { return rows_; }  // the writer's
    std::size_t live() const { return live_; }  // the writer's
    bool full() const { return rows_ == rows_max_; }

    // The row's number. `unit` has `stride` floats. Not when full.
    std::size_t append(const Key& key, std::span<const float> unit);
    // The row is dead in views of change number `change` and later.
    void end(std::size_t row, std::uint64_t change);

    bool alive(std::size_t row, std::uint64_t change) const {
        return ended_[row].load(std::memory_order_relaxed) > change;
    }
    const Key& key(std::size_t row) const { return keys_[row]; }
    const float* vector(std::size_t row) const { return vectors_.get() + row * stride_; }

    // Of a full block: codes, scales of its rows, and the largest norm of what coding left of a row.
    const std::uint8_t* codes(std::size_t block) const { return codes_.get() + block * block_bytes_; }
    const float* scales(std::size_t block) const;
    float residual(std::size_t block) const { return residuals_[block]; }

private:
    struct Free {
        void operator()(void* memory) const;
    };
    template <class T>
    using Aligned = std::unique_ptr<T[], Free>;
    template <class T>
    static Aligned<T> allocate(std::size_t count);
    void code(std::size_t block);

    const std::size_t rows_max_;
    const std::size_t stride_;
    const std::size_t block_bytes_;
    std::size_t rows_ = 0;
    std::size_t live_ = 0;
    Aligned<float> vectors_;
    Aligned<std::uint8_t> codes_;
    Aligned<float> scales_;
    std::vector<float> residuals_;
    std::vector<Key> keys_;
    std::vector<std::atomic<std::uint64_t>> ended_;
};

}  // namespace search

template <>
struct std::hash<search::Key> {
    std::size_t operator()(const search::Key& key) const {
        return std::hash<std::string_view>()(
            {reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()});
    }
};
