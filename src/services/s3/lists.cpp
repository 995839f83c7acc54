// ListObjects, ListObjectsV2, ListObjectVersions.
#include "services/s3/listing.h"
#include "services/s3/service.h"

namespace services::s3 {
namespace {

json::object entry(const objects::Object& object, const KeyWriter& write) {
    json::object out{{"Key", write(object.key)},
                     {"LastModified", base::iso8601(object.modified)},
                     {"ETag", quoted(object.etag)}};
    if (object.checksum) {
        out["ChecksumAlgorithm"] = objects::name_of(object.checksum->algorithm);
        out["ChecksumType"] = object.checksum->composite ? "COMPOSITE" : "FULL_OBJECT";
    }
    out["Size"] = object.size;
    out["StorageClass"] = object.attributes.storage_class;
    return out;
}

Permissions may_list(const Rooms& rooms, std::string_view action, const ListInput& input) {
    std::map<std::string, std::vector<std::string>> context{{"s3:prefix", {input.prefix}},
                                                            {"s3:delimiter", {input.delimiter}}};
    if (input.limit) context["s3:max-keys"] = {*input.limit};
    return on_bucket(rooms, action, input.bucket, std::move(context));
}

struct ListObjects {
    static constexpr std::string_view name = "ListObjects";
    static constexpr std::string_view action = "s3:ListBucket";
    static constexpr wire::Route route{"GET", "/{Bucket}"};
    struct Input : ListInput {
        std::string marker;
        static auto members() {
            return list_members("MaxKeys", "max-keys",
                                wire::optional("Marker", &Input::marker, wire::in_query("marker")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return may_list(rooms, action, input);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        auto limit = TRY(page_limit("max-keys", input.limit));
        auto write = TRY(KeyWriter::of(input.encoding));
        auto listing = TRY(rooms.objects.list({.bucket = input.bucket,
                                               .prefix = input.prefix,
                                               .delimiter = input.delimiter,
                                               .after = input.marker,
                                               .limit = limit}));
        json::object result{
            {"Name", input.bucket}, {"Prefix", input.prefix}, {"Marker", write(input.marker)}};
        // The first version leaves the prefix as it is, and SDKs do not decode it. AWS tells the next marker
        // only with a delimiter; without one it is the last key.
        if (listing.truncated && !input.delimiter.empty()) result["NextMarker"] = write(listing.next);
        put_page(result, input, write, "MaxKeys", limit, listing.truncated);
        json::array contents;
        for (const auto& object : listing.objects) {
            auto one = entry(object, write);
            one["Owner"] = owner_of(object.owner);
            contents.push_back(std::move(one));
        }
        result["Contents[]"] = std::move(contents);
        put_common_prefixes(result, listing.common_prefixes, write);
        return Reply({{"ListBucketResult", std::move(result)}});
    }
};

struct ListObjectsV2 {
    static constexpr std::string_view name = "ListObjectsV2";
    static constexpr std::string_view action = "s3:ListBucket";
    static constexpr wire::Route route{"GET", "/{Bucket}", "list-type=2"};
    struct Input : ListInput {
        std::optional<std::string> start_after, token, fetch_owner;
        static auto members() {
            return list_members(
                "MaxKeys", "max-keys",
                wire::optional("StartAfter", &Input::start_after, wire::in_query("start-after")),
                wire::optional("ContinuationToken", &Input::token, wire::in_query("continuation-token")),
                wire::optional("FetchOwner", &Input::fetch_owner, wire::in_query("fetch-owner")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return may_list(rooms, action, input);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        auto limit = TRY(page_limit("max-keys", input.limit));
        auto write = TRY(KeyWriter::of(input.encoding));
        std::string after = input.start_after.value_or("");
        if (input.token && !input.token->empty()) {
            auto bytes = base::from_base64(*input.token);
            if (!bytes)
                return Error::refusal(Refusal::invalid_argument,
                                      "The continuation token provided is incorrect");
            after = base::text(*bytes);
        }
        auto listing = TRY(rooms.objects.list({.bucket = input.bucket,
                                               .prefix = input.prefix,
                                               .delimiter = input.delimiter,
                                               .after = after,
                                               .limit = limit}));
        json::object result{{"Name", input.bucket}, {"Prefix", write(input.prefix)}};
        if (input.token) result["ContinuationToken"] = *input.token;
        if (listing.truncated) result["NextContinuationToken"] = base::base64(base::view(listing.next));
        if (input.start_after) result["StartAfter"] = write(*input.start_after);
        result["KeyCount"] = listing.objects.size() + listing.common_prefixes.size();
        put_page(result, input, write, "MaxKeys", limit, listing.truncated);
        json::array contents;
        for (const auto& object : listing.objects) {
            auto one = entry(object, write);
            if (input.fetch_owner == "true") one["Owner"] = owner_of(object.owner);
            contents.push_back(std::move(one));
        }
        result["Contents[]"] = std::move(contents);
        put_common_prefixes(result, listing.common_prefixes, write);
        return Reply({{"ListBucketResult", std::move(result)}});
    }
};

struct ListObjectVersions {
    static constexpr std::string_view name = "ListObjectVersions";
    static constexpr std::string_view action = "s3:ListBucketVersions";
    static constexpr wire::Route route{"GET", "/{Bucket}", "versions"};
    struct Input : ListInput {
        std::string key_marker, version_marker;
        static auto members() {
            return list_members("MaxKeys", "max-keys",
                                wire::optional("KeyMarker", &Input::key_marker, wire::in_query("key-marker")),
                                wire::optional("VersionIdMarker", &Input::version_marker,
                                               wire::in_query("version-id-marker")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return may_list(rooms, action, input);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        auto limit = TRY(page_limit("max-keys", input.limit));
        auto write = TRY(KeyWriter::of(input.encoding));
        if (!input.version_marker.empty() && input.key_marker.empty())
            return Error::refusal(Refusal::invalid_argument,
                                  "A version-id marker cannot be specified without a key marker.");
        auto listing = TRY(rooms.objects.list_versions({.bucket = input.bucket,
                                                        .prefix = input.prefix,
                                                        .delimiter = input.delimiter,
                                                        .key_marker = input.key_marker,
                                                        .version_marker = input.version_marker,
                                                        .limit = limit}));
        json::object result{{"Name", input.bucket},
                            {"Prefix", write(input.prefix)},
                            {"KeyMarker", write(input.key_marker)},
                            {"VersionIdMarker", input.version_marker}};
        if (listing.truncated) {
            result["NextKeyMarker"] = write(listing.next_key);
            if (!listing.next_version.empty()) result["NextVersionIdMarker"] = listing.next_version;
        }
        put_page(result, input, write, "MaxKeys", limit, listing.truncated);
        json::array versions, markers;
        for (const auto& [object, latest] : listing.versions) {
            json::object one{{"Key", write(object.key)}, {"LastModified", base::iso8601(object.modified)}};
            if (!object.delete_marker) one = entry(object, write);
            one["VersionId"] = object.version;
            one["IsLatest"] = latest;
            one["Owner"] = owner_of(object.owner);
            (object.delete_marker ? markers : versions).push_back(std::move(one));
        }
        result["Version[]"] = std::move(versions);
        result["DeleteMarker[]"] = std::move(markers);
        put_common_prefixes(result, listing.common_prefixes, write);
        return Reply({{"ListVersionsResult", std::move(result)}});
    }
};

}  // namespace

void add_list_operations(wire::Service& service, Rooms& rooms) {
    service.add<Named<ListObjects>>(rooms);
    service.add<Named<ListObjectsV2>>(rooms);
    service.add<Named<ListObjectVersions>>(rooms);
}

}  // namespace services::s3
