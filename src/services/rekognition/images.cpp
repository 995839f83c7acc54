#include "services/rekognition/images.h"

#include "image/decode.h"
#include "services/rekognition/errors.h"

namespace services::rekognition {
namespace {

Result<base::Bytes> bytes_of(const Rooms& rooms, wire::Call& call, const ImageSource& source) {
    if (source.bytes.has_value() == source.object.has_value()) return Error::refusal(Refusal::image_source);
    if (source.bytes) return *source.bytes;
    if (source.object->bucket.empty() || source.object->name.empty())
        return Error::refusal(Refusal::image_source);
    return rooms.read_object(call, *source.object);
}

}  // namespace

Result<Photo> read_photo(const Rooms& rooms, wire::Call& call, const ImageSource& source) {
    Photo photo;
    photo.bytes = TRY(bytes_of(rooms, call, source));
    photo.picture = TRY(image::decode(photo.bytes));
    if (photo.picture.width < kSideMinPx || photo.picture.height < kSideMinPx)
        return Error::refusal(Refusal::image_too_small);
    return photo;
}

Result<const Sight*> sight(const Rooms& rooms) {
    if (!rooms.sight) return Error::refusal(Refusal::no_model);
    return &*rooms.sight;
}

}  // namespace services::rekognition
