#include "tables/legacy.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

#include "tables/parser.h"

namespace tables {

namespace {

enum class Accepts { any, ordered, text };
struct Operator {
    std::string_view name;
    std::size_t values_min, values_max;
    Accepts accepts;
};
constexpr std::array<Operator, 13> kOperators = {{{"EQ", 1, 1, Accepts::any},
                                                  {"NE", 1, 1, Accepts::any},
                                                  {"LT", 1, 1, Accepts::ordered},
                                                  {"LE", 1, 1, Accepts::ordered},
                                                  {"GT", 1, 1, Accepts::ordered},
                                                  {"GE", 1, 1, Accepts::ordered},
                                                  {"NULL", 0, 0, Accepts::any},
                                                  {"NOT_NULL", 0, 0, Accepts::any},
                                                  {"CONTAINS", 1, 1, Accepts::ordered},
                                                  {"NOT_CONTAINS", 1, 1, Accepts::ordered},
                                                  {"BEGINS_WITH", 1, 1, Accepts::text},
                                                  {"IN", 1, kInOperandsMax, Accepts::ordered},
                                                  {"BETWEEN", 2, 2, Accepts::ordered}}};

Condition call(Function function, const Operand& path, std::optional<Value> argument = std::nullopt) {
    Call out{function, {path}};
    if (argument) out.arguments.push_back(Operand{std::move(*argument)});
    return Condition{std::move(out)};
}

Condition negation(Condition inner) {
    Not out;
    out.parts.push_back(std::move(inner));
    return Condition{std::move(out)};
}

Condition comparison(Comparator comparator, const Operand& path, const Value& value) {
    return Condition{Comparison{comparator, path, Operand{value}}};
}

Result<void> check(const Operator& comparison, const std::vector<Value>& values) {
    if (values.size() < comparison.values_min || values.size() > comparison.values_max)
        return invalid_parameter(
            fmt::format("Invalid number of argument(s) for the {} ComparisonOperator", comparison.name));
    for (const auto& value : values) {
        auto type = value.type();
        bool fits = comparison.accepts == Accepts::any ||
                    (comparison.accepts == Accepts::ordered ? is_ordered(type)
                                                            : type == Type::string || type == Type::binary);
        if (!fits)
            return invalid_parameter(
                fmt::format("ComparisonOperator {} is not valid for {} AttributeValue type", comparison.name,
                            type_name(type)));
        if (type != values.front().type())
            return invalid_parameter(
                fmt::format("AttributeValues inside AttributeValueList must be of same type for the {} "
                            "ComparisonOperator",
                            comparison.name));
    }
    if (comparison.name == "BETWEEN" && *compare(values[0], values[1]) > 0)
        return invalid_parameter(
            "The BETWEEN condition was provided a range where the lower bound is greater than the upper "
            "bound");
    return {};
}

Result<Condition> translate(const Operand& path, std::string_view name, const std::vector<Value>& values) {
    const auto* found =
        std::find_if(kOperators.begin(), kOperators.end(), [&](const auto& one) { return one.name == name; });
    if (found == kOperators.end())
        return invalid(
            fmt::format("1 validation error detected: Value '{}' at 'comparisonOperator' failed to satisfy "
                        "constraint: Member must "
                        "satisfy enum value set: [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, "
                        "LE, BEGINS_WITH, GE, "
                        "CONTAINS] (comparison operator)",
                        name));
    TRY(check(*found, values));
    if (name == "EQ") return comparison(Comparator::equal, path, values[0]);
    if (name == "NE") return comparison(Comparator::not_equal, path, values[0]);
    if (name == "LT") return comparison(Comparator::less, path, values[0]);
    if (name == "LE") return comparison(Comparator::less_or_equal, path, values[0]);
    if (name == "GT") return comparison(Comparator::greater, path, values[0]);
    if (name == "GE") return comparison(Comparator::greater_or_equal, path, values[0]);
    if (name == "NULL") return call(Function::attribute_not_exists, path);
    if (name == "NOT_NULL") return call(Function::attribute_exists, path);
    if (name == "CONTAINS") return call(Function::contains, path, values[0]);
    if (name == "BEGINS_WITH") return call(Function::begins_with, path, values[0]);
    if (name == "NOT_CONTAINS") {
        // Of an attribute that is not there, neither CONTAINS nor NOT_CONTAINS is true.
        And both;
        both.parts.push_back(call(Function::attribute_exists, path));
        both.parts.push_back(negation(call(Function::contains, path, values[0])));
        return Condition{std::move(both)};
    }
    if (name == "BETWEEN") return Condition{Between{path, Operand{values[0]}, Operand{values[1]}}};
    In in{path, {}};
    for (const auto& value : values)
        in.choices.push_back(Operand{value});
    return Condition{std::move(in)};
}

Result<Condition> condition_of(const LegacyCondition& condition) {
    Operand path{Path{condition.attribute}};
    if (condition.comparison) {
        if (condition.exists)
            return invalid_parameter("Exists and ComparisonOperator cannot be used together for Attribute: " +
                                     condition.attribute);
        if (condition.value && condition.values)
            return invalid_parameter("Value and AttributeValueList cannot be used together for Attribute: " +
                                     condition.attribute);
        if (condition.value) return translate(path, *condition.comparison, {*condition.value});
        return translate(path, *condition.comparison, condition.values.value_or(std::vector<Value>{}));
    }
    if (condition.values)
        return invalid_parameter(
            "AttributeValueList can only be used with a ComparisonOperator for Attribute: " +
            condition.attribute);
    bool exists = condition.exists.value_or(true);
    if (exists && !condition.value)
        return invalid_parameter(fmt::format("Value must be provided when Exists is {} for Attribute: {}",
                                             condition.exists ? "true" : "null", condition.attribute));
    if (!exists && condition.value)
        return invalid_parameter("Value cannot be used when Exists is false for Attribute: " +
                                 condition.attribute);
    if (!exists) return call(Function::attribute_not_exists, path);
    return comparison(Comparator::equal, path, *condition.value);
}

}  // namespace

Result<Condition> condition_of(const std::vector<LegacyCondition>& conditions, bool any) {
    INVARIANT(!conditions.empty());
    std::vector<Condition> parts;
    for (const auto& condition : conditions)
        parts.push_back(TRY(condition_of(condition)));
    if (parts.size() == 1) return std::move(parts.front());
    if (any) return Condition{Or{std::move(parts)}};
    return Condition{And{std::move(parts)}};
}

Result<Update> update_of(const std::vector<LegacyUpdate>& updates) {
    Update out;
    for (const auto& update : updates) {
        Path path{update.attribute};
        if (!update.value && update.action != "DELETE")
            return invalid_parameter("Only DELETE action is allowed when no attribute value is specified");
        if (update.action == "PUT") {
            out.set.push_back({path, Operand{*update.value}, std::nullopt});
        } else if (update.action == "ADD") {
            auto type = update.value->type();
            if (type != Type::number && type != Type::list && !update.value->is_set())
                return invalid_parameter(
                    fmt::format("ADD action is not supported for the type {}", type_name(type)));
            out.add.push_back({path, *update.value, true});
        } else if (update.action != "DELETE") {
            return invalid_parameter("Unknown action: " + update.action);
        } else if (!update.value) {
            out.remove.push_back(path);
        } else {
            if (!update.value->is_set())
                return invalid_parameter(
                    fmt::format("DELETE action with value is not supported for the type {}",
                                type_name(update.value->type())));
            out.erase.push_back({path, *update.value, true});
        }
    }
    return out;
}

Result<Projection> projection_of(const std::vector<std::string>& names) {
    Projection out;
    std::set<std::string_view> seen;
    for (const auto& name : names) {
        if (name.empty()) return invalid_parameter("Empty attribute name");
        if (name.size() > kAttributeNameBytesMax)
            return invalid_parameter(
                fmt::format("Attribute name has more than {} bytes", kAttributeNameBytesMax));
        if (!seen.insert(name).second) return invalid_parameter("Duplicate value in attribute name: " + name);
        out.push_back(Path{name});
    }
    return out;
}

}  // namespace tables
