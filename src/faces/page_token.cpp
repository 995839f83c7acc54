#include "faces/page_token.h"

#include <algorithm>

#include "base/digest.h"
#include "base/result.h"

namespace faces {
namespace {

// RFC 4648 section 5, without padding.
std::string base64url(std::string_view bytes) {
    std::string text = base::base64(base::view(bytes));
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    text.resize(std::min(text.size(), text.find('=')));
    return text;
}

std::optional<base::Bytes> from_base64url(std::string text) {
    if (text.find_first_of("+/=") != std::string::npos) return std::nullopt;
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    return base::from_base64(text);
}

}  // namespace

std::string PageTokens::seal_of(std::string_view listing, std::string_view position) const {
    const std::string sealed =
        std::to_string(listing.size()) + ':' + std::string(listing) + std::string(position);
    const auto seal = base::hmac(base::DigestKind::sha256, key_, base::view(sealed));
    return std::string(base::text(seal).substr(0, kSealBytes));
}

std::string PageTokens::seal(std::string_view listing, std::string_view position) const {
    INVARIANT(position.size() <= kPositionBytesMax);
    return base64url(seal_of(listing, position) + std::string(position));
}

std::optional<std::string> PageTokens::open(std::string_view listing, std::string_view token) const {
    if (token.size() > kPageTokenLengthMax) return std::nullopt;
    const auto bytes = from_base64url(std::string(token));
    if (!bytes || bytes->size() < kSealBytes) return std::nullopt;
    const std::string_view text = base::text(*bytes);
    const auto position = text.substr(kSealBytes);
    if (!base::equal_in_constant_time(text.substr(0, kSealBytes), seal_of(listing, position)))
        return std::nullopt;
    return std::string(position);
}

}  // namespace faces
