// Groups: CreateGroup, GetGroup, ListGroups, AddUserToGroup, RemoveUserFromGroup, ListGroupsForUser.
#include "services/iam/kinds.h"
#include "services/iam/service.h"

namespace services::iam {
namespace {

struct CreateGroup {
    static constexpr std::string_view name = "CreateGroup";
    struct Input {
        std::string group_name, path = "/";
        static auto members() {
            return wire::members(iam::group_name(&Input::group_name), iam::path(&Input::path));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return arn(call, "group", input.path, input.group_name);
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto group = TRY(directory.create_group(call.caller.account, input.group_name, input.path));
        return wire::Reply({{"Group", group_json(group)}});
    }
};

struct GetGroup : OnIdentity<GetGroup, GroupKind> {
    static constexpr std::string_view name = "GetGroup";
    using Input = ListedInput<GroupKind>;
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto query = TRY(list_query("/", input.marker, input.max_items));
        auto group = TRY(directory.group(call.caller.account, input.identity));
        auto members = TRY(directory.members(call.caller.account, input.identity, query));
        json::array users;
        for (const auto& user : members.items)
            users.push_back(user_json(user));
        return wire::Reply(page({{"Group", group_json(group)}, {"Users", std::move(users)}}, members.next));
    }
};

struct ListGroups {
    static constexpr std::string_view name = "ListGroups";
    using Input = PathListInput;
    static std::string resource(const Input& input, const wire::Call& call) {
        return arn(call, "group", input.path_prefix, "");
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto query = TRY(list_query(input.path_prefix, input.marker, input.max_items));
        auto found = TRY(directory.groups(call.caller.account, query));
        json::array groups;
        for (const auto& group : found.items)
            groups.push_back(group_json(group));
        return wire::Reply(page({{"Groups", std::move(groups)}}, found.next));
    }
};

struct Membership {
    std::string identity, user_name;  // the group, and who belongs to it
    static auto members() {
        return wire::members(identity_name<GroupKind>(&Membership::identity),
                             iam::user_name(&Membership::user_name));
    }
};

struct AddUserToGroup : OnIdentity<AddUserToGroup, GroupKind> {
    static constexpr std::string_view name = "AddUserToGroup";
    using Input = Membership;
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY(directory.add_to_group(call.caller.account, input.identity, input.user_name));
        return wire::Reply();
    }
};

struct RemoveUserFromGroup : OnIdentity<RemoveUserFromGroup, GroupKind> {
    static constexpr std::string_view name = "RemoveUserFromGroup";
    using Input = Membership;
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY(directory.remove_from_group(call.caller.account, input.identity, input.user_name));
        return wire::Reply();
    }
};

struct ListGroupsForUser : OnIdentity<ListGroupsForUser, UserKind> {
    static constexpr std::string_view name = "ListGroupsForUser";
    using Input = ListedInput<UserKind>;
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto user = TRY(directory.user(call.caller.account, input.identity));
        json::array groups;
        for (const auto& group : user.groups)
            groups.push_back(group_json(TRY(directory.group(call.caller.account, group))));
        return wire::Reply(TRY(page_of("Groups", groups, input.marker, input.max_items)));
    }
};

}  // namespace

void add_group_operations(wire::Service& service, Directory& directory) {
    service.add<CreateGroup>(directory);
    service.add<GetGroup>(directory);
    service.add<ListGroups>(directory);
    service.add<AddUserToGroup>(directory);
    service.add<RemoveUserFromGroup>(directory);
    service.add<ListGroupsForUser>(directory);
}

}  // namespace services::iam
