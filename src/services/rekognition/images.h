// What every operation on pictures does first: take one from the request's bytes or from a bucket.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "image/picture.h"
#include "services/rekognition/rooms.h"
#include "vision/face.h"
#include "wire/operation.h"

namespace services::rekognition {

inline constexpr std::size_t kImageBytesMax = 5'242'880;  // in a request
inline constexpr int kSideMinPx = 80;
// Two pictures of kImageBytesMax in base64, and what is around them.
inline constexpr std::size_t kBodyBytesMax = 15u << 20;

struct ImageSource {
    std::optional<base::Bytes> bytes;
    std::optional<S3Object> object;
    static auto members() {
        return wire::members(wire::optional("Bytes", &ImageSource::bytes, wire::length(1, kImageBytesMax)),
                             wire::optional("S3Object", &ImageSource::object));
    }
};

// A picture and where it came from.
struct Photo {
    base::Bytes bytes;  // as they came: a picture's id follows from them
    image::Picture picture;
};

// Refusals: those of image_source and the like in errors.h, and image::Refusal.
Result<Photo> read_photo(const Rooms& rooms, wire::Call& call, const ImageSource& source);

// Refuses no_model.
Result<const Sight*> sight(const Rooms& rooms);

}  // namespace services::rekognition
