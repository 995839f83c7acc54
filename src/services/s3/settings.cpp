// Versioning and policies of buckets, and true answers about what a bucket does not have.
#include <fmt/format.h>

#include "services/s3/common.h"
#include "services/s3/service.h"

namespace services::s3 {
namespace {

constexpr std::size_t kPolicyBytesMax = 20 * 1024;

struct DocumentInput {
    std::string bucket, body;
    static auto members() {
        return wire::members(wire::required("Bucket", &DocumentInput::bucket),
                             wire::required("Document", &DocumentInput::body, wire::whole_body()));
    }
};

// --- versioning

struct GetBucketVersioning {
    static constexpr std::string_view name = "GetBucketVersioning";
    static constexpr wire::Route route{"GET", "/{Bucket}", "versioning"};
    using Input = BucketInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, "s3:GetBucketVersioning", input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        auto bucket = TRY(rooms.objects.bucket(input.bucket));
        json::object result;
        if (bucket.versioning != objects::Versioning::never)
            result["Status"] = bucket.versioning == objects::Versioning::enabled ? "Enabled" : "Suspended";
        return Reply({{"VersioningConfiguration", std::move(result)}});
    }
};

struct PutBucketVersioning {
    static constexpr std::string_view name = "PutBucketVersioning";
    static constexpr wire::Route route{"PUT", "/{Bucket}", "versioning"};
    using Input = DocumentInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, "s3:PutBucketVersioning", input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        TRY(check_integrity(call.request.headers, input.body, false));
        TRY(rooms.objects.set_versioning(input.bucket, TRY(parse_versioning(input.body))));
        return Reply();
    }
};

// --- policies

struct GetBucketPolicy {
    static constexpr std::string_view name = "GetBucketPolicy";
    static constexpr wire::Route route{"GET", "/{Bucket}", "policy"};
    using Input = BucketInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, "s3:GetBucketPolicy", input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        auto document = rooms.objects.configuration(input.bucket, objects::Configuration::policy);
        if (!document.ok() && document.error().is(objects::Refusal::configuration_missing))
            return Reply::refused({404,
                                   "NoSuchBucketPolicy",
                                   "The bucket policy does not exist",
                                   {{"BucketName", input.bucket}}});
        Reply reply;
        reply.raw = TRY(std::move(document));
        reply.headers.set("Content-Type", "application/json");
        return reply;
    }
};

struct PutBucketPolicy {
    static constexpr std::string_view name = "PutBucketPolicy";
    static constexpr wire::Route route{"PUT", "/{Bucket}", "policy"};
    using Input = DocumentInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, "s3:PutBucketPolicy", input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        TRY(check_integrity(call.request.headers, input.body, false));
        TRY(rooms.objects.bucket(input.bucket));
        if (input.body.size() > kPolicyBytesMax)
            return Error::refusal(Refusal::malformed_policy,
                                  "Policies must be valid JSON and the first byte must be '{'");
        auto checked = rooms.check_policy(input.body, input.bucket);
        if (!checked.ok() && checked.error().is_failure()) return std::move(checked).error();
        if (!checked.ok()) return Error::refusal(Refusal::malformed_policy, checked.error().message());
        TRY(rooms.objects.set_configuration(input.bucket, objects::Configuration::policy, input.body));
        Reply reply;
        reply.status = 204;
        return reply;
    }
};

struct DeleteBucketPolicy {
    static constexpr std::string_view name = "DeleteBucketPolicy";
    static constexpr wire::Route route{"DELETE", "/{Bucket}", "policy"};
    using Input = BucketInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, "s3:DeleteBucketPolicy", input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        TRY(rooms.objects.set_configuration(input.bucket, objects::Configuration::policy, std::nullopt));
        Reply reply;
        reply.status = 204;
        return reply;
    }
};

// --- access lists: a bucket has one owner, as AWS makes buckets since 2023

json::object access_list(const std::string& account) {
    json::object grantee{{"@xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"},
                         {"@xsi:type", "CanonicalUser"},
                         {"ID", canonical_id(account)}};
    return {{"Owner", owner_of(account)},
            {"AccessControlList", json::object{{"Grant", json::object{{"Grantee", std::move(grantee)},
                                                                      {"Permission", "FULL_CONTROL"}}}}}};
}

struct GetBucketAcl {
    static constexpr std::string_view name = "GetBucketAcl";
    static constexpr wire::Route route{"GET", "/{Bucket}", "acl"};
    using Input = BucketInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, "s3:GetBucketAcl", input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        auto bucket = TRY(rooms.objects.bucket(input.bucket));
        return Reply({{"AccessControlPolicy", access_list(bucket.account)}});
    }
};

struct GetObjectAcl {
    static constexpr std::string_view name = "GetObjectAcl";
    static constexpr wire::Route route{"GET", "/{Bucket}/{Key+}", "acl"};
    struct Input {
        std::string bucket, key, version;
        static auto members() {
            return wire::members(wire::required("Bucket", &Input::bucket), wire::required("Key", &Input::key),
                                 wire::optional("VersionId", &Input::version, wire::in_query("versionId")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_object(rooms, input.version.empty() ? "s3:GetObjectAcl" : "s3:GetObjectVersionAcl",
                         input.bucket, input.key);
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        auto object = rooms.objects.find(input.bucket, input.key, input.version);
        if (!object.ok()) return hide_missing_key(rooms, call, input.bucket, std::move(object).error());
        if (object->delete_marker) return Error::refusal(objects::Refusal::key_missing);
        return Reply({{"AccessControlPolicy", access_list(object->owner)}});
    }
};

struct PutBucketAcl {
    static constexpr std::string_view name = "PutBucketAcl";
    static constexpr wire::Route route{"PUT", "/{Bucket}", "acl"};
    struct Input {
        std::string bucket;
        std::optional<std::string> acl;
        static auto members() {
            return wire::members(wire::required("Bucket", &Input::bucket),
                                 wire::optional("ACL", &Input::acl, wire::in_header("x-amz-acl")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, "s3:PutBucketAcl", input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        TRY(rooms.objects.bucket(input.bucket));
        if (input.acl != "private") return Error::refusal(Refusal::acl_not_supported);
        return Reply();
    }
};

struct PutObjectAcl {
    static constexpr std::string_view name = "PutObjectAcl";
    static constexpr wire::Route route{"PUT", "/{Bucket}/{Key+}", "acl"};
    struct Input {
        std::string bucket, key;
        std::optional<std::string> acl;
        static auto members() {
            return wire::members(wire::required("Bucket", &Input::bucket), wire::required("Key", &Input::key),
                                 wire::optional("ACL", &Input::acl, wire::in_header("x-amz-acl")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_object(rooms, "s3:PutObjectAcl", input.bucket, input.key);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        TRY(rooms.objects.find(input.bucket, input.key));
        if (input.acl != "private" && input.acl != "bucket-owner-full-control")
            return Error::refusal(Refusal::acl_not_supported);
        return Reply();
    }
};

struct GetBucketOwnershipControls {
    static constexpr std::string_view name = "GetBucketOwnershipControls";
    static constexpr wire::Route route{"GET", "/{Bucket}", "ownershipControls"};
    using Input = BucketInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, "s3:GetBucketOwnershipControls", input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        TRY(rooms.objects.bucket(input.bucket));
        json::object rule{{"Rule", json::object{{"ObjectOwnership", "BucketOwnerEnforced"}}}};
        return Reply({{"OwnershipControls", std::move(rule)}});
    }
};

// --- what no bucket here has: tools ask for it, and AWS has a code for "not configured"

struct Unset {
    std::string_view name;     // of the operation
    std::string_view action;   // IAM's
    std::string_view word;     // of the query
    std::string_view code;     // of the fault; empty: an empty document is the answer
    std::string_view message;  // or the document's root
};

template <const Unset& unset>
struct GetUnset {
    static constexpr std::string_view name = unset.name;
    static constexpr std::string_view action = unset.action;
    static constexpr wire::Route route{"GET", "/{Bucket}", unset.word};
    using Input = BucketInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, unset.action, input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        TRY(rooms.objects.bucket(input.bucket));
        if (unset.code.empty()) return Reply({{unset.message, document()}});
        return Reply::refused(
            {404, std::string(unset.code), std::string(unset.message), {{"BucketName", input.bucket}}});
    }
    static json::object document() {
        if (unset.word == "requestPayment") return {{"Payer", "BucketOwner"}};
        return {};
    }
};

constexpr Unset kLifecycle{"GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration", "lifecycle",
                           "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"};
constexpr Unset kEncryption{"GetBucketEncryption", "s3:GetEncryptionConfiguration", "encryption",
                            "ServerSideEncryptionConfigurationNotFoundError",
                            "The server side encryption configuration was not found"};
constexpr Unset kPublicAccess{"GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", "publicAccessBlock",
                              "NoSuchPublicAccessBlockConfiguration",
                              "The public access block configuration was not found"};
constexpr Unset kReplication{"GetBucketReplication", "s3:GetReplicationConfiguration", "replication",
                             "ReplicationConfigurationNotFoundError",
                             "The replication configuration was not found"};
constexpr Unset kObjectLock{"GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration",
                            "object-lock", "ObjectLockConfigurationNotFoundError",
                            "Object Lock configuration does not exist for this bucket"};
constexpr Unset kWebsite{"GetBucketWebsite", "s3:GetBucketWebsite", "website", "NoSuchWebsiteConfiguration",
                         "The specified bucket does not have a website configuration"};
constexpr Unset kLogging{"GetBucketLogging", "s3:GetBucketLogging", "logging", "", "BucketLoggingStatus"};
constexpr Unset kAccelerate{"GetBucketAccelerateConfiguration", "s3:GetAccelerateConfiguration", "accelerate",
                            "", "AccelerateConfiguration"};
constexpr Unset kPayment{"GetBucketRequestPayment", "s3:GetBucketRequestPayment", "requestPayment", "",
                         "RequestPaymentConfiguration"};

}  // namespace

void add_setting_operations(wire::Service& service, Rooms& rooms) {
    service.add<Named<GetBucketVersioning>>(rooms);
    service.add<Named<PutBucketVersioning>>(rooms);
    service.add<Named<GetBucketPolicy>>(rooms);
    service.add<Named<PutBucketPolicy>>(rooms);
    service.add<Named<DeleteBucketPolicy>>(rooms);
    service.add<Named<GetBucketAcl>>(rooms);
    service.add<Named<PutBucketAcl>>(rooms);
    service.add<Named<GetObjectAcl>>(rooms);
    service.add<Named<PutObjectAcl>>(rooms);
    service.add<Named<GetBucketOwnershipControls>>(rooms);
    service.add<Named<GetUnset<kLifecycle>>>(rooms);
    service.add<Named<GetUnset<kEncryption>>>(rooms);
    service.add<Named<GetUnset<kPublicAccess>>>(rooms);
    service.add<Named<GetUnset<kReplication>>>(rooms);
    service.add<Named<GetUnset<kObjectLock>>>(rooms);
    service.add<Named<GetUnset<kWebsite>>>(rooms);
    service.add<Named<GetUnset<kLogging>>>(rooms);
    service.add<Named<GetUnset<kAccelerate>>>(rooms);
    service.add<Named<GetUnset<kPayment>>>(rooms);
}

}  // namespace services::s3
