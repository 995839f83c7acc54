// Managed policies and their versions.
#include <fmt/format.h>

#include "access/aws_managed.h"
#include "access/directory.h"
#include "access/lookup.h"

namespace access_control {
namespace {

Error policy_missing(std::string_view arn) {
    return Error::refusal(Refusal::no_such_entity, fmt::format("Policy {} was not found.", arn));
}

Error version_missing(std::string_view arn, int number) {
    return Error::refusal(
        Refusal::no_such_entity,
        fmt::format("Policy {} version v{} does not exist or is not attachable.", arn, number));
}

Result<void> check_document(const std::string& document) {
    if (counted_size(document) > kManagedPolicySizeMax)
        return Error::refusal(Refusal::limit_exceeded,
                              fmt::format("Cannot exceed quota for PolicySize: {}", kManagedPolicySizeMax));
    TRY(parse_policy(document, PolicyKind::identity));
    return {};
}

}  // namespace

Result<ManagedPolicy> Directory::create_policy(const NewPolicy& request) {
    TRY(check_tags(request.tags));
    TRY(check_document(request.document));
    ManagedPolicy policy;
    policy.account = request.account;
    policy.name = request.name;
    policy.path = request.path;
    policy.id = new_id("ANPA");
    policy.description = request.description;
    policy.created = policy.updated = clock_.now();
    policy.versions = {{1, request.document, policy.created}};
    policy.tags = request.tags;
    return write([&](store::Transaction& transaction) -> Result<ManagedPolicy> {
        auto key = policy_key(policy.account, policy.name);
        if (TRY(transaction.get_for_update(key)))
            return Error::refusal(
                Refusal::entity_exists,
                fmt::format("A policy called {} already exists. Duplicate names are not allowed.",
                            policy.name));
        TRY(count_up(transaction, policy.account, &AccountRecord::policies, kManagedPoliciesMax,
                     "PoliciesPerAccount"));
        TRY(transaction.put(key, encode(policy)));
        return policy;
    });
}

Result<ManagedPolicy> Directory::policy(const std::string& arn) const {
    if (const auto* built_in = find_aws_managed_policy(arn)) return *built_in;
    auto own = TRY(find_own_policy(std::as_const(records_), arn));
    if (!own) return policy_missing(arn);
    return std::move(*own);
}

Result<Page<ManagedPolicy>> Directory::policies(const std::string& account, const ListQuery& query) const {
    return list_page<ManagedPolicy>(records_, policies_range(account), query,
                                    [&](std::string_view name) { return policy_key(account, name); });
}

Result<void> Directory::change_policy(const std::string& arn,
                                      const std::function<Result<void>(ManagedPolicy&)>& change) {
    if (find_aws_managed_policy(arn))
        return Error::refusal(Refusal::unmodifiable,
                              fmt::format("Policy {} is outside your own account.", arn));
    return write([&](store::Transaction& transaction) -> Result<void> {
        auto policy = TRY(find_own_policy(transaction, arn));
        if (!policy) return policy_missing(arn);
        TRY(change(*policy));
        return transaction.put(policy_key(policy->account, policy->name), encode(*policy));
    });
}

Result<void> Directory::delete_policy(const std::string& arn) {
    if (find_aws_managed_policy(arn))
        return Error::refusal(Refusal::unmodifiable,
                              fmt::format("Policy {} is outside your own account.", arn));
    return write([&](store::Transaction& transaction) -> Result<void> {
        auto policy = TRY(find_own_policy(transaction, arn));
        if (!policy) return policy_missing(arn);
        auto range = attachments_range(policy->account, arn);
        range.limit = 1;
        if (!TRY(transaction.scan(range)).empty())
            return Error::refusal(Refusal::delete_conflict, "Cannot delete a policy attached to entities.");
        if (policy->versions.size() > 1)
            return Error::refusal(
                Refusal::delete_conflict,
                "This policy has more than one version. Before you delete a policy, you must delete "
                "the policy's versions. The default version is deleted with the policy.");
        TRY(count_down(transaction, policy->account, &AccountRecord::policies));
        return transaction.erase(policy_key(policy->account, policy->name));
    });
}

Result<PolicyVersion> Directory::create_policy_version(const std::string& arn, const std::string& document,
                                                       bool set_default) {
    TRY(check_document(document));
    PolicyVersion version{0, document, clock_.now()};
    TRY(change_policy(arn, [&](ManagedPolicy& policy) -> Result<void> {
        if (policy.versions.size() >= kPolicyVersionsMax)
            return Error::refusal(
                Refusal::limit_exceeded,
                "A managed policy can have up to 5 versions. Before you create a new version, you "
                "must delete an existing version.");
        version.number = policy.next_version++;
        if (set_default) policy.default_version = version.number;
        policy.updated = version.created;
        policy.versions.push_back(version);
        return {};
    }));
    return version;
}

Result<void> Directory::set_default_policy_version(const std::string& arn, int number) {
    return change_policy(arn, [&](ManagedPolicy& policy) -> Result<void> {
        if (std::ranges::find(policy.versions, number, &PolicyVersion::number) == policy.versions.end())
            return version_missing(arn, number);
        policy.default_version = number;
        policy.updated = clock_.now();
        return {};
    });
}

Result<void> Directory::delete_policy_version(const std::string& arn, int number) {
    return change_policy(arn, [&](ManagedPolicy& policy) -> Result<void> {
        if (policy.default_version == number)
            return Error::refusal(Refusal::delete_conflict, "Cannot delete the default version of a policy.");
        if (std::erase_if(policy.versions, [&](const auto& version) { return version.number == number; }) ==
            0)
            return version_missing(arn, number);
        return {};
    });
}

Result<void> Directory::tag_policy(const std::string& arn, const Tags& tags) {
    return change_policy(arn, [&](ManagedPolicy& policy) -> Result<void> {
        for (const auto& [key, value] : tags)
            policy.tags[key] = value;
        return check_tags(policy.tags);
    });
}

Result<void> Directory::untag_policy(const std::string& arn, const std::vector<std::string>& keys) {
    return change_policy(arn, [&](ManagedPolicy& policy) -> Result<void> {
        for (const auto& key : keys)
            policy.tags.erase(key);
        return {};
    });
}

Result<std::vector<AttachedEntity>> Directory::attached_entities(const std::string& account,
                                                                 const std::string& arn) const {
    auto range = attachments_range(account, arn);
    // Twice as many as there can be identities: each attached, and each bounded.
    range.limit = 2 * (kUsersMax + kGroupsMax + kRolesMax);
    std::vector<AttachedEntity> out;
    for (const auto& row : TRY(records_.scan(range)))
        out.push_back(TRY(decode<AttachedEntity>(row.value)));
    return out;
}

}  // namespace access_control
