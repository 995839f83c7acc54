// Roles and whom they trust.
#include <fmt/format.h>

#include "access/directory.h"
#include "access/lookup.h"

namespace access_control {

Result<Role> Directory::create_role(const NewRole& request) {
    TRY(check_tags(request.tags));
    TRY(check_trust_policy(request.trust_policy));
    Role role;
    role.account = request.account;
    role.name = request.name;
    role.path = request.path;
    role.id = new_id("AROA");
    role.created = clock_.now();
    role.boundary = request.boundary;
    role.tags = request.tags;
    role.trust_policy = request.trust_policy;
    role.description = request.description;
    role.session_seconds_max = request.session_seconds_max;
    return write([&](store::Transaction& transaction) -> Result<Role> {
        auto key = role_key(role.account, role.name);
        if (TRY(transaction.get_for_update(key)))
            return Error::refusal(Refusal::entity_exists,
                                  fmt::format("Role with name {} already exists.", role.name));
        TRY(check_boundary(transaction, role.account, role.boundary));
        TRY(count_up(transaction, role.account, &AccountRecord::roles, kRolesMax, "RolesPerAccount"));
        if (!role.boundary.empty())
            TRY(index_attachment(transaction, role.boundary, role, IdentityKind::role, true));
        TRY(transaction.put(key, encode(role)));
        return role;
    });
}

Result<Role> Directory::role(const std::string& account, const std::string& name) const {
    return find_role(std::as_const(records_), account, name);
}

Result<Page<Role>> Directory::roles(const std::string& account, const ListQuery& query) const {
    return list_page<Role>(records_, roles_range(account), query,
                           [&](std::string_view name) { return role_key(account, name); });
}

Result<void> Directory::delete_role(const std::string& account, const std::string& name) {
    return write([&](store::Transaction& transaction) -> Result<void> {
        auto role = TRY(find_role(transaction, account, name));
        TRY(check_no_policies(role));
        if (!role.boundary.empty())
            TRY(unindex_attachment(transaction, role.boundary, role, IdentityKind::role, true));
        TRY(count_down(transaction, account, &AccountRecord::roles));
        return transaction.erase(role_key(account, name));
    });
}

Result<void> Directory::set_trust_policy(const std::string& account, const std::string& name,
                                         const std::string& document) {
    TRY(find_role(std::as_const(records_), account, name));
    TRY(check_trust_policy(document));
    return write([&](store::Transaction& transaction) -> Result<void> {
        auto role = TRY(find_role(transaction, account, name));
        role.trust_policy = document;
        return transaction.put(role_key(account, name), encode(role));
    });
}

Result<Role> Directory::update_role(const std::string& account, const std::string& name,
                                    const std::optional<std::string>& description,
                                    std::optional<int> session_seconds_max) {
    return write([&](store::Transaction& transaction) -> Result<Role> {
        auto role = TRY(find_role(transaction, account, name));
        if (description) role.description = *description;
        if (session_seconds_max) role.session_seconds_max = *session_seconds_max;
        TRY(transaction.put(role_key(account, name), encode(role)));
        return role;
    });
}

// The document must parse, and the users and roles that it names must be there, as far as their account is
// kept here.
Result<void> Directory::check_trust_policy(const std::string& document) const {
    if (counted_size(document) > kTrustPolicySizeMax)
        return Error::refusal(Refusal::limit_exceeded,
                              fmt::format("Cannot exceed quota for ACLSizePerRole: {}", kTrustPolicySizeMax));
    auto policy = TRY(parse_policy(document, PolicyKind::trust));
    for (const auto& statement : policy->statements)
        for (const auto& arn : statement.principals->arns) {
            auto named = parse_iam_arn(arn);
            if (!named || !TRY(records_.get(account_key(named->account)))) continue;
            bool known = true;
            if (named->kind == "user") {
                auto user = find_user(std::as_const(records_), named->account, named->name);
                if (!user.ok() && user.error().is_failure()) return std::move(user).error();
                known = user.ok() && arn_of(*user) == arn;
            } else if (named->kind == "role") {
                auto role = find_role(std::as_const(records_), named->account, named->name);
                if (!role.ok() && role.error().is_failure()) return std::move(role).error();
                known = role.ok() && arn_of(*role) == arn;
            }
            if (!known)
                return Error::refusal(Refusal::malformed_policy,
                                      fmt::format("Invalid principal in policy: \"AWS\":\"{}\"", arn));
        }
    return {};
}

}  // namespace access_control
