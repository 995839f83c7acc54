// A picture in memory, and what this room refuses.
#pragma once

#include <cstdint>
#include <vector>

namespace image {

// What a caller can act on. Anything else that goes wrong is our own failure.
enum class Refusal : std::uint8_t {
    invalid_format,  // neither JPEG nor PNG, or damaged, or cut short
    too_large,       // more pixels than Bounds allow; refused before memory is spent on them
};

// A value: 8-bit RGB, interleaved, rows from the top, no padding, upright (EXIF orientation already applied).
struct Picture {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> rgb;  // width * height * 3 bytes

    const std::uint8_t* at(int x, int y) const { return rgb.data() + offset(x, y); }
    std::uint8_t* at(int x, int y) { return rgb.data() + offset(x, y); }

private:
    std::size_t offset(int x, int y) const {
        return (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) *
               3;
    }
};

// A picture of one colour.
Picture blank(int width, int height, std::uint8_t red, std::uint8_t green, std::uint8_t blue);

}  // namespace image
