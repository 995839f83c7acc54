// Operations on users, the people of a collection: CreateUser, DeleteUser, ListUsers, AssociateFaces,
// DisassociateFaces. Those that search users are in user_search.cpp.
#include "services/rekognition/service.h"
#include "services/rekognition/shapes.h"

namespace services::rekognition {
namespace {

template <class Owner>
auto request_token(std::string Owner::*member) {
    return wire::optional("ClientRequestToken", member, wire::length(1, 64),
                          wire::pattern("^[a-zA-Z0-9-_]+$"));
}
template <class Owner>
auto faces_of_a_user(std::vector<std::string> Owner::*member) {
    return wire::required("FaceIds", member, wire::items(1, faces::kFacesPerUserMax),
                          wire::each(wire::pattern(kUuidPattern)));
}

std::string_view reason_of(faces::FaceTrouble trouble) {
    switch (trouble) {
        case faces::FaceTrouble::missing:
            return "FACE_NOT_FOUND";
        case faces::FaceTrouble::anothers:
            return "ASSOCIATED_TO_A_DIFFERENT_USER";
        case faces::FaceTrouble::unlike:
            return "LOW_MATCH_CONFIDENCE";
    }
    base::unreachable();
}

json::array changed_faces(const faces::Membership& membership) {
    json::array out;
    for (const auto& face : membership.changed)
        out.push_back(json::object{{"FaceId", face.str()}});
    return out;
}

json::array refused_faces(const faces::Membership& membership) {
    json::array out;
    for (const auto& refused : membership.refused) {
        json::object face = {{"FaceId", refused.face.str()}};
        if (refused.user) face["UserId"] = refused.user->str();
        if (refused.similarity) face["Confidence"] = refused.similarity->percent;
        face["Reasons"] = json::array{json::value(reason_of(refused.trouble))};
        out.push_back(std::move(face));
    }
    return out;
}

struct CreateUser {
    static constexpr std::string_view name = "CreateUser";
    struct Input {
        std::string collection_id;
        std::string user_id;
        std::string request_token;
        static auto members() {
            return wire::members(rekognition::collection_id(&Input::collection_id),
                                 rekognition::user_id(&Input::user_id),
                                 rekognition::request_token(&Input::request_token));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(rooms.collections.users().create(key_of(call, input.collection_id), faces::UserId(input.user_id),
                                             input.request_token));
        return wire::Reply(json::object());
    }
};

struct DeleteUser {
    static constexpr std::string_view name = "DeleteUser";
    using Input = CreateUser::Input;
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(rooms.collections.users().remove(key_of(call, input.collection_id), faces::UserId(input.user_id),
                                             input.request_token));
        return wire::Reply(json::object());
    }
};

struct ListUsers {
    static constexpr std::string_view name = "ListUsers";
    struct Input {
        std::string collection_id;
        int max_results = faces::kUserMatchesMax;
        std::string next_token;
        static auto members() {
            return wire::members(
                rekognition::collection_id(&Input::collection_id),
                wire::optional("MaxResults", &Input::max_results, wire::range(1, faces::kUserMatchesMax)),
                rekognition::next_token(&Input::next_token));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto page = TRY(
            rooms.collections.users().list(key_of(call, input.collection_id),
                                           {input.next_token, static_cast<std::size_t>(input.max_results)}));
        json::array users;
        for (const auto& user : page.items)
            users.push_back(shape(user));
        wire::Reply reply({{"Users", std::move(users)}});
        if (!page.next_token.empty()) reply.body["NextToken"] = page.next_token;
        return reply;
    }
};

struct AssociateFaces {
    static constexpr std::string_view name = "AssociateFaces";
    struct Input {
        std::string collection_id;
        std::string user_id;
        std::vector<std::string> face_ids;
        float threshold = 75;
        std::string request_token;
        static auto members() {
            return wire::members(rekognition::collection_id(&Input::collection_id),
                                 rekognition::user_id(&Input::user_id), faces_of_a_user(&Input::face_ids),
                                 wire::optional("UserMatchThreshold", &Input::threshold, wire::range(0, 100)),
                                 rekognition::request_token(&Input::request_token));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto membership = TRY(rooms.collections.users().associate(
            key_of(call, input.collection_id), faces::UserId(input.user_id), face_ids(input.face_ids),
            vision::Similarity{input.threshold}, input.request_token));
        return wire::Reply({{"AssociatedFaces", changed_faces(membership)},
                            {"UnsuccessfulFaceAssociations", refused_faces(membership)},
                            {"UserStatus", name_of(membership.status)}});
    }
};

struct DisassociateFaces {
    static constexpr std::string_view name = "DisassociateFaces";
    struct Input {
        std::string collection_id;
        std::string user_id;
        std::string request_token;
        std::vector<std::string> face_ids;
        static auto members() {
            return wire::members(
                rekognition::collection_id(&Input::collection_id), rekognition::user_id(&Input::user_id),
                rekognition::request_token(&Input::request_token), faces_of_a_user(&Input::face_ids));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto membership = TRY(rooms.collections.users().disassociate(
            key_of(call, input.collection_id), faces::UserId(input.user_id), face_ids(input.face_ids),
            input.request_token));
        return wire::Reply({{"DisassociatedFaces", changed_faces(membership)},
                            {"UnsuccessfulFaceDisassociations", refused_faces(membership)},
                            {"UserStatus", name_of(membership.status)}});
    }
};

}  // namespace

void add_user_operations(wire::Service& service, Rooms& rooms) {
    service.add<CreateUser>(rooms);
    service.add<DeleteUser>(rooms);
    service.add<ListUsers>(rooms);
    service.add<AssociateFaces>(rooms);
    service.add<DisassociateFaces>(rooms);
}

}  // namespace services::rekognition
