// Hostile bytes to pixels: JPEG (baseline, progressive, grey, CMYK, YCCK) and PNG (every colour type and
// depth).
//
// The format is told by the content alone. The EXIF orientation of a JPEG is applied, that of a PNG is not
// read. Grey, palette, 16-bit and CMYK become 8-bit RGB; what is transparent shows white behind it; of an
// animated PNG the first frame counts. ICC profiles are not applied. A picture that is cut short is refused:
// half a face must not be enrolled.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "image/picture.h"

namespace image {

enum class Format : std::uint8_t { jpeg, png };

// What is refused as too_large before any pixel is decoded.
struct Bounds {
    int side_max = 10'000;                  // pixels
    std::int64_t pixels_max = 100'000'000;  // width * height
};

// Refuses too_large.
Result<void> within(const Bounds& bounds, std::int64_t width, std::int64_t height);

// What the first bytes say, without decoding.
struct Header {
    Format format = Format::jpeg;
    int width = 0;  // upright: after the EXIF orientation
    int height = 0;
};

// Callable from any thread; each call keeps what it needs to itself.
// Refuses: invalid_format, too_large.
Result<Header> read_header(base::ByteView bytes, const Bounds& bounds = {});
Result<Picture> decode(base::ByteView bytes, const Bounds& bounds = {});

}  // namespace image
