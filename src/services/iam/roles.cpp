// Roles: CreateRole, GetRole, ListRoles, UpdateRole, UpdateRoleDescription, UpdateAssumeRolePolicy.
#include "services/iam/kinds.h"
#include "services/iam/service.h"

namespace services::iam {
namespace {

json::object whole(const access_control::Role& role) {
    auto members = role_json(role);
    add_details(members, role);
    return {{"Role", std::move(members)}};
}

struct CreateRole {
    static constexpr std::string_view name = "CreateRole";
    struct Input {
        std::string role_name, path = "/", trust_policy, description, boundary;
        int session_seconds_max = 3600;
        std::vector<Tag> tags;
        static auto members() {
            return wire::members(
                iam::path(&Input::path), iam::role_name(&Input::role_name),
                iam::document("AssumeRolePolicyDocument", &Input::trust_policy),
                wire::optional("Description", &Input::description, wire::length(0, 1000),
                               wire::pattern(kDescriptionPattern)),
                wire::optional("MaxSessionDuration", &Input::session_seconds_max, wire::range(3600, 43'200)),
                iam::boundary(&Input::boundary), iam::tags(&Input::tags));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Directory&, const Input& input,
                                                             const wire::Call& call) {
        wire::Permission create{.action = "iam:CreateRole",
                                .resource = arn(call, "role", input.path, input.role_name)};
        if (!input.boundary.empty()) create.context["iam:PermissionsBoundary"] = {input.boundary};
        add_request_tags(create, input.tags);
        std::vector<wire::Permission> out{create};
        if (!input.tags.empty()) {
            create.action = "iam:TagRole";
            out.push_back(create);
        }
        return out;
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto tags = TRY(to_tags(input.tags));
        return wire::Reply(whole(TRY(directory.create_role({.account = call.caller.account,
                                                            .name = input.role_name,
                                                            .trust_policy = input.trust_policy,
                                                            .path = input.path,
                                                            .description = input.description,
                                                            .session_seconds_max = input.session_seconds_max,
                                                            .boundary = input.boundary,
                                                            .tags = std::move(tags)}))));
    }
};

struct GetRole : OnIdentity<GetRole, RoleKind> {
    static constexpr std::string_view name = "GetRole";
    using Input = NameInput<RoleKind>;
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        return wire::Reply(whole(TRY(directory.role(call.caller.account, input.identity))));
    }
};

struct ListRoles {
    static constexpr std::string_view name = "ListRoles";
    using Input = PathListInput;
    static std::string resource(const Input& input, const wire::Call& call) {
        return arn(call, "role", input.path_prefix, "");
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto query = TRY(list_query(input.path_prefix, input.marker, input.max_items));
        auto found = TRY(directory.roles(call.caller.account, query));
        json::array roles;
        for (const auto& role : found.items)
            roles.push_back(role_json(role));
        return wire::Reply(page({{"Roles", std::move(roles)}}, found.next));
    }
};

struct UpdateRole : OnIdentity<UpdateRole, RoleKind> {
    static constexpr std::string_view name = "UpdateRole";
    struct Input {
        std::string identity;
        std::optional<std::string> description;
        std::optional<int> session_seconds_max;
        static auto members() {
            return wire::members(
                identity_name<RoleKind>(&Input::identity),
                wire::optional("Description", &Input::description, wire::length(0, 1000),
                               wire::pattern(kDescriptionPattern)),
                wire::optional("MaxSessionDuration", &Input::session_seconds_max, wire::range(3600, 43'200)));
        }
    };
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY(directory.update_role(call.caller.account, input.identity, input.description,
                                  input.session_seconds_max));
        // SDKs look for the element <UpdateRoleResult>, though nothing is in it.
        return wire::Reply(json::object{{"Role", json::value(nullptr)}});
    }
};

struct UpdateRoleDescription : OnIdentity<UpdateRoleDescription, RoleKind> {
    static constexpr std::string_view name = "UpdateRoleDescription";
    struct Input {
        std::string identity, description;
        static auto members() {
            return wire::members(identity_name<RoleKind>(&Input::identity),
                                 wire::required("Description", &Input::description, wire::length(0, 1000),
                                                wire::pattern(kDescriptionPattern)));
        }
    };
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        return wire::Reply(whole(TRY(
            directory.update_role(call.caller.account, input.identity, input.description, std::nullopt))));
    }
};

struct UpdateAssumeRolePolicy : OnIdentity<UpdateAssumeRolePolicy, RoleKind> {
    static constexpr std::string_view name = "UpdateAssumeRolePolicy";
    struct Input {
        std::string identity, policy;
        static auto members() {
            return wire::members(identity_name<RoleKind>(&Input::identity),
                                 iam::document("PolicyDocument", &Input::policy));
        }
    };
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY(directory.set_trust_policy(call.caller.account, input.identity, input.policy));
        return wire::Reply();
    }
};

}  // namespace

void add_role_operations(wire::Service& service, Directory& directory) {
    service.add<CreateRole>(directory);
    service.add<GetRole>(directory);
    service.add<ListRoles>(directory);
    service.add<UpdateRole>(directory);
    service.add<UpdateRoleDescription>(directory);
    service.add<UpdateAssumeRolePolicy>(directory);
}

}  // namespace services::iam
