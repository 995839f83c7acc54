// Either decoder, told by content as in production. Bounds keep a run short; a picture has exactly its
// pixels.
#include <cstdlib>
#include <string>
#include <vector>

#include "image/decode.h"
#include "image/encode.h"
#include "image/png_maker.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const image::Bounds bounds{.side_max = 2000, .pixels_max = 1'000'000};
    auto header = image::read_header({data, size}, bounds);
    auto picture = image::decode({data, size}, bounds);
    if (!picture.ok()) {
        if (picture.error().is_failure()) std::abort();
        return 0;
    }
    if (!header.ok() || header->width != picture->width || header->height != picture->height) std::abort();
    if (picture->rgb.size() != std::size_t{3} * picture->width * picture->height) std::abort();
    return 0;
}

std::vector<std::string> seeds() {
    std::vector<std::string> all;
    auto add = [&](const base::Bytes& bytes) { all.emplace_back(base::text(bytes)); };
    image::PngMaker maker(23, 17);
    for (auto type :
         {image::PngType::grey16, image::PngType::grey_alpha, image::PngType::palette, image::PngType::rgba})
        add(maker.solid(type, 90, type == image::PngType::rgba));
    auto picture = image::blank(37, 29, 10, 200, 90);
    for (std::size_t i = 0; i < picture.rgb.size(); ++i)
        picture.rgb[i] = static_cast<std::uint8_t>(i * i / 7);
    add(*image::encode_jpeg(picture, 30));
    add(*image::encode_jpeg(picture, 95));
    return all;
}
