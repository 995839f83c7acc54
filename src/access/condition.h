// The Condition block of a statement: what must hold of the request beside action and resource.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "access/pattern.h"
#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace access_control {

enum class Comparison {
    string_equals,
    string_equals_ignore_case,
    string_like,
    numeric_equals,
    numeric_less,
    numeric_less_or_equal,
    numeric_greater,
    numeric_greater_or_equal,
    date_equals,
    date_less,
    date_less_or_equal,
    date_greater,
    date_greater_or_equal,
    boolean,
    binary_equals,
    ip_address,
    arn_like,
    null,
};

// How the values of a key that has several are taken together.
enum class Quantifier { none, for_all_values, for_any_value };

// An address block (RFC 4632, RFC 4291). IPv4 is kept as IPv4-mapped IPv6, so that both compare alike.
struct AddressBlock {
    std::array<std::uint8_t, 16> address{};
    unsigned prefix_bits = 128;
};
// "203.0.113.0/24", "2001:db8::/32", or one address.
std::optional<AddressBlock> parse_address_block(std::string_view text);
bool contains(const AddressBlock& block, const AddressBlock& address);

// ISO 8601 (date; or date and time with Z or an offset), or seconds since 1970.
std::optional<base::Time> parse_policy_date(std::string_view text);

// A value: one key of one operator, with the values that it is compared to. The keys of a block all have to
// hold.
struct Condition {
    Comparison comparison;
    Quantifier quantifier = Quantifier::none;
    bool negated = false;
    bool if_exists = false;
    std::string key;      // lower case
    std::string written;  // the key, as the policy has it
    std::vector<Template> values;

    bool holds(const ContextLookup& lookup) const;
};

// At most 64 conditions of at most 256 values. Refusal::malformed_policy for anything that is not understood.
Result<std::vector<Condition>> parse_conditions(const boost::json::value& block, bool variables);

}  // namespace access_control
