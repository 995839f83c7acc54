// 8-bit interleaved pixels as a network's input, in one pass. Inside the room.
#pragma once

#include <cstddef>
#include <cstdint>

#include "neural/network.h"

namespace neural::detail {

// A picture's rows and where its elements go: channel c of pixel (x, y) to element
// c * channel_stride + y * row_stride + x * pixel_stride.
struct PictureMove {
    const std::uint8_t* pixels = nullptr;
    std::size_t row_bytes = 0;
    std::size_t width = 0;
    std::size_t height = 0;
    std::size_t channel_stride = 0;
    std::size_t row_stride = 0;
    std::size_t pixel_stride = 0;
};

// `to` holds f32, or bf16 rounded to the nearest even. Uses the widest instructions that the CPU has.
void write_picture(const PictureMove& move, const Normalisation& normalisation, float* to);
void write_picture(const PictureMove& move, const Normalisation& normalisation, std::uint16_t* to);

// The same, one element after the other.
void write_picture_plainly(const PictureMove& move, const Normalisation& normalisation, float* to);
void write_picture_plainly(const PictureMove& move, const Normalisation& normalisation, std::uint16_t* to);

std::uint16_t to_bfloat(float number);

}  // namespace neural::detail
