// Operations on the tags of a resource: TagResource, UntagResource, ListTagsForResource.
#include "services/rekognition/tags.h"

#include <fmt/format.h>

#include "services/rekognition/errors.h"
#include "services/rekognition/service.h"
#include "services/rekognition/shapes.h"

namespace services::rekognition {
namespace {

constexpr std::string_view kReservedPrefix = "aws:";
// As AWS writes it; RE2 has no look-ahead, so it is checked in two steps.
constexpr std::string_view kTagKeyPattern = R"(^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$)";

template <class Owner>
auto resource_arn(std::string Owner::*member) {
    return wire::required("ResourceArn", member, wire::length(20, 2048));
}

// CreateCollection answers with an ARN that lacks its beginning: both forms are taken.
std::string full_arn(const std::string& arn) {
    return arn.starts_with("arn:") ? arn : "arn:" + arn;
}

// Of the resources that have tags on AWS, only collections are here: anything else is a missing one.
Result<faces::CollectionKey> collection_in(const wire::Call& call, const std::string& resource_arn) {
    const auto arn = full_arn(resource_arn);
    const auto beginning = collection_arn(call, "");
    if (arn.starts_with(beginning) && arn.size() > beginning.size())
        return key_of(call, arn.substr(beginning.size()));
    return Error::refusal(Refusal::resource_absent, fmt::format("The resource {} does not exist", arn));
}

struct TagResource {
    static constexpr std::string_view name = "TagResource";
    struct Input {
        std::string resource_arn;
        faces::Tags tags;
        static auto members() {
            return wire::members(rekognition::resource_arn(&Input::resource_arn),
                                 wire::required("Tags", &Input::tags,
                                                wire::items(0, faces::kTagsPerCollectionMax), tag_values()));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input, const wire::Call&) {
        wire::Permission needed{.action = "rekognition:TagResource",
                                .resource = full_arn(input.resource_arn)};
        ask_about(input.tags, needed);
        return std::vector{std::move(needed)};
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(check_tag_keys(input.tags));
        TRY(rooms.collections.tag(TRY(collection_in(call, input.resource_arn)), input.tags));
        return wire::Reply(json::object());
    }
};

struct UntagResource {
    static constexpr std::string_view name = "UntagResource";
    struct Input {
        std::string resource_arn;
        std::vector<std::string> keys;
        static auto members() {
            return wire::members(
                rekognition::resource_arn(&Input::resource_arn),
                wire::required("TagKeys", &Input::keys, wire::items(0, faces::kTagsPerCollectionMax),
                               wire::each(wire::length(1, kTagKeyLengthMax), wire::pattern(kTagPattern))));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input, const wire::Call&) {
        wire::Permission needed{.action = "rekognition:UntagResource",
                                .resource = full_arn(input.resource_arn)};
        if (!input.keys.empty()) needed.context["aws:TagKeys"] = input.keys;
        return std::vector{std::move(needed)};
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        for (std::size_t i = 0; i < input.keys.size(); ++i)
            if (input.keys[i].starts_with(kReservedPrefix))
                return Error::refusal(
                    wire::Trouble::validation,
                    fmt::format(
                        "1 validation error detected: Value '{}' at 'tagKeys.{}.member' failed to satisfy "
                        "constraint: Member must satisfy regular expression pattern: {}",
                        input.keys[i], i + 1, kTagKeyPattern));
        TRY(rooms.collections.untag(TRY(collection_in(call, input.resource_arn)), input.keys));
        return wire::Reply(json::object());
    }
};

struct ListTagsForResource {
    static constexpr std::string_view name = "ListTagsForResource";
    struct Input {
        std::string resource_arn;
        static auto members() { return wire::members(rekognition::resource_arn(&Input::resource_arn)); }
    };
    static std::string resource(const Input& input, const wire::Call&) {
        return full_arn(input.resource_arn);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        json::object tags;
        for (const auto& [key, value] :
             TRY(rooms.collections.tags(TRY(collection_in(call, input.resource_arn)))))
            tags[key] = value;
        return wire::Reply({{"Tags", std::move(tags)}});
    }
};

}  // namespace

Result<void> check_tag_keys(const faces::Tags& tags) {
    for (const auto& [key, value] : tags) {
        const bool good = !key.empty() && key.size() <= kTagKeyLengthMax * 4 &&
                          wire::matches(key, R"([\s\S]{1,128})") && !key.starts_with(kReservedPrefix) &&
                          wire::matches(key, kTagPattern);
        if (!good)
            return Error::refusal(
                wire::Trouble::validation,
                fmt::format(
                    "1 validation error detected: Value '{{{}={}}}' at 'tags' failed to satisfy "
                    "constraint: Map keys must satisfy constraint: [Member must have length less than "
                    "or equal to 128, Member must have length greater than or equal to 1, Member must "
                    "satisfy regular expression pattern: {}]",
                    key, value, kTagKeyPattern));
    }
    return {};
}

void ask_about(const faces::Tags& tags, wire::Permission& permission) {
    for (const auto& [key, value] : tags) {
        permission.context["aws:RequestTag/" + key] = {value};
        permission.context["aws:TagKeys"].push_back(key);
    }
}

void add_tag_operations(wire::Service& service, Rooms& rooms) {
    service.add<TagResource>(rooms);
    service.add<UntagResource>(rooms);
    service.add<ListTagsForResource>(rooms);
}

}  // namespace services::rekognition
