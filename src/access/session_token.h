// Session tokens: temporary credentials that carry their own proof. A token says who it stands for and until
// when, and is signed with the server's key, so that nothing is stored for it. Its secret key is derived from
// the same key.
//   token  = base64( version byte 1 | JSON claims | HMAC-SHA-256 of both with the server's key )
//   secret = the first 40 characters of base64( HMAC-SHA-256 of "secret key of " + access key id )
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/principal.h"
#include "base/bytes.h"
#include "base/time.h"

namespace access_control {

// A longer token is neither made nor looked at: it travels in a header.
inline constexpr std::size_t kSessionTokenBytesMax = 6144;

// What a token states.
struct SessionClaims {
    std::string access_key_id;  // ASIA...: the token is good with this key only
    std::string account;
    PrincipalKind kind = PrincipalKind::assumed_role;  // or user, root
    std::string name;                                  // of the role or user
    std::string id;            // AROA..., AIDA...: one made anew under the name is another
    std::string session_name;  // of an assumed role
    base::Time issued{};
    base::Time expires{};
    bool has_policy = false;  // whether the next two narrow the session
    std::string policy;       // a document; may be empty
    std::vector<std::string> policy_arns;
    Tags tags;
};

std::string seal(const SessionClaims& claims, base::ByteView server_key);
// The claims of a token that was sealed with this key, whatever its time; nothing for any other text.
std::optional<SessionClaims> unseal(std::string_view token, base::ByteView server_key);
std::string session_secret(std::string_view access_key_id, base::ByteView server_key);

}  // namespace access_control
