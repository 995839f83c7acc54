#include "search/kernels.h"

#include <cstring>

namespace search {
namespace {

std::uint64_t score_block(const BlockScan& scan, float* scores) {
    std::int32_t sums[kBlockRows] = {};
    for (std::size_t group = 0; group < scan.groups; ++group) {
        const std::int8_t* query = scan.query + group * kGroupDimensions;
        const std::uint8_t* codes = scan.codes + group * kGroupDimensions * kBlockRows;
        for (std::size_t row = 0; row < kBlockRows; ++row)
            for (std::size_t i = 0; i < kGroupDimensions; ++i)
                sums[row] += query[i] * codes[row * kGroupDimensions + i];
    }
    std::uint64_t reported = 0;
    for (std::size_t row = 0; row < kBlockRows; ++row) {
        scores[row] = scan.query_scale * scan.scales[row] * static_cast<float>(sums[row] - scan.query_offset);
        reported |= std::uint64_t{scores[row] >= scan.least} << row;
    }
    return reported;
}

double inner_product(const float* a, const float* b, std::size_t count) {
    double lanes[kLanes] = {};
    for (std::size_t i = 0; i < count; i += kLanes)
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            lanes[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
    return sum_of_lanes(lanes);
}

std::uint64_t read(const std::uint8_t* from, std::size_t bytes) {
    std::uint64_t lanes[4] = {};
    for (std::size_t at = 0; at < bytes; at += sizeof lanes) {
        std::uint64_t words[4];
        std::memcpy(words, from + at, sizeof words);
        for (std::size_t i = 0; i < 4; ++i)
            lanes[i] ^= words[i];
    }
    return lanes[0] ^ lanes[1] ^ lanes[2] ^ lanes[3];
}

}  // namespace

const Kernels kPlainKernels = {"plain", score_block, inner_product, read};

std::vector<const Kernels*> kernels_of_this_cpu() {
    std::vector<const Kernels*> kernels;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vnni"))
        kernels.push_back(&kAvx512Kernels);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) kernels.push_back(&kAvx2Kernels);
    kernels.push_back(&kPlainKernels);
    return kernels;
}

}  // namespace search
