#include "access/records.h"

#include <boost/json.hpp>

#include "base/ascii.h"

namespace access_control {
namespace {

namespace json = boost::json;

constexpr char kVersion = 1;

std::string with_version(const json::object& members) {
    return std::string(1, kVersion) + json::serialize(members);
}

// Reads members; the first that is missing or of another kind makes the whole record a failure.
class Reader {
public:
    explicit Reader(json::object members) : members_(std::move(members)) {}
    static Result<Reader> open(std::string_view bytes) {
        if (bytes.empty() || bytes.front() != kVersion)
            return Error::failure("access record of an unknown version");
        json::error_code error;
        auto value = json::parse(bytes.substr(1), error);
        if (error || !value.is_object()) return Error::failure("access record is not a JSON object");
        return Reader(std::move(value.get_object()));
    }

    std::string text(std::string_view name) {
        const auto* value = member(name);
        if (value && value->is_string()) return std::string(value->get_string());
        whole_ = false;
        return {};
    }
    std::int64_t number(std::string_view name) {
        const auto* value = member(name);
        if (value && value->is_int64()) return value->get_int64();
        whole_ = false;
        return 0;
    }
    bool flag(std::string_view name) {
        const auto* value = member(name);
        if (value && value->is_bool()) return value->get_bool();
        whole_ = false;
        return false;
    }
    base::Time time(std::string_view name) { return base::Time{base::Duration(number(name))}; }
    std::vector<std::string> texts(std::string_view name) {
        std::vector<std::string> out;
        for (const auto& item : list(name)) {
            if (item.is_string())
                out.emplace_back(item.get_string());
            else
                whole_ = false;
        }
        return out;
    }
    std::map<std::string, std::string> map(std::string_view name) {
        std::map<std::string, std::string> out;
        const auto* value = member(name);
        if (!value || !value->is_object()) {
            whole_ = false;
            return out;
        }
        for (const auto& [key, item] : value->get_object()) {
            if (item.is_string())
                out.emplace(key, item.get_string());
            else
                whole_ = false;
        }
        return out;
    }
    json::array list(std::string_view name) {
        const auto* value = member(name);
        if (value && value->is_array()) return value->get_array();
        whole_ = false;
        return {};
    }

    template <class Value>
    Result<Value> finish(Value value) const {
        if (!whole_) return Error::failure("access record lacks a member");
        return value;
    }

private:
    const json::value* member(std::string_view name) const { return members_.if_contains(name); }

    json::object members_;
    bool whole_ = true;
};

json::value list_of(const std::vector<std::string>& texts) {
    json::array out;
    for (const auto& text : texts)
        out.emplace_back(text);
    return out;
}

json::value map_of(const std::map<std::string, std::string>& texts) {
    json::object out;
    for (const auto& [key, text] : texts)
        out[key] = text;
    return out;
}

std::int64_t milliseconds(base::Time time) {
    return time.time_since_epoch().count();
}

json::object members_of(const Identity& identity) {
    return {{"account", identity.account},
            {"name", identity.name},
            {"path", identity.path},
            {"id", identity.id},
            {"created", milliseconds(identity.created)},
            {"inline", map_of(identity.inline_policies)},
            {"attached", list_of(identity.attached_policies)},
            {"boundary", identity.boundary},
            {"tags", map_of(identity.tags)}};
}

void read(Reader& reader, Identity& out) {
    out.account = reader.text("account");
    out.name = reader.text("name");
    out.path = reader.text("path");
    out.id = reader.text("id");
    out.created = reader.time("created");
    out.inline_policies = reader.map("inline");
    out.attached_policies = reader.texts("attached");
    out.boundary = reader.text("boundary");
    out.tags = reader.map("tags");
}

}  // namespace

std::string server_key() {
    return store::KeyBuilder("access.server").str();
}
std::string account_key(std::string_view account) {
    return store::KeyBuilder("access.account").text(account).str();
}
std::string user_key(std::string_view account, std::string_view name) {
    return store::KeyBuilder("access.user").text(account).text(base::lower_case(name)).str();
}
std::string group_key(std::string_view account, std::string_view name) {
    return store::KeyBuilder("access.group").text(account).text(base::lower_case(name)).str();
}
std::string role_key(std::string_view account, std::string_view name) {
    return store::KeyBuilder("access.role").text(account).text(base::lower_case(name)).str();
}
std::string access_key_key(std::string_view id) {
    return store::KeyBuilder("access.key").text(id).str();
}
std::string policy_key(std::string_view account, std::string_view name) {
    return store::KeyBuilder("access.policy").text(account).text(base::lower_case(name)).str();
}
std::string attachment_key(std::string_view account, std::string_view policy_arn, IdentityKind kind,
                           std::string_view name, bool as_boundary) {
    return store::KeyBuilder("access.attachment")
        .text(account)
        .text(policy_arn)
        .number(as_boundary ? 1 : 0)
        .number(static_cast<std::uint64_t>(kind))
        .text(base::lower_case(name))
        .str();
}
std::string member_key(std::string_view account, std::string_view group, std::string_view user) {
    return store::KeyBuilder("access.member")
        .text(account)
        .text(base::lower_case(group))
        .text(base::lower_case(user))
        .str();
}

store::Range users_range(std::string_view account) {
    return store::KeyBuilder("access.user").text(account).range();
}
store::Range groups_range(std::string_view account) {
    return store::KeyBuilder("access.group").text(account).range();
}
store::Range roles_range(std::string_view account) {
    return store::KeyBuilder("access.role").text(account).range();
}
store::Range policies_range(std::string_view account) {
    return store::KeyBuilder("access.policy").text(account).range();
}
store::Range attachments_range(std::string_view account, std::string_view policy_arn) {
    return store::KeyBuilder("access.attachment").text(account).text(policy_arn).range();
}
store::Range members_range(std::string_view account, std::string_view group) {
    return store::KeyBuilder("access.member").text(account).text(base::lower_case(group)).range();
}

std::string encode(const AccountRecord& record) {
    return with_version({{"created", milliseconds(record.created)},
                         {"operator_key", record.operator_key},
                         {"root_keys", list_of(record.root_keys)},
                         {"users", static_cast<std::int64_t>(record.users)},
                         {"groups", static_cast<std::int64_t>(record.groups)},
                         {"roles", static_cast<std::int64_t>(record.roles)},
                         {"policies", static_cast<std::int64_t>(record.policies)}});
}
template <>
Result<AccountRecord> decode(std::string_view bytes) {
    auto reader = TRY(Reader::open(bytes));
    AccountRecord out;
    out.created = reader.time("created");
    out.operator_key = reader.text("operator_key");
    out.root_keys = reader.texts("root_keys");
    out.users = static_cast<std::size_t>(reader.number("users"));
    out.groups = static_cast<std::size_t>(reader.number("groups"));
    out.roles = static_cast<std::size_t>(reader.number("roles"));
    out.policies = static_cast<std::size_t>(reader.number("policies"));
    return reader.finish(std::move(out));
}

std::string encode(const User& user) {
    auto members = members_of(user);
    members["groups"] = list_of(user.groups);
    members["keys"] = list_of(user.access_keys);
    return with_version(members);
}
template <>
Result<User> decode(std::string_view bytes) {
    auto reader = TRY(Reader::open(bytes));
    User out;
    read(reader, out);
    out.groups = reader.texts("groups");
    out.access_keys = reader.texts("keys");
    return reader.finish(std::move(out));
}

std::string encode(const Group& group) {
    return with_version(members_of(group));
}
template <>
Result<Group> decode(std::string_view bytes) {
    auto reader = TRY(Reader::open(bytes));
    Group out;
    read(reader, out);
    return reader.finish(std::move(out));
}

std::string encode(const Role& role) {
    auto members = members_of(role);
    members["trust"] = role.trust_policy;
    members["description"] = role.description;
    members["session_seconds_max"] = role.session_seconds_max;
    return with_version(members);
}
template <>
Result<Role> decode(std::string_view bytes) {
    auto reader = TRY(Reader::open(bytes));
    Role out;
    read(reader, out);
    out.trust_policy = reader.text("trust");
    out.description = reader.text("description");
    out.session_seconds_max = static_cast<int>(reader.number("session_seconds_max"));
    return reader.finish(std::move(out));
}

std::string encode(const AccessKey& key) {
    return with_version({{"id", key.id},
                         {"account", key.account},
                         {"user", key.user},
                         {"secret", key.secret},
                         {"active", key.active},
                         {"created", milliseconds(key.created)}});
}
template <>
Result<AccessKey> decode(std::string_view bytes) {
    auto reader = TRY(Reader::open(bytes));
    AccessKey out;
    out.id = reader.text("id");
    out.account = reader.text("account");
    out.user = reader.text("user");
    out.secret = reader.text("secret");
    out.active = reader.flag("active");
    out.created = reader.time("created");
    return reader.finish(std::move(out));
}

std::string encode(const ManagedPolicy& policy) {
    json::array versions;
    for (const auto& version : policy.versions)
        versions.push_back({{"number", version.number},
                            {"document", version.document},
                            {"created", milliseconds(version.created)}});
    return with_version({{"account", policy.account},
                         {"name", policy.name},
                         {"path", policy.path},
                         {"id", policy.id},
                         {"description", policy.description},
                         {"created", milliseconds(policy.created)},
                         {"updated", milliseconds(policy.updated)},
                         {"versions", versions},
                         {"default", policy.default_version},
                         {"next", policy.next_version},
                         {"tags", map_of(policy.tags)}});
}
template <>
Result<ManagedPolicy> decode(std::string_view bytes) {
    auto reader = TRY(Reader::open(bytes));
    ManagedPolicy out;
    out.account = reader.text("account");
    out.name = reader.text("name");
    out.path = reader.text("path");
    out.id = reader.text("id");
    out.description = reader.text("description");
    out.created = reader.time("created");
    out.updated = reader.time("updated");
    out.default_version = static_cast<int>(reader.number("default"));
    out.next_version = static_cast<int>(reader.number("next"));
    out.tags = reader.map("tags");
    for (const auto& item : reader.list("versions")) {
        if (!item.is_object())
            return Error::failure("access record holds a policy version that is no object");
        Reader version(item.get_object());
        out.versions.push_back(
            {static_cast<int>(version.number("number")), version.text("document"), version.time("created")});
        TRY(version.finish(true));
    }
    return reader.finish(std::move(out));
}

std::string encode(const AttachedEntity& entity) {
    return with_version({{"kind", static_cast<std::int64_t>(entity.kind)},
                         {"name", entity.name},
                         {"id", entity.id},
                         {"as_boundary", entity.as_boundary}});
}
template <>
Result<AttachedEntity> decode(std::string_view bytes) {
    auto reader = TRY(Reader::open(bytes));
    AttachedEntity out{};
    out.kind = static_cast<IdentityKind>(reader.number("kind"));
    out.name = reader.text("name");
    out.id = reader.text("id");
    out.as_boundary = reader.flag("as_boundary");
    return reader.finish(std::move(out));
}

}  // namespace access_control
