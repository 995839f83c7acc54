// The inner loops of the search, for each instruction set that is worth its own: AVX-512 VNNI, AVX2, and
// plain C++, which defines what the others must give, bit for bit. The CPU is asked at run time.
//
// Codes lie in blocks of 64 rows, four dimensions of all rows at a time:
//   codes[(group * 64 + row) * 4 + i] is dimension group * 4 + i of that row, as code + 128 (1 to 255).
// So one 64-byte load meets one broadcast of four query codes, and sums of 16 rows grow side by side in one
// register with nothing to add across it. VNNI multiplies unsigned by signed bytes, hence the 128.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace search {

inline constexpr std::size_t kBlockRows = 64;
inline constexpr std::size_t kGroupDimensions = 4;
inline constexpr std::int32_t kCodeOffset = 128;
// Vectors in full precision are padded with zeros to a multiple of this.
inline constexpr std::size_t kLanes = 16;

// One block of codes against one query.
struct BlockScan {
    const std::uint8_t* codes = nullptr;  // 64-byte aligned
    std::size_t groups = 0;
    const float* scales = nullptr;       // one per row, 64-byte aligned
    const std::int8_t* query = nullptr;  // groups * 4 codes
    std::int32_t query_offset = 0;       // kCodeOffset * sum of the query's codes
    float query_scale = 0;
    float least = 0;  // rows with at least this score are reported
};

struct Kernels {
    std::string_view name;

    // scores[row] = query_scale * scales[row] * (query . codes of row). Bit `row` of the result is set where
    // that is at least `least`.
    std::uint64_t (*score_block)(const BlockScan& scan, float* scores);

    // The inner product, accumulated in double precision in a fixed order, of `count` floats; `count` is a
    // multiple of kLanes. A product of two floats is exact in double precision, so fused and separate
    // arithmetic agree.
    double (*inner_product)(const float* a, const float* b, std::size_t count);

    // Reads every byte once and does next to nothing: the memory limit that a scan is held against.
    // `bytes` is a multiple of 256, the address 64-byte aligned.
    std::uint64_t (*read)(const std::uint8_t* from, std::size_t bytes);
};

// Those that this CPU can run, the fastest first; the last one is the plain one.
std::vector<const Kernels*> kernels_of_this_cpu();

extern const Kernels kPlainKernels;
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;

// Adds 16 partial sums in the one order that all kernels share.
inline double sum_of_lanes(const double (&lanes)[kLanes]) {
    double eight[8], four[4];
    for (std::size_t i = 0; i < 8; ++i)
        eight[i] = lanes[i] + lanes[i + 8];
    for (std::size_t i = 0; i < 4; ++i)
        four[i] = eight[i] + eight[i + 4];
    return (four[0] + four[2]) + (four[1] + four[3]);
}

}  // namespace search
