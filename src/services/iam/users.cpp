// Users: CreateUser, GetUser, ListUsers.
#include "services/iam/common.h"
#include "services/iam/service.h"

namespace services::iam {
namespace {

IdentityRef user_ref(const wire::Call& call, const std::string& name) {
    return {call.caller.account, IdentityKind::user, name};
}

struct CreateUser {
    static constexpr std::string_view name = "CreateUser";
    struct Input {
        std::string user_name, path = "/", boundary;
        std::vector<Tag> tags;
        static auto members() {
            return wire::members(wire::required("UserName", &Input::user_name, wire::length(1, 64),
                                                wire::pattern(kNamePattern)),
                                 iam::path(&Input::path), iam::boundary(&Input::boundary),
                                 iam::tags(&Input::tags));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Directory&, const Input& input,
                                                             const wire::Call& call) {
        wire::Permission create{.action = "iam:CreateUser",
                                .resource = arn(call, "user", input.path, input.user_name)};
        if (!input.boundary.empty()) create.context["iam:PermissionsBoundary"] = {input.boundary};
        add_request_tags(create, input.tags);
        std::vector<wire::Permission> out{create};
        if (!input.tags.empty()) {
            create.action = "iam:TagUser";
            out.push_back(create);
        }
        return out;
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto tags = TRY(to_tags(input.tags));
        auto user = TRY(directory.create_user({.account = call.caller.account,
                                               .name = input.user_name,
                                               .path = input.path,
                                               .boundary = input.boundary,
                                               .tags = std::move(tags)}));
        auto members = user_json(user);
        add_details(members, user);
        return wire::Reply({{"User", std::move(members)}});
    }
};

// Without a name it is the caller itself.
struct GetUser {
    static constexpr std::string_view name = "GetUser";
    struct Input {
        std::optional<std::string> user_name;
        static auto members() {
            return wire::members(wire::optional("UserName", &Input::user_name, wire::length(1, 128),
                                                wire::pattern(kNamePattern)));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Directory& directory, const Input& input,
                                                             const wire::Call& call) {
        auto user = input.user_name ? *input.user_name : TRY(own_user_name(call));
        if (user.empty())
            return std::vector<wire::Permission>{{.action = "iam:GetUser", .resource = call.caller.arn}};
        return permission_on(directory, "iam:GetUser", user_ref(call, user));
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto wanted = input.user_name ? *input.user_name : TRY(own_user_name(call));
        if (wanted.empty()) {
            auto created = TRY(directory.account_created(call.caller.account));
            return wire::Reply({{"User",
                                 {{"UserId", call.caller.account},
                                  {"Arn", call.caller.arn},
                                  {"CreateDate", base::iso8601_seconds(created)}}}});
        }
        auto user = TRY(directory.user(call.caller.account, wanted));
        auto members = user_json(user);
        add_details(members, user);
        return wire::Reply({{"User", std::move(members)}});
    }
};

struct ListUsers {
    static constexpr std::string_view name = "ListUsers";
    using Input = PathListInput;
    static std::string resource(const Input& input, const wire::Call& call) {
        return arn(call, "user", input.path_prefix, "");
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto query = TRY(list_query(input.path_prefix, input.marker, input.max_items));
        auto found = TRY(directory.users(call.caller.account, query));
        json::array users;
        for (const auto& user : found.items)
            users.push_back(user_json(user));
        return wire::Reply(page({{"Users", std::move(users)}}, found.next));
    }
};

}  // namespace

void add_user_operations(wire::Service& service, Directory& directory) {
    service.add<CreateUser>(directory);
    service.add<GetUser>(directory);
    service.add<ListUsers>(directory);
}

}  // namespace services::iam
