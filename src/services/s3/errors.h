// What this service itself refuses, and the faults of all refusals.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "wire/fault.h"

namespace services::s3 {

// Each is one of S3's error codes; the message is AWS's sentence.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
enum class Refusal {
    invalid_argument,
    invalid_request,
    invalid_range,
    invalid_part_number,
    invalid_tag,
    invalid_uri,
    invalid_storage_class,
    invalid_location_constraint,
    illegal_location_constraint,
    malformed_policy,
    invalid_policy_document,
    malformed_post,
    post_fields_too_large,
    upload_too_small,
    acl_not_supported,
    access_denied,
    access_forbidden,  // to a page of another origin
    bad_request,
    not_implemented,
};

std::optional<wire::Fault> fault_of(const Error& error);

}  // namespace services::s3
