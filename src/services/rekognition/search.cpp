// Operations that look for a face: SearchFaces, SearchFacesByImage.
#include "services/rekognition/errors.h"
#include "services/rekognition/probe.h"
#include "services/rekognition/service.h"
#include "services/rekognition/shapes.h"

namespace services::rekognition {
namespace {

struct SearchFaces {
    static constexpr std::string_view name = "SearchFaces";
    struct Input {
        std::string collection_id;
        std::string face_id;
        int max_faces = faces::kMatchesMax;
        float threshold = 80;
        static auto members() {
            return wire::members(
                rekognition::collection_id(&Input::collection_id),
                wire::required("FaceId", &Input::face_id, wire::pattern(kUuidPattern)),
                max_faces_found(&Input::max_faces),
                wire::optional("FaceMatchThreshold", &Input::threshold, wire::range(0, 100)));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto matches = TRY(rooms.collections.search(
            key_of(call, input.collection_id), faces::FaceId(input.face_id),
            vision::Similarity{input.threshold}, static_cast<std::size_t>(input.max_faces)));
        return wire::Reply({{"SearchedFaceId", input.face_id},
                            {"FaceMatches", shape(matches)},
                            {"FaceModelVersion", kFaceModelVersion}});
    }
};

struct SearchFacesByImage {
    static constexpr std::string_view name = "SearchFacesByImage";
    static constexpr wire::Lane lane = wire::Lane::pictures;
    struct Input {
        std::string collection_id;
        ImageSource image;
        int max_faces = faces::kMatchesMax;
        float threshold = 80;
        std::string quality_filter = "NONE";
        static auto members() {
            return wire::members(rekognition::collection_id(&Input::collection_id),
                                 wire::required("Image", &Input::image), max_faces_found(&Input::max_faces),
                                 wire::optional("FaceMatchThreshold", &Input::threshold, wire::range(0, 100)),
                                 rekognition::quality_filter(&Input::quality_filter));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    // AWS searches with the largest face and refuses a picture that has none.
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto key = key_of(call, input.collection_id);
        return look_for(rooms, key, [&](const faces::Lookers& lookers) -> Result<wire::Reply> {
            const auto probe =
                TRY(read_probe(rooms, call, *lookers.model, input.image, input.quality_filter));
            if (!probe.largest) return Error::refusal(Refusal::no_face);
            const auto& largest = *probe.largest;
            const auto matches =
                TRY(rooms.collections.search(key, largest.embedding, vision::Similarity{input.threshold},
                                             static_cast<std::size_t>(input.max_faces)));
            return wire::Reply({{"SearchedFaceBoundingBox", shape(largest.face.box)},
                                {"SearchedFaceConfidence", largest.face.confidence},
                                {"FaceMatches", shape(matches)},
                                {"FaceModelVersion", kFaceModelVersion}});
        });
    }
};

}  // namespace

void add_search_operations(wire::Service& service, Rooms& rooms) {
    service.add<SearchFaces>(rooms);
    service.add<SearchFacesByImage>(rooms);
}

}  // namespace services::rekognition
