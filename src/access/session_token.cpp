#include "access/session_token.h"

#include <boost/json.hpp>

#include "base/digest.h"

namespace access_control {
namespace {

namespace json = boost::json;

constexpr char kVersion = 1;
constexpr std::size_t kSignatureBytes = 32;

std::string signature_of(std::string_view signed_part, base::ByteView server_key) {
    std::string message = "session token ";
    message += signed_part;
    return std::string(base::text(base::hmac(base::DigestKind::sha256, server_key, base::view(message))));
}

SessionClaims claims_from(const json::object& members) {
    SessionClaims out;
    auto text = [&](std::string_view name) { return std::string(members.at(name).as_string()); };
    out.access_key_id = text("key");
    out.account = text("account");
    out.kind = static_cast<PrincipalKind>(members.at("kind").as_int64());
    out.name = text("name");
    out.id = text("id");
    out.session_name = text("session");
    out.issued = base::Time{base::Duration(members.at("issued").as_int64())};
    out.expires = base::Time{base::Duration(members.at("expires").as_int64())};
    out.has_policy = members.at("narrowed").as_bool();
    out.policy = text("policy");
    for (const auto& arn : members.at("policy_arns").as_array())
        out.policy_arns.emplace_back(arn.as_string());
    for (const auto& [key, value] : members.at("tags").as_object())
        out.tags.emplace(key, value.as_string());
    return out;
}

}  // namespace

std::string seal(const SessionClaims& claims, base::ByteView server_key) {
    json::object tags;
    for (const auto& [key, value] : claims.tags)
        tags[key] = value;
    json::object members{{"key", claims.access_key_id},
                         {"account", claims.account},
                         {"kind", static_cast<std::int64_t>(claims.kind)},
                         {"name", claims.name},
                         {"id", claims.id},
                         {"session", claims.session_name},
                         {"issued", claims.issued.time_since_epoch().count()},
                         {"expires", claims.expires.time_since_epoch().count()},
                         {"narrowed", claims.has_policy},
                         {"policy", claims.policy},
                         {"policy_arns", json::array(claims.policy_arns.begin(), claims.policy_arns.end())},
                         {"tags", tags}};
    std::string token(1, kVersion);
    token += json::serialize(members);
    token += signature_of(token, server_key);
    return base::base64(base::view(token));
}

std::optional<SessionClaims> unseal(std::string_view token, base::ByteView server_key) {
    if (token.size() > kSessionTokenBytesMax) return std::nullopt;
    auto bytes = base::from_base64(token);
    if (!bytes || bytes->size() < 1 + kSignatureBytes || bytes->front() != kVersion) return std::nullopt;
    std::string_view whole = base::text(*bytes);
    std::string_view signed_part = whole.substr(0, whole.size() - kSignatureBytes);
    if (!base::equal_in_constant_time(whole.substr(signed_part.size()),
                                      signature_of(signed_part, server_key)))
        return std::nullopt;
    // Only what this server wrote comes this far; a claim that is not as written now is a token of another
    // make.
    try {
        return claims_from(json::parse(signed_part.substr(1)).as_object());
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

std::string session_secret(std::string_view access_key_id, base::ByteView server_key) {
    std::string message = "secret key of ";
    message += access_key_id;
    return base::base64(base::hmac(base::DigestKind::sha256, server_key, base::view(message))).substr(0, 40);
}

}  // namespace access_control
