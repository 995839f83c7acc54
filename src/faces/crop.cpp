#include "faces/crop.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "faces/codec.h"
#include "image/encode.h"
#include "image/resample.h"

namespace faces {
namespace {

constexpr std::uint8_t kCropVersion = 1;
constexpr int kJpegQuality = 95;

}  // namespace

Result<Crop> crop_of(const image::Picture& picture, const vision::Box& face) {
    const auto width = static_cast<float>(picture.width), height = static_cast<float>(picture.height);
    auto pixel = [](float ratio, float side) {
        return static_cast<int>(std::lround(std::clamp(ratio, 0.0f, 1.0f) * side));
    };
    const int left = std::min(pixel(face.left - kCropMargin * face.width, width), picture.width - 1),
              top = std::min(pixel(face.top - kCropMargin * face.height, height), picture.height - 1);
    const int right = std::max(pixel(face.left + (1 + kCropMargin) * face.width, width), left + 1),
              bottom = std::max(pixel(face.top + (1 + kCropMargin) * face.height, height), top + 1);
    const image::Rectangle cut{left, top, right - left, bottom - top};
    auto part = image::crop(picture, cut);
    if (const int longer = std::max(cut.width, cut.height); longer > kCropPx) {
        auto shrunk = [&](int side) { return std::max(1, side * kCropPx / longer); };
        part = image::resize(part, shrunk(cut.width), shrunk(cut.height));
    }
    Crop out;
    out.place = {static_cast<float>(cut.left) / width, static_cast<float>(cut.top) / height,
                 static_cast<float>(cut.width) / width, static_cast<float>(cut.height) / height};
    out.jpeg = TRY(image::encode_jpeg(part, kJpegQuality));
    return out;
}

vision::Box into_crop(const vision::Box& box, const vision::Box& place) {
    return {(box.left - place.left) / place.width, (box.top - place.top) / place.height,
            box.width / place.width, box.height / place.height};
}

vision::Box out_of_crop(const vision::Box& box, const vision::Box& place) {
    return {place.left + box.left * place.width, place.top + box.top * place.height, box.width * place.width,
            box.height * place.height};
}

std::string encode(const Crop& crop) {
    Writer writer;
    writer.number(kCropVersion).number(crop.place.left).number(crop.place.top);
    writer.number(crop.place.width).number(crop.place.height);
    return writer.take() + std::string(base::text(crop.jpeg));
}

Result<Crop> decode_crop(std::string_view bytes) {
    constexpr std::size_t kHeadBytes = 1 + 4 * sizeof(float);
    Reader reader(bytes.substr(0, kHeadBytes));
    const auto version = reader.number<std::uint8_t>();
    if (version != kCropVersion)
        return Error::failure(fmt::format("a crop's record has the unknown version {}", version));
    Crop crop;
    for (float* ratio : {&crop.place.left, &crop.place.top, &crop.place.width, &crop.place.height})
        *ratio = reader.number<float>();
    if (!reader.whole()) return Error::failure("a crop's record is malformed");
    const auto jpeg = base::view(bytes.substr(kHeadBytes));
    crop.jpeg.assign(jpeg.begin(), jpeg.end());
    return crop;
}

}  // namespace faces
