#include "image/picture.h"

namespace image {

Picture blank(int width, int height, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
    Picture picture{width, height, std::vector<std::uint8_t>(std::size_t{3} * width * height)};
    for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
        picture.rgb[i] = red;
        picture.rgb[i + 1] = green;
        picture.rgb[i + 2] = blue;
    }
    return picture;
}

}  // namespace image
