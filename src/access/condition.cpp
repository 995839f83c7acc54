#include "access/condition.h"

#include <arpa/inet.h>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

#include "access/refusal.h"
#include "base/ascii.h"

namespace access_control {
namespace {

namespace json = boost::json;

constexpr std::size_t kConditionsMax = 64;
constexpr std::size_t kConditionValuesMax = 256;

Error malformed(std::string message) {
    return Error::refusal(Refusal::malformed_policy, std::move(message));
}

struct Operator {
    std::string_view name;
    Comparison comparison;
    bool negated;
};

constexpr Operator kOperators[] = {
    {"StringEquals", Comparison::string_equals, false},
    {"StringNotEquals", Comparison::string_equals, true},
    {"StringEqualsIgnoreCase", Comparison::string_equals_ignore_case, false},
    {"StringNotEqualsIgnoreCase", Comparison::string_equals_ignore_case, true},
    {"StringLike", Comparison::string_like, false},
    {"StringNotLike", Comparison::string_like, true},
    {"NumericEquals", Comparison::numeric_equals, false},
    {"NumericNotEquals", Comparison::numeric_equals, true},
    {"NumericLessThan", Comparison::numeric_less, false},
    {"NumericLessThanEquals", Comparison::numeric_less_or_equal, false},
    {"NumericGreaterThan", Comparison::numeric_greater, false},
    {"NumericGreaterThanEquals", Comparison::numeric_greater_or_equal, false},
    {"DateEquals", Comparison::date_equals, false},
    {"DateNotEquals", Comparison::date_equals, true},
    {"DateLessThan", Comparison::date_less, false},
    {"DateLessThanEquals", Comparison::date_less_or_equal, false},
    {"DateGreaterThan", Comparison::date_greater, false},
    {"DateGreaterThanEquals", Comparison::date_greater_or_equal, false},
    {"Bool", Comparison::boolean, false},
    {"BinaryEquals", Comparison::binary_equals, false},
    {"IpAddress", Comparison::ip_address, false},
    {"NotIpAddress", Comparison::ip_address, true},
    // ArnEquals and ArnLike behave alike, says AWS's page.
    {"ArnEquals", Comparison::arn_like, false},
    {"ArnLike", Comparison::arn_like, false},
    {"ArnNotEquals", Comparison::arn_like, true},
    {"ArnNotLike", Comparison::arn_like, true},
    {"Null", Comparison::null, false},
};

// "ForAnyValue:StringLikeIfExists" without its key and values.
std::optional<Condition> parse_operator(std::string_view name) {
    Condition out{};
    if (name.starts_with("ForAllValues:")) {
        out.quantifier = Quantifier::for_all_values;
        name.remove_prefix(13);
    } else if (name.starts_with("ForAnyValue:")) {
        out.quantifier = Quantifier::for_any_value;
        name.remove_prefix(12);
    }
    if (name.ends_with("IfExists") && name != "NullIfExists") {
        out.if_exists = true;
        name.remove_suffix(8);
    }
    for (const auto& known : kOperators)
        if (known.name == name) {
            out.comparison = known.comparison;
            out.negated = known.negated;
            return out;
        }
    return std::nullopt;
}

std::optional<double> parse_number(std::string_view text) {
    double value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::optional<bool> parse_bool(std::string_view text) {
    auto lower = base::lower_case(text);
    if (lower == "true") return true;
    if (lower == "false") return false;
    return std::nullopt;
}

// Whether `text`, as written in a policy, can be compared at all: a value that cannot would make its
// statement never hold, and a denial silently void.
bool comparable(Comparison comparison, const std::string& text) {
    switch (comparison) {
        case Comparison::string_equals:
        case Comparison::string_equals_ignore_case:
        case Comparison::string_like:
        case Comparison::arn_like:
            return true;
        case Comparison::numeric_equals:
        case Comparison::numeric_less:
        case Comparison::numeric_less_or_equal:
        case Comparison::numeric_greater:
        case Comparison::numeric_greater_or_equal:
            return parse_number(text).has_value();
        case Comparison::date_equals:
        case Comparison::date_less:
        case Comparison::date_less_or_equal:
        case Comparison::date_greater:
        case Comparison::date_greater_or_equal:
            return parse_policy_date(text).has_value();
        case Comparison::boolean:
        case Comparison::null:
            return parse_bool(text).has_value();
        case Comparison::binary_equals:
            return base::from_base64(text).has_value();
        case Comparison::ip_address:
            return parse_address_block(text).has_value();
    }
    base::unreachable();
}

std::optional<std::string> scalar_text(const json::value& value) {
    if (const auto* text = value.if_string()) return std::string(*text);
    if (const auto* flag = value.if_bool()) return std::string(*flag ? "true" : "false");
    if (value.is_number()) return json::serialize(value);
    return std::nullopt;
}

Result<Template> parse_value(const json::value& value, const Condition& condition, bool variables) {
    auto text = scalar_text(value);
    if (!text) return malformed("Syntax errors in policy.");
    bool wildcards =
        condition.comparison == Comparison::string_like || condition.comparison == Comparison::arn_like;
    auto parsed = Template::parse(*text, variables, wildcards);
    if (!parsed) return malformed("Syntax errors in policy.");
    if (!parsed->has_variables() && !comparable(condition.comparison, *text))
        return malformed("The policy failed legacy parsing");
    return std::move(*parsed);
}

Result<Condition> parse_key(Condition condition, std::string_view key, const json::value& values,
                            bool variables) {
    if (key.find(':') == key.npos)
        return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    condition.key = base::lower_case(key);
    condition.written = key;
    if (const auto* list = values.if_array()) {
        if (list->size() > kConditionValuesMax) return malformed("Syntax errors in policy.");
        for (const auto& value : *list)
            condition.values.push_back(TRY(parse_value(value, condition, variables)));
    } else {
        condition.values.push_back(TRY(parse_value(values, condition, variables)));
    }
    return condition;
}

template <class Value>
bool ordered(Comparison comparison, const Value& request, const Value& policy) {
    switch (comparison) {
        case Comparison::numeric_less:
        case Comparison::date_less:
            return request < policy;
        case Comparison::numeric_less_or_equal:
        case Comparison::date_less_or_equal:
            return request <= policy;
        case Comparison::numeric_greater:
        case Comparison::date_greater:
            return request > policy;
        case Comparison::numeric_greater_or_equal:
        case Comparison::date_greater_or_equal:
            return request >= policy;
        default:
            return request == policy;
    }
}

// Each of an ARN's six parts is matched by itself, so that * does not run over a colon before the resource.
bool arn_matches(const Template& pattern, const std::string& arn, const ContextLookup& lookup) {
    auto split = [](std::string_view text) {
        std::vector<std::string_view> parts;
        while (parts.size() < 5) {
            auto colon = text.find(':');
            if (colon == text.npos) break;
            parts.push_back(text.substr(0, colon));
            text.remove_prefix(colon + 1);
        }
        parts.push_back(text);
        return parts;
    };
    if (pattern.has_variables()) return pattern.matches(arn, lookup);
    auto wanted = split(pattern.text()), given = split(arn);
    if (wanted.size() != 6 || given.size() != 6) return pattern.matches(arn, lookup);
    for (std::size_t i = 0; i < 6; ++i)
        if (!Wildcard(wanted[i]).matches(given[i])) return false;
    return true;
}

template <class Value>
bool compare(Comparison comparison, const std::optional<Value>& request, const std::optional<Value>& policy) {
    return request && policy && ordered(comparison, *request, *policy);
}

bool matches(Comparison comparison, const std::string& request, const Template& policy,
             const ContextLookup& lookup) {
    if (comparison == Comparison::arn_like) return arn_matches(policy, request, lookup);
    auto expanded = policy.expand(lookup);
    if (!expanded) return false;
    if (comparison == Comparison::string_equals || comparison == Comparison::string_like)
        return expanded->matches(request);
    if (comparison == Comparison::string_equals_ignore_case)
        return expanded->in_lower_case().matches(base::lower_case(request));
    std::string text = expanded->literal().value_or("");
    switch (comparison) {
        case Comparison::boolean:
            return compare(comparison, parse_bool(request), parse_bool(text));
        case Comparison::binary_equals: {
            auto given = base::from_base64(request), wanted = base::from_base64(text);
            return given && wanted && *given == *wanted;
        }
        case Comparison::ip_address: {
            auto address = parse_address_block(request), block = parse_address_block(text);
            return address && block && contains(*block, *address);
        }
        case Comparison::date_equals:
        case Comparison::date_less:
        case Comparison::date_less_or_equal:
        case Comparison::date_greater:
        case Comparison::date_greater_or_equal:
            return compare(comparison, parse_policy_date(request), parse_policy_date(text));
        default:
            return compare(comparison, parse_number(request), parse_number(text));
    }
}

std::optional<int> two_digits(std::string_view text, std::size_t at) {
    int value = 0;
    if (at + 2 > text.size()) return std::nullopt;
    auto [end, error] = std::from_chars(text.data() + at, text.data() + at + 2, value);
    if (error != std::errc() || end != text.data() + at + 2 || value < 0) return std::nullopt;
    return value;
}

}  // namespace

std::optional<AddressBlock> parse_address_block(std::string_view text) {
    AddressBlock out;
    auto slash = text.find('/');
    std::string address(text.substr(0, slash));
    if (address.find('\0') != address.npos) return std::nullopt;
    unsigned bits_max = 128;
    in_addr four{};
    if (inet_pton(AF_INET, address.c_str(), &four) == 1) {
        out.address[10] = out.address[11] = 0xFF;
        std::memcpy(out.address.data() + 12, &four, 4);
        bits_max = 32;
    } else if (inet_pton(AF_INET6, address.c_str(), out.address.data()) != 1) {
        return std::nullopt;
    }
    if (slash == text.npos) return out;
    auto prefix = text.substr(slash + 1);
    unsigned bits = 0;
    auto [end, error] = std::from_chars(prefix.data(), prefix.data() + prefix.size(), bits);
    if (error != std::errc() || end != prefix.data() + prefix.size() || bits > bits_max) return std::nullopt;
    out.prefix_bits = bits + (128 - bits_max);
    return out;
}

bool contains(const AddressBlock& block, const AddressBlock& address) {
    if (address.prefix_bits < block.prefix_bits) return false;
    for (unsigned bit = 0; bit < block.prefix_bits; ++bit) {
        auto mask = static_cast<std::uint8_t>(0x80 >> bit % 8);
        if ((block.address[bit / 8] & mask) != (address.address[bit / 8] & mask)) return false;
    }
    return true;
}

std::optional<base::Time> parse_policy_date(std::string_view text) {
    std::int64_t seconds = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error == std::errc() && end == text.data() + text.size() && text.size() > 4 &&
        std::abs(seconds) < 1'000'000'000'000)
        return base::Time{std::chrono::seconds(seconds)};
    std::string full(text);
    if (full.size() == 10) full += "T00:00:00Z";
    base::Duration offset{0};
    if (full.size() > 16 && (full[full.size() - 6] == '+' || full[full.size() - 6] == '-') &&
        full[full.size() - 3] == ':') {
        auto hours = two_digits(full, full.size() - 5), minutes = two_digits(full, full.size() - 2);
        if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
        offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
        if (full[full.size() - 6] == '-') offset = -offset;
        full.resize(full.size() - 6);
        full += 'Z';
    }
    if (full.size() == 17 && full.back() == 'Z') full.insert(16, ":00");
    auto time = base::from_iso8601(full);
    if (!time) return std::nullopt;
    return *time - offset;
}

bool Condition::holds(const ContextLookup& lookup) const {
    auto request = lookup(key);
    if (request && request->empty()) request.reset();
    if (comparison == Comparison::null)
        return std::ranges::any_of(values, [&](const Template& value) {
            auto expanded = value.expand(lookup);
            auto wanted = expanded ? parse_bool(expanded->literal().value_or("")) : std::nullopt;
            return wanted && *wanted == !request.has_value();
        });
    if (!request)
        return if_exists || quantifier == Quantifier::for_all_values ||
               (negated && quantifier == Quantifier::none);

    // One value of the request against all of the policy's: any may match; negated, none may.
    auto fits = [&](const std::string& given) {
        bool found = std::ranges::any_of(
            values, [&](const Template& value) { return matches(comparison, given, value, lookup); });
        return found != negated;
    };
    switch (quantifier) {
        case Quantifier::for_all_values:
            return std::ranges::all_of(*request, fits);
        case Quantifier::for_any_value:
            return std::ranges::any_of(*request, fits);
        // A single-valued key. Were there several values after all, a negated operator must hold for each.
        case Quantifier::none:
            return negated ? std::ranges::all_of(*request, fits) : std::ranges::any_of(*request, fits);
    }
    base::unreachable();
}

Result<std::vector<Condition>> parse_conditions(const json::value& block, bool variables) {
    std::vector<Condition> out;
    const auto* operators = block.if_object();
    if (!operators) return malformed("Syntax errors in policy.");
    for (const auto& [name, keys] : *operators) {
        auto condition = parse_operator(name);
        if (!condition) return malformed(fmt::format("Invalid Condition type : {}", std::string_view(name)));
        if (!keys.is_object()) return malformed("Syntax errors in policy.");
        for (const auto& [key, values] : keys.get_object()) {
            out.push_back(TRY(parse_key(*condition, key, values, variables)));
            if (out.size() > kConditionsMax) return malformed("Syntax errors in policy.");
        }
    }
    return out;
}

}  // namespace access_control
