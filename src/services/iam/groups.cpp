// Groups: CreateGroup, GetGroup, ListGroups, DeleteGroup, AddUserToGroup, RemoveUserFromGroup,
// ListGroupsForUser.
#include "services/iam/common.h"
#include "services/iam/service.h"

namespace services::iam {
namespace {

IdentityRef group_ref(const wire::Call& call, const std::string& name) {
    return {call.caller.account, IdentityKind::group, name};
}

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

struct GetGroup {
    static constexpr std::string_view name = "GetGroup";
    struct Input {
        std::string group_name, marker;
        int max_items = 100;
        static auto members() {
            return wire::members(iam::group_name(&Input::group_name), iam::marker(&Input::marker),
                                 iam::max_items(&Input::max_items));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Directory& directory, const Input& input,
                                                             const wire::Call& call) {
        return permission_on(directory, "iam:GetGroup", group_ref(call, input.group_name));
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto query = TRY(list_query("/", input.marker, input.max_items));
        auto group = TRY(directory.group(call.caller.account, input.group_name));
        auto members = TRY(directory.members(call.caller.account, input.group_name, query));
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

struct DeleteGroup {
    static constexpr std::string_view name = "DeleteGroup";
    struct Input {
        std::string group_name;
        static auto members() { return wire::members(iam::group_name(&Input::group_name)); }
    };
    static Result<std::vector<wire::Permission>> permissions(Directory& directory, const Input& input,
                                                             const wire::Call& call) {
        return permission_on(directory, "iam:DeleteGroup", group_ref(call, input.group_name));
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY(directory.delete_group(call.caller.account, input.group_name));
        return wire::Reply();
    }
};

struct Membership {
    std::string group_name, user_name;
    static auto members() {
        return wire::members(iam::group_name(&Membership::group_name),
                             iam::user_name(&Membership::user_name));
    }
};

struct AddUserToGroup {
    static constexpr std::string_view name = "AddUserToGroup";
    using Input = Membership;
    static Result<std::vector<wire::Permission>> permissions(Directory& directory, const Input& input,
                                                             const wire::Call& call) {
        return permission_on(directory, "iam:AddUserToGroup", group_ref(call, input.group_name));
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY(directory.add_to_group(call.caller.account, input.group_name, input.user_name));
        return wire::Reply();
    }
};

struct RemoveUserFromGroup {
    static constexpr std::string_view name = "RemoveUserFromGroup";
    using Input = Membership;
    static Result<std::vector<wire::Permission>> permissions(Directory& directory, const Input& input,
                                                             const wire::Call& call) {
        return permission_on(directory, "iam:RemoveUserFromGroup", group_ref(call, input.group_name));
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY(directory.remove_from_group(call.caller.account, input.group_name, input.user_name));
        return wire::Reply();
    }
};

struct ListGroupsForUser {
    static constexpr std::string_view name = "ListGroupsForUser";
    struct Input {
        std::string user_name, marker;
        int max_items = 100;
        static auto members() {
            return wire::members(iam::user_name(&Input::user_name), iam::marker(&Input::marker),
                                 iam::max_items(&Input::max_items));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Directory& directory, const Input& input,
                                                             const wire::Call& call) {
        return permission_on(directory, "iam:ListGroupsForUser",
                             {call.caller.account, IdentityKind::user, input.user_name});
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto user = TRY(directory.user(call.caller.account, input.user_name));
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
    service.add<DeleteGroup>(directory);
    service.add<AddUserToGroup>(directory);
    service.add<RemoveUserFromGroup>(directory);
    service.add<ListGroupsForUser>(directory);
}

}  // namespace services::iam
