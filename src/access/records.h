// How the directory lies in the store: keys, and values with their version byte. docs/formats/access.md is
// the description. For the room's own files.
#pragma once

#include <string>
#include <string_view>

#include "access/identity.h"
#include "base/result.h"
#include "store/records.h"

namespace access_control {

struct AccountRecord {
    base::Time created{};
    std::string operator_key;            // the access key that the server was last started with
    std::vector<std::string> root_keys;  // all keys of the root user, that one too
    std::size_t users = 0, groups = 0, roles = 0, policies = 0;  // how many there are, for the quotas
};

// Names are unique without regard to case, so keys hold them in lower case.
std::string server_key();
std::string account_key(std::string_view account);
std::string user_key(std::string_view account, std::string_view name);
std::string group_key(std::string_view account, std::string_view name);
std::string role_key(std::string_view account, std::string_view name);
std::string access_key_key(std::string_view id);
std::string policy_key(std::string_view account, std::string_view name);
// One for each identity that carries a policy, and for each that has it as its boundary.
std::string attachment_key(std::string_view account, std::string_view policy_arn, IdentityKind kind,
                           std::string_view name, bool as_boundary);
std::string member_key(std::string_view account, std::string_view group, std::string_view user);

store::Range users_range(std::string_view account);
store::Range groups_range(std::string_view account);
store::Range roles_range(std::string_view account);
store::Range policies_range(std::string_view account);
store::Range attachments_range(std::string_view account, std::string_view policy_arn);
store::Range members_range(std::string_view account, std::string_view group);

// encode() and decode() are inverse; a value that does not decode is a failure.
std::string encode(const AccountRecord& record);
std::string encode(const User& user);
std::string encode(const Group& group);
std::string encode(const Role& role);
std::string encode(const AccessKey& key);
std::string encode(const ManagedPolicy& policy);
std::string encode(const AttachedEntity& entity);

template <class Value>
Result<Value> decode(std::string_view bytes);
template <>
Result<AccountRecord> decode(std::string_view bytes);
template <>
Result<User> decode(std::string_view bytes);
template <>
Result<Group> decode(std::string_view bytes);
template <>
Result<Role> decode(std::string_view bytes);
template <>
Result<AccessKey> decode(std::string_view bytes);
template <>
Result<ManagedPolicy> decode(std::string_view bytes);
template <>
Result<AttachedEntity> decode(std::string_view bytes);

}  // namespace access_control
