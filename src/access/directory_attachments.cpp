// What users, groups and roles carry alike: inline policies, attached policies, a boundary, tags.
#include <fmt/format.h>

#include "access/aws_managed.h"
#include "access/directory.h"
#include "access/lookup.h"
#include "base/ascii.h"

namespace access_control {
namespace {

std::string_view name_of(IdentityKind kind) {
    switch (kind) {
        case IdentityKind::user:
            return "user";
        case IdentityKind::group:
            return "group";
        case IdentityKind::role:
            return "role";
    }
    base::unreachable();
}

std::size_t inline_size_max(IdentityKind kind) {
    switch (kind) {
        case IdentityKind::user:
            return kUserInlinePoliciesSizeMax;
        case IdentityKind::group:
            return kGroupInlinePoliciesSizeMax;
        case IdentityKind::role:
            return kRoleInlinePoliciesSizeMax;
    }
    base::unreachable();
}

std::string_view attachment_quota(IdentityKind kind) {
    switch (kind) {
        case IdentityKind::user:
            return "PoliciesPerUser";
        case IdentityKind::group:
            return "PoliciesPerGroup";
        case IdentityKind::role:
            return "PoliciesPerRole";
    }
    base::unreachable();
}

Error inline_missing(const IdentityRef& ref, std::string_view policy) {
    return Error::refusal(Refusal::no_such_entity, fmt::format("The {} policy with name {} cannot be found.",
                                                               name_of(ref.kind), policy));
}

}  // namespace

Result<void> check_attachable(store::Transaction& transaction, const std::string& account,
                              const std::string& policy_arn) {
    if (find_aws_managed_policy(policy_arn)) return {};
    auto own = TRY(find_own_policy(transaction, policy_arn));
    if (!own || own->account != account)
        return Error::refusal(Refusal::no_such_entity,
                              fmt::format("Policy {} does not exist or is not attachable.", policy_arn));
    return {};
}

Result<void> check_boundary(store::Transaction& transaction, const std::string& account,
                            const std::string& policy_arn) {
    if (policy_arn.empty()) return {};
    auto attachable = check_attachable(transaction, account, policy_arn);
    if (!attachable.ok() && attachable.error().is(Refusal::no_such_entity))
        return Error::refusal(Refusal::no_such_entity,
                              fmt::format("Scope ARN: {} does not exist or is not attachable.", policy_arn));
    return attachable;
}

Result<void> check_no_policies(const Identity& identity) {
    if (!identity.attached_policies.empty())
        return Error::refusal(Refusal::delete_conflict,
                              "Cannot delete entity, must detach all policies first.");
    if (!identity.inline_policies.empty())
        return Error::refusal(Refusal::delete_conflict, "Cannot delete entity, must delete policies first.");
    return {};
}

Result<void> check_tags(const Tags& tags) {
    if (tags.size() > kTagsMax)
        return Error::refusal(Refusal::limit_exceeded,
                              fmt::format("The number of tags has reached the maximum limit."));
    std::vector<std::string> keys;
    for (const auto& [key, value] : tags)
        keys.push_back(base::lower_case(key));
    std::ranges::sort(keys);
    if (std::ranges::adjacent_find(keys) != keys.end())
        return Error::refusal(Refusal::invalid_input,
                              "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    return {};
}

Result<void> Directory::change(const IdentityRef& ref,
                               const std::function<Result<void>(store::Transaction&, Identity&)>& change) {
    return write([&](store::Transaction& transaction) -> Result<void> {
        switch (ref.kind) {
            case IdentityKind::user: {
                auto user = TRY(find_user(transaction, ref.account, ref.name));
                TRY(change(transaction, user));
                return transaction.put(user_key(ref.account, ref.name), encode(user));
            }
            case IdentityKind::group: {
                auto group = TRY(find_group(transaction, ref.account, ref.name));
                TRY(change(transaction, group));
                return transaction.put(group_key(ref.account, ref.name), encode(group));
            }
            case IdentityKind::role: {
                auto role = TRY(find_role(transaction, ref.account, ref.name));
                TRY(change(transaction, role));
                return transaction.put(role_key(ref.account, ref.name), encode(role));
            }
        }
        base::unreachable();
    });
}

Result<Identity> Directory::identity(const IdentityRef& ref) const {
    switch (ref.kind) {
        case IdentityKind::user:
            return Identity(TRY(user(ref.account, ref.name)));
        case IdentityKind::group:
            return Identity(TRY(group(ref.account, ref.name)));
        case IdentityKind::role:
            return Identity(TRY(role(ref.account, ref.name)));
    }
    base::unreachable();
}

Result<void> Directory::put_inline_policy(const IdentityRef& ref, const std::string& policy,
                                          const std::string& document) {
    TRY(identity(ref));
    TRY(parse_policy(document, PolicyKind::identity));
    return change(ref, [&](store::Transaction&, Identity& identity) -> Result<void> {
        identity.inline_policies[policy] = document;
        std::size_t size = 0;
        for (const auto& [name, text] : identity.inline_policies)
            size += counted_size(text);
        if (size > inline_size_max(ref.kind))
            return Error::refusal(Refusal::limit_exceeded,
                                  fmt::format("Maximum policy size of {} bytes exceeded for {} {}",
                                              inline_size_max(ref.kind), name_of(ref.kind), ref.name));
        return {};
    });
}

Result<std::string> Directory::inline_policy(const IdentityRef& ref, const std::string& policy) const {
    auto found = TRY(identity(ref));
    auto document = found.inline_policies.find(policy);
    if (document == found.inline_policies.end()) return inline_missing(ref, policy);
    return document->second;
}

Result<void> Directory::delete_inline_policy(const IdentityRef& ref, const std::string& policy) {
    return change(ref, [&](store::Transaction&, Identity& identity) -> Result<void> {
        if (identity.inline_policies.erase(policy) == 0) return inline_missing(ref, policy);
        return {};
    });
}

Result<void> Directory::attach_policy(const IdentityRef& ref, const std::string& policy_arn) {
    return change(ref, [&](store::Transaction& transaction, Identity& identity) -> Result<void> {
        TRY(check_attachable(transaction, ref.account, policy_arn));
        auto& attached = identity.attached_policies;
        if (std::ranges::find(attached, policy_arn) != attached.end()) return {};
        if (attached.size() >= kAttachedPoliciesMax)
            return Error::refusal(Refusal::limit_exceeded,
                                  fmt::format("Cannot exceed quota for {}: {}", attachment_quota(ref.kind),
                                              kAttachedPoliciesMax));
        attached.push_back(policy_arn);
        return index_attachment(transaction, policy_arn, identity, ref.kind, false);
    });
}

Result<void> Directory::detach_policy(const IdentityRef& ref, const std::string& policy_arn) {
    return change(ref, [&](store::Transaction& transaction, Identity& identity) -> Result<void> {
        if (std::erase(identity.attached_policies, policy_arn) == 0)
            return Error::refusal(Refusal::no_such_entity,
                                  fmt::format("Policy {} was not found.", policy_arn));
        return unindex_attachment(transaction, policy_arn, identity, ref.kind, false);
    });
}

Result<void> Directory::set_boundary(const IdentityRef& ref, const std::string& policy_arn) {
    return change(ref, [&](store::Transaction& transaction, Identity& identity) -> Result<void> {
        TRY(check_boundary(transaction, ref.account, policy_arn));
        if (!identity.boundary.empty())
            TRY(unindex_attachment(transaction, identity.boundary, identity, ref.kind, true));
        identity.boundary = policy_arn;
        if (policy_arn.empty()) return {};
        return index_attachment(transaction, policy_arn, identity, ref.kind, true);
    });
}

Result<void> Directory::tag(const IdentityRef& ref, const Tags& tags) {
    return change(ref, [&](store::Transaction&, Identity& identity) -> Result<void> {
        for (const auto& [key, value] : tags)
            identity.tags[key] = value;
        return check_tags(identity.tags);
    });
}

Result<void> Directory::untag(const IdentityRef& ref, const std::vector<std::string>& keys) {
    return change(ref, [&](store::Transaction&, Identity& identity) -> Result<void> {
        for (const auto& key : keys)
            identity.tags.erase(key);
        return {};
    });
}

}  // namespace access_control
