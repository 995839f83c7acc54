// Finding records by name, inside a transaction (then locked) or outside. For the room's own files.
#pragma once

#include <fmt/format.h>

#include "access/records.h"
#include "access/refusal.h"
#include "store/records.h"

namespace access_control {

inline Result<std::optional<std::string>> read(const store::Records& records, std::string_view key) {
    return records.get(key);
}
inline Result<std::optional<std::string>> read(store::Transaction& transaction, std::string_view key) {
    return transaction.get_for_update(key);
}

inline Error missing(std::string_view kind, std::string_view name) {
    return Error::refusal(Refusal::no_such_entity,
                          fmt::format("The {} with name {} cannot be found.", kind, name));
}

// Names are unique without regard to case and yet found only as they are written.
template <class Value, class Source>
Result<Value> find_named(Source& source, const std::string& key, std::string_view kind,
                         std::string_view name) {
    auto bytes = TRY(read(source, key));
    if (!bytes) return missing(kind, name);
    auto value = TRY(decode<Value>(*bytes));
    if (value.name != name) return missing(kind, name);
    return value;
}

template <class Source>
Result<User> find_user(Source& source, std::string_view account, std::string_view name) {
    return find_named<User>(source, user_key(account, name), "user", name);
}
template <class Source>
Result<Group> find_group(Source& source, std::string_view account, std::string_view name) {
    return find_named<Group>(source, group_key(account, name), "group", name);
}
template <class Source>
Result<Role> find_role(Source& source, std::string_view account, std::string_view name) {
    return find_named<Role>(source, role_key(account, name), "role", name);
}

template <class Source>
Result<AccountRecord> find_account(Source& source, std::string_view account) {
    auto bytes = TRY(read(source, account_key(account)));
    if (!bytes) return Error::refusal(Refusal::no_such_entity, fmt::format("No account {} here.", account));
    return decode<AccountRecord>(*bytes);
}

// The account's own policy; nothing if there is none by this ARN.
template <class Source>
Result<std::optional<ManagedPolicy>> find_own_policy(Source& source, std::string_view arn) {
    auto parts = parse_iam_arn(arn);
    if (!parts || parts->kind != "policy") return std::optional<ManagedPolicy>();
    auto bytes = TRY(read(source, policy_key(parts->account, parts->name)));
    if (!bytes) return std::optional<ManagedPolicy>();
    auto policy = TRY(decode<ManagedPolicy>(*bytes));
    if (arn_of(policy) != arn) return std::optional<ManagedPolicy>();
    return std::optional<ManagedPolicy>(std::move(policy));
}

// Raises one of an account's counts, within its quota.
inline Result<void> count_up(store::Transaction& transaction, const std::string& account,
                             std::size_t AccountRecord::*count, std::size_t most, std::string_view quota) {
    auto record = TRY(find_account(transaction, account));
    if (record.*count >= most)
        return Error::refusal(Refusal::limit_exceeded,
                              fmt::format("Cannot exceed quota for {}: {}", quota, most));
    ++(record.*count);
    return transaction.put(account_key(account), encode(record));
}
inline Result<void> count_down(store::Transaction& transaction, const std::string& account,
                               std::size_t AccountRecord::*count) {
    auto record = TRY(find_account(transaction, account));
    INVARIANT(record.*count > 0);
    --(record.*count);
    return transaction.put(account_key(account), encode(record));
}

// A page of the values in `range`, whose keys end in the name that `key_of` takes.
template <class Value, class KeyOf>
Result<Page<Value>> list_page(const store::Records& records, store::Range range, const ListQuery& query,
                              const KeyOf& key_of) {
    Page<Value> out;
    range.limit = 200;
    // The least key above another is that key with a zero byte behind it.
    if (!query.after.empty()) range.from = std::max(range.from, key_of(query.after) + '\0');
    while (true) {
        auto rows = TRY(records.scan(range));
        for (const auto& row : rows) {
            auto value = TRY(decode<Value>(row.value));
            if (!value.path.starts_with(query.path_prefix)) continue;
            if (out.items.size() == query.limit) {
                out.next = out.items.back().name;
                return out;
            }
            out.items.push_back(std::move(value));
        }
        if (rows.size() < range.limit) return out;
        range.from = rows.back().key + '\0';
    }
}

// Keeps the record of who carries which policy in step.
inline Result<void> index_attachment(store::Transaction& transaction, const std::string& policy_arn,
                                     const Identity& identity, IdentityKind kind, bool as_boundary) {
    return transaction.put(attachment_key(identity.account, policy_arn, kind, identity.name, as_boundary),
                           encode(AttachedEntity{kind, identity.name, identity.id, as_boundary}));
}
inline Result<void> unindex_attachment(store::Transaction& transaction, const std::string& policy_arn,
                                       const Identity& identity, IdentityKind kind, bool as_boundary) {
    return transaction.erase(attachment_key(identity.account, policy_arn, kind, identity.name, as_boundary));
}

// Gives an identity another name: what its policies' records say of it changes too. Names differ in more than
// case from all others, so a name may become itself in other letters. Refusal::entity_exists.
template <class Value, class KeyOf>
Result<void> rename(store::Transaction& transaction, Value& identity, IdentityKind kind, const KeyOf& key_of,
                    std::string_view word, const std::string& name) {
    const auto from = key_of(identity.account, identity.name), to = key_of(identity.account, name);
    if (from != to && TRY(transaction.get_for_update(to)))
        return Error::refusal(Refusal::entity_exists,
                              fmt::format("{} with name {} already exists.", word, name));
    auto reindex = [&](const std::string& policy_arn, bool as_boundary) -> Result<void> {
        TRY(unindex_attachment(transaction, policy_arn, identity, kind, as_boundary));
        Value renamed = identity;
        renamed.name = name;
        return index_attachment(transaction, policy_arn, renamed, kind, as_boundary);
    };
    for (const auto& policy_arn : identity.attached_policies)
        TRY(reindex(policy_arn, false));
    if (!identity.boundary.empty()) TRY(reindex(identity.boundary, true));
    TRY(transaction.erase(from));
    identity.name = name;
    return {};
}

// Refusal::no_such_entity unless the policy is AWS's or the account's own. Locks the latter, so that
// it is not deleted meanwhile.
Result<void> check_attachable(store::Transaction& transaction, const std::string& account,
                              const std::string& policy_arn);
// As above, for a boundary; nothing to check for none.
Result<void> check_boundary(store::Transaction& transaction, const std::string& account,
                            const std::string& policy_arn);
// Refusal::delete_conflict while policies are attached or inline.
Result<void> check_no_policies(const Identity& identity);
// At most kTagsMax, and no two keys that differ in case only.
Result<void> check_tags(const Tags& tags);

}  // namespace access_control
