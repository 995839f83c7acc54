#include "neural/picture.h"

#include <array>
#include <bit>

namespace neural::detail {
namespace {

void store(float number, float& to) {
    to = number;
}

void store(float number, std::uint16_t& to) {
    to = to_bfloat(number);
}

template <class Element>
void write(const PictureMove& move, const Normalisation& normalisation, Element* to) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
        const std::size_t source = normalisation.reverse_channels ? 2 - channel : channel;
        const float scale = normalisation.scale[channel];
        const float shift = -normalisation.mean[channel] * scale;
        for (std::size_t y = 0; y < move.height; ++y) {
            const std::uint8_t* from = move.pixels + y * move.row_bytes + source;
            Element* row = to + channel * move.channel_stride + y * move.row_stride;
            for (std::size_t x = 0; x < move.width; ++x)
                store(static_cast<float>(from[x * 3]) * scale + shift, row[x * move.pixel_stride]);
        }
    }
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

}  // namespace neural::detail
