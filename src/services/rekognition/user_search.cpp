// Operations that look for a user: SearchUsers, SearchUsersByImage.
#include "services/rekognition/errors.h"
#include "services/rekognition/probe.h"
#include "services/rekognition/service.h"
#include "services/rekognition/shapes.h"

namespace services::rekognition {
namespace {

template <class Owner>
auto user_threshold(float Owner::*member) {
    return wire::optional("UserMatchThreshold", member, wire::range(0, 100));
}
template <class Owner>
auto max_users(int Owner::*member) {
    return wire::optional("MaxUsers", member, wire::range(1, faces::kUserMatchesMax));
}

// Of two faces that are good enough, the smaller is not one too many here, but not the largest.
json::array unsearched(const std::vector<faces::Rejected>& rejected) {
    json::array out;
    for (const auto& [face, reasons] : rejected) {
        const bool good = reasons == std::vector{faces::Reason::exceeds_max_faces};
        out.push_back({{"FaceDetails", face_detail(face)},
                       {"Reasons", good ? json::array{"FACE_NOT_LARGEST"} : shape(reasons)}});
    }
    return out;
}

struct SearchUsers {
    static constexpr std::string_view name = "SearchUsers";
    struct Input {
        std::string collection_id;
        std::optional<std::string> user_id;
        std::optional<std::string> face_id;
        float threshold = 80;
        int max_users = faces::kUserMatchesMax;
        static auto members() {
            return wire::members(
                rekognition::collection_id(&Input::collection_id), rekognition::user_id(&Input::user_id),
                wire::optional("FaceId", &Input::face_id, wire::pattern(kUuidPattern)),
                user_threshold(&Input::threshold), rekognition::max_users(&Input::max_users));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        if (input.user_id.has_value() == input.face_id.has_value())
            return Error::refusal(Refusal::one_of_two);
        wire::Reply reply(json::object{});
        if (input.user_id)
            reply.body["SearchedUser"] = {{"UserId", *input.user_id}};
        else
            reply.body["SearchedFace"] = {{"FaceId", *input.face_id}};
        reply.body["UserMatches"] = shape(TRY(matches(rooms, key_of(call, input.collection_id), input)));
        reply.body["FaceModelVersion"] = kFaceModelVersion;
        return reply;
    }
    static Result<std::vector<faces::UserMatch>> matches(Rooms& rooms, const faces::CollectionKey& key,
                                                         const Input& input) {
        const auto& users = rooms.collections.users();
        const vision::Similarity floor{input.threshold};
        const auto limit = static_cast<std::size_t>(input.max_users);
        if (input.user_id) return users.search(key, faces::UserId(*input.user_id), floor, limit);
        auto found = users.search(key, faces::FaceId(*input.face_id), floor, limit);
        // An unknown face is a missing resource here, other than in SearchFaces.
        if (!found.ok() && found.error().is(faces::Refusal::face_missing))
            return Error::refusal(Refusal::face_missing, found.error().message());
        return found;
    }
};

struct SearchUsersByImage {
    static constexpr std::string_view name = "SearchUsersByImage";
    static constexpr wire::Lane lane = wire::Lane::pictures;
    struct Input {
        std::string collection_id;
        ImageSource image;
        float threshold = 80;
        int max_users = faces::kUserMatchesMax;
        std::string quality_filter = "NONE";
        static auto members() {
            return wire::members(rekognition::collection_id(&Input::collection_id),
                                 wire::required("Image", &Input::image), user_threshold(&Input::threshold),
                                 rekognition::max_users(&Input::max_users),
                                 rekognition::quality_filter(&Input::quality_filter));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    // AWS searches with the largest face, and other than for SearchFacesByImage none is not an error.
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto key = key_of(call, input.collection_id);
        return look_for(rooms, key, [&](const faces::Lookers& lookers) -> Result<wire::Reply> {
            const auto probe =
                TRY(read_probe(rooms, call, *lookers.model, input.image, input.quality_filter));
            std::vector<faces::UserMatch> matches;
            wire::Reply reply(json::object{});
            if (probe.largest) {
                matches = TRY(rooms.collections.users().search(key, probe.largest->embedding,
                                                               vision::Similarity{input.threshold},
                                                               static_cast<std::size_t>(input.max_users)));
                reply.body["SearchedFace"] = {{"FaceDetail", face_detail(probe.largest->face)}};
            }
            reply.body["UserMatches"] = shape(matches);
            reply.body["FaceModelVersion"] = kFaceModelVersion;
            reply.body["UnsearchedFaces"] = unsearched(probe.rejected);
            return reply;
        });
    }
};

}  // namespace

void add_user_search_operations(wire::Service& service, Rooms& rooms) {
    service.add<SearchUsers>(rooms);
    service.add<SearchUsersByImage>(rooms);
}

}  // namespace services::rekognition
