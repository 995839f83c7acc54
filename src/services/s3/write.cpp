// PutObject, CopyObject, DeleteObject, DeleteObjects.
#include <fmt/format.h>

#include "services/s3/service.h"
#include "services/s3/uploading.h"

namespace services::s3 {
namespace {

constexpr std::size_t kDeleteDocumentBytesMax = 2 << 20;

// A new object's version is told only where it got an id of its own.
bool keeps_versions(const objects::Bucket& bucket) {
    return bucket.versioning == objects::Versioning::enabled;
}
bool versioned(const objects::Bucket& bucket) {
    return bucket.versioning != objects::Versioning::never;
}

struct PutObject {
    static constexpr std::string_view name = "PutObject";
    static constexpr wire::Route route{"PUT", "/{Bucket}/{Key+}"};
    static constexpr wire::Lane lane = wire::Lane::stream;
    struct Input {
        std::string bucket, key;
        std::optional<std::string> acl, storage_class;
        static auto members() {
            return wire::members(wire::required("Bucket", &Input::bucket), wire::required("Key", &Input::key),
                                 wire::optional("ACL", &Input::acl, wire::in_header("x-amz-acl")),
                                 wire::optional("StorageClass", &Input::storage_class,
                                                wire::in_header("x-amz-storage-class")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call& call) {
        std::map<std::string, std::vector<std::string>> context;
        if (input.acl) context["s3:x-amz-acl"] = {*input.acl};
        if (input.storage_class) context["s3:x-amz-storage-class"] = {*input.storage_class};
        if (auto encryption = call.request.headers.get("x-amz-server-side-encryption"))
            context["s3:x-amz-server-side-encryption"] = {std::string(*encryption)};
        return on_object(rooms, "s3:PutObject", input.bucket, input.key, std::move(context));
    }
    // What can be refused without the bytes is refused before they are read.
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        auto bucket = TRY(call.blocking([&] { return rooms.objects.bucket(input.bucket); }));
        auto object_attributes = TRY(read_attributes(call.request.headers));
        auto conditions = TRY(read_write_conditions(call.request.headers));
        objects::PutRequest request{.bucket = input.bucket, .key = input.key, .actor = actor_of(call)};
        request.attributes = std::move(object_attributes);
        request.conditions = std::move(conditions);
        TRY(objects::check_attributes(request.attributes));
        if (input.key.size() > objects::kKeyBytesMax) return Error::refusal(objects::Refusal::key_too_long);
        auto bytes = TRY(receive(rooms, call));
        auto object = TRY(call.blocking([&] { return rooms.objects.put(request, std::move(bytes)); }));
        Reply reply;
        reply.headers.set("ETag", quoted(object.etag));
        write_checksum(reply.headers, object.checksum);
        if (keeps_versions(bucket)) reply.headers.set("x-amz-version-id", object.version);
        if (!object.attributes.encryption.empty())
            reply.headers.set("x-amz-server-side-encryption", object.attributes.encryption);
        return reply;
    }
};

struct CopyObject {
    static constexpr std::string_view name = "CopyObject";
    static constexpr std::string_view action = "s3:PutObject";
    static constexpr wire::Route route{"PUT", "/{Bucket}/{Key+}", "", "x-amz-copy-source"};
    struct Input {
        std::string bucket, key, source;
        std::string metadata_directive = "COPY", tagging_directive = "COPY";
        std::optional<std::string> algorithm;
        static auto members() {
            return wire::members(
                wire::required("Bucket", &Input::bucket), wire::required("Key", &Input::key),
                wire::required("CopySource", &Input::source, wire::in_header("x-amz-copy-source")),
                wire::optional("MetadataDirective", &Input::metadata_directive,
                               wire::in_header("x-amz-metadata-directive")),
                wire::optional("TaggingDirective", &Input::tagging_directive,
                               wire::in_header("x-amz-tagging-directive")),
                wire::optional("ChecksumAlgorithm", &Input::algorithm,
                               wire::in_header("x-amz-checksum-algorithm")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return may_copy(rooms, action, TRY(read_copy_source(input.source)), input.bucket, input.key);
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        auto target = TRY(rooms.objects.bucket(input.bucket));
        auto from = TRY(read_copy_source(input.source));
        auto source = TRY(open_source(rooms, call, from));
        const auto& original = source->object();
        if (original.size > objects::kPutBytesMax)
            return Error::refusal(
                Refusal::invalid_request,
                "The specified copy source is larger than the maximum allowable size for a copy "
                "source: 5368709120");
        auto object_attributes = TRY(attributes(call, input, original));
        auto conditions = TRY(read_write_conditions(call.request.headers));
        objects::PutRequest request{
            .bucket = input.bucket, .key = input.key, .event = "ObjectCreated:Copy", .actor = actor_of(call)};
        request.attributes = std::move(object_attributes);
        request.conditions = std::move(conditions);
        bool onto_itself = from.bucket == input.bucket && from.key == input.key && from.version.empty();
        if (onto_itself && input.metadata_directive != "REPLACE" && unchanged(request.attributes, original))
            return Error::refusal(
                Refusal::invalid_request,
                "This copy request is illegal because it is trying to copy an object to itself "
                "without changing the object's metadata, storage class, website redirect location "
                "or encryption attributes.");
        auto bytes = TRY(copy_bytes(rooms, *source, {0, original.size - 1}, TRY(algorithm(input, original))));
        auto object = TRY(rooms.objects.put(request, std::move(bytes)));

        json::object result{{"LastModified", base::iso8601(object.modified)}, {"ETag", quoted(object.etag)}};
        if (object.checksum) {
            result[fmt::format("Checksum{}", objects::name_of(object.checksum->algorithm))] =
                object.checksum->value;
            result["ChecksumType"] = "FULL_OBJECT";
        }
        Reply reply({{"CopyObjectResult", std::move(result)}});
        if (keeps_versions(target)) reply.headers.set("x-amz-version-id", object.version);
        if (versioned(TRY(rooms.objects.bucket(from.bucket))))
            reply.headers.set("x-amz-copy-source-version-id", original.version);
        if (!object.attributes.encryption.empty())
            reply.headers.set("x-amz-server-side-encryption", object.attributes.encryption);
        return reply;
    }
    static Result<objects::Attributes> attributes(const Call& call, const Input& input,
                                                  const objects::Object& original) {
        for (const auto* directive : {&input.metadata_directive, &input.tagging_directive})
            if (*directive != "COPY" && *directive != "REPLACE")
                return Error::refusal(Refusal::invalid_argument, directive == &input.metadata_directive
                                                                     ? "Unknown metadata directive."
                                                                     : "Unknown tagging directive.");
        auto out = TRY(read_attributes(call.request.headers));
        if (input.metadata_directive == "COPY") {
            auto redirect = out.headers.find("x-amz-website-redirect-location");
            auto kept = original.attributes.headers;
            kept.erase("x-amz-website-redirect-location");
            if (redirect != out.headers.end()) kept.insert(*redirect);
            out.headers = std::move(kept);
            out.metadata = original.attributes.metadata;
        }
        if (input.tagging_directive == "COPY") out.tags = original.attributes.tags;
        return out;
    }
    static bool unchanged(const objects::Attributes& attributes, const objects::Object& original) {
        return attributes.storage_class == original.attributes.storage_class &&
               attributes.encryption == original.attributes.encryption &&
               !attributes.headers.contains("x-amz-website-redirect-location");
    }
    // The copy keeps the source's algorithm unless another is asked for.
    static Result<objects::Algorithm> algorithm(const Input& input, const objects::Object& original) {
        if (input.algorithm) {
            auto named = objects::algorithm_named(*input.algorithm);
            if (!named)
                return Error::refusal(
                    Refusal::invalid_request,
                    "Checksum algorithm provided is unsupported. Please try again with any of the "
                    "valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
            return *named;
        }
        return original.checksum ? original.checksum->algorithm : objects::Algorithm::crc64nvme;
    }
};

void write_removed(http::Headers& headers, const objects::Removed& removed) {
    if (removed.delete_marker) headers.set("x-amz-delete-marker", "true");
    if (!removed.version.empty()) headers.set("x-amz-version-id", removed.version);
}

struct DeleteObject {
    static constexpr std::string_view name = "DeleteObject";
    static constexpr wire::Route route{"DELETE", "/{Bucket}/{Key+}"};
    struct Input {
        std::string bucket, key, version;
        static auto members() {
            return wire::members(wire::required("Bucket", &Input::bucket), wire::required("Key", &Input::key),
                                 wire::optional("VersionId", &Input::version, wire::in_query("versionId")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_object(rooms, input.version.empty() ? "s3:DeleteObject" : "s3:DeleteObjectVersion",
                         input.bucket, input.key);
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        auto conditions = TRY(read_write_conditions(call.request.headers));
        auto removed =
            TRY(rooms.objects.remove(input.bucket, input.key, input.version, conditions, actor_of(call)));
        Reply reply;
        reply.status = 204;
        write_removed(reply.headers, removed);
        return reply;
    }
};

struct DeleteObjects {
    static constexpr std::string_view name = "DeleteObjects";
    static constexpr std::string_view action = "s3:DeleteObject";
    static constexpr wire::Route route{"POST", "/{Bucket}", "delete"};
    static constexpr std::size_t body_bytes_max = kDeleteDocumentBytesMax;
    struct Input {
        std::string bucket, body;
        static auto members() {
            return wire::members(wire::required("Bucket", &Input::bucket),
                                 wire::required("Delete", &Input::body, wire::whole_body()));
        }
    };
    // Asked for each key by itself, further down: one that may not be deleted does not stop the others.
    static Permissions permissions(Rooms&, const Input&, const Call&) { return std::vector<Permission>{}; }

    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        TRY(check_integrity(call.request.headers, input.body, true));
        auto document = TRY(parse_delete(input.body));
        TRY(rooms.objects.bucket(input.bucket));
        json::array deleted, errors;
        std::vector<objects::Store::Removal> allowed;
        for (const auto& one : document.objects) {
            auto verdict = authorise(rooms, call, input.bucket, one);
            if (verdict.ok())
                allowed.push_back(one);
            else if (verdict.error().is(wire::Trouble::access_denied))
                errors.push_back(error_entry(one, "AccessDenied", "Access Denied"));
            else
                return std::move(verdict).error();
        }
        auto results = TRY(rooms.objects.remove_many(input.bucket, allowed, actor_of(call)));
        for (std::size_t i = 0; i < allowed.size(); ++i) {
            const auto& one = allowed[i];
            if (!results[i].ok()) {
                auto fault = *fault_of(results[i].error());
                errors.push_back(error_entry(one, fault.code, fault.message));
            } else if (!document.quiet) {
                deleted.push_back(deleted_entry(one, *results[i]));
            }
        }
        return Reply({{"DeleteResult",
                       json::object{{"Deleted[]", std::move(deleted)}, {"Error[]", std::move(errors)}}}});
    }
    static Result<void> authorise(Rooms& rooms, Call& call, const std::string& bucket,
                                  const objects::Store::Removal& one) {
        auto wanted = one.version.empty() ? "s3:DeleteObject" : "s3:DeleteObjectVersion";
        for (const auto& permission : TRY(on_object(rooms, wanted, bucket, one.key)))
            TRY(call.authorise(permission));
        return {};
    }
    static json::object error_entry(const objects::Store::Removal& one, std::string_view code,
                                    std::string_view message) {
        json::object out{{"Key", one.key}, {"Code", code}, {"Message", message}};
        if (!one.version.empty()) out["VersionId"] = one.version;
        return out;
    }
    static json::object deleted_entry(const objects::Store::Removal& one, const objects::Removed& removed) {
        json::object out{{"Key", one.key}};
        if (!one.version.empty()) out["VersionId"] = one.version;
        if (removed.delete_marker) {
            out["DeleteMarker"] = true;
            out["DeleteMarkerVersionId"] = removed.version;
        }
        return out;
    }
};

}  // namespace

void add_write_operations(wire::Service& service, Rooms& rooms) {
    service.add<Named<PutObject>>(rooms);
    service.add<Named<CopyObject>>(rooms);
    service.add<Named<DeleteObject>>(rooms);
    service.add<Named<DeleteObjects>>(rooms);
}

}  // namespace services::s3
