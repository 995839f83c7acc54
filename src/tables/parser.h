// Parses the text of expressions into trees, with DynamoDB's messages for what is wrong with them.
//   docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "tables/expression.h"

namespace tables {

inline constexpr std::size_t kExpressionBytesMax = 4096;
inline constexpr int kOperatorsMax = 300;
inline constexpr int kExpressionDepthMax =
    320;  // of calls and parentheses; more is refused as a syntax error
inline constexpr std::size_t kInOperandsMax = 100;
inline constexpr std::size_t kPlaceholderBytesMax = 2 * 1024 * 1024;  // of all names and values together
inline constexpr std::size_t kAttributeNameBytesMax = 65535;

// What #names and :values of one request stand for, and which of them its expressions have used. Confined to
// the request.
class Placeholders {
public:
    // Refusal::validation for keys without # or :, and for empty or overlong names.
    static Result<Placeholders> create(std::map<std::string, std::string> names,
                                       std::map<std::string, Value> values);
    Placeholders() = default;

    const std::string* name(std::string_view placeholder);
    const Value* value(std::string_view placeholder);
    // Refusal::validation that names what no expression has used.
    Result<void> check_all_used() const;

private:
    std::map<std::string, std::string, std::less<>> names_;
    std::map<std::string, Value, std::less<>> values_;
    std::set<std::string, std::less<>> used_;
};

// `parameter` is the name that messages give to the expression: ConditionExpression, FilterExpression, ...
Result<Condition> parse_condition(std::string_view text, std::string_view parameter,
                                  Placeholders& placeholders);
Result<Update> parse_update(std::string_view text, Placeholders& placeholders);
Result<Projection> parse_projection(std::string_view text, Placeholders& placeholders);

}  // namespace tables
