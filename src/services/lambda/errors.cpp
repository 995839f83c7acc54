#include "services/lambda/service.h"

namespace services::lambda {

std::optional<wire::Fault> fault_of(const Error& error) {
    auto refusal = error.as<functions::Refusal>();
    if (!refusal) return std::nullopt;
    auto fault = [&](int status, std::string code) {
        return wire::Fault{.status = status, .code = std::move(code), .message = error.message()};
    };
    using functions::Refusal;
    switch (*refusal) {
        case Refusal::invalid_parameter:
        case Refusal::runtime_unsupported:
            return fault(400, "InvalidParameterValueException");
        case Refusal::function_missing:
        case Refusal::policy_missing:
            return fault(404, "ResourceNotFoundException");
        case Refusal::function_exists:
        case Refusal::statement_exists:
            return fault(409, "ResourceConflictException");
        case Refusal::revision_changed:
            return fault(412, "PreconditionFailedException");
        case Refusal::payload_not_json:
            return fault(400, "InvalidRequestContentException");
        case Refusal::payload_too_large:
            return fault(413, "RequestTooLargeException");
        case Refusal::throttled: {
            auto out = fault(429, "TooManyRequestsException");
            out.more["Reason"] = "ConcurrentInvocationLimitExceeded";
            return out;
        }
        case Refusal::role_unusable:
            return fault(403, "AccessDeniedException");
        case Refusal::sandbox_missing:
        case Refusal::stopping:
            return fault(500, "ServiceException");
    }
    base::unreachable();
}

}  // namespace services::lambda
