// Deleting and renaming: DeleteUser, DeleteGroup, DeleteRole, UpdateUser, UpdateGroup.
#include "services/iam/kinds.h"
#include "services/iam/service.h"

namespace services::iam {
namespace {

template <class Kind>
struct Delete : OnIdentity<Delete<Kind>, Kind> {
    static constexpr std::string_view name = Kind::erase_name;
    using Input = NameInput<Kind>;
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY((directory.*Kind::erase)(call.caller.account, input.identity));
        return wire::Reply();
    }
};

template <class Kind>
struct Update {
    static constexpr std::string_view name = Kind::update_name;
    struct Input {
        std::string identity;
        std::optional<std::string> new_path, new_name;
        static auto members() {
            return wire::members(
                identity_name<Kind>(&Input::identity),
                wire::optional("NewPath", &Input::new_path, wire::length(1, 512),
                               wire::pattern(kPathPattern)),
                wire::optional(Kind::new_name, &Input::new_name, wire::length(1, Kind::new_name_length_max),
                               wire::pattern(kNamePattern)));
        }
    };
    // Asked for on both what it is and what it will be, as AWS does.
    static Result<std::vector<wire::Permission>> permissions(Directory& directory, const Input& input,
                                                             const wire::Call& call) {
        const auto action = fmt::format("iam:{}", name);
        auto out = TRY(permission_on(directory, action, ref_of<Kind>(call, input.identity)));
        auto identity = directory.identity(ref_of<Kind>(call, input.identity));
        const auto path = input.new_path.value_or(identity.ok() ? identity->path : "/");
        auto target = out.front();
        target.resource = arn(call, Kind::arn_word, path, input.new_name.value_or(input.identity));
        if (target.resource != out.front().resource) out.push_back(std::move(target));
        return out;
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        TRY((directory.*Kind::update)(call.caller.account, input.identity, input.new_name, input.new_path));
        return wire::Reply();
    }
};

}  // namespace

void add_identity_operations(wire::Service& service, Directory& directory) {
    service.add<Delete<UserKind>>(directory);
    service.add<Delete<GroupKind>>(directory);
    service.add<Delete<RoleKind>>(directory);
    service.add<Update<UserKind>>(directory);
    service.add<Update<GroupKind>>(directory);
}

}  // namespace services::iam
