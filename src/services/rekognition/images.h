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
    std::optional<S3Object> object;  // where it can be read again; with its version, where it has one
};

// Refusals: those of image_source and the like in errors.h, and image::Refusal.
Result<Photo> read_photo(const Rooms& rooms, wire::Call& call, const ImageSource& source);

// The model that the server was started with, for pictures that no collection is asked about. Refuses
// no_model.
Result<std::shared_ptr<const faces::Model>> own_model(const Rooms& rooms);

// Runs `work(lookers)`, which looks at pictures for a collection with its models; again where the collection
// was moved to another model meanwhile. Refuses as Collections::lookers() does, and what `work` refuses.
template <class Work>
Result<wire::Reply> look_for(const Rooms& rooms, const faces::CollectionKey& collection, const Work& work) {
    constexpr int kTries = 3;  // a collection is moved once in a while
    for (int left = kTries;; --left) {
        const auto lookers = TRY(rooms.collections.lookers(collection));
        auto reply = work(lookers);
        if (reply.ok() || left == 1 || !reply.error().is(faces::Refusal::model_changed)) return reply;
    }
}

// The face as the model sees it that the collection is being moved to; nothing where that does not find it,
// or where there is none.
Result<std::optional<faces::NextSight>> next_sight(const faces::Lookers& lookers, const Photo& photo,
                                                   const std::vector<vision::Face>& seen_by_next,
                                                   const vision::Box& box);
// What it finds in the picture; nothing where there is none.
Result<std::vector<vision::Face>> seen_by_next(const faces::Lookers& lookers, const Photo& photo);
std::optional<vision::ModelId> next_of(const faces::Lookers& lookers);

}  // namespace services::rekognition
