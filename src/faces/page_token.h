// Where a listing goes on. A token is opaque to callers: base64url of a seal (HMAC-SHA-256, 16 bytes) and the
// position. The seal covers what was listed, so a token of another collection, another listing or another
// server is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace faces {

// AWS takes no longer ones.
inline constexpr std::size_t kPageTokenLengthMax = 255;
inline constexpr std::size_t kSealBytes = 16;
// A longer position would make a token that is too long.
inline constexpr std::size_t kPositionBytesMax = kPageTokenLengthMax / 4 * 3 - kSealBytes;

// A value.
class PageTokens {
public:
    explicit PageTokens(base::Bytes key) : key_(std::move(key)) {}

    // `listing` says what is listed; `position` has at most kPositionBytesMax bytes.
    std::string seal(std::string_view listing, std::string_view position) const;
    // The position; nothing for a token that seal() did not make for this listing.
    std::optional<std::string> open(std::string_view listing, std::string_view token) const;

private:
    std::string seal_of(std::string_view listing, std::string_view position) const;

    base::Bytes key_;
};

}  // namespace faces
