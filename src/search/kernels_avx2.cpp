#include <cstring>
#include <immintrin.h>

#include "search/kernels.h"

#define AVX2 __attribute__((target("avx2,fma")))

namespace search {
namespace {

AVX2 inline std::uint64_t finish_rows(const BlockScan& scan, __m256i sums, std::size_t row, float* scores) {
    const __m256i dots = _mm256_sub_epi32(sums, _mm256_set1_epi32(scan.query_offset));
    const __m256 scales = _mm256_mul_ps(_mm256_set1_ps(scan.query_scale), _mm256_load_ps(scan.scales + row));
    const __m256 values = _mm256_mul_ps(scales, _mm256_cvtepi32_ps(dots));
    _mm256_storeu_ps(scores + row, values);
    const __m256 enough = _mm256_cmp_ps(values, _mm256_set1_ps(scan.least), _CMP_GE_OQ);
    return static_cast<std::uint64_t>(_mm256_movemask_ps(enough)) << row;
}

// The byte multiply of AVX2 saturates its 16-bit sums, so the codes are widened to 16 bits first. Half a
// block at a time keeps the eight sums in registers.
AVX2 std::uint64_t score_block(const BlockScan& scan, float* scores) {
    constexpr std::size_t kHalfRows = kBlockRows / 2, kSums = 8;
    std::uint64_t reported = 0;
    for (std::size_t first = 0; first < kBlockRows; first += kHalfRows) {
        __m256i sums[kSums];
        for (auto& sum : sums)
            sum = _mm256_setzero_si256();
        const std::uint8_t* codes = scan.codes + first * kGroupDimensions;
        for (std::size_t group = 0; group < scan.groups; ++group, codes += kBlockRows * kGroupDimensions) {
            std::int32_t four;
            std::memcpy(&four, scan.query + group * kGroupDimensions, sizeof four);
            const __m256i query = _mm256_cvtepi8_epi16(_mm_set1_epi32(four));
            for (std::size_t i = 0; i < kSums; ++i) {
                const auto* at = reinterpret_cast<const __m128i*>(codes + i * 16);
                const __m256i rows = _mm256_cvtepu8_epi16(_mm_load_si128(at));
                sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(rows, query));
            }
        }
        // Each sum holds two halves of four rows; rows come out of hadd in the order 0 1 4 5 2 3 6 7.
        for (std::size_t i = 0; i < kSums; i += 2) {
            const __m256i pairs = _mm256_hadd_epi32(sums[i], sums[i + 1]);
            const __m256i eight = _mm256_permute4x64_epi64(pairs, _MM_SHUFFLE(3, 1, 2, 0));
            reported |= finish_rows(scan, eight, first + i * 4, scores);
        }
    }
    return reported;
}

AVX2 double inner_product(const float* a, const float* b, std::size_t count) {
    __m256d sums[4] = {_mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd()};
    for (std::size_t i = 0; i < count; i += kLanes)
        for (std::size_t lane = 0; lane < 4; ++lane)
            sums[lane] = _mm256_fmadd_pd(_mm256_cvtps_pd(_mm_loadu_ps(a + i + lane * 4)),
                                         _mm256_cvtps_pd(_mm_loadu_ps(b + i + lane * 4)), sums[lane]);
    double lanes[kLanes];
    for (std::size_t lane = 0; lane < 4; ++lane)
        _mm256_storeu_pd(lanes + lane * 4, sums[lane]);
    return sum_of_lanes(lanes);
}

AVX2 std::uint64_t read(const std::uint8_t* from, std::size_t bytes) {
    __m256i lanes[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(),
                        _mm256_setzero_si256()};
    for (std::size_t at = 0; at < bytes; at += 128)
        for (std::size_t i = 0; i < 4; ++i)
            lanes[i] = _mm256_xor_si256(
                lanes[i], _mm256_load_si256(reinterpret_cast<const __m256i*>(from + at + i * 32)));
    std::uint64_t words[4];
    _mm256_storeu_si256(
        reinterpret_cast<__m256i*>(words),
        _mm256_xor_si256(_mm256_xor_si256(lanes[0], lanes[1]), _mm256_xor_si256(lanes[2], lanes[3])));
    return words[0] ^ words[1] ^ words[2] ^ words[3];
}

}  // namespace

const Kernels kAvx2Kernels = {"avx2", score_block, inner_product, read};

}  // namespace search
