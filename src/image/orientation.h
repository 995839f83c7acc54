// The eight ways in which a camera may have been held (EXIF orientation), and back from them.
#pragma once

#include "image/picture.h"

namespace image {

// Whether width and height change places.
inline bool turns_sideways(int orientation) {
    return orientation >= 5;
}

// The picture as it was meant to be seen. `orientation` is 1 to 8; 1 gives the picture as it is.
Picture upright(Picture picture, int orientation);

}  // namespace image
