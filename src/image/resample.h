// Smaller and larger copies of a picture, and cut-outs of it.
#pragma once

#include "image/picture.h"

namespace image {

// Pixels; may lie partly or wholly outside the picture.
struct Rectangle {
    int left = 0;
    int top = 0;
    int width = 0;
    int height = 0;
};

// Averages the area that each new pixel covers when shrinking, interpolates linearly when growing. Both sides
// of the picture and the new ones are at least 1.
Picture resize(const Picture& picture, int width, int height);

// What of `rectangle` lies within the picture; an empty picture if nothing does.
Picture crop(const Picture& picture, const Rectangle& rectangle);

// `rectangle` brought to the given size in one step. Where it lies outside the picture the result is black.
Picture crop_resized(const Picture& picture, const Rectangle& rectangle, int width, int height);

// Left and right changed.
Picture mirror(const Picture& picture);

}  // namespace image
