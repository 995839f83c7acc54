#include "access/refusal.h"
#include "services/iam/service.h"

namespace services::iam {
namespace {

using access_control::Refusal;

// No default: a new refusal in `access` fails this build until it is answered.
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
wire::Fault fault_of(Refusal refusal, const std::string& message) {
    switch (refusal) {
        case Refusal::no_such_entity:
            return {404, "NoSuchEntity", message};
        case Refusal::entity_exists:
            return {409, "EntityAlreadyExists", message};
        case Refusal::delete_conflict:
            return {409, "DeleteConflict", message};
        case Refusal::limit_exceeded:
            return {409, "LimitExceeded", message};
        case Refusal::malformed_policy:
            return {400, "MalformedPolicyDocument", message};
        case Refusal::invalid_input:
            return {400, "InvalidInput", message};
        case Refusal::unmodifiable:
            return {403, "AccessDenied", message};
        case Refusal::invalid_parameter:
            return {400, "ValidationError", message};
        case Refusal::packed_policy_too_large:
            return {400, "PackedPolicyTooLarge", message};
        case Refusal::access_denied:
            return {403, "AccessDenied", message};
        case Refusal::unknown_key:
        case Refusal::inactive_key:
        case Refusal::invalid_token:
            return {403, "InvalidClientTokenId", message};
        case Refusal::expired_token:
            return {403, "ExpiredToken", message};
    }
    base::unreachable();
}

}  // namespace

std::optional<wire::Fault> fault_of(const Error& error) {
    if (auto refusal = error.as<Refusal>()) return fault_of(*refusal, error.message());
    return std::nullopt;
}

}  // namespace services::iam
