#include <cstring>
#include <immintrin.h>

#include "search/kernels.h"

// g++ 12 takes the deliberately undefined operand inside its own intrinsics for a mistake (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vnni")))

namespace search {
namespace {

// How far ahead of the scan the codes are asked for: the hardware's own prefetcher stops at each 4 KiB page.
constexpr std::size_t kPrefetchBytes = 4096;

AVX512 inline std::uint64_t finish_rows(const BlockScan& scan, __m512i sums, std::size_t row, float* scores) {
    const __m512i dots = _mm512_sub_epi32(sums, _mm512_set1_epi32(scan.query_offset));
    const __m512 scales = _mm512_mul_ps(_mm512_set1_ps(scan.query_scale), _mm512_load_ps(scan.scales + row));
    const __m512 values = _mm512_mul_ps(scales, _mm512_cvtepi32_ps(dots));
    _mm512_storeu_ps(scores + row, values);
    return std::uint64_t{_mm512_cmp_ps_mask(values, _mm512_set1_ps(scan.least), _CMP_GE_OQ)} << row;
}

AVX512 std::uint64_t score_block(const BlockScan& scan, float* scores) {
    __m512i sums[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                       _mm512_setzero_si512()};
    const std::uint8_t* codes = scan.codes;
    for (std::size_t group = 0; group < scan.groups; ++group, codes += kBlockRows * kGroupDimensions) {
        std::int32_t four;
        std::memcpy(&four, scan.query + group * kGroupDimensions, sizeof four);
        const __m512i query = _mm512_set1_epi32(four);
        for (std::size_t i = 0; i < 4; ++i) {
            _mm_prefetch(reinterpret_cast<const char*>(codes + kPrefetchBytes + i * 64), _MM_HINT_T0);
            sums[i] = _mm512_dpbusd_epi32(sums[i], _mm512_load_si512(codes + i * 64), query);
        }
    }
    std::uint64_t reported = 0;
    for (std::size_t i = 0; i < 4; ++i)
        reported |= finish_rows(scan, sums[i], i * 16, scores);
    return reported;
}

AVX512 double inner_product(const float* a, const float* b, std::size_t count) {
    __m512d low = _mm512_setzero_pd(), high = _mm512_setzero_pd();
    for (std::size_t i = 0; i < count; i += kLanes) {
        low = _mm512_fmadd_pd(_mm512_cvtps_pd(_mm256_loadu_ps(a + i)),
                              _mm512_cvtps_pd(_mm256_loadu_ps(b + i)), low);
        high = _mm512_fmadd_pd(_mm512_cvtps_pd(_mm256_loadu_ps(a + i + 8)),
                               _mm512_cvtps_pd(_mm256_loadu_ps(b + i + 8)), high);
    }
    double lanes[kLanes];
    _mm512_storeu_pd(lanes, low);
    _mm512_storeu_pd(lanes + 8, high);
    return sum_of_lanes(lanes);
}

AVX512 std::uint64_t read(const std::uint8_t* from, std::size_t bytes) {
    __m512i lanes[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                        _mm512_setzero_si512()};
    for (std::size_t at = 0; at < bytes; at += 256)
        for (std::size_t i = 0; i < 4; ++i) {
            _mm_prefetch(reinterpret_cast<const char*>(from + at + kPrefetchBytes + i * 64), _MM_HINT_T0);
            lanes[i] = _mm512_xor_si512(lanes[i], _mm512_load_si512(from + at + i * 64));
        }
    std::uint64_t words[8], all = 0;
    _mm512_storeu_si512(
        words, _mm512_xor_si512(_mm512_xor_si512(lanes[0], lanes[1]), _mm512_xor_si512(lanes[2], lanes[3])));
    for (auto word : words)
        all ^= word;
    return all;
}

}  // namespace

const Kernels kAvx512Kernels = {"avx512vnni", score_block, inner_product, read};

}  // namespace search
