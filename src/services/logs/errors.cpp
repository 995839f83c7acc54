#include "services/logs/service.h"

namespace services::logs {

std::optional<wire::Fault> fault_of(const Error& error) {
    auto refusal = error.as<::logs::Refusal>();
    if (!refusal) return std::nullopt;
    auto fault = [&](std::string code) {
        return wire::Fault{.status = 400, .code = std::move(code), .message = error.message()};
    };
    switch (*refusal) {
        case ::logs::Refusal::group_missing:
        case ::logs::Refusal::stream_missing:
            return fault("ResourceNotFoundException");
        case ::logs::Refusal::group_exists:
        case ::logs::Refusal::stream_exists:
            return fault("ResourceAlreadyExistsException");
        case ::logs::Refusal::invalid_parameter:
            return fault("InvalidParameterException");
    }
    base::unreachable();
}

}  // namespace services::logs
