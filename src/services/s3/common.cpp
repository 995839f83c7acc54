#include "services/s3/common.h"

#include <charconv>
#include <fmt/format.h>

#include "base/digest.h"

namespace services::s3 {
namespace {

Permissions with_policy(const Rooms& rooms, std::string_view action, const std::string& bucket,
                        std::string resource, std::map<std::string, std::vector<std::string>> context) {
    Permission out{
        .action = std::string(action), .resource = std::move(resource), .context = std::move(context)};
    auto found = rooms.objects.bucket(bucket);
    if (!found.ok() && !found.error().as<objects::Refusal>()) return std::move(found).error();
    if (found.ok()) {
        out.resource_account = found->account;
        out.resource_policy =
            TRY(rooms.objects.configuration_if_any(bucket, objects::Configuration::policy)).value_or("");
    }
    return std::vector<Permission>{std::move(out)};
}

}  // namespace

std::string bucket_arn(std::string_view bucket) {
    return fmt::format("arn:aws:s3:::{}", bucket);
}
std::string object_arn(std::string_view bucket, std::string_view key) {
    return fmt::format("arn:aws:s3:::{}/{}", bucket, key);
}

Permissions on_bucket(const Rooms& rooms, std::string_view action, const std::string& bucket,
                      std::map<std::string, std::vector<std::string>> context) {
    return with_policy(rooms, action, bucket, bucket_arn(bucket), std::move(context));
}
Permissions on_object(const Rooms& rooms, std::string_view action, const std::string& bucket,
                      const std::string& key, std::map<std::string, std::vector<std::string>> context) {
    return with_policy(rooms, action, bucket, object_arn(bucket, key), std::move(context));
}

objects::Actor actor_of(const Call& call) {
    return {.account = call.caller.account,
            .principal_id = call.caller.user_id,
            .source_address = call.request.remote_address,
            .request_id = call.request_id};
}

std::string canonical_id(const std::string& account) {
    return base::sha256_hex("canonical user " + account);
}
json::object owner_of(const std::string& account) {
    return {{"ID", canonical_id(account)}};
}

Error hide_missing_key(const Rooms& rooms, Call& call, const std::string& bucket, Error error) {
    if (!error.is(objects::Refusal::key_missing)) return error;
    auto permissions = on_bucket(rooms, "s3:ListBucket", bucket);
    if (!permissions.ok()) return std::move(permissions).error();
    for (const auto& permission : *permissions)
        if (auto allowed = call.authorise(permission); !allowed.ok()) return std::move(allowed).error();
    return error;
}

Result<void> check_expected_owner(const Rooms& rooms, const Call& call, const std::string& bucket) {
    auto expected = call.request.headers.get("x-amz-expected-bucket-owner");
    if (!expected) return {};
    auto found = rooms.objects.bucket(bucket);
    if (!found.ok() && !found.error().is(objects::Refusal::bucket_missing)) return std::move(found).error();
    if (found.ok() && found->account != *expected) return Error::refusal(Refusal::access_denied);
    return {};
}

Reply named_fault(Error error, const std::string& bucket, const std::string& key) {
    auto fault = *fault_of(error);
    if (fault.code == "NoSuchKey" || fault.code == "NoSuchVersion")
        fault.more["Key"] = key;
    else if (fault.code.find("Bucket") != std::string::npos)
        fault.more["BucketName"] = bucket;
    return Reply::refused(std::move(fault));
}

Result<std::size_t> page_limit(std::string_view name, const std::optional<std::string>& text) {
    if (!text || text->empty()) return objects::kPageMax;
    std::int64_t value = 0;
    auto parsed = std::from_chars(text->data(), text->data() + text->size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text->data() + text->size() || value > 2147483647)
        return Error::refusal(Refusal::invalid_argument,
                              fmt::format("Provided {} not an integer or within integer range", name));
    if (value < 0)
        return Error::refusal(Refusal::invalid_argument,
                              fmt::format("Argument {} must be an integer between 0 and 2147483647", name));
    return std::min<std::size_t>(static_cast<std::size_t>(value), objects::kPageMax);
}

Result<KeyWriter> KeyWriter::of(const std::optional<std::string>& encoding_type) {
    if (encoding_type && !encoding_type->empty() && *encoding_type != "url")
        return Error::refusal(Refusal::invalid_argument, "Invalid Encoding Method specified in Request");
    return KeyWriter(encoding_type == "url");
}

std::string KeyWriter::operator()(std::string_view key) const {
    return encodes_ ? base::percent_encode(key, "/*") : std::string(key);
}

}  // namespace services::s3
