#include "services/iam/common.h"

#include <charconv>
#include <fmt/format.h>

namespace services::iam {
namespace {

Error bad_marker() {
    return Error::refusal(wire::Trouble::validation, "Invalid Marker.");
}

}  // namespace

Result<access_control::Tags> to_tags(const std::vector<Tag>& tags) {
    access_control::Tags out;
    for (const auto& tag : tags)
        if (!out.emplace(tag.key, tag.value).second)
            return Error::refusal(
                access_control::Refusal::invalid_input,
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    return out;
}

json::array tags_json(const access_control::Tags& tags) {
    json::array out;
    for (const auto& [key, value] : tags)
        out.push_back({{"Key", key}, {"Value", value}});
    return out;
}

Result<ListQuery> list_query(const std::string& path_prefix, const std::string& marker, int max_items) {
    auto after = base::from_base64(marker);
    if (!after) return bad_marker();
    return ListQuery{path_prefix, std::string(base::text(*after)), static_cast<std::size_t>(max_items)};
}

json::object page(json::object members, const std::string& next) {
    members["IsTruncated"] = !next.empty();
    if (!next.empty()) members["Marker"] = base::base64(base::view(next));
    return members;
}

Result<json::object> page_of(std::string_view name, const json::array& items, const std::string& marker,
                             int max_items) {
    auto text = base::from_base64(marker);
    if (!text) return bad_marker();
    std::size_t start = 0;
    if (!text->empty()) {
        auto digits = base::text(*text);
        auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), start);
        if (error != std::errc() || end != digits.data() + digits.size()) return bad_marker();
    }
    json::array part;
    std::size_t at = std::min(start, items.size());
    for (; at < items.size() && part.size() < static_cast<std::size_t>(max_items); ++at)
        part.push_back(items[at]);
    return page({{name, std::move(part)}}, at < items.size() ? std::to_string(at) : "");
}

Result<std::vector<wire::Permission>> permission_on(const Directory& directory, std::string_view action,
                                                    const IdentityRef& ref) {
    auto identity = directory.identity(ref);
    if (!identity.ok() && !identity.error().is(access_control::Refusal::no_such_entity))
        return std::move(identity).error();
    if (!identity.ok()) {
        access_control::Identity missing;
        missing.account = ref.account;
        missing.name = ref.name;
        return std::vector<wire::Permission>{
            {.action = std::string(action), .resource = arn_of(ref.kind, missing)}};
    }
    wire::Permission permission{.action = std::string(action), .resource = arn_of(ref.kind, *identity)};
    for (const auto& [key, value] : identity->tags) {
        permission.context["aws:ResourceTag/" + key] = {value};
        permission.context["iam:ResourceTag/" + key] = {value};
    }
    return std::vector<wire::Permission>{std::move(permission)};
}

std::vector<wire::Permission> permission_on_policy(const wire::Call& call, std::string_view action,
                                                   const std::string& policy_arn) {
    wire::Permission permission{.action = std::string(action), .resource = policy_arn};
    auto parts = access_control::parse_iam_arn(policy_arn);
    if (parts && parts->account != "aws" && parts->account != call.caller.account)
        permission.resource_account = parts->account;
    return {std::move(permission)};
}

void add_request_tags(wire::Permission& permission, const std::vector<Tag>& tags) {
    for (const auto& tag : tags) {
        permission.context["aws:RequestTag/" + tag.key] = {tag.value};
        permission.context["aws:TagKeys"].push_back(tag.key);
    }
}

std::string arn(const wire::Call& call, std::string_view kind, std::string_view path, std::string_view name) {
    return fmt::format("arn:aws:iam::{}:{}{}{}", call.caller.account, kind, path, name);
}

Result<std::string> own_user_name(const wire::Call& call) {
    if (call.caller.arn.ends_with(":root")) return std::string();
    auto parts = access_control::parse_iam_arn(call.caller.arn);
    if (parts && parts->kind == "user") return parts->name;
    return Error::refusal(wire::Trouble::validation,
                          "Must specify userName when calling with non-User credentials");
}

std::string encoded(const std::string& policy_document) {
    return base::percent_encode(policy_document);
}

json::object user_json(const access_control::User& user) {
    return {{"Path", user.path},
            {"UserName", user.name},
            {"UserId", user.id},
            {"Arn", arn_of(user)},
            {"CreateDate", base::iso8601_seconds(user.created)}};
}

json::object group_json(const access_control::Group& group) {
    return {{"Path", group.path},
            {"GroupName", group.name},
            {"GroupId", group.id},
            {"Arn", arn_of(group)},
            {"CreateDate", base::iso8601_seconds(group.created)}};
}

json::object role_json(const access_control::Role& role) {
    json::object out{{"Path", role.path},
                     {"RoleName", role.name},
                     {"RoleId", role.id},
                     {"Arn", arn_of(role)},
                     {"CreateDate", base::iso8601_seconds(role.created)},
                     {"AssumeRolePolicyDocument", encoded(role.trust_policy)}};
    if (!role.description.empty()) out["Description"] = role.description;
    out["MaxSessionDuration"] = role.session_seconds_max;
    return out;
}

void add_details(json::object& members, const access_control::Identity& identity) {
    if (!identity.boundary.empty())
        members["PermissionsBoundary"] = {{"PermissionsBoundaryType", "Policy"},
                                          {"PermissionsBoundaryArn", identity.boundary}};
    if (!identity.tags.empty()) members["Tags"] = tags_json(identity.tags);
}

}  // namespace services::iam
