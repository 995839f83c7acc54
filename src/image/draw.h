// Marks on a picture: what the demo and the console draw around faces.
#pragma once

#include <string_view>

#include "image/picture.h"
#include "image/resample.h"

namespace image {

struct Colour {
    std::uint8_t red = 0;
    std::uint8_t green = 0;
    std::uint8_t blue = 0;
};

// The outline of `rectangle`, `thickness` pixels wide. What lies outside the picture is left out.
void draw_rectangle(Picture& picture, const Rectangle& rectangle, Colour colour, int thickness = 2);

// `text` in white on a bar of `colour` that stands on (left, bottom) and is `height` pixels high, moved as
// little as needed to lie within the picture. Characters outside ASCII appear as '?': the font has no others.
void draw_label(Picture& picture, int left, int bottom, std::string_view text, Colour colour,
                int height = 20);

}  // namespace image
