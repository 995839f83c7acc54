#include "access/principal.h"

#include <fmt/format.h>

#include "base/ascii.h"

namespace access_control {
namespace {

using Values = std::optional<std::vector<std::string>>;

Values one(const std::string& text) {
    if (text.empty()) return std::nullopt;
    return std::vector<std::string>{text};
}

std::string_view type_name(PrincipalKind kind) {
    switch (kind) {
        case PrincipalKind::anonymous:
            return "Anonymous";
        case PrincipalKind::root:
            return "Account";
        case PrincipalKind::user:
            return "User";
        case PrincipalKind::assumed_role:
            return "AssumedRole";
        case PrincipalKind::service:
            return "Service";
    }
    base::unreachable();
}

// The keys that only the principal may answer.
bool is_principal_key(std::string_view key) {
    return key.starts_with("aws:principal") || key == "aws:username" || key == "aws:userid" ||
           key == "aws:tokenissuetime" || key == "aws:currenttime" || key == "aws:epochtime";
}

Values principal_value(const Principal& principal, base::Time now, std::string_view key) {
    if (key == "aws:currenttime") return one(base::iso8601_seconds(now));
    if (key == "aws:epochtime")
        return one(std::to_string(static_cast<std::int64_t>(base::epoch_seconds(now))));
    bool has_account = !principal.account.empty();
    if (key == "aws:principaltype") return one(std::string(type_name(principal.kind)));
    if (key == "aws:principalaccount") return one(principal.account);
    // Of a role's session this is the role, says AWS's page on global keys.
    if (key == "aws:principalarn")
        return has_account ? one(principal.role_arn.empty() ? principal.arn : principal.role_arn)
                           : std::nullopt;
    if (key == "aws:userid") return one(principal.user_id);
    if (key == "aws:username") return one(principal.user_name);
    if (key == "aws:tokenissuetime")
        return principal.token_issued ? one(base::iso8601_seconds(*principal.token_issued)) : std::nullopt;
    if (key == "aws:principalisawsservice")
        return one(principal.kind == PrincipalKind::service ? "true" : "false");
    if (key == "aws:principalservicename")
        return principal.kind == PrincipalKind::service ? one(principal.arn) : std::nullopt;
    constexpr std::string_view kTag = "aws:principaltag/";
    if (key.starts_with(kTag))
        for (const auto& [name, value] : principal.tags)
            if (base::lower_case(name) == key.substr(kTag.size())) return std::vector<std::string>{value};
    return std::nullopt;
}

}  // namespace

Principal anonymous() {
    Principal out;
    out.arn = "anonymous";
    return out;
}

Principal root_of(const std::string& account) {
    Principal out;
    out.kind = PrincipalKind::root;
    out.account = account;
    out.arn = fmt::format("arn:aws:iam::{}:root", account);
    out.user_id = account;
    return out;
}

Principal service(const std::string& name) {
    Principal out;
    out.kind = PrincipalKind::service;
    out.arn = name;
    return out;
}

ContextLookup context_of(const Principal& principal, const ActionRequest& request) {
    return [&principal, &request](std::string_view key) -> Values {
        if (is_principal_key(key)) return principal_value(principal, request.now, key);
        for (const auto& [name, values] : request.context)
            if (base::lower_case(name) == key) return values;
        return std::nullopt;
    };
}

}  // namespace access_control
