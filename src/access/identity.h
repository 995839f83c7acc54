// What an account holds, as values: users, groups, roles, access keys and managed policies.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "access/principal.h"
#include "base/time.h"

namespace access_control {

// AWS's quotas; where AWS lets an account raise one, its default.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
inline constexpr std::size_t kUsersMax = 5000;
inline constexpr std::size_t kGroupsMax = 300;
inline constexpr std::size_t kRolesMax = 1000;
inline constexpr std::size_t kManagedPoliciesMax = 1500;
inline constexpr std::size_t kGroupsPerUserMax = 10;
inline constexpr std::size_t kAccessKeysPerUserMax = 2;
inline constexpr std::size_t kAttachedPoliciesMax = 10;
inline constexpr std::size_t kPolicyVersionsMax = 5;
inline constexpr std::size_t kTagsMax = 50;
inline constexpr std::size_t kManagedPolicySizeMax = 6144;       // white space is not counted
inline constexpr std::size_t kUserInlinePoliciesSizeMax = 2048;  // all of one user together
inline constexpr std::size_t kGroupInlinePoliciesSizeMax = 5120;
inline constexpr std::size_t kRoleInlinePoliciesSizeMax = 10'240;
inline constexpr std::size_t kTrustPolicySizeMax = 2048;
inline constexpr std::size_t kSessionPolicySizeMax = 2048;

enum class IdentityKind { user, group, role };

// Names one user, group or role.
struct IdentityRef {
    std::string account;  // twelve digits
    IdentityKind kind;
    std::string name;
};

// What users, groups and roles have in common.
struct Identity {
    std::string account;
    std::string name;
    std::string path = "/";
    std::string id;  // AIDA..., AGPA..., AROA...
    base::Time created{};
    std::map<std::string, std::string> inline_policies = {};  // by name; the document as it was given
    std::vector<std::string> attached_policies = {};          // ARNs, in the order of attaching
    std::string boundary = {};                                // the ARN of a managed policy; empty: none
    Tags tags = {};
};

struct User : Identity {
    std::vector<std::string> groups;       // names
    std::vector<std::string> access_keys;  // ids
};

struct Group : Identity {};

struct Role : Identity {
    std::string trust_policy;
    std::string description;
    int session_seconds_max = 3600;
};

std::string arn_of(const User& user);  // arn:aws:iam::123456789012:user/path/name
std::string arn_of(const Group& group);
std::string arn_of(const Role& role);
std::string arn_of(IdentityKind kind, const Identity& identity);

// The part of an IAM ARN after the account: "role/path/name" is kind, path and name. Nothing if it is not of
// this form.
struct IamArn {
    std::string account;  // twelve digits, or "aws" for AWS's own policies
    std::string kind;     // "user", "role", "policy"
    std::string path;     // begins and ends with '/'
    std::string name;
};
std::optional<IamArn> parse_iam_arn(std::string_view arn);

// A long-lived key pair of a user, or of an account's root user. The secret must be kept readable: SigV4 is
// made with it.
struct AccessKey {
    std::string id;  // AKIA...
    std::string account;
    std::string user;  // empty: the root user
    std::string secret;
    bool active = true;
    base::Time created{};
};

struct PolicyVersion {
    int number;  // 1 is "v1"
    std::string document;
    base::Time created{};
};

struct ManagedPolicy {
    std::string account;  // "aws" for AWS's own
    std::string name;
    std::string path = "/";
    std::string id;  // ANPA...
    std::string description;
    base::Time created{};
    base::Time updated{};
    std::vector<PolicyVersion> versions;  // ascending
    int default_version = 1;
    int next_version = 2;
    Tags tags;

    const PolicyVersion& current() const;
};
std::string arn_of(const ManagedPolicy& policy);

// An identity that a managed policy is attached to.
struct AttachedEntity {
    IdentityKind kind;
    std::string name;
    std::string id;
    bool as_boundary = false;
};

// Part of an ordered list.
struct ListQuery {
    std::string path_prefix = "/";
    std::string after = {};  // Page::next of the page before; empty: from the start
    std::size_t limit = 100;
};
template <class Item>
struct Page {
    std::vector<Item> items;
    std::string next;  // empty: that was all
};

}  // namespace access_control
