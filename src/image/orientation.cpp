#include "image/orientation.h"

#include <algorithm>
#include <cstring>

namespace image {
namespace {

// Where the upright picture's pixels are found in the stored one: the first, and the steps from a pixel to
// the one to its right and to the one below.
struct Walk {
    std::ptrdiff_t start;
    std::ptrdiff_t right;
    std::ptrdiff_t down;
};

Walk walk_of(int orientation, std::ptrdiff_t width, std::ptrdiff_t height) {
    std::ptrdiff_t top_right = width - 1;
    std::ptrdiff_t bottom_left = (height - 1) * width;
    std::ptrdiff_t bottom_right = height * width - 1;
    switch (orientation) {
        case 2:
            return {top_right, -1, width};
        case 3:
            return {bottom_right, -1, -width};
        case 4:
            return {bottom_left, 1, -width};
        case 5:
            return {0, width, 1};
        case 6:
            return {bottom_left, -width, 1};
        case 7:
            return {bottom_right, -width, -1};
        case 8:
            return {top_right, width, -1};
        default:
            return {0, 1, width};
    }
}

}  // namespace

Picture upright(Picture picture, int orientation) {
    if (orientation == 1) return picture;
    bool sideways = turns_sideways(orientation);
    Picture turned{sideways ? picture.height : picture.width, sideways ? picture.width : picture.height,
                   std::vector<std::uint8_t>(picture.rgb.size())};
    auto walk = walk_of(orientation, picture.width, picture.height);
    // Square tiles keep both pictures' lines in the cache when rows become columns.
    constexpr int kTile = 32;
    for (int top = 0; top < turned.height; top += kTile) {
        for (int left = 0; left < turned.width; left += kTile) {
            for (int y = top; y < std::min(top + kTile, turned.height); ++y) {
                auto* to = turned.at(left, y);
                for (int x = left; x < std::min(left + kTile, turned.width); ++x, to += 3)
                    std::memcpy(to, picture.rgb.data() + (walk.start + x * walk.right + y * walk.down) * 3,
                                3);
            }
        }
    }
    return turned;
}

}  // namespace image
