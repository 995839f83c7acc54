#include "objects/record.h"

#include <boost/json.hpp>

namespace objects::record {
namespace {

namespace json = boost::json;

constexpr char kVersion = 1;

// Metadata and tags may hold bytes that are no UTF-8; they are written and read as they are.
std::string wrap(const json::object& fields) {
    return std::string(1, kVersion) + json::serialize(fields);
}

json::object unwrap(std::string_view bytes) {
    INVARIANT(!bytes.empty() && bytes[0] == kVersion);
    bytes.remove_prefix(1);
    json::parse_options options;
    options.allow_invalid_utf8 = true;
    boost::system::error_code error;
    auto value = json::parse(json::string_view(bytes.data(), bytes.size()), error, {}, options);
    INVARIANT(!error && value.is_object());
    return std::move(value.get_object());
}

std::string text(const json::object& from, std::string_view name) {
    const auto* found = from.if_contains(name);
    return found ? std::string(found->as_string()) : std::string();
}
std::uint64_t number(const json::object& from, std::string_view name) {
    const auto* found = from.if_contains(name);
    return found ? found->to_number<std::uint64_t>() : 0;
}
bool flag(const json::object& from, std::string_view name) {
    const auto* found = from.if_contains(name);
    return found && found->as_bool();
}
base::Time time(const json::object& from, std::string_view name) {
    return base::Time{base::Duration{static_cast<base::Duration::rep>(number(from, name))}};
}
std::uint64_t milliseconds(base::Time time) {
    return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

// What is empty is left out: most of it is, in most objects.
void put(json::object& to, std::string_view name, const std::string& value) {
    if (!value.empty()) to[name] = value;
}
void put(json::object& to, std::string_view name, std::uint64_t value) {
    if (value != 0) to[name] = value;
}
void put(json::object& to, std::string_view name, const std::map<std::string, std::string>& values) {
    if (values.empty()) return;
    auto& members = to[name].emplace_object();
    for (const auto& [key, value] : values)
        members[key] = value;
}
std::map<std::string, std::string> texts(const json::object& from, std::string_view name) {
    std::map<std::string, std::string> out;
    if (const auto* found = from.if_contains(name))
        for (const auto& [key, value] : found->as_object())
            out.emplace(key, value.as_string());
    return out;
}

void put(json::object& to, const std::optional<Checksum>& checksum) {
    if (!checksum) return;
    auto& members = to["checksum"].emplace_object();
    members["algorithm"] = name_of(checksum->algorithm);
    members["value"] = checksum->value;
    if (checksum->composite) members["composite"] = true;
}
std::optional<Checksum> checksum(const json::object& from) {
    const auto* found = from.if_contains("checksum");
    if (!found) return std::nullopt;
    const auto& members = found->as_object();
    auto algorithm = algorithm_named(text(members, "algorithm"));
    INVARIANT(algorithm.has_value());
    return Checksum{*algorithm, text(members, "value"), flag(members, "composite")};
}

void put(json::object& to, const Attributes& attributes) {
    put(to, "headers", attributes.headers);
    put(to, "metadata", attributes.metadata);
    put(to, "tags", attributes.tags);
    put(to, "storage_class", attributes.storage_class);
    put(to, "encryption", attributes.encryption);
}
Attributes attributes(const json::object& from) {
    return {.headers = texts(from, "headers"),
            .metadata = texts(from, "metadata"),
            .tags = texts(from, "tags"),
            .storage_class = text(from, "storage_class"),
            .encryption = text(from, "encryption")};
}

json::object fields(const Part& part) {
    json::object out;
    put(out, "number", part.number);
    put(out, "size", part.size);
    put(out, "etag", part.etag);
    put(out, "blob", part.blob.str());
    put(out, "modified", milliseconds(part.modified));
    put(out, part.checksum);
    return out;
}
Part part(const json::object& from) {
    return {.number = static_cast<std::uint32_t>(number(from, "number")),
            .size = number(from, "size"),
            .etag = text(from, "etag"),
            .checksum = checksum(from),
            .blob = store::BlobId(text(from, "blob")),
            .modified = time(from, "modified")};
}

}  // namespace

std::string encode(const Bucket& bucket) {
    json::object out;
    put(out, "region", bucket.region);
    put(out, "account", bucket.account);
    put(out, "created", milliseconds(bucket.created));
    put(out, "versioning", static_cast<std::uint64_t>(bucket.versioning));
    return wrap(out);
}

Bucket bucket(std::string_view bytes, std::string name) {
    auto from = unwrap(bytes);
    return {.name = std::move(name),
            .region = text(from, "region"),
            .account = text(from, "account"),
            .created = time(from, "created"),
            .versioning = static_cast<Versioning>(number(from, "versioning"))};
}

std::string encode(const Object& object) {
    json::object out;
    put(out, "version", object.version);
    put(out, "sequence", object.sequence);
    if (object.delete_marker) out["delete_marker"] = true;
    put(out, "size", object.size);
    put(out, "etag", object.etag);
    put(out, "modified", milliseconds(object.modified));
    put(out, "owner", object.owner);
    put(out, object.attributes);
    put(out, object.checksum);
    if (!object.parts.empty()) {
        auto& list = out["parts"].emplace_array();
        for (const auto& one : object.parts)
            list.push_back(fields(one));
    }
    put(out, "upload", object.upload_id);
    put(out, "older_null", object.older_null);
    return wrap(out);
}

Object object(std::string_view bytes, std::string key) {
    auto from = unwrap(bytes);
    Object out{.key = std::move(key),
               .version = text(from, "version"),
               .sequence = number(from, "sequence"),
               .delete_marker = flag(from, "delete_marker"),
               .size = number(from, "size"),
               .etag = text(from, "etag"),
               .modified = time(from, "modified"),
               .owner = text(from, "owner"),
               .attributes = attributes(from),
               .checksum = checksum(from),
               .parts = {},
               .upload_id = text(from, "upload"),
               .older_null = number(from, "older_null")};
    if (const auto* list = from.if_contains("parts"))
        for (const auto& one : list->as_array())
            out.parts.push_back(part(one.as_object()));
    return out;
}

std::string encode(const MultipartUpload& upload) {
    json::object out;
    put(out, "initiated", milliseconds(upload.initiated));
    put(out, "owner", upload.owner);
    put(out, "initiator", upload.initiator);
    put(out, upload.attributes);
    if (upload.algorithm) out["algorithm"] = name_of(*upload.algorithm);
    if (upload.composite) out["composite"] = true;
    return wrap(out);
}

MultipartUpload upload(std::string_view bytes, std::string key, std::string id) {
    auto from = unwrap(bytes);
    return {.id = std::move(id),
            .key = std::move(key),
            .initiated = time(from, "initiated"),
            .owner = text(from, "owner"),
            .initiator = text(from, "initiator"),
            .attributes = attributes(from),
            .algorithm = algorithm_named(text(from, "algorithm")),
            .composite = flag(from, "composite")};
}

std::string encode(const Part& one) {
    return wrap(fields(one));
}

Part part(std::string_view bytes, std::uint32_t number) {
    auto out = part(unwrap(bytes));
    out.number = number;
    return out;
}

std::string bucket_key(std::string_view name) {
    return buckets().text(name).str();
}
std::string configuration_key(std::string_view bucket, Configuration kind) {
    return configurations().text(bucket).number(static_cast<std::uint64_t>(kind)).str();
}
std::string current_key(std::string_view bucket, std::string_view key) {
    return current().text(bucket).text(key).str();
}
std::string older_key(std::string_view bucket, std::string_view key, std::uint64_t sequence) {
    return older().text(bucket).text(key).number(~sequence).str();
}
std::string upload_key(std::string_view bucket, std::string_view key, std::string_view id) {
    return uploads().text(bucket).text(key).text(id).str();
}
std::string part_key(std::string_view upload, std::uint32_t number) {
    return parts().text(upload).number(number).str();
}
std::string blob_key(const store::BlobId& id) {
    return blobs().text(id.str()).str();
}

std::string name_in(std::string_view record_key) {
    store::KeyReader reader(record_key);
    reader.text();
    reader.text();
    return reader.text();
}

}  // namespace objects::record
