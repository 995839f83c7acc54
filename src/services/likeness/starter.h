// Who started something that goes on after the request has been answered. It acts with their rights of the
// moment at which it acts: a key that is withdrawn, or a session that has ended, ends it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/call.h"

namespace services::likeness {

struct Starter {
    std::string access_key_id;
    std::string
        session_token;    // empty for permanent keys; of no use without the secret key, which is not kept
    std::string address;  // what policies may ask about: aws:SourceIp, aws:SecureTransport
    bool secure = false;
};

Starter starter_of(const wire::Call& call);
std::string to_text(const Starter& starter);
Result<Starter> starter_in(std::string_view text);

}  // namespace services::likeness
