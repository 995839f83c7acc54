// Managed policies: CreatePolicy, GetPolicy, ListPolicies, DeletePolicy, their versions, their tags, and who
// carries them.
#include <charconv>
#include <fmt/format.h>

#include "access/aws_managed.h"
#include "base/ascii.h"
#include "services/iam/common.h"
#include "services/iam/service.h"

namespace services::iam {
namespace {

using access_control::AttachedEntity;
using access_control::ManagedPolicy;
using access_control::PolicyVersion;

std::string version_id(int number) {
    return fmt::format("v{}", number);
}

// "v3" is 3. The pattern has been checked; a number that no policy can have is 0.
int version_number(std::string_view id) {
    int number = 0;
    auto [end, error] = std::from_chars(id.data() + 1, id.data() + id.size(), number);
    return error == std::errc() && end == id.data() + id.size() ? number : 0;
}

template <class Owner>
auto version(std::string Owner::*member) {
    return wire::required("VersionId", member, wire::pattern(kVersionPattern));
}

Result<json::object> policy_json(const Directory& directory, const std::string& account,
                                 const ManagedPolicy& policy) {
    auto entities = TRY(directory.attached_entities(account, arn_of(policy)));
    auto boundaries = std::ranges::count_if(entities, &AttachedEntity::as_boundary);
    return json::object{{"PolicyName", policy.name},
                        {"PolicyId", policy.id},
                        {"Arn", arn_of(policy)},
                        {"Path", policy.path},
                        {"DefaultVersionId", version_id(policy.default_version)},
                        {"AttachmentCount", static_cast<std::int64_t>(entities.size()) - boundaries},
                        {"PermissionsBoundaryUsageCount", boundaries},
                        {"IsAttachable", true},
                        {"CreateDate", base::iso8601_seconds(policy.created)},
                        {"UpdateDate", base::iso8601_seconds(policy.updated)}};
}

json::object version_json(const PolicyVersion& version, bool is_default) {
    return {{"VersionId", version_id(version.number)},
            {"IsDefaultVersion", is_default},
            {"CreateDate", base::iso8601_seconds(version.created)}};
}

// Operations on one policy are authorised on it.
template <class Op>
struct OnPolicy {
    template <class Input>
    static Result<std::vector<wire::Permission>> permissions(Directory&, const Input& input,
                                                             const wire::Call& call) {
        auto out = permission_on_policy(call, fmt::format("iam:{}", Op::name), input.policy_arn);
        if constexpr (requires { input.tags; }) add_request_tags(out[0], input.tags);
        if constexpr (requires { input.tag_keys; }) out[0].context["aws:TagKeys"] = input.tag_keys;
        return out;
    }
};

struct ArnInput {
    std::string policy_arn;
    static auto members() { return wire::members(iam::policy_arn(&ArnInput::policy_arn)); }
};

struct VersionInput {
    std::string policy_arn, version_id;
    static auto members() {
        return wire::members(iam::policy_arn(&VersionInput::policy_arn), version(&VersionInput::version_id));
    }
};

struct CreatePolicy {
    static constexpr std::string_view name = "CreatePolicy";
    struct Input {
        std::string policy_name, path = "/", document, description;
        std::vector<Tag> tags;
        static auto members() {
            return wire::members(
                iam::policy_name(&Input::policy_name),
                wire::optional("Path", &Input::path, wire::length(1, 512), wire::pattern(kPolicyPathPattern)),
                iam::document("PolicyDocument", &Input::document),
                wire::optional("Description", &Input::description, wire::length(0, 1000)),
                iam::tags(&Input::tags));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Directory&, const Input& input,
                                                             const wire::Call& call) {
        wire::Permission create{.action = "iam:CreatePolicy",
                                .resource = arn(call, "policy", input.path, input.policy_name)};
        add_request_tags(create, input.tags);
        std::vector<wire::Permission> out{create};
        if (!input.tags.empty()) {
            create.action = "iam:TagPolicy";
            out.push_back(create);
        }
        return out;
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto tags = TRY(to_tags(input.tags));
        auto policy = TRY(directory.create_policy({.account = call.caller.account,
                                                   .name = input.policy_name,
                                                   .document = input.document,
                                                   .path = input.path,
                                                   .description = input.description,
                                                   .tags = std::move(tags)}));
        auto members = TRY(policy_json(directory, call.caller.account, policy));
        if (!policy.tags.empty()) members["Tags"] = tags_json(policy.tags);
        return wire::Reply({{"Policy", std::move(members)}});
    }
};

struct GetPolicy : OnPolicy<GetPolicy> {
    static constexpr std::string_view name = "GetPolicy";
    using Input = ArnInput;
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto policy = TRY(directory.policy(input.policy_arn));
        auto members = TRY(policy_json(directory, call.caller.account, policy));
        if (!policy.description.empty()) members["Description"] = policy.description;
        members["Tags"] = tags_json(policy.tags);
        return wire::Reply({{"Policy", std::move(members)}});
    }
};

struct DeletePolicy : OnPolicy<DeletePolicy> {
    static constexpr std::string_view name = "DeletePolicy";
    using Input = ArnInput;
    static Result<wire::Reply> run(Directory& directory, wire::Call&, const Input& input) {
        TRY(directory.delete_policy(input.policy_arn));
        return wire::Reply();
    }
};

// The account's own policies come first, then AWS's; a marker says which of the two goes on.
struct ListPolicies {
    static constexpr std::string_view name = "ListPolicies";
    static constexpr std::string_view kOwn = "own ", kAws = "aws ";
    struct Input {
        std::string scope = "All", path_prefix = "/", usage, marker;
        bool only_attached = false;
        int max_items = 100;
        static auto members() {
            return wire::members(
                wire::optional("Scope", &Input::scope, wire::one_of({"All", "AWS", "Local"})),
                wire::optional("OnlyAttached", &Input::only_attached),
                wire::optional("PathPrefix", &Input::path_prefix, wire::length(1, 512),
                               wire::pattern(kPolicyPathPattern)),
                wire::optional("PolicyUsageFilter", &Input::usage,
                               wire::one_of({"PermissionsPolicy", "PermissionsBoundary"})),
                iam::marker(&Input::marker), iam::max_items(&Input::max_items));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return arn(call, "policy", input.path_prefix, "");
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto query = TRY(list_query(input.path_prefix, input.marker, input.max_items));
        bool after_own = query.after.starts_with(kAws);
        if (!query.after.empty() && !after_own && !query.after.starts_with(kOwn))
            return Error::refusal(wire::Trouble::validation, "Invalid Marker.");
        if (!query.after.empty()) query.after.erase(0, kOwn.size());

        json::array policies;
        auto add = [&](const ManagedPolicy& policy) -> Result<void> {
            auto members = TRY(policy_json(directory, call.caller.account, policy));
            bool attached = members["AttachmentCount"].as_int64() > 0;
            bool bounds = members["PermissionsBoundaryUsageCount"].as_int64() > 0;
            if (input.only_attached && !attached && !bounds) return {};
            if (input.usage == "PermissionsPolicy" && !attached) return {};
            if (input.usage == "PermissionsBoundary" && !bounds) return {};
            policies.push_back(std::move(members));
            return {};
        };
        if (input.scope != "AWS" && !after_own) {
            auto own = TRY(directory.policies(call.caller.account, query));
            for (const auto& policy : own.items)
                TRY(add(policy));
            if (!own.next.empty())
                return wire::Reply(page({{"Policies", std::move(policies)}}, std::string(kOwn) + own.next));
            query.after.clear();
        }
        if (input.scope != "Local")
            for (const auto& policy : access_control::aws_managed_policies()) {
                bool seen = base::lower_case(policy.name) <= base::lower_case(query.after);
                if (seen || !policy.path.starts_with(input.path_prefix)) continue;
                if (policies.size() == query.limit)
                    return wire::Reply(
                        page({{"Policies", std::move(policies)}}, std::string(kAws) + query.after));
                TRY(add(policy));
                query.after = policy.name;
            }
        return wire::Reply(page({{"Policies", std::move(policies)}}, ""));
    }
};

struct CreatePolicyVersion : OnPolicy<CreatePolicyVersion> {
    static constexpr std::string_view name = "CreatePolicyVersion";
    struct Input {
        std::string policy_arn, document;
        bool set_as_default = false;
        static auto members() {
            return wire::members(iam::policy_arn(&Input::policy_arn),
                                 iam::document("PolicyDocument", &Input::document),
                                 wire::optional("SetAsDefault", &Input::set_as_default));
        }
    };
    static Result<wire::Reply> run(Directory& directory, wire::Call&, const Input& input) {
        auto version =
            TRY(directory.create_policy_version(input.policy_arn, input.document, input.set_as_default));
        return wire::Reply({{"PolicyVersion", version_json(version, input.set_as_default)}});
    }
};

struct GetPolicyVersion : OnPolicy<GetPolicyVersion> {
    static constexpr std::string_view name = "GetPolicyVersion";
    using Input = VersionInput;
    static Result<wire::Reply> run(Directory& directory, wire::Call&, const Input& input) {
        auto policy = TRY(directory.policy(input.policy_arn));
        for (const auto& version : policy.versions)
            if (version.number == version_number(input.version_id)) {
                auto members = version_json(version, version.number == policy.default_version);
                members["Document"] = encoded(version.document);
                return wire::Reply({{"PolicyVersion", std::move(members)}});
            }
        return Error::refusal(access_control::Refusal::no_such_entity,
                              fmt::format("Policy {} version {} does not exist or is not attachable.",
                                          input.policy_arn, input.version_id));
    }
};

struct ListPolicyVersions : OnPolicy<ListPolicyVersions> {
    static constexpr std::string_view name = "ListPolicyVersions";
    struct Input {
        std::string policy_arn, marker;
        int max_items = 100;
        static auto members() {
            return wire::members(iam::policy_arn(&Input::policy_arn), iam::marker(&Input::marker),
                                 iam::max_items(&Input::max_items));
        }
    };
    static Result<wire::Reply> run(Directory& directory, wire::Call&, const Input& input) {
        auto policy = TRY(directory.policy(input.policy_arn));
        json::array versions;
        for (auto version = policy.versions.rbegin(); version != policy.versions.rend(); ++version)
            versions.push_back(version_json(*version, version->number == policy.default_version));
        return wire::Reply(TRY(page_of("Versions", versions, input.marker, input.max_items)));
    }
};

struct SetDefaultPolicyVersion : OnPolicy<SetDefaultPolicyVersion> {
    static constexpr std::string_view name = "SetDefaultPolicyVersion";
    using Input = VersionInput;
    static Result<wire::Reply> run(Directory& directory, wire::Call&, const Input& input) {
        TRY(directory.set_default_policy_version(input.policy_arn, version_number(input.version_id)));
        return wire::Reply();
    }
};

struct DeletePolicyVersion : OnPolicy<DeletePolicyVersion> {
    static constexpr std::string_view name = "DeletePolicyVersion";
    using Input = VersionInput;
    static Result<wire::Reply> run(Directory& directory, wire::Call&, const Input& input) {
        TRY(directory.delete_policy_version(input.policy_arn, version_number(input.version_id)));
        return wire::Reply();
    }
};

struct TagPolicy : OnPolicy<TagPolicy> {
    static constexpr std::string_view name = "TagPolicy";
    struct Input {
        std::string policy_arn;
        std::vector<Tag> tags;
        static auto members() {
            return wire::members(
                iam::policy_arn(&Input::policy_arn),
                wire::required("Tags", &Input::tags, wire::items(0, access_control::kTagsMax)));
        }
    };
    static Result<wire::Reply> run(Directory& directory, wire::Call&, const Input& input) {
        TRY(directory.tag_policy(input.policy_arn, TRY(to_tags(input.tags))));
        return wire::Reply();
    }
};

struct UntagPolicy : OnPolicy<UntagPolicy> {
    static constexpr std::string_view name = "UntagPolicy";
    struct Input {
        std::string policy_arn;
        std::vector<std::string> tag_keys;
        static auto members() {
            return wire::members(
                iam::policy_arn(&Input::policy_arn),
                wire::required("TagKeys", &Input::tag_keys, wire::items(0, access_control::kTagsMax),
                               wire::each(wire::length(1, 128), wire::pattern(kTagKeyPattern))));
        }
    };
    static Result<wire::Reply> run(Directory& directory, wire::Call&, const Input& input) {
        TRY(directory.untag_policy(input.policy_arn, input.tag_keys));
        return wire::Reply();
    }
};

struct ListPolicyTags : OnPolicy<ListPolicyTags> {
    static constexpr std::string_view name = "ListPolicyTags";
    using Input = ListPolicyVersions::Input;
    static Result<wire::Reply> run(Directory& directory, wire::Call&, const Input& input) {
        auto policy = TRY(directory.policy(input.policy_arn));
        return wire::Reply(TRY(page_of("Tags", tags_json(policy.tags), input.marker, input.max_items)));
    }
};

struct ListEntitiesForPolicy : OnPolicy<ListEntitiesForPolicy> {
    static constexpr std::string_view name = "ListEntitiesForPolicy";
    struct Input {
        std::string policy_arn, filter, usage, marker, path_prefix = "/";
        int max_items = 100;
        static auto members() {
            return wire::members(iam::policy_arn(&Input::policy_arn),
                                 wire::optional("EntityFilter", &Input::filter,
                                                wire::one_of({"User", "Role", "Group", "LocalManagedPolicy",
                                                              "AWSManagedPolicy"})),
                                 wire::optional("PathPrefix", &Input::path_prefix, wire::length(1, 512),
                                                wire::pattern(kPathPattern)),
                                 wire::optional("PolicyUsageFilter", &Input::usage,
                                                wire::one_of({"PermissionsPolicy", "PermissionsBoundary"})),
                                 iam::marker(&Input::marker), iam::max_items(&Input::max_items));
        }
    };
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY(directory.policy(input.policy_arn));
        json::array all;
        for (const auto& entity : TRY(directory.attached_entities(call.caller.account, input.policy_arn))) {
            if (!input.usage.empty() && entity.as_boundary != (input.usage == "PermissionsBoundary"))
                continue;
            if (!input.filter.empty() && input.filter != kind_word(entity.kind)) continue;
            if (input.path_prefix != "/") {
                auto identity = TRY(directory.identity({call.caller.account, entity.kind, entity.name}));
                if (!identity.path.starts_with(input.path_prefix)) continue;
            }
            all.push_back({{"kind", kind_word(entity.kind)}, {"name", entity.name}, {"id", entity.id}});
        }
        auto part = TRY(page_of("all", all, input.marker, input.max_items));
        json::array users, groups, roles;
        for (const auto& item : part["all"].as_array()) {
            const auto& kind = item.at("kind").as_string();
            auto& list = kind == "User" ? users : kind == "Group" ? groups : roles;
            list.push_back(
                {{std::string(kind) + "Name", item.at("name")}, {std::string(kind) + "Id", item.at("id")}});
        }
        part.erase("all");
        part["PolicyUsers"] = std::move(users);
        part["PolicyGroups"] = std::move(groups);
        part["PolicyRoles"] = std::move(roles);
        return wire::Reply(std::move(part));
    }
    static std::string_view kind_word(IdentityKind kind) {
        switch (kind) {
            case IdentityKind::user:
                return "User";
            case IdentityKind::group:
                return "Group";
            case IdentityKind::role:
                return "Role";
        }
        base::unreachable();
    }
};

// What an account holds, and how much it may hold.
struct GetAccountSummary {
    static constexpr std::string_view name = "GetAccountSummary";
    struct Input {
        static auto members() { return wire::members(); }
    };
    static std::string resource(const Input&, const wire::Call&) { return "*"; }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input&) {
        namespace quotas = access_control;
        auto summary = TRY(directory.summary(call.caller.account));
        auto root_keys = TRY(directory.access_keys(call.caller.account, ""));
        json::array entries;
        auto add = [&](std::string_view key, std::size_t value) {
            entries.push_back({{"key", key}, {"value", static_cast<std::int64_t>(value)}});
        };
        add("Users", summary.users);
        add("UsersQuota", quotas::kUsersMax);
        add("Groups", summary.groups);
        add("GroupsQuota", quotas::kGroupsMax);
        add("Roles", summary.roles);
        add("RolesQuota", quotas::kRolesMax);
        add("Policies", summary.policies);
        add("PoliciesQuota", quotas::kManagedPoliciesMax);
        add("PolicyVersionsInUse", summary.policy_versions);
        add("VersionsPerPolicyQuota", quotas::kPolicyVersionsMax);
        add("PolicySizeQuota", quotas::kManagedPolicySizeMax);
        add("UserPolicySizeQuota", quotas::kUserInlinePoliciesSizeMax);
        add("GroupPolicySizeQuota", quotas::kGroupInlinePoliciesSizeMax);
        add("RolePolicySizeQuota", quotas::kRoleInlinePoliciesSizeMax);
        add("AssumeRolePolicySizeQuota", quotas::kTrustPolicySizeMax);
        add("AttachedPoliciesPerUserQuota", quotas::kAttachedPoliciesMax);
        add("AttachedPoliciesPerGroupQuota", quotas::kAttachedPoliciesMax);
        add("AttachedPoliciesPerRoleQuota", quotas::kAttachedPoliciesMax);
        add("GroupsPerUserQuota", quotas::kGroupsPerUserMax);
        add("AccessKeysPerUserQuota", quotas::kAccessKeysPerUserMax);
        add("AccountAccessKeysPresent", root_keys.empty() ? 0 : 1);
        return wire::Reply({{"SummaryMap", {{"entry[]", std::move(entries)}}}});
    }
};

}  // namespace

void add_policy_operations(wire::Service& service, Directory& directory) {
    service.add<CreatePolicy>(directory);
    service.add<GetPolicy>(directory);
    service.add<ListPolicies>(directory);
    service.add<DeletePolicy>(directory);
    service.add<CreatePolicyVersion>(directory);
    service.add<GetPolicyVersion>(directory);
    service.add<ListPolicyVersions>(directory);
    service.add<SetDefaultPolicyVersion>(directory);
    service.add<DeletePolicyVersion>(directory);
    service.add<TagPolicy>(directory);
    service.add<UntagPolicy>(directory);
    service.add<ListPolicyTags>(directory);
    service.add<ListEntitiesForPolicy>(directory);
    service.add<GetAccountSummary>(directory);
}

}  // namespace services::iam
