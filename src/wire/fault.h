// Faults: the errors that callers see, and the ones that every service shares.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace wire {

// An error as a caller is to see it. `wire` writes it in the form of the service's protocol.
struct Fault {
    int status = 400;
    std::string code;
    std::string message;
    boost::json::object more =
        {};  // further members beside the message: CancellationReasons; Key, BucketName
    http::Headers headers = {};
    // Raised before the service itself was asked (signature, constraints, throttling). AWS writes these a
    // little differently from a service's own errors.
    bool front_end = false;
};

// Troubles that any operation can meet. May be used as a refusal; each protocol family has its own codes for
// them.
enum class Trouble {
    missing_authentication,
    incomplete_signature,
    signature_mismatch,
    signature_expired,  // outside the clock window
    presigned_url_expired,
    unknown_access_key,
    invalid_token,
    expired_token,
    access_denied,
    unknown_operation,
    not_implemented,  // AWS has it, we do not; the message names it
    malformed_body,   // not JSON, wrong JSON type, broken form
    validation,       // a member breaks its limits
    body_too_large,
    body_truncated,
    digest_mismatch,    // x-amz-content-sha256 does not fit the body
    missing_length,     // of a chunked body
    malformed_trailer,  // of a chunked body
    throttled,
    internal,
};

}  // namespace wire
