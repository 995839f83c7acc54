#include "image/decode.h"

#include "image/jpeg.h"
#include "image/png.h"

namespace image {
namespace {

Error neither_format() {
    return Error::refusal(Refusal::invalid_format, "The picture is neither JPEG nor PNG.");
}

}  // namespace

Result<void> within(const Bounds& bounds, std::int64_t width, std::int64_t height) {
    if (width > bounds.side_max || height > bounds.side_max || width * height > bounds.pixels_max)
        return Error::refusal(Refusal::too_large, "The picture has too many pixels.");
    return {};
}

Result<Header> read_header(base::ByteView bytes, const Bounds& bounds) {
    if (looks_like_jpeg(bytes)) return read_jpeg_header(bytes, bounds);
    if (looks_like_png(bytes)) return read_png_header(bytes, bounds);
    return neither_format();
}

Result<Picture> decode(base::ByteView bytes, const Bounds& bounds) {
    if (looks_like_jpeg(bytes)) return decode_jpeg(bytes, bounds);
    if (looks_like_png(bytes)) return decode_png(bytes, bounds);
    return neither_format();
}

}  // namespace image
