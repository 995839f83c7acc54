#include "services/rekognition/images.h"

#include "image/decode.h"
#include "services/rekognition/errors.h"

namespace services::rekognition {
namespace {

Result<Photo> bytes_of(const Rooms& rooms, wire::Call& call, const ImageSource& source) {
    if (source.bytes.has_value() == source.object.has_value()) return Error::refusal(Refusal::image_source);
    if (source.bytes) return Photo{*source.bytes, {}, {}};
    if (source.object->bucket.empty() || source.object->name.empty())
        return Error::refusal(Refusal::image_source);
    auto read = TRY(rooms.read_object(call, *source.object));
    Photo photo{std::move(read.bytes), {}, *source.object};
    if (read.version) photo.object->version = std::move(read.version);
    return photo;
}

}  // namespace

Result<Photo> read_photo(const Rooms& rooms, wire::Call& call, const ImageSource& source) {
    auto photo = TRY(bytes_of(rooms, call, source));
    photo.picture = TRY(image::decode(photo.bytes));
    if (photo.picture.width < kSideMinPx || photo.picture.height < kSideMinPx)
        return Error::refusal(Refusal::image_too_small);
    return photo;
}

Result<std::shared_ptr<const faces::Model>> own_model(const Rooms& rooms) {
    auto model = rooms.collections.models().current();
    if (!model) return Error::refusal(Refusal::no_model);
    return model;
}

Result<std::vector<vision::Face>> seen_by_next(const faces::Lookers& lookers, const Photo& photo) {
    if (!lookers.next) return std::vector<vision::Face>();
    return lookers.next->sight.detect(photo.picture);
}

Result<std::optional<faces::NextSight>> next_sight(const faces::Lookers& lookers, const Photo& photo,
                                                   const std::vector<vision::Face>& seen_by_next,
                                                   const vision::Box& box) {
    const auto* seen = vision::face_at(seen_by_next, box, faces::kSameFaceOverlap);
    if (!seen) return std::optional<faces::NextSight>();
    auto embedding = TRY(lookers.next->sight.embed(photo.picture, *seen));
    return std::optional(faces::NextSight{seen->box, std::move(embedding)});
}

std::optional<vision::ModelId> next_of(const faces::Lookers& lookers) {
    if (!lookers.next) return std::nullopt;
    return lookers.next->recognition.model;
}

}  // namespace services::rekognition
