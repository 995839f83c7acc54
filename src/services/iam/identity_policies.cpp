// What users, groups and roles carry alike, under a name of its own for each kind: inline policies, attached
// policies, boundaries and tags.
#include <fmt/format.h>

#include "services/iam/kinds.h"
#include "services/iam/service.h"

namespace services::iam {
namespace {

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
    using Input = NameInput<Kind>;
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
