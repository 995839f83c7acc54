// What the groups of IAM's operations share: patterns, tags, pages, permissions and the forms of answers.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "access/directory.h"
#include "access/refusal.h"
#include "wire/operation.h"
#include "wire/trouble.h"

namespace services::iam {

namespace json = boost::json;
using access_control::Directory;
using access_control::IdentityKind;
using access_control::IdentityRef;
using access_control::ListQuery;

inline constexpr std::string_view kNamePattern = R"([\w+=,.@-]+)";
inline constexpr std::string_view kPathPattern = R"((/)|(/[!-~]+/))";
inline constexpr std::string_view kPathPrefixPattern = R"(/[!-\x7F]*)";
inline constexpr std::string_view kPolicyPathPattern = R"(((/[A-Za-z0-9\.,\+@=_-]+)*)/)";
inline constexpr std::string_view kDocumentPattern = R"([\x{09}\x{0A}\x{0D}\x{20}-\x{FF}]+)";
inline constexpr std::string_view kDescriptionPattern = R"([\x{09}\x{0A}\x{0D}\x{20}-\x{7E}\x{A1}-\x{FF}]*)";
inline constexpr std::string_view kTagKeyPattern = R"([\p{L}\p{Z}\p{N}_.:/=+\-@]+)";
inline constexpr std::string_view kTagValuePattern = R"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)";
inline constexpr std::string_view kMarkerPattern = R"([\x{20}-\x{FF}]+)";
inline constexpr std::string_view kVersionPattern = R"(v[1-9][0-9]*(\.[A-Za-z0-9-]*)?)";
inline constexpr std::size_t kDocumentLengthMax = 131'072;

// The same member in many operations.
template <class Owner, class Type>
auto user_name(Type Owner::*member) {
    return wire::required("UserName", member, wire::length(1, 128), wire::pattern(kNamePattern));
}
template <class Owner>
auto group_name(std::string Owner::*member) {
    return wire::required("GroupName", member, wire::length(1, 128), wire::pattern(kNamePattern));
}
template <class Owner>
auto role_name(std::string Owner::*member) {
    return wire::required("RoleName", member, wire::length(1, 64), wire::pattern(kNamePattern));
}
template <class Owner>
auto policy_name(std::string Owner::*member) {
    return wire::required("PolicyName", member, wire::length(1, 128), wire::pattern(kNamePattern));
}
template <class Owner>
auto policy_arn(std::string Owner::*member) {
    return wire::required("PolicyArn", member, wire::length(20, 2048));
}
template <class Owner>
auto document(std::string_view name, std::string Owner::*member) {
    return wire::required(name, member, wire::length(1, kDocumentLengthMax), wire::pattern(kDocumentPattern));
}
template <class Owner>
auto path(std::string Owner::*member) {
    return wire::optional("Path", member, wire::length(1, 512), wire::pattern(kPathPattern));
}
template <class Owner>
auto boundary(std::string Owner::*member) {
    return wire::optional("PermissionsBoundary", member, wire::length(20, 2048));
}

struct Tag {
    std::string key, value;
    static auto members() {
        return wire::members(
            wire::required("Key", &Tag::key, wire::length(1, 128), wire::pattern(kTagKeyPattern)),
            wire::required("Value", &Tag::value, wire::length(0, 256), wire::pattern(kTagValuePattern)));
    }
};
template <class Owner>
auto tags(std::vector<Tag> Owner::*member) {
    return wire::optional("Tags", member, wire::items(0, access_control::kTagsMax));
}
// Refusal::invalid_input for a key that is given twice.
Result<access_control::Tags> to_tags(const std::vector<Tag>& tags);
json::array tags_json(const access_control::Tags& tags);

// Marker and MaxItems: how every list comes in pages. A marker is the name to go on after, in base64.
template <class Owner>
auto marker(std::string Owner::*member) {
    return wire::optional("Marker", member, wire::length(1, 320), wire::pattern(kMarkerPattern));
}
template <class Owner>
auto max_items(int Owner::*member) {
    return wire::optional("MaxItems", member, wire::range(1, 1000));
}
template <class Owner>
auto path_prefix(std::string Owner::*member) {
    return wire::optional("PathPrefix", member, wire::length(1, 512), wire::pattern(kPathPrefixPattern));
}
// What the lists of users, groups and roles take.
struct PathListInput {
    std::string path_prefix = "/", marker;
    int max_items = 100;
    static auto members() {
        return wire::members(iam::path_prefix(&PathListInput::path_prefix),
                             iam::marker(&PathListInput::marker), iam::max_items(&PathListInput::max_items));
    }
};
// Trouble::validation for a marker that no list has given.
Result<ListQuery> list_query(const std::string& path_prefix, const std::string& marker, int max_items);
// Adds IsTruncated, and Marker where there is more.
json::object page(json::object members, const std::string& next);
// The part of `items` that a page holds; the marker is a position in it.
Result<json::object> page_of(std::string_view name, const json::array& items, const std::string& marker,
                             int max_items);

// For a permission on a user, group or role: its ARN with its path, and its tags as condition keys. An
// identity that is not there is authorised as if it lay at the root path, so that only who may see it learns
// that it is missing.
Result<std::vector<wire::Permission>> permission_on(const Directory& directory, std::string_view action,
                                                    const IdentityRef& ref);
// The same for a managed policy. Another account's policy is that account's resource.
std::vector<wire::Permission> permission_on_policy(const wire::Call& call, std::string_view action,
                                                   const std::string& policy_arn);
// aws:RequestTag/KEY and aws:TagKeys.
void add_request_tags(wire::Permission& permission, const std::vector<Tag>& tags);

std::string arn(const wire::Call& call, std::string_view kind, std::string_view path, std::string_view name);
// The name of the user who calls, for operations that mean the caller when they name nobody; empty for the
// root user. Trouble::validation for a role's session.
Result<std::string> own_user_name(const wire::Call& call);

std::string encoded(const std::string& policy_document);  // as documents travel in answers
json::object user_json(const access_control::User& user);
json::object group_json(const access_control::Group& group);
json::object role_json(const access_control::Role& role);
// Tags and boundary, which lists leave out.
void add_details(json::object& members, const access_control::Identity& identity);

}  // namespace services::iam
