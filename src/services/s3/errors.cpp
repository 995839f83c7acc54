#include "services/s3/errors.h"

#include "events/notification.h"
#include "objects/object.h"
#include "store/records.h"

namespace services::s3 {
namespace {

using wire::Fault;

// No default: a new refusal in `objects` fails this build until it is answered.
Fault fault_of_objects(objects::Refusal refusal) {
    using objects::Refusal;
    switch (refusal) {
        case Refusal::bucket_name_invalid:
            return {400, "InvalidBucketName", "The specified bucket is not valid."};
        case Refusal::bucket_missing:
            return {404, "NoSuchBucket", "The specified bucket does not exist"};
        case Refusal::bucket_exists:
            return {409, "BucketAlreadyExists",
                    "The requested bucket name is not available. The bucket namespace is shared by all users "
                    "of the "
                    "system. Please select a different name and try again."};
        case Refusal::bucket_already_yours:
            return {409, "BucketAlreadyOwnedByYou",
                    "Your previous request to create the named bucket succeeded and you already own it."};
        case Refusal::bucket_not_empty:
            return {409, "BucketNotEmpty", "The bucket you tried to delete is not empty"};
        case Refusal::too_many_buckets:
            return {400, "TooManyBuckets", "You have attempted to create more buckets than allowed"};
        case Refusal::configuration_missing:
            return {404, "NoSuchConfiguration", "The specified configuration does not exist."};
        case Refusal::configuration_too_large:
            return {400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"};
        case Refusal::key_missing:
            return {404, "NoSuchKey", "The specified key does not exist."};
        case Refusal::key_too_long:
            return {400, "KeyTooLongError", "Your key is too long"};
        case Refusal::version_missing:
            return {404, "NoSuchVersion", "The specified version does not exist."};
        case Refusal::version_malformed:
            return {400, "InvalidArgument", "Invalid version id specified"};
        case Refusal::delete_marker_named:
            return {405, "MethodNotAllowed", "The specified method is not allowed against this resource."};
        case Refusal::upload_missing:
            return {404, "NoSuchUpload",
                    "The specified upload does not exist. The upload ID may be invalid, or the upload may "
                    "have been "
                    "aborted or completed."};
        case Refusal::part_number_invalid:
            return {400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive"};
        case Refusal::part_invalid:
            return {400, "InvalidPart",
                    "One or more of the specified parts could not be found.  The part may not have been "
                    "uploaded, or "
                    "the specified entity tag may not match the part's entity tag."};
        case Refusal::part_order_invalid:
            return {400, "InvalidPartOrder",
                    "The list of parts was not in ascending order. Parts must be ordered by part number."};
        case Refusal::part_too_small:
            return {400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size"};
        case Refusal::digest_malformed:
            return {400, "InvalidDigest", "The Content-MD5 you specified was invalid."};
        case Refusal::digest_mismatch:
            return {400, "BadDigest", "The Content-MD5 you specified did not match what we received."};
        case Refusal::metadata_too_large:
            return {400, "MetadataTooLarge",
                    "Your metadata headers exceed the maximum allowed metadata size"};
        case Refusal::object_too_large:
            return {400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"};
        case Refusal::precondition_failed:
            return {412, "PreconditionFailed",
                    "At least one of the pre-conditions you specified did not hold"};
        case Refusal::precondition_conflict:
            return {409, "ConditionalRequestConflict",
                    "The conditional request cannot succeed due to a conflicting operation against this "
                    "resource."};
        case Refusal::tag_invalid:
            return {400, "InvalidTag", "The tag provided was not a valid tag."};
        case Refusal::argument_invalid:
            return {400, "InvalidArgument", "Invalid Argument"};
        case Refusal::request_invalid:
            return {400, "InvalidRequest", "Invalid Request"};
        case Refusal::request_malformed:
            return {400, "IncompleteBody",
                    "You did not provide the number of bytes specified by the Content-Length HTTP header"};
    }
    base::unreachable();
}

Fault fault_of_own(Refusal refusal) {
    switch (refusal) {
        case Refusal::invalid_argument:
            return {400, "InvalidArgument", "Invalid Argument"};
        case Refusal::invalid_request:
            return {400, "InvalidRequest", "Invalid Request"};
        case Refusal::invalid_range:
            return {416, "InvalidRange", "The requested range is not satisfiable"};
        case Refusal::invalid_part_number:
            return {416, "InvalidPartNumber", "The requested partnumber is not satisfiable"};
        case Refusal::invalid_tag:
            return {400, "InvalidTag", "The tag provided was not a valid tag."};
        case Refusal::invalid_uri:
            return {400, "InvalidURI", "Couldn't parse the specified URI."};
        case Refusal::invalid_storage_class:
            return {400, "InvalidStorageClass", "The storage class you specified is not valid"};
        case Refusal::invalid_location_constraint:
            return {400, "InvalidLocationConstraint", "The specified location-constraint is not valid"};
        case Refusal::illegal_location_constraint:
            return {
                400, "IllegalLocationConstraintException",
                "The unspecified location constraint is incompatible for the region specific endpoint this "
                "request was sent to."};
        case Refusal::malformed_policy:
            return {400, "MalformedPolicy", "This policy contains invalid Json"};
        case Refusal::invalid_policy_document:
            return {400, "InvalidPolicyDocument",
                    "The content of the form does not meet the conditions "
                    "specified in the policy document."};
        case Refusal::malformed_post:
            return {400, "MalformedPOSTRequest",
                    "The body of your POST request is not well-formed multipart/form-data."};
        case Refusal::post_fields_too_large:
            return {400, "MaxPostPreDataLengthExceeded",
                    "Your POST request fields preceding the upload file were too large."};
        case Refusal::upload_too_small:
            return {400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size"};
        case Refusal::acl_not_supported:
            return {400, "AccessControlListNotSupported", "The bucket does not allow ACLs"};
        case Refusal::access_denied:
            return {403, "AccessDenied", "Access Denied"};
        case Refusal::access_forbidden:
            return {403, "AccessForbidden", "CORSResponse: This CORS request is not allowed."};
        case Refusal::bad_request:
            return {400, "BadRequest", "Bad Request"};
        case Refusal::not_implemented:
            return {501, "NotImplemented",
                    "A header you provided implies functionality that is not implemented"};
    }
    base::unreachable();
}

Fault fault_of_store(store::Refusal refusal) {
    switch (refusal) {
        case store::Refusal::conflict:
        case store::Refusal::lease_lost:
            return {503, "SlowDown", "Please reduce your request rate."};
    }
    base::unreachable();
}

}  // namespace

std::optional<Fault> fault_of(const Error& error) {
    std::optional<Fault> fault;
    if (auto refused = error.as<objects::Refusal>()) fault = fault_of_objects(*refused);
    if (auto refused = error.as<Refusal>()) fault = fault_of_own(*refused);
    if (auto refused = error.as<store::Refusal>()) return fault_of_store(*refused);
    if (error.is(events::Refusal::invalid_argument)) fault = Fault{400, "InvalidArgument", ""};
    if (fault && !error.message().empty()) fault->message = error.message();
    return fault;
}

}  // namespace services::s3
