// Groups of users.
#include <fmt/format.h>

#include "access/directory.h"
#include "access/lookup.h"

namespace access_control {
namespace {

Result<std::vector<std::string>> member_names(store::Transaction& transaction, const std::string& account,
                                              const std::string& group) {
    std::vector<std::string> names;
    auto range = members_range(account, group);
    while (true) {
        const auto rows = TRY(transaction.scan(range));
        for (const auto& row : rows)
            names.push_back(row.value);
        if (rows.size() < range.limit) return names;
        range.from = rows.back().key + '\0';
    }
}

}  // namespace

Result<Group> Directory::create_group(const std::string& account, const std::string& name,
                                      const std::string& path) {
    Group group;
    group.account = account;
    group.name = name;
    group.path = path;
    group.id = new_id("AGPA");
    group.created = clock_.now();
    return write([&](store::Transaction& transaction) -> Result<Group> {
        auto key = group_key(account, name);
        if (TRY(transaction.get_for_update(key)))
            return Error::refusal(Refusal::entity_exists,
                                  fmt::format("Group with name {} already exists.", name));
        TRY(count_up(transaction, account, &AccountRecord::groups, kGroupsMax, "GroupsPerAccount"));
        TRY(transaction.put(key, encode(group)));
        return group;
    });
}

Result<Group> Directory::group(const std::string& account, const std::string& name) const {
    return find_group(std::as_const(records_), account, name);
}

Result<Page<Group>> Directory::groups(const std::string& account, const ListQuery& query) const {
    return list_page<Group>(records_, groups_range(account), query,
                            [&](std::string_view name) { return group_key(account, name); });
}

Result<void> Directory::update_group(const std::string& account, const std::string& name,
                                     const std::optional<std::string>& new_name,
                                     const std::optional<std::string>& new_path) {
    return write([&](store::Transaction& transaction) -> Result<void> {
        auto group = TRY(find_group(transaction, account, name));
        if (new_path) group.path = *new_path;
        if (new_name && *new_name != name) {
            TRY(rename(transaction, group, IdentityKind::group, group_key, "Group", *new_name));
            for (const auto& user : TRY(member_names(transaction, account, name))) {
                auto member = TRY(find_user(transaction, account, user));
                std::ranges::replace(member.groups, name, *new_name);
                TRY(transaction.put(user_key(account, user), encode(member)));
                TRY(transaction.erase(member_key(account, name, user)));
                TRY(transaction.put(member_key(account, *new_name, user), user));
            }
        }
        return transaction.put(group_key(account, group.name), encode(group));
    });
}

Result<void> Directory::delete_group(const std::string& account, const std::string& name) {
    return write([&](store::Transaction& transaction) -> Result<void> {
        auto group = TRY(find_group(transaction, account, name));
        auto range = members_range(account, name);
        range.limit = 1;
        if (!TRY(transaction.scan(range)).empty())
            return Error::refusal(Refusal::delete_conflict,
                                  "Cannot delete entity, must remove users from group first.");
        TRY(check_no_policies(group));
        TRY(count_down(transaction, account, &AccountRecord::groups));
        return transaction.erase(group_key(account, name));
    });
}

Result<void> Directory::add_to_group(const std::string& account, const std::string& group,
                                     const std::string& user) {
    return write([&](store::Transaction& transaction) -> Result<void> {
        // Locks the group: it cannot be deleted before this membership is there to be seen.
        TRY(find_group(transaction, account, group));
        auto member = TRY(find_user(transaction, account, user));
        if (std::ranges::find(member.groups, group) != member.groups.end()) return {};
        if (member.groups.size() >= kGroupsPerUserMax)
            return Error::refusal(
                Refusal::limit_exceeded,
                fmt::format("Cannot exceed quota for GroupsPerUser: {}", kGroupsPerUserMax));
        member.groups.push_back(group);
        TRY(transaction.put(member_key(account, group, user), user));
        return transaction.put(user_key(account, user), encode(member));
    });
}

Result<void> Directory::remove_from_group(const std::string& account, const std::string& group,
                                          const std::string& user) {
    return write([&](store::Transaction& transaction) -> Result<void> {
        TRY(find_group(transaction, account, group));
        auto member = TRY(find_user(transaction, account, user));
        if (std::erase(member.groups, group) == 0)
            return Error::refusal(Refusal::no_such_entity,
                                  fmt::format("User {} not in group {}", user, group));
        TRY(transaction.erase(member_key(account, group, user)));
        return transaction.put(user_key(account, user), encode(member));
    });
}

Result<Page<User>> Directory::members(const std::string& account, const std::string& group,
                                      const ListQuery& query) const {
    TRY(find_group(std::as_const(records_), account, group));
    auto range = members_range(account, group);
    if (!query.after.empty())
        range.from = std::max(range.from, member_key(account, group, query.after) + '\0');
    range.limit = query.limit + 1;
    auto rows = TRY(records_.scan(range));
    Page<User> out;
    for (const auto& row : rows) {
        if (out.items.size() == query.limit) {
            out.next = out.items.back().name;
            break;
        }
        out.items.push_back(TRY(find_user(std::as_const(records_), account, row.value)));
    }
    return out;
}

}  // namespace access_control
