// What operations on one user, group or role share: the three kinds with the names that AWS gives their
// operations, and the permission on the identity.
#pragma once

#include <fmt/format.h>

#include "services/iam/common.h"

namespace services::iam {

struct UserKind {
    static constexpr IdentityKind kind = IdentityKind::user;
    static constexpr auto erase = &Directory::delete_user;
    static constexpr auto update = &Directory::update_user;
    static constexpr std::string_view member = "UserName";
    static constexpr std::string_view arn_word = "user";
    static constexpr std::size_t new_name_length_max = 64;
    static constexpr std::size_t name_length_max = 128;
    static constexpr std::string_view erase_name = "DeleteUser", update_name = "UpdateUser",
                                      new_name = "NewUserName", put_policy = "PutUserPolicy",
                                      get_policy = "GetUserPolicy", delete_policy = "DeleteUserPolicy",
                                      list_policies = "ListUserPolicies", attach_policy = "AttachUserPolicy",
                                      detach_policy = "DetachUserPolicy",
                                      list_attached = "ListAttachedUserPolicies", tag = "TagUser",
                                      untag = "UntagUser", list_tags = "ListUserTags",
                                      put_boundary = "PutUserPermissionsBoundary",
                                      delete_boundary = "DeleteUserPermissionsBoundary";
};
struct GroupKind {
    static constexpr IdentityKind kind = IdentityKind::group;
    static constexpr auto erase = &Directory::delete_group;
    static constexpr auto update = &Directory::update_group;
    static constexpr std::string_view member = "GroupName";
    static constexpr std::string_view arn_word = "group";
    static constexpr std::size_t new_name_length_max = 128;
    static constexpr std::size_t name_length_max = 128;
    static constexpr std::string_view erase_name = "DeleteGroup", update_name = "UpdateGroup",
                                      new_name = "NewGroupName", put_policy = "PutGroupPolicy",
                                      get_policy = "GetGroupPolicy", delete_policy = "DeleteGroupPolicy",
                                      list_policies = "ListGroupPolicies",
                                      attach_policy = "AttachGroupPolicy",
                                      detach_policy = "DetachGroupPolicy",
                                      list_attached = "ListAttachedGroupPolicies";
};
struct RoleKind {
    static constexpr IdentityKind kind = IdentityKind::role;
    static constexpr auto erase = &Directory::delete_role;
    static constexpr std::string_view member = "RoleName";
    static constexpr std::size_t name_length_max = 64;
    static constexpr std::string_view erase_name = "DeleteRole", put_policy = "PutRolePolicy",
                                      get_policy = "GetRolePolicy", delete_policy = "DeleteRolePolicy",
                                      list_policies = "ListRolePolicies", attach_policy = "AttachRolePolicy",
                                      detach_policy = "DetachRolePolicy",
                                      list_attached = "ListAttachedRolePolicies", tag = "TagRole",
                                      untag = "UntagRole", list_tags = "ListRoleTags",
                                      put_boundary = "PutRolePermissionsBoundary",
                                      delete_boundary = "DeleteRolePermissionsBoundary";
};

template <class Kind, class Owner>
auto identity_name(std::string Owner::*member) {
    return wire::required(Kind::member, member, wire::length(1, Kind::name_length_max),
                          wire::pattern(kNamePattern));
}

template <class Kind>
IdentityRef ref_of(const wire::Call& call, const std::string& name) {
    return {call.caller.account, Kind::kind, name};
}

// Operations on one identity are authorised on it.
template <class Op, class Kind>
struct OnIdentity {
    template <class Input>
    static Result<std::vector<wire::Permission>> permissions(Directory& directory, const Input& input,
                                                             const wire::Call& call) {
        auto out = TRY(
            permission_on(directory, fmt::format("iam:{}", Op::name), ref_of<Kind>(call, input.identity)));
        if constexpr (requires { input.policy_arn; }) out[0].context["iam:PolicyARN"] = {input.policy_arn};
        if constexpr (requires { input.boundary; })
            out[0].context["iam:PermissionsBoundary"] = {input.boundary};
        if constexpr (requires { input.tags; }) add_request_tags(out[0], input.tags);
        if constexpr (requires { input.tag_keys; }) out[0].context["aws:TagKeys"] = input.tag_keys;
        return out;
    }
};

template <class Kind>
struct NameInput {
    std::string identity;
    static auto members() { return wire::members(identity_name<Kind>(&NameInput::identity)); }
};

// For what an identity has, in pages.
template <class Kind>
struct ListedInput {
    std::string identity, marker;
    int max_items = 100;
    static auto members() {
        return wire::members(identity_name<Kind>(&ListedInput::identity), iam::marker(&ListedInput::marker),
                             iam::max_items(&ListedInput::max_items));
    }
};

}  // namespace services::iam
