// Users and their access keys.
#include <fmt/format.h>

#include "access/directory.h"
#include "access/lookup.h"

namespace access_control {
namespace {

Error key_missing(std::string_view id) {
    return Error::refusal(Refusal::no_such_entity,
                          fmt::format("The Access Key with id {} cannot be found.", id));
}

Error keys_exhausted() {
    return Error::refusal(
        Refusal::limit_exceeded,
        fmt::format("Cannot exceed quota for AccessKeysPerUser: {}", kAccessKeysPerUserMax));
}

Result<std::vector<std::string>> key_ids(const store::Records& records, const std::string& account,
                                         const std::string& user) {
    if (user.empty()) return TRY(find_account(records, account)).root_keys;
    return TRY(find_user(records, account, user)).access_keys;
}

// The key, if it is this user's.
Result<AccessKey> find_key(store::Transaction& transaction, const std::string& account,
                           const std::string& user, const std::string& id) {
    auto bytes = TRY(transaction.get_for_update(access_key_key(id)));
    if (!bytes) return key_missing(id);
    auto key = TRY(decode<AccessKey>(*bytes));
    if (key.account != account || key.user != user) return key_missing(id);
    return key;
}

}  // namespace

Result<User> Directory::create_user(const NewUser& request) {
    TRY(check_tags(request.tags));
    User user;
    user.account = request.account;
    user.name = request.name;
    user.path = request.path;
    user.id = new_id("AIDA");
    user.created = clock_.now();
    user.boundary = request.boundary;
    user.tags = request.tags;
    return write([&](store::Transaction& transaction) -> Result<User> {
        auto key = user_key(user.account, user.name);
        if (TRY(transaction.get_for_update(key)))
            return Error::refusal(Refusal::entity_exists,
                                  fmt::format("User with name {} already exists.", user.name));
        TRY(check_boundary(transaction, user.account, user.boundary));
        TRY(count_up(transaction, user.account, &AccountRecord::users, kUsersMax, "UsersPerAccount"));
        if (!user.boundary.empty())
            TRY(index_attachment(transaction, user.boundary, user, IdentityKind::user, true));
        TRY(transaction.put(key, encode(user)));
        return user;
    });
}

Result<User> Directory::user(const std::string& account, const std::string& name) const {
    return find_user(std::as_const(records_), account, name);
}

Result<Page<User>> Directory::users(const std::string& account, const ListQuery& query) const {
    return list_page<User>(records_, users_range(account), query,
                           [&](std::string_view name) { return user_key(account, name); });
}

Result<void> Directory::update_user(const std::string& account, const std::string& name,
                                    const std::optional<std::string>& new_name,
                                    const std::optional<std::string>& new_path) {
    return write([&](store::Transaction& transaction) -> Result<void> {
        auto user = TRY(find_user(transaction, account, name));
        if (new_path) user.path = *new_path;
        if (new_name && *new_name != name) {
            TRY(rename(transaction, user, IdentityKind::user, user_key, "User", *new_name));
            for (const auto& group : user.groups) {
                TRY(transaction.erase(member_key(account, group, name)));
                TRY(transaction.put(member_key(account, group, *new_name), *new_name));
            }
            for (const auto& id : user.access_keys) {
                auto key = TRY(find_key(transaction, account, name, id));
                key.user = *new_name;
                TRY(transaction.put(access_key_key(id), encode(key)));
            }
        }
        return transaction.put(user_key(account, user.name), encode(user));
    });
}

Result<void> Directory::delete_user(const std::string& account, const std::string& name) {
    return write([&](store::Transaction& transaction) -> Result<void> {
        auto user = TRY(find_user(transaction, account, name));
        TRY(check_no_policies(user));
        if (!user.access_keys.empty())
            return Error::refusal(Refusal::delete_conflict,
                                  "Cannot delete entity, must delete access keys first.");
        if (!user.groups.empty())
            return Error::refusal(Refusal::delete_conflict,
                                  "Cannot delete entity, must remove users from group first.");
        if (!user.boundary.empty())
            TRY(unindex_attachment(transaction, user.boundary, user, IdentityKind::user, true));
        TRY(count_down(transaction, account, &AccountRecord::users));
        return transaction.erase(user_key(account, name));
    });
}

Result<AccessKey> Directory::create_access_key(const std::string& account, const std::string& user) {
    constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    AccessKey key{"AKIA" + random_.text(16, kBase32), account, user,
                  random_.text(40, kBase64),          true,    clock_.now()};
    return write([&](store::Transaction& transaction) -> Result<AccessKey> {
        if (user.empty()) {
            auto record = TRY(find_account(transaction, account));
            // The operator's own key comes on top of the quota: it is not a key that the account has made.
            if (record.root_keys.size() > kAccessKeysPerUserMax) return keys_exhausted();
            record.root_keys.push_back(key.id);
            TRY(transaction.put(account_key(account), encode(record)));
        } else {
            auto owner = TRY(find_user(transaction, account, user));
            if (owner.access_keys.size() >= kAccessKeysPerUserMax) return keys_exhausted();
            owner.access_keys.push_back(key.id);
            TRY(transaction.put(user_key(account, user), encode(owner)));
        }
        TRY(transaction.put(access_key_key(key.id), encode(key)));
        return key;
    });
}

Result<std::vector<AccessKey>> Directory::access_keys(const std::string& account,
                                                      const std::string& user) const {
    std::vector<AccessKey> out;
    for (const auto& id : TRY(key_ids(records_, account, user))) {
        auto bytes = TRY(records_.get(access_key_key(id)));
        if (bytes) out.push_back(TRY(decode<AccessKey>(*bytes)));
    }
    return out;
}

Result<void> Directory::set_access_key_active(const std::string& account, const std::string& user,
                                              const std::string& id, bool active) {
    return write([&](store::Transaction& transaction) -> Result<void> {
        if (!user.empty()) TRY(find_user(transaction, account, user));
        auto key = TRY(find_key(transaction, account, user, id));
        key.active = active;
        return transaction.put(access_key_key(id), encode(key));
    });
}

Result<void> Directory::delete_access_key(const std::string& account, const std::string& user,
                                          const std::string& id) {
    return write([&](store::Transaction& transaction) -> Result<void> {
        if (user.empty()) {
            auto record = TRY(find_account(transaction, account));
            TRY(find_key(transaction, account, user, id));
            std::erase(record.root_keys, id);
            if (record.operator_key == id) record.operator_key.clear();
            TRY(transaction.put(account_key(account), encode(record)));
        } else {
            auto owner = TRY(find_user(transaction, account, user));
            TRY(find_key(transaction, account, user, id));
            std::erase(owner.access_keys, id);
            TRY(transaction.put(user_key(account, user), encode(owner)));
        }
        return transaction.erase(access_key_key(id));
    });
}

}  // namespace access_control
