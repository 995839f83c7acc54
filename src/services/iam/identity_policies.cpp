// What users, groups and roles carry alike, under a name of its own for each kind: inline policies, attached
// policies, boundaries and tags.
#include <fmt/format.h>

#include "services/iam/common.h"
#include "services/iam/service.h"

namespace services::iam {
namespace {

// The three kinds, with the names that AWS gives their operations.
struct UserKind {
    static constexpr IdentityKind kind = IdentityKind::user;
    static constexpr std::string_view member = "UserName";
    static constexpr std::size_t name_length_max = 128;
    static constexpr std::string_view put_policy = "PutUserPolicy", get_policy = "GetUserPolicy",
                                      delete_policy = "DeleteUserPolicy", list_policies = "ListUserPolicies",
                                      attach_policy = "AttachUserPolicy", detach_policy = "DetachUserPolicy",
                                      list_attached = "ListAttachedUserPolicies", tag = "TagUser",
                                      untag = "UntagUser", list_tags = "ListUserTags",
                                      put_boundary = "PutUserPermissionsBoundary",
                                      delete_boundary = "DeleteUserPermissionsBoundary";
};
struct GroupKind {
    static constexpr IdentityKind kind = IdentityKind::group;
    static constexpr std::string_view member = "GroupName";
    static constexpr std::size_t name_length_max = 128;
    static constexpr std::string_view put_policy = "PutGroupPolicy", get_policy = "GetGroupPolicy",
                                      delete_policy = "DeleteGroupPolicy",
                                      list_policies = "ListGroupPolicies",
                                      attach_policy = "AttachGroupPolicy",
                                      detach_policy = "DetachGroupPolicy",
                                      list_attached = "ListAttachedGroupPolicies";
};
struct RoleKind {
    static constexpr IdentityKind kind = IdentityKind::role;
    static constexpr std::string_view member = "RoleName";
    static constexpr std::size_t name_length_max = 64;
    static constexpr std::string_view put_policy = "PutRolePolicy", get_policy = "GetRolePolicy",
                                      delete_policy = "DeleteRolePolicy", list_policies = "ListRolePolicies",
                                      attach_policy = "AttachRolePolicy", detach_policy = "DetachRolePolicy",
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
struct PutPolicy : OnIdentity<PutPolicy<Kind>, Kind> {
    static constexpr std::string_view name = Kind::put_policy;
    struct Input {
        std::string identity, policy, document;
        static auto members() {
            return wire::members(identity_name<Kind>(&Input::identity), iam::policy_name(&Input::policy),
                                 iam::document("PolicyDocument", &Input::document));
        }
    };
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY(directory.put_inline_policy(ref_of<Kind>(call, input.identity), input.policy, input.document));
        return wire::Reply();
    }
};

template <class Kind>
struct GetPolicy : OnIdentity<GetPolicy<Kind>, Kind> {
    static constexpr std::string_view name = Kind::get_policy;
    struct Input {
        std::string identity, policy;
        static auto members() {
            return wire::members(identity_name<Kind>(&Input::identity), iam::policy_name(&Input::policy));
        }
    };
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto document = TRY(directory.inline_policy(ref_of<Kind>(call, input.identity), input.policy));
        return wire::Reply({{Kind::member, input.identity},
                            {"PolicyName", input.policy},
                            {"PolicyDocument", encoded(document)}});
    }
};

template <class Kind>
struct DeletePolicy : OnIdentity<DeletePolicy<Kind>, Kind> {
    static constexpr std::string_view name = Kind::delete_policy;
    using Input = typename GetPolicy<Kind>::Input;
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY(directory.delete_inline_policy(ref_of<Kind>(call, input.identity), input.policy));
        return wire::Reply();
    }
};

template <class Kind>
struct ListedInput {
    std::string identity, marker;
    int max_items = 100;
    static auto members() {
        return wire::members(identity_name<Kind>(&ListedInput::identity), iam::marker(&ListedInput::marker),
                             iam::max_items(&ListedInput::max_items));
    }
};

template <class Kind>
struct ListPolicies : OnIdentity<ListPolicies<Kind>, Kind> {
    static constexpr std::string_view name = Kind::list_policies;
    using Input = ListedInput<Kind>;
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto identity = TRY(directory.identity(ref_of<Kind>(call, input.identity)));
        json::array names;
        for (const auto& [policy, document] : identity.inline_policies)
            names.emplace_back(policy);
        return wire::Reply(TRY(page_of("PolicyNames", names, input.marker, input.max_items)));
    }
};

template <class Kind>
struct AttachPolicy : OnIdentity<AttachPolicy<Kind>, Kind> {
    static constexpr std::string_view name = Kind::attach_policy;
    struct Input {
        std::string identity, policy_arn;
        static auto members() {
            return wire::members(identity_name<Kind>(&Input::identity), iam::policy_arn(&Input::policy_arn));
        }
    };
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY(directory.attach_policy(ref_of<Kind>(call, input.identity), input.policy_arn));
        return wire::Reply();
    }
};

template <class Kind>
struct DetachPolicy : OnIdentity<DetachPolicy<Kind>, Kind> {
    static constexpr std::string_view name = Kind::detach_policy;
    using Input = typename AttachPolicy<Kind>::Input;
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY(directory.detach_policy(ref_of<Kind>(call, input.identity), input.policy_arn));
        return wire::Reply();
    }
};

template <class Kind>
struct ListAttached : OnIdentity<ListAttached<Kind>, Kind> {
    static constexpr std::string_view name = Kind::list_attached;
    struct Input {
        std::string identity, path_prefix = "/", marker;
        int max_items = 100;
        static auto members() {
            return wire::members(identity_name<Kind>(&Input::identity),
                                 wire::optional("PathPrefix", &Input::path_prefix, wire::length(1, 512),
                                                wire::pattern(kPolicyPathPattern)),
                                 iam::marker(&Input::marker), iam::max_items(&Input::max_items));
        }
    };
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto identity = TRY(directory.identity(ref_of<Kind>(call, input.identity)));
        json::array attached;
        for (const auto& arn : identity.attached_policies) {
            auto parts = access_control::parse_iam_arn(arn);
            if (parts && parts->path.starts_with(input.path_prefix))
                attached.push_back({{"PolicyName", parts->name}, {"PolicyArn", arn}});
        }
        return wire::Reply(TRY(page_of("AttachedPolicies", attached, input.marker, input.max_items)));
    }
};

template <class Kind>
struct AddTags : OnIdentity<AddTags<Kind>, Kind> {
    static constexpr std::string_view name = Kind::tag;
    struct Input {
        std::string identity;
        std::vector<Tag> tags;
        static auto members() {
            return wire::members(
                identity_name<Kind>(&Input::identity),
                wire::required("Tags", &Input::tags, wire::items(0, access_control::kTagsMax)));
        }
    };
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY(directory.tag(ref_of<Kind>(call, input.identity), TRY(to_tags(input.tags))));
        return wire::Reply();
    }
};

template <class Kind>
struct RemoveTags : OnIdentity<RemoveTags<Kind>, Kind> {
    static constexpr std::string_view name = Kind::untag;
    struct Input {
        std::string identity;
        std::vector<std::string> tag_keys;
        static auto members() {
            return wire::members(
                identity_name<Kind>(&Input::identity),
                wire::required("TagKeys", &Input::tag_keys, wire::items(0, access_control::kTagsMax),
                               wire::each(wire::length(1, 128), wire::pattern(kTagKeyPattern))));
        }
    };
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY(directory.untag(ref_of<Kind>(call, input.identity), input.tag_keys));
        return wire::Reply();
    }
};

template <class Kind>
struct ListTags : OnIdentity<ListTags<Kind>, Kind> {
    static constexpr std::string_view name = Kind::list_tags;
    using Input = ListedInput<Kind>;
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto identity = TRY(directory.identity(ref_of<Kind>(call, input.identity)));
        return wire::Reply(TRY(page_of("Tags", tags_json(identity.tags), input.marker, input.max_items)));
    }
};

template <class Kind>
struct PutBoundary : OnIdentity<PutBoundary<Kind>, Kind> {
    static constexpr std::string_view name = Kind::put_boundary;
    struct Input {
        std::string identity, boundary;
        static auto members() {
            return wire::members(
                identity_name<Kind>(&Input::identity),
                wire::required("PermissionsBoundary", &Input::boundary, wire::length(20, 2048)));
        }
    };
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY(directory.set_boundary(ref_of<Kind>(call, input.identity), input.boundary));
        return wire::Reply();
    }
};

template <class Kind>
struct DeleteBoundary : OnIdentity<DeleteBoundary<Kind>, Kind> {
    static constexpr std::string_view name = Kind::delete_boundary;
    struct Input {
        std::string identity;
        static auto members() { return wire::members(identity_name<Kind>(&Input::identity)); }
    };
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto ref = ref_of<Kind>(call, input.identity);
        if (TRY(directory.identity(ref)).boundary.empty())
            return Error::refusal(access_control::Refusal::no_such_entity,
                                  fmt::format("{} does not have a permissions boundary", input.identity));
        TRY(directory.set_boundary(ref, ""));
        return wire::Reply();
    }
};

template <class Kind>
void add_policies_of(wire::Service& service, Directory& directory) {
    service.add<PutPolicy<Kind>>(directory);
    service.add<GetPolicy<Kind>>(directory);
    service.add<DeletePolicy<Kind>>(directory);
    service.add<ListPolicies<Kind>>(directory);
    service.add<AttachPolicy<Kind>>(directory);
    service.add<DetachPolicy<Kind>>(directory);
    service.add<ListAttached<Kind>>(directory);
}

template <class Kind>
void add_tags_and_boundary_of(wire::Service& service, Directory& directory) {
    service.add<AddTags<Kind>>(directory);
    service.add<RemoveTags<Kind>>(directory);
    service.add<ListTags<Kind>>(directory);
    service.add<PutBoundary<Kind>>(directory);
    service.add<DeleteBoundary<Kind>>(directory);
}

}  // namespace

void add_identity_policy_operations(wire::Service& service, Directory& directory) {
    add_policies_of<UserKind>(service, directory);
    add_policies_of<GroupKind>(service, directory);
    add_policies_of<RoleKind>(service, directory);
    add_tags_and_boundary_of<UserKind>(service, directory);
    add_tags_and_boundary_of<RoleKind>(service, directory);
}

}  // namespace services::iam
