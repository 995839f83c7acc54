// JPEG through libjpeg-turbo's own interface: TurboJPEG 2.1 knows neither CMYK pictures nor which warnings
// matter.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "image/decode.h"

namespace image {

bool looks_like_jpeg(base::ByteView bytes);

// Refuse invalid_format and too_large. Width and height, and the picture, are upright.
Result<Header> read_jpeg_header(base::ByteView bytes, const Bounds& bounds);
Result<Picture> decode_jpeg(base::ByteView bytes, const Bounds& bounds);

}  // namespace image
