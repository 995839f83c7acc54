// PNG through libpng: every colour type, depth and interlacing, to 8-bit RGB.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "image/decode.h"

namespace image {

bool looks_like_png(base::ByteView bytes);

// Refuse invalid_format and too_large.
Result<Header> read_png_header(base::ByteView bytes, const Bounds& bounds);
Result<Picture> decode_png(base::ByteView bytes, const Bounds& bounds);

}  // namespace image
