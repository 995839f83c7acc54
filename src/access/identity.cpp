#include "access/identity.h"

#include <fmt/format.h>

#include "base/result.h"

namespace access_control {
namespace {

std::string arn_of(std::string_view account, std::string_view kind, std::string_view path,
                   std::string_view name) {
    return fmt::format("arn:aws:iam::{}:{}{}{}", account, kind, path, name);
}

}  // namespace

std::string arn_of(const User& user) {
    return arn_of(IdentityKind::user, user);
}
std::string arn_of(const Group& group) {
    return arn_of(IdentityKind::group, group);
}
std::string arn_of(const Role& role) {
    return arn_of(IdentityKind::role, role);
}
std::string arn_of(IdentityKind kind, const Identity& identity) {
    switch (kind) {
        case IdentityKind::user:
            return arn_of(identity.account, "user", identity.path, identity.name);
        case IdentityKind::group:
            return arn_of(identity.account, "group", identity.path, identity.name);
        case IdentityKind::role:
            return arn_of(identity.account, "role", identity.path, identity.name);
    }
    base::unreachable();
}
std::string arn_of(const ManagedPolicy& policy) {
    return arn_of(policy.account, "policy", policy.path, policy.name);
}

const PolicyVersion& ManagedPolicy::current() const {
    auto found = std::ranges::find(versions, default_version, &PolicyVersion::number);
    INVARIANT(found != versions.end());
    return *found;
}

std::optional<IamArn> parse_iam_arn(std::string_view arn) {
    constexpr std::string_view kPrefix = "arn:aws:iam::";
    if (!arn.starts_with(kPrefix)) return std::nullopt;
    arn.remove_prefix(kPrefix.size());
    auto colon = arn.find(':'), slash = arn.find('/'), last = arn.rfind('/');
    if (colon == arn.npos || slash == arn.npos || slash < colon || last + 1 == arn.size())
        return std::nullopt;
    return IamArn{std::string(arn.substr(0, colon)), std::string(arn.substr(colon + 1, slash - colon - 1)),
                  std::string(arn.substr(slash, last - slash + 1)), std::string(arn.substr(last + 1))};
}

}  // namespace access_control
