// Operations on collections: CreateCollection, ListCollections, DescribeCollection, DeleteCollection.
#include "services/rekognition/service.h"
#include "services/rekognition/shapes.h"
#include "services/rekognition/tags.h"

namespace services::rekognition {
namespace {

struct CreateCollection {
    static constexpr std::string_view name = "CreateCollection";
    struct Input {
        std::string collection_id;
        faces::Tags tags;
        static auto members() {
            return wire::members(rekognition::collection_id(&Input::collection_id),
                                 wire::optional("Tags", &Input::tags,
                                                wire::items(0, faces::kTagsPerCollectionMax), tag_values()));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        const auto arn = collection_arn(call, input.collection_id);
        std::vector<wire::Permission> needed = {{.action = "rekognition:CreateCollection", .resource = arn}};
        if (!input.tags.empty()) needed.push_back({.action = "rekognition:TagResource", .resource = arn});
        for (auto& permission : needed)
            ask_about(input.tags, permission);
        return needed;
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(check_tag_keys(input.tags));
        TRY(rooms.collections.create(key_of(call, input.collection_id), input.tags));
        // AWS leaves "arn:" out here, though not in DescribeCollection; callers put it before.
        constexpr std::string_view kLeftOut = "arn:";
        return wire::Reply(
            {{"StatusCode", 200},
             {"CollectionArn", collection_arn(call, input.collection_id).substr(kLeftOut.size())},
             {"FaceModelVersion", kFaceModelVersion}});
    }
};

struct ListCollections {
    static constexpr std::string_view name = "ListCollections";
    struct Input {
        std::string next_token;
        int max_results = 0;
        static auto members() {
            return wire::members(rekognition::next_token(&Input::next_token),
                                 rekognition::max_results(&Input::max_results));
        }
    };
    static std::string resource(const Input&, const wire::Call&) { return "*"; }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto page = TRY(rooms.collections.list(
            tenant_of(call), {input.next_token, static_cast<std::size_t>(input.max_results)}));
        json::array ids, versions;
        for (const auto& collection : page.items) {
            ids.push_back(json::value(collection.str()));
            versions.push_back(json::value(kFaceModelVersion));
        }
        wire::Reply reply({{"CollectionIds", std::move(ids)}, {"FaceModelVersions", std::move(versions)}});
        if (!page.next_token.empty()) reply.body["NextToken"] = page.next_token;
        return reply;
    }
};

struct DescribeCollection {
    static constexpr std::string_view name = "DescribeCollection";
    struct Input {
        std::string collection_id;
        static auto members() { return wire::members(rekognition::collection_id(&Input::collection_id)); }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto facts = TRY(rooms.collections.describe(key_of(call, input.collection_id)));
        return wire::Reply({{"FaceCount", facts.faces},
                            {"FaceModelVersion", kFaceModelVersion},
                            {"CollectionARN", collection_arn(call, input.collection_id)},
                            {"CreationTimestamp", base::epoch_seconds(facts.created)},
                            {"UserCount", facts.users}});
    }
};

struct DeleteCollection {
    static constexpr std::string_view name = "DeleteCollection";
    using Input = DescribeCollection::Input;
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(rooms.collections.remove(key_of(call, input.collection_id)));
        return wire::Reply({{"StatusCode", 200}});
    }
};

}  // namespace

void add_collection_operations(wire::Service& service, Rooms& rooms) {
    service.add<CreateCollection>(rooms);
    service.add<ListCollections>(rooms);
    service.add<DescribeCollection>(rooms);
    service.add<DeleteCollection>(rooms);
}

}  // namespace services::rekognition
