// What the room `access` refuses. The message is the sentence that AWS gives, where AWS gives one.
#pragma once

#include <cstdint>

namespace access_control {

enum class Refusal : std::uint8_t {
    no_such_entity,
    entity_exists,
    delete_conflict,
    limit_exceeded,
    malformed_policy,
    invalid_input,
    unmodifiable,             // AWS's own policies
    invalid_parameter,        // breaks a constraint that only this room can judge
    packed_policy_too_large,  // the session token would grow past its bound
    access_denied,            // by a role's trust policy
    unknown_key,
    inactive_key,
    invalid_token,
    expired_token,
};

}  // namespace access_control
