// Access keys of users: CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey. Without a user
// name they are about the caller's own.
#include "services/iam/common.h"
#include "services/iam/service.h"

namespace services::iam {
namespace {

template <class Owner>
auto optional_user_name(std::optional<std::string> Owner::*member) {
    return wire::optional("UserName", member, wire::length(1, 128), wire::pattern(kNamePattern));
}

template <class Owner>
auto access_key_id(std::string Owner::*member) {
    return wire::required("AccessKeyId", member, wire::length(16, 128), wire::pattern(R"([\w]+)"));
}

// Empty: the root user.
Result<std::string> owner(const wire::Call& call, const std::optional<std::string>& user_name) {
    if (user_name) return *user_name;
    return own_user_name(call);
}

Result<std::vector<wire::Permission>> permission(const Directory& directory, const wire::Call& call,
                                                 std::string_view action,
                                                 const std::optional<std::string>& user_name) {
    auto user = TRY(owner(call, user_name));
    if (user.empty())
        return std::vector<wire::Permission>{{.action = std::string(action), .resource = call.caller.arn}};
    return permission_on(directory, action, {call.caller.account, IdentityKind::user, user});
}

json::object key_json(const access_control::AccessKey& key) {
    json::object out;
    if (!key.user.empty()) out["UserName"] = key.user;
    out["AccessKeyId"] = key.id;
    out["Status"] = key.active ? "Active" : "Inactive";
    out["CreateDate"] = base::iso8601_seconds(key.created);
    return out;
}

struct CreateAccessKey {
    static constexpr std::string_view name = "CreateAccessKey";
    struct Input {
        std::optional<std::string> user_name;
        static auto members() { return wire::members(optional_user_name(&Input::user_name)); }
    };
    static Result<std::vector<wire::Permission>> permissions(Directory& directory, const Input& input,
                                                             const wire::Call& call) {
        return permission(directory, call, "iam:CreateAccessKey", input.user_name);
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto user = TRY(owner(call, input.user_name));
        auto key = TRY(directory.create_access_key(call.caller.account, user));
        auto members = key_json(key);
        members["SecretAccessKey"] = key.secret;
        return wire::Reply({{"AccessKey", std::move(members)}});
    }
};

struct ListAccessKeys {
    static constexpr std::string_view name = "ListAccessKeys";
    struct Input {
        std::optional<std::string> user_name;
        std::string marker;
        int max_items = 100;
        static auto members() {
            return wire::members(optional_user_name(&Input::user_name), iam::marker(&Input::marker),
                                 iam::max_items(&Input::max_items));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Directory& directory, const Input& input,
                                                             const wire::Call& call) {
        return permission(directory, call, "iam:ListAccessKeys", input.user_name);
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto user = TRY(owner(call, input.user_name));
        json::array keys;
        for (const auto& key : TRY(directory.access_keys(call.caller.account, user)))
            keys.push_back(key_json(key));
        return wire::Reply(TRY(page_of("AccessKeyMetadata", keys, input.marker, input.max_items)));
    }
};

struct UpdateAccessKey {
    static constexpr std::string_view name = "UpdateAccessKey";
    struct Input {
        std::optional<std::string> user_name;
        std::string access_key_id, status;
        static auto members() {
            return wire::members(
                optional_user_name(&Input::user_name), iam::access_key_id(&Input::access_key_id),
                wire::required("Status", &Input::status, wire::one_of({"Active", "Inactive"})));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Directory& directory, const Input& input,
                                                             const wire::Call& call) {
        return permission(directory, call, "iam:UpdateAccessKey", input.user_name);
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto user = TRY(owner(call, input.user_name));
        TRY(directory.set_access_key_active(call.caller.account, user, input.access_key_id,
                                            input.status == "Active"));
        return wire::Reply();
    }
};

struct DeleteAccessKey {
    static constexpr std::string_view name = "DeleteAccessKey";
    struct Input {
        std::optional<std::string> user_name;
        std::string access_key_id;
        static auto members() {
            return wire::members(optional_user_name(&Input::user_name),
                                 iam::access_key_id(&Input::access_key_id));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Directory& directory, const Input& input,
                                                             const wire::Call& call) {
        return permission(directory, call, "iam:DeleteAccessKey", input.user_name);
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto user = TRY(owner(call, input.user_name));
        TRY(directory.delete_access_key(call.caller.account, user, input.access_key_id));
        return wire::Reply();
    }
};

}  // namespace

void add_access_key_operations(wire::Service& service, Directory& directory) {
    service.add<CreateAccessKey>(directory);
    service.add<ListAccessKeys>(directory);
    service.add<UpdateAccessKey>(directory);
    service.add<DeleteAccessKey>(directory);
}

}  // namespace services::iam
