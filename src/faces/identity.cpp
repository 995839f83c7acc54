#include "faces/identity.h"

#include <cmath>
#include <fmt/format.h>

#include "base/digest.h"
#include "base/result.h"

namespace faces {
namespace {

constexpr std::string_view kImages = "5a1f0b4e-8c0d-4b63-9f5e-2d2f6a7c1e90";
constexpr std::string_view kFaces = "c27d9a36-41e5-4f0a-b8d1-7e9b3c5a6042";
constexpr float kGrid = 256;

long on_grid(float ratio) {
    return std::lround(ratio * kGrid);
}

}  // namespace

std::string digest_of(base::ByteView picture) {
    return std::string(base::text(base::digest(base::DigestKind::sha256, picture)));
}

ImageId image_id_of(std::string_view picture_digest, const vision::ModelId& model) {
    return ImageId(base::uuid_of_name(kImages, base::hex(base::view(picture_digest)) + '|' + model.str()));
}

FaceId face_id_of(const ImageId& image, const vision::Box& box, std::string_view external_image_id) {
    return FaceId(base::uuid_of_name(
        kFaces, fmt::format("{}|{},{},{},{}|{}", image.str(), on_grid(box.left), on_grid(box.top),
                            on_grid(box.width), on_grid(box.height), external_image_id)));
}

search::Key key_of(const FaceId& face) {
    std::string digits = face.str();
    std::erase(digits, '-');
    const auto bytes = base::from_hex(digits);
    search::Key key;
    INVARIANT(bytes && bytes->size() == key.bytes.size());
    std::copy(bytes->begin(), bytes->end(), key.bytes.begin());
    return key;
}

FaceId face_of(const search::Key& key) {
    std::string text = base::hex(key.bytes);
    for (std::size_t hyphen : {8, 13, 18, 23})
        text.insert(hyphen, 1, '-');
    return FaceId(std::move(text));
}

}  // namespace faces
