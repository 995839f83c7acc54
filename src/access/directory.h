// The directory: every account's users, groups, roles, keys and policies, kept in the store; who a request
// comes from, and what it may do. https://docs.aws.amazon.com/IAM/latest/UserGuide/id.html
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/evaluation.h"
#include "access/identity.h"
#include "access/policy.h"
#include "access/principal.h"
#include "base/bytes.h"
#include "base/guarded.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "store/records.h"

namespace access_control {

struct DirectoryOptions {
    std::string account;             // twelve digits: made if it is not there yet
    std::string root_access_key_id;  // the operator's key; replaces the one of the last start
    std::string root_secret_key;
};

// Whom a key belongs to. Immutable.
struct Caller {
    std::string access_key_id;
    std::string secret_key;
    Principal principal;
    std::optional<base::Time> expires;  // of temporary credentials
};

// Temporary credentials.
struct Session {
    std::string access_key_id;  // ASIA...
    std::string secret_key;
    std::string token;
    base::Time expires;
    std::string arn;                // arn:aws:sts::123456789012:assumed-role/reader/session
    std::string user_id;            // AROA...:session
    int packed_policy_percent = 0;  // how much of the token's bound the session's policies and tags fill
};

struct AssumeRole {
    std::string role_arn;
    std::string session_name;
    std::optional<int> seconds = {};            // default 3600
    std::string policy = {};                    // a session policy; empty: none
    std::vector<std::string> policy_arns = {};  // managed policies as session policies
    Tags tags = {};
    std::map<std::string, std::vector<std::string>> context =
        {};  // of the request: sts:ExternalId, aws:SourceIp, ...
};

struct NewUser {
    std::string account, name;
    std::string path = "/";
    std::string boundary = {};
    Tags tags = {};
};
struct NewRole {
    std::string account, name, trust_policy;
    std::string path = "/";
    std::string description = {};
    int session_seconds_max = 3600;
    std::string boundary = {};
    Tags tags = {};
};
struct NewPolicy {
    std::string account, name, document;
    std::string path = "/";
    std::string description = {};
    Tags tags = {};
};

// How many there are of each kind in an account.
struct AccountSummary {
    std::size_t users = 0, groups = 0, roles = 0, policies = 0, policy_versions = 0;
};

// Whether one action would be allowed, and by which policies it is.
struct Simulated {
    Decision decision;
    std::vector<std::string> matched_policies;  // positions or names of the policies that speak of the action
    std::vector<std::string> missing_context;   // condition keys that the request does not give
};

// Callable from any thread. It is the only writer of its records; a change counts for every request that
// starts after the call has returned. Names arrive already checked against AWS's patterns.
class Directory {
public:
    static Result<std::unique_ptr<Directory>> open(store::Records& records, const base::Clock& clock,
                                                   base::Random& random, const DirectoryOptions& options);
    ~Directory();

    // --- the life of a request ---
    // Refusals: unknown_key, inactive_key, invalid_token, expired_token. A few microseconds for a key seen
    // before.
    Result<std::shared_ptr<const Caller>> resolve(std::string_view access_key_id,
                                                  std::string_view session_token);
    // `resource_policy`: JSON of a bucket's or function's policy; empty: none. `request.now` is set here. A
    // stored resource policy that does not parse is a failure, never an allow.
    Result<Decision> decide(const Principal& principal, ActionRequest request,
                            std::string_view resource_policy = {});

    // --- temporary credentials ---
    // Evaluates the role's trust policy for `caller` (a service too: service("lambda.amazonaws.com")). A role
    // that is not there and one that does not trust the caller are the same access_denied.
    Result<Session> assume_role(const Principal& caller, const AssumeRole& request);
    // Whether assume_role() would be allowed; nothing is made.
    Result<void> check_assumable(const Principal& caller, const std::string& role_arn);
    // For the user or root user itself. `seconds`: 900 to 129,600; the root user at most 3,600.
    Result<Session> session_of(const Principal& caller, std::optional<int> seconds);

    // --- accounts ---
    // Another account beside the first, with its root user's key. Refusal::entity_exists.
    Result<void> create_account(const DirectoryOptions& account);
    // The account that a key belongs to. Refusal::unknown_key.
    Result<std::string> account_of_key(const std::string& access_key_id);
    Result<AccountSummary> summary(const std::string& account);
    Result<base::Time> account_created(const std::string& account) const;

    // --- users ---
    Result<User> create_user(const NewUser& user);
    Result<User> user(const std::string& account, const std::string& name) const;
    Result<Page<User>> users(const std::string& account, const ListQuery& query) const;
    // A new name or a new path, or both; what is not given stays as it is. Keys, groups and policies go with
    // the user, and temporary credentials of the old name end. Refusal::entity_exists.
    Result<void> update_user(const std::string& account, const std::string& name,
                             const std::optional<std::string>& new_name,
                             const std::optional<std::string>& new_path);
    Result<void> delete_user(const std::string& account, const std::string& name);

    // Keys of a user; with an empty user name, of the root user.
    Result<AccessKey> create_access_key(const std::string& account, const std::string& user);
    Result<std::vector<AccessKey>> access_keys(const std::string& account, const std::string& user) const;
    Result<void> set_access_key_active(const std::string& account, const std::string& user,
                                       const std::string& id, bool active);
    Result<void> delete_access_key(const std::string& account, const std::string& user,
                                   const std::string& id);

    // --- groups ---
    Result<Group> create_group(const std::string& account, const std::string& name, const std::string& path);
    Result<Group> group(const std::string& account, const std::string& name) const;
    Result<Page<Group>> groups(const std::string& account, const ListQuery& query) const;
    // As update_user().
    Result<void> update_group(const std::string& account, const std::string& name,
                              const std::optional<std::string>& new_name,
                              const std::optional<std::string>& new_path);
    Result<void> delete_group(const std::string& account, const std::string& name);
    Result<void> add_to_group(const std::string& account, const std::string& group, const std::string& user);
    Result<void> remove_from_group(const std::string& account, const std::string& group,
                                   const std::string& user);
    Result<Page<User>> members(const std::string& account, const std::string& group,
                               const ListQuery& query) const;

    // --- roles ---
    Result<Role> create_role(const NewRole& role);
    Result<Role> role(const std::string& account, const std::string& name) const;
    Result<Page<Role>> roles(const std::string& account, const ListQuery& query) const;
    Result<void> delete_role(const std::string& account, const std::string& name);
    Result<void> set_trust_policy(const std::string& account, const std::string& name,
                                  const std::string& document);
    // What is not given stays as it is.
    Result<Role> update_role(const std::string& account, const std::string& name,
                             const std::optional<std::string>& description,
                             std::optional<int> session_seconds_max);

    // --- policies of a user, group or role ---
    Result<void> put_inline_policy(const IdentityRef& ref, const std::string& policy,
                                   const std::string& document);
    Result<std::string> inline_policy(const IdentityRef& ref, const std::string& policy) const;
    Result<void> delete_inline_policy(const IdentityRef& ref, const std::string& policy);
    Result<void> attach_policy(const IdentityRef& ref, const std::string& policy_arn);
    Result<void> detach_policy(const IdentityRef& ref, const std::string& policy_arn);
    Result<void> set_boundary(const IdentityRef& ref, const std::string& policy_arn);  // empty: none
    Result<void> tag(const IdentityRef& ref, const Tags& tags);
    Result<void> untag(const IdentityRef& ref, const std::vector<std::string>& keys);
    Result<Identity> identity(const IdentityRef& ref) const;

    // --- managed policies ---
    Result<ManagedPolicy> create_policy(const NewPolicy& policy);
    Result<ManagedPolicy> policy(const std::string& arn) const;
    // The account's own, in the order of their names.
    Result<Page<ManagedPolicy>> policies(const std::string& account, const ListQuery& query) const;
    Result<void> delete_policy(const std::string& arn);
    Result<PolicyVersion> create_policy_version(const std::string& arn, const std::string& document,
                                                bool set_default);
    Result<void> set_default_policy_version(const std::string& arn, int number);
    Result<void> delete_policy_version(const std::string& arn, int number);
    Result<void> tag_policy(const std::string& arn, const Tags& tags);
    Result<void> untag_policy(const std::string& arn, const std::vector<std::string>& keys);
    // Users, groups and roles of `account` that carry the policy, or have it as their boundary.
    Result<std::vector<AttachedEntity>> attached_entities(const std::string& account,
                                                          const std::string& arn) const;

    // --- simulation ---
    // The policies that bind an identity, by name and document: its own, its groups', the attached.
    struct SourcePolicy {
        std::string name;
        std::string document;
    };
    Result<std::vector<SourcePolicy>> policies_of(const IdentityRef& ref) const;
    Result<Simulated> simulate(const std::vector<SourcePolicy>& policies, const std::string& boundary,
                               const Principal& principal, const ActionRequest& request) const;
    // The identity as a principal. A group, which never asks for anything itself, stands for one of its
    // users.
    Result<Principal> principal_of(const IdentityRef& ref) const;

private:
    Directory(store::Records& records, const base::Clock& clock, base::Random& random);

    // Runs a change in one transaction; when it is on disk, callers seen before are looked up anew.
    template <class Change>
    auto write(Change&& change) -> std::invoke_result_t<Change, store::Transaction&>;
    // Loads, changes and saves one identity.
    Result<void> change(const IdentityRef& ref,
                        const std::function<Result<void>(store::Transaction&, Identity&)>& change);
    Result<void> change_policy(const std::string& arn,
                               const std::function<Result<void>(ManagedPolicy&)>& change);

    Result<std::shared_ptr<const Caller>> resolve_key(std::string_view access_key_id,
                                                      std::string_view session_token);
    Result<std::shared_ptr<const Caller>> resolve_session(const std::string& access_key_id,
                                                          std::string_view token);
    Result<Principal> user_principal(const User& user) const;
    Result<Principal> role_principal(const Role& role, const std::string& session_name,
                                     const Tags& session_tags) const;
    Result<void> add_rights(const Identity& identity, Rights& rights) const;
    Result<std::shared_ptr<const Policy>> managed_rights(const std::string& arn) const;
    Result<Role> trusting_role(const Principal& caller, const AssumeRole& request) const;
    Result<void> check_trust_policy(const std::string& document) const;
    std::string new_id(std::string_view prefix);

    struct Known {
        std::shared_ptr<const Caller> caller;
        std::string token;
        std::uint64_t generation;
    };

    store::Records& records_;
    const base::Clock& clock_;
    base::Random& random_;
    base::Bytes session_key_;  // signs session tokens; kept in the store
    mutable PolicyCache compiled_;
    // Counts changes. A known caller is good for as long as nothing has changed since it was looked up.
    std::atomic<std::uint64_t> generation_{0};
    base::Guarded<std::unordered_map<std::string, Known>> known_callers_;
};

template <class Change>
auto Directory::write(Change&& change) -> std::invoke_result_t<Change, store::Transaction&> {
    auto done = records_.transact(std::forward<Change>(change));
    ++generation_;
    return done;
}

}  // namespace access_control
