#include "neural/picture.h"

#include <array>
#include <bit>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace neural::detail {
namespace {

// byte * scale + shift, by channel of the network.
struct Line {
    float scale;
    float shift;
};

Line line_of(const Normalisation& normalisation, std::size_t channel) {
    const float scale = normalisation.scale[channel];
    return {scale, -normalisation.mean[channel] * scale};
}

void store(float number, float& to) {
    to = number;
}

void store(float number, std::uint16_t& to) {
    to = to_bfloat(number);
}

template <class Element>
void write_plainly(const PictureMove& move, const Normalisation& normalisation, Element* to) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
        const std::size_t source = normalisation.reverse_channels ? 2 - channel : channel;
        const Line line = line_of(normalisation, channel);
        for (std::size_t y = 0; y < move.height; ++y) {
            const std::uint8_t* from = move.pixels + y * move.row_bytes + source;
            Element* row = to + channel * move.channel_stride + y * move.row_stride;
            for (std::size_t x = 0; x < move.width; ++x)
                store(static_cast<float>(from[x * 3]) * line.scale + line.shift, row[x * move.pixel_stride]);
        }
    }
}

#if defined(__x86_64__)
// Sixteen pixels, 48 bytes, at a time for layouts that stay interleaved, as oneDNN chooses on CPUs with
// AVX-512. Byte i of the result comes from byte order[i]: this turns RGB into BGR.
constexpr std::size_t kStep = 48;

struct Pattern {
    alignas(64) std::array<std::uint8_t, 64> order{};
    alignas(64) std::array<float, kStep> scale{};
    alignas(64) std::array<float, kStep> shift{};
};

Pattern pattern_of(const Normalisation& normalisation) {
    Pattern pattern;
    for (std::size_t i = 0; i < kStep; ++i) {
        const std::size_t channel = i % 3;
        const Line line = line_of(normalisation, channel);
        pattern.order[i] =
            static_cast<std::uint8_t>(normalisation.reverse_channels ? i - channel + 2 - channel : i);
        pattern.scale[i] = line.scale;
        pattern.shift[i] = line.shift;
    }
    return pattern;
}

#define WITH_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512bf16")))

WITH_AVX512 void put(__m512 numbers, float* to) {
    _mm512_storeu_ps(to, numbers);
}

WITH_AVX512 void put(__m512 numbers, std::uint16_t* to) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), (__m256i)_mm512_cvtneps_pbh(numbers));
}

// Steps of a row; the last one may lie over the one before, so that no byte past the row is touched.
template <class Element>
WITH_AVX512 void write_row(const std::uint8_t* from, std::size_t count, const Pattern& pattern, Element* to) {
    constexpr __mmask64 kBytes = (__mmask64{1} << kStep) - 1;
    const __m512i order = _mm512_load_si512(pattern.order.data());
    for (std::size_t i = 0; i < count; i += kStep) {
        if (i + kStep > count) i = count - kStep;
        const __m512i bytes = _mm512_permutexvar_epi8(order, _mm512_maskz_loadu_epi8(kBytes, from + i));
        const auto part = [&](__m128i sixteen, std::size_t k) WITH_AVX512 {
            const __m512 numbers = _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(sixteen));
            put(_mm512_fmadd_ps(numbers, _mm512_load_ps(&pattern.scale[k]),
                                _mm512_load_ps(&pattern.shift[k])),
                to + i + k);
        };
        part(_mm512_extracti32x4_epi32(bytes, 0), 0);
        part(_mm512_extracti32x4_epi32(bytes, 1), 16);
        part(_mm512_extracti32x4_epi32(bytes, 2), 32);
    }
}

bool has_avx512() {
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bf16");
}

template <class Element>
bool write_widely(const PictureMove& move, const Normalisation& normalisation, Element* to) {
    const std::size_t count = 3 * move.width;
    if (move.channel_stride != 1 || move.pixel_stride != 3 || count < kStep || !has_avx512()) return false;
    const Pattern pattern = pattern_of(normalisation);
    for (std::size_t y = 0; y < move.height; ++y)
        write_row(move.pixels + y * move.row_bytes, count, pattern, to + y * move.row_stride);
    return true;
}
#else
template <class Element>
bool write_widely(const PictureMove&, const Normalisation&, Element*) {
    return false;
}
#endif

template <class Element>
void write(const PictureMove& move, const Normalisation& normalisation, Element* to) {
    if (!write_widely(move, normalisation, to)) write_plainly(move, normalisation, to);
}

}  // namespace

std::uint16_t to_bfloat(float number) {
    const auto bits = std::bit_cast<std::uint32_t>(number);
    if (number != number) return static_cast<std::uint16_t>((bits >> 16) | 0x40);
    return static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

void write_picture(const PictureMove& move, const Normalisation& normalisation, float* to) {
    write(move, normalisation, to);
}

void write_picture(const PictureMove& move, const Normalisation& normalisation, std::uint16_t* to) {
    write(move, normalisation, to);
}

void write_picture_plainly(const PictureMove& move, const Normalisation& normalisation, float* to) {
    write_plainly(move, normalisation, to);
}

void write_picture_plainly(const PictureMove& move, const Normalisation& normalisation, std::uint16_t* to) {
    write_plainly(move, normalisation, to);
}

}  // namespace neural::detail
