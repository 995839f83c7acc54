// Lists of what an account can have at AWS and cannot have here: nothing makes one, so there is none.
// Programs ask for these before they delete a role or clear an account, and a refusal would stop them on the
// way to what is here.
#include "services/iam/absent.h"

#include "services/iam/common.h"

namespace services::iam {
namespace {

struct PageInput {
    std::string path_prefix, marker;
    int max_items = 100;
    static auto members() {
        return wire::members(iam::path_prefix(&PageInput::path_prefix), iam::marker(&PageInput::marker),
                             iam::max_items(&PageInput::max_items));
    }
};

struct ListInstanceProfiles {
    static constexpr std::string_view name = "ListInstanceProfiles";
    using Input = PageInput;
    static std::string resource(const Input& input, const wire::Call& call) {
        return arn(call, "instance-profile", input.path_prefix.empty() ? "/" : input.path_prefix, "");
    }
    static Result<wire::Reply> run(Directory&, wire::Call&, const Input&) {
        return wire::Reply(page({{"InstanceProfiles", json::array()}}, ""));
    }
};

struct ListInstanceProfilesForRole {
    static constexpr std::string_view name = "ListInstanceProfilesForRole";
    struct Input {
        std::string role_name, marker;
        int max_items = 100;
        static auto members() {
            return wire::members(iam::role_name(&Input::role_name), iam::marker(&Input::marker),
                                 iam::max_items(&Input::max_items));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Directory& directory, const Input& input,
                                                             const wire::Call& call) {
        return permission_on(directory, "iam:ListInstanceProfilesForRole",
                             {call.caller.account, IdentityKind::role, input.role_name});
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY(directory.role(call.caller.account, input.role_name));
        return wire::Reply(page({{"InstanceProfiles", json::array()}}, ""));
    }
};

struct ListAccountAliases {
    static constexpr std::string_view name = "ListAccountAliases";
    using Input = PageInput;
    static std::string resource(const Input&, const wire::Call&) { return "*"; }
    static Result<wire::Reply> run(Directory&, wire::Call&, const Input&) {
        return wire::Reply(page({{"AccountAliases", json::array()}}, ""));
    }
};

struct NoInput {
    static auto members() { return wire::members(); }
};

struct ListOpenIDConnectProviders {
    static constexpr std::string_view name = "ListOpenIDConnectProviders";
    using Input = NoInput;
    static std::string resource(const Input&, const wire::Call& call) {
        return arn(call, "oidc-provider", "/", "*");
    }
    static Result<wire::Reply> run(Directory&, wire::Call&, const Input&) {
        return wire::Reply(json::object{{"OpenIDConnectProviderList", json::array()}});
    }
};

struct ListSAMLProviders {
    static constexpr std::string_view name = "ListSAMLProviders";
    using Input = NoInput;
    static std::string resource(const Input&, const wire::Call& call) {
        return arn(call, "saml-provider", "/", "*");
    }
    static Result<wire::Reply> run(Directory&, wire::Call&, const Input&) {
        return wire::Reply(json::object{{"SAMLProviderList", json::array()}});
    }
};

}  // namespace

void add_lists_of_the_absent(wire::Service& service, Directory& directory) {
    service.add<ListInstanceProfiles>(directory);
    service.add<ListInstanceProfilesForRole>(directory);
    service.add<ListAccountAliases>(directory);
    service.add<ListOpenIDConnectProviders>(directory);
    service.add<ListSAMLProviders>(directory);
}

}  // namespace services::iam
