// Tags of objects and of buckets.
#include "services/s3/common.h"
#include "services/s3/service.h"

namespace services::s3 {
namespace {

json::object tag_set(const objects::Tags& tags) {
    json::array list;
    for (const auto& [key, value] : tags)
        list.push_back(json::object{{"Key", key}, {"Value", value}});
    return {{"TagSet", json::object{{"Tag[]", std::move(list)}}}};
}

struct ObjectInput {
    std::string bucket, key, version;
    static auto members() {
        return wire::members(wire::required("Bucket", &ObjectInput::bucket),
                             wire::required("Key", &ObjectInput::key),
                             wire::optional("VersionId", &ObjectInput::version, wire::in_query("versionId")));
    }
    std::string action(std::string_view verb) const {
        return std::string("s3:") + std::string(verb) +
               (version.empty() ? "ObjectTagging" : "ObjectVersionTagging");
    }
};

// The version's id, where the bucket has versions.
Result<Reply> with_version(Rooms& rooms, const std::string& bucket, const objects::Object& object,
                           Reply reply) {
    if (TRY(rooms.objects.bucket(bucket)).versioning != objects::Versioning::never)
        reply.headers.set("x-amz-version-id", object.version);
    return reply;
}

struct GetObjectTagging {
    static constexpr std::string_view name = "GetObjectTagging";
    static constexpr wire::Route route{"GET", "/{Bucket}/{Key+}", "tagging"};
    using Input = ObjectInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_object(rooms, input.action("Get"), input.bucket, input.key);
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        auto object = rooms.objects.find(input.bucket, input.key, input.version);
        if (!object.ok()) return hide_missing_key(rooms, call, input.bucket, std::move(object).error());
        if (object->delete_marker)
            return Error::refusal(input.version.empty() ? objects::Refusal::key_missing
                                                        : objects::Refusal::delete_marker_named);
        return with_version(rooms, input.bucket, *object,
                            Reply({{"Tagging", tag_set(object->attributes.tags)}}));
    }
};

struct PutObjectTagging {
    static constexpr std::string_view name = "PutObjectTagging";
    static constexpr wire::Route route{"PUT", "/{Bucket}/{Key+}", "tagging"};
    struct Input : ObjectInput {
        std::string body;
        static auto members() {
            return wire::members(wire::required("Bucket", &Input::bucket), wire::required("Key", &Input::key),
                                 wire::optional("VersionId", &Input::version, wire::in_query("versionId")),
                                 wire::required("Tagging", &Input::body, wire::whole_body()));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_object(rooms, input.action("Put"), input.bucket, input.key);
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        TRY(check_integrity(call.request.headers, input.body, false));
        auto tags = TRY(parse_tagging(input.body));
        auto object = TRY(rooms.objects.set_tags(input.bucket, input.key, input.version, tags));
        return with_version(rooms, input.bucket, object, {});
    }
};

struct DeleteObjectTagging {
    static constexpr std::string_view name = "DeleteObjectTagging";
    static constexpr wire::Route route{"DELETE", "/{Bucket}/{Key+}", "tagging"};
    using Input = ObjectInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_object(rooms, input.action("Delete"), input.bucket, input.key);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        auto object = TRY(rooms.objects.set_tags(input.bucket, input.key, input.version, {}));
        Reply reply;
        reply.status = 204;
        return with_version(rooms, input.bucket, object, std::move(reply));
    }
};

struct GetBucketTagging {
    static constexpr std::string_view name = "GetBucketTagging";
    static constexpr wire::Route route{"GET", "/{Bucket}", "tagging"};
    using Input = BucketInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, "s3:GetBucketTagging", input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        auto document = rooms.objects.configuration(input.bucket, objects::Configuration::tagging);
        if (!document.ok() && document.error().is(objects::Refusal::configuration_missing))
            return Reply::refused(
                {404, "NoSuchTagSet", "The TagSet does not exist", {{"BucketName", input.bucket}}});
        auto tags = TRY(parse_tagging(TRY(std::move(document))));
        return Reply({{"Tagging", tag_set(tags)}});
    }
};

struct PutBucketTagging {
    static constexpr std::string_view name = "PutBucketTagging";
    static constexpr wire::Route route{"PUT", "/{Bucket}", "tagging"};
    struct Input {
        std::string bucket, body;
        static auto members() {
            return wire::members(wire::required("Bucket", &Input::bucket),
                                 wire::required("Tagging", &Input::body, wire::whole_body()));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, "s3:PutBucketTagging", input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        TRY(check_integrity(call.request.headers, input.body, false));
        TRY(objects::check_tags(TRY(parse_tagging(input.body)), objects::kBucketTagsMax));
        TRY(rooms.objects.set_configuration(input.bucket, objects::Configuration::tagging, input.body));
        Reply reply;
        reply.status = 204;
        return reply;
    }
};

struct DeleteBucketTagging {
    static constexpr std::string_view name = "DeleteBucketTagging";
    static constexpr wire::Route route{"DELETE", "/{Bucket}", "tagging"};
    using Input = BucketInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, "s3:PutBucketTagging", input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        TRY(rooms.objects.set_configuration(input.bucket, objects::Configuration::tagging, std::nullopt));
        Reply reply;
        reply.status = 204;
        return reply;
    }
};

}  // namespace

void add_tagging_operations(wire::Service& service, Rooms& rooms) {
    service.add<Named<GetObjectTagging>>(rooms);
    service.add<Named<PutObjectTagging>>(rooms);
    service.add<Named<DeleteObjectTagging>>(rooms);
    service.add<Named<GetBucketTagging>>(rooms);
    service.add<Named<PutBucketTagging>>(rooms);
    service.add<Named<DeleteBucketTagging>>(rooms);
}

}  // namespace services::s3
