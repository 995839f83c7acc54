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

Result<base::Bytes> read(objects::Store& store, wire::Call& call, const S3Object& wanted) {
    const auto bucket = TRY(store.bucket(wanted.bucket));
    auto policy = TRY(store.configuration_if_any(wanted.bucket, objects::Configuration::policy));
    TRY(call.authorise(permission_to_read(bucket, wanted, policy.value_or(std::string()))));
    // AWS reads buckets of the request's own region only.
    if (bucket.region != call.region) return Error::refusal(Refusal::object_unreadable);
    const auto reader = TRY(store.open(wanted.bucket, wanted.name, wanted.version.value_or(std::string())));
    if (reader->size() > kObjectBytesMax) return Error::refusal(Refusal::image_too_large);
    base::Bytes bytes(reader->size());
    for (std::size_t done = 0; done < bytes.size();) {
        const auto count = TRY(reader->read(done, std::span(bytes).subspan(done)));
        if (count == 0) return Error::failure("an object is shorter than its record says");
        done += count;
    }
    return bytes;
}

}  // namespace

ReadObject object_reader(objects::Store& store) {
    return [&store](wire::Call& call, const S3Object& wanted) -> Result<base::Bytes> {
        auto bytes = read(store, call, wanted);
        if (bytes.ok() || bytes.error().is_failure() || bytes.error().is(Refusal::image_too_large))
            return bytes;
        return Error::refusal(Refusal::object_unreadable);
    };
}

}  // namespace services::rekognition
