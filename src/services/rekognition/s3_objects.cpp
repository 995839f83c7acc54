#include <boost/json.hpp>

#include "services/rekognition/errors.h"
#include "services/rekognition/rooms.h"

namespace services::rekognition {
namespace {

// As S3 itself would ask before it gives the object to this caller.
wire::Permission permission_to_read(const objects::Bucket& bucket, const S3Object& wanted,
                                    std::string policy) {
    return {.action = wanted.version ? "s3:GetObjectVersion" : "s3:GetObject",
            .resource = "arn:aws:s3:::" + wanted.bucket + '/' + wanted.name,
            .resource_policy = std::move(policy),
            .resource_account = bucket.account};
}

Result<ObjectBytes> read(objects::Store& store, const Authorise& authorise, const std::string& region,
                         const S3Object& wanted) {
    const auto bucket = TRY(store.bucket(wanted.bucket));
    auto policy = TRY(store.configuration_if_any(wanted.bucket, objects::Configuration::policy));
    TRY(authorise(permission_to_read(bucket, wanted, policy.value_or(std::string()))));
    // AWS reads buckets of the request's own region only.
    if (bucket.region != region) return Error::refusal(Refusal::object_unreadable);
    const auto reader = TRY(store.open(wanted.bucket, wanted.name, wanted.version.value_or(std::string())));
    if (reader->size() > kObjectBytesMax) return Error::refusal(Refusal::image_too_large);
    ObjectBytes out{base::Bytes(reader->size()), std::nullopt};
    if (const auto& version = reader->object().version; version != objects::kNullVersion)
        out.version = version;
    for (std::size_t done = 0; done < out.bytes.size();) {
        const auto count = TRY(reader->read(done, std::span(out.bytes).subspan(done)));
        if (count == 0) return Error::failure("an object is shorter than its record says");
        done += count;
    }
    return out;
}

}  // namespace

Result<ObjectBytes> read_object(objects::Store& store, const Authorise& authorise, const std::string& region,
                                const S3Object& wanted) {
    auto out = read(store, authorise, region, wanted);
    if (out.ok() || out.error().is_failure() || out.error().is(Refusal::image_too_large)) return out;
    return Error::refusal(Refusal::object_unreadable);
}

ReadObject object_reader(objects::Store& store) {
    return [&store](wire::Call& call, const S3Object& wanted) {
        return read_object(store, call.authorise, call.region, wanted);
    };
}

std::string to_text(const S3Object& object) {
    boost::json::object out{{"bucket", object.bucket}, {"name", object.name}};
    if (object.version) out["version"] = *object.version;
    return boost::json::serialize(out);
}

Result<S3Object> s3_object_of(std::string_view text) {
    boost::system::error_code problem;
    const auto value = boost::json::parse(text, problem);
    const auto* object = problem ? nullptr : value.if_object();
    auto member = [&](const char* name) -> std::optional<std::string> {
        const auto* found = object ? object->if_contains(name) : nullptr;
        if (!found || !found->is_string()) return std::nullopt;
        return std::string(found->as_string());
    };
    const auto bucket = member("bucket"), name = member("name");
    if (!bucket || !name) return Error::failure("a face's original is malformed");
    return S3Object{*bucket, *name, member("version")};
}

}  // namespace services::rekognition
