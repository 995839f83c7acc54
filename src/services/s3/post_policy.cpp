#include "services/s3/post_policy.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <fmt/format.h>

#include "base/ascii.h"
#include "base/bytes.h"
#include "services/s3/errors.h"

namespace services::s3 {
namespace {

namespace json = boost::json;

constexpr std::size_t kJsonDepthMax = 8;

Error invalid(std::string_view why) {
    return Error::refusal(Refusal::invalid_policy_document, fmt::format("Invalid Policy: {}", why));
}
Error denied(std::string_view why) {
    return Error::refusal(Refusal::access_denied, fmt::format("Invalid according to Policy: {}", why));
}

std::optional<std::uint64_t> size_of(const json::value& value) {
    if (const auto* text = value.if_string()) {
        std::uint64_t out = 0;
        auto parsed = std::from_chars(text->data(), text->data() + text->size(), out);
        if (text->empty() || parsed.ec != std::errc() || parsed.ptr != text->data() + text->size())
            return std::nullopt;
        return out;
    }
    if (const auto* number = value.if_uint64()) return *number;
    if (const auto* number = value.if_int64(); number && *number >= 0)
        return static_cast<std::uint64_t>(*number);
    return std::nullopt;
}

// {"bucket": "photos"}
Result<PostPolicy::Condition> simple_condition(const json::object& object) {
    if (object.size() != 1)
        return invalid(
            "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
    const auto& [name, value] = *object.begin();
    if (!value.is_string()) return invalid("Invalid Simple-Condition: value must be a string.");
    return PostPolicy::Condition{.starts_with = false,
                                 .field = base::lower_case(name),
                                 .value = std::string(value.get_string()),
                                 .text = json::serialize(object)};
}

// ["eq" or "starts-with", "$key", "photos/"], or ["content-length-range", 1, 1000]
Result<void> add_array(PostPolicy& policy, const json::array& array) {
    const auto* name = array.empty() ? nullptr : array[0].if_string();
    if (!name) return invalid("Invalid Condition: missing operation identifier.");
    if (array.size() != 3) return invalid("Invalid Condition: wrong number of arguments.");
    auto operation = base::lower_case(*name);
    if (operation == "content-length-range") {
        auto min = size_of(array[1]), max = size_of(array[2]);
        if (!min || !max) return invalid("Invalid content-length-range: bounds must be numbers.");
        policy.size = PostPolicy::SizeRange{*min, *max};
        return {};
    }
    if (operation != "eq" && operation != "starts-with")
        return invalid(fmt::format("Invalid Condition: unknown operation '{}'.", operation.substr(0, 64)));
    const auto *field = array[1].if_string(), *value = array[2].if_string();
    if (!field || !value || !field->starts_with('$'))
        return invalid("Invalid Condition: arguments must be a $field and a string.");
    policy.conditions.push_back({.starts_with = operation == "starts-with",
                                 .field = base::lower_case(std::string_view(*field).substr(1)),
                                 .value = std::string(*value),
                                 .text = json::serialize(array)});
    return {};
}

bool begins(std::string_view value, const PostPolicy::Condition& condition) {
    if (condition.field != "content-type") return value.starts_with(condition.value);
    // A list of types keeps the condition if each of them does.
    for (;;) {
        auto comma = value.find(',');
        auto one = value.substr(0, comma);
        while (one.starts_with(' '))
            one.remove_prefix(1);
        if (!one.starts_with(condition.value)) return false;
        if (comma == std::string_view::npos) return true;
        value.remove_prefix(comma + 1);
    }
}

bool needs_no_condition(std::string_view field) {
    for (std::string_view name : {"x-amz-signature", "signature", "awsaccesskeyid", "policy"})
        if (field == name) return true;
    return field.starts_with("x-ignore-");
}

}  // namespace

Result<PostPolicy> parse_post_policy(std::string_view base64) {
    auto bytes = base::from_base64(base64);
    if (!bytes) return invalid("Invalid JSON.");
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = kJsonDepthMax;
    auto text = base::text(*bytes);
    auto document = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
    if (error || !document.is_object()) return invalid("Invalid JSON.");
    const auto& object = document.get_object();

    PostPolicy policy;
    const auto* expiration = object.if_contains("expiration");
    if (!expiration || !expiration->is_string()) return invalid("Policy missing expiration.");
    auto time = base::from_iso8601(expiration->get_string());
    if (!time)
        return invalid(fmt::format("Invalid 'expiration' value: '{}'",
                                   std::string_view(expiration->get_string()).substr(0, 64)));
    policy.expiration = *time;

    const auto* conditions = object.if_contains("conditions");
    if (!conditions || !conditions->is_array()) return invalid("Policy missing conditions.");
    if (conditions->get_array().size() > kPostConditionsMax) return invalid("Too many conditions.");
    for (const auto& condition : conditions->get_array()) {
        if (condition.is_object())
            policy.conditions.push_back(TRY(simple_condition(condition.get_object())));
        else if (condition.is_array())
            TRY(add_array(policy, condition.get_array()));
        else
            return invalid("Invalid Condition: must be an object or an array.");
    }
    return policy;
}

Result<void> check_post(const PostPolicy& policy, const http::Headers& fields, const std::string& bucket,
                        base::Time now) {
    if (now > policy.expiration) return denied("Policy expired.");
    for (const auto& condition : policy.conditions) {
        auto value =
            condition.field == "bucket" ? bucket : std::string(fields.get(condition.field).value_or(""));
        if (!(condition.starts_with ? begins(value, condition) : value == condition.value))
            return denied(fmt::format("Policy Condition failed: {}", condition.text));
    }
    auto is_spoken_of = [&](std::string_view field) {
        return std::any_of(policy.conditions.begin(), policy.conditions.end(),
                           [&](const auto& condition) { return condition.field == field; });
    };
    if (!is_spoken_of("bucket")) return denied("Extra input fields: bucket");
    for (const auto& [name, value] : fields) {
        auto field = base::lower_case(name);
        if (!needs_no_condition(field) && !is_spoken_of(field))
            return denied(fmt::format("Extra input fields: {}", field));
    }
    return {};
}

}  // namespace services::s3
