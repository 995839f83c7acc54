#include "services/dynamodb/inputs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tables/refusal.h"

namespace services::dynamodb {

namespace {

using tables::invalid;
using tables::invalid_parameter;

constexpr std::size_t kTableNameMin = 3;
constexpr std::size_t kTableNameMax = 255;

Result<void> check_name(const std::string& name, std::string_view parameter) {
    auto refuse = [&](const std::string& constraint) {
        return invalid(fmt::format(
            "1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: Member "
            "must {}",
            name, parameter, constraint));
    };
    if (!wire::matches(name, "[a-zA-Z0-9_.-]*"))
        return refuse("satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
    if (name.size() < kTableNameMin)
        return refuse(fmt::format("have length greater than or equal to {}", kTableNameMin));
    if (name.size() > kTableNameMax)
        return refuse(fmt::format("have length less than or equal to {}", kTableNameMax));
    return {};
}

std::optional<tables::TableName> parse_arn(std::string_view arn) {
    // arn:aws:dynamodb:REGION:ACCOUNT:table/NAME, maybe with /index/NAME behind it.
    std::vector<std::string_view> parts;
    for (int i = 0; i < 5; ++i) {
        auto colon = arn.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        parts.push_back(arn.substr(0, colon));
        arn.remove_prefix(colon + 1);
    }
    if (parts[0] != "arn" || parts[2] != "dynamodb" || !arn.starts_with("table/")) return std::nullopt;
    arn.remove_prefix(6);
    return tables::TableName{std::string(parts[4]), std::string(parts[3]),
                             std::string(arn.substr(0, arn.find('/')))};
}

// Policies of tables for other accounts are not there, and each region keeps its own tables.
Result<void> check_reach(const tables::TableName& table, const wire::Call& call, const std::string& arn) {
    if (table.account == call.caller.account && table.region == call.region) return {};
    return Error::refusal(
        wire::Trouble::access_denied,
        fmt::format("User: {} is not authorized to perform this operation on resource: {}: ARNs of other "
                    "accounts and regions cannot be reached from here",
                    call.caller.arn, arn));
}

Result<tables::LegacyCondition> to_legacy(const std::string& attribute, const json::object& source) {
    struct Entry {
        std::optional<std::string> comparison;
        std::optional<std::vector<json::value>> values;
        std::optional<json::object> value;
        std::optional<bool> exists;
        static auto members() {
            return wire::members(wire::optional("ComparisonOperator", &Entry::comparison),
                                 wire::optional("AttributeValueList", &Entry::values),
                                 wire::optional("Value", &Entry::value),
                                 wire::optional("Exists", &Entry::exists));
        }
    };
    auto entry = TRY(wire::Decoder(false).decode<Entry>(source));
    tables::LegacyCondition out;
    out.attribute = attribute;
    out.comparison = entry.comparison;
    out.exists = entry.exists;
    if (entry.values) out.values = TRY(to_values(*entry.values));
    if (entry.value) out.value = TRY(to_value(*entry.value));
    return out;
}

}  // namespace

Result<tables::TableName> table_at(const std::string& name, const wire::Call& call,
                                   std::string_view parameter) {
    if (name.starts_with("arn:")) {
        auto parsed = parse_arn(name);
        if (!parsed) return invalid("Invalid table ARN: " + name);
        TRY(check_name(parsed->name, parameter));
        TRY(check_reach(*parsed, call, name));
        return *parsed;
    }
    TRY(check_name(name, parameter));
    return tables::TableName{call.caller.account, call.region, name};
}

Result<tables::TableName> table_of_arn(const std::string& arn, const wire::Call& call) {
    if (!arn.starts_with("arn:"))
        return invalid_parameter("Invalid ResourceArn: ARNs must start with 'arn:': " + arn);
    auto parsed = parse_arn(arn);
    if (!parsed || arn.find("/index/") != std::string::npos)
        return invalid_parameter("Invalid ResourceArn: not the ARN of a table: " + arn);
    TRY(check_reach(*parsed, call, arn));
    return *parsed;
}

std::string table_arn(const tables::TableName& name) {
    return fmt::format("arn:aws:dynamodb:{}:{}:table/{}", name.region, name.account, name.name);
}

std::string index_arn(const tables::TableName& name, std::string_view index) {
    return fmt::format("{}/index/{}", table_arn(name), index);
}

Result<std::vector<wire::Permission>> table_permission(std::string_view action, const std::string& table,
                                                       const wire::Call& call,
                                                       const std::optional<std::string>& index) {
    auto name = TRY(table_at(table, call));
    std::vector<wire::Permission> out(1);
    out[0].action = fmt::format("dynamodb:{}", action);
    out[0].resource = index ? index_arn(name, *index) : table_arn(name);
    return out;
}

Result<tables::Placeholders> to_placeholders(const PlaceholderInput& input) {
    if (input.names && input.names->empty()) return invalid("ExpressionAttributeNames must not be empty");
    if (input.values && input.values->empty()) return invalid("ExpressionAttributeValues must not be empty");
    std::map<std::string, tables::Value> values;
    if (input.values) {
        for (const auto& [key, source] : *input.values) {
            auto value = to_value(source);
            if (!value.ok() && value.error().is(tables::Refusal::validation))
                return invalid(fmt::format("ExpressionAttributeValues contains invalid value: {} for key {}",
                                           value.error().message(), std::string_view(key)));
            values.insert_or_assign(std::string(key), TRY(std::move(value)));
        }
    }
    return tables::Placeholders::create(input.names.value_or(std::map<std::string, std::string>{}),
                                        std::move(values));
}

Result<void> check_parameters(const Parameters& parameters, const PlaceholderInput& input) {
    if (!parameters.expressions.empty() && !parameters.legacy.empty())
        return invalid(
            fmt::format("Can not use both expression and non-expression parameters in the same request: "
                        "Non-expression parameters: {{{}}} Expression parameters: {{{}}}",
                        fmt::join(parameters.legacy, ", "), fmt::join(parameters.expressions, ", ")));
    if (!parameters.expressions.empty()) return {};
    if (input.names) return invalid("ExpressionAttributeNames can only be specified when using expressions");
    if (input.values)
        return invalid(
            fmt::format("ExpressionAttributeValues can only be specified when using expressions: {} {} null",
                        fmt::join(parameters.absent, " and "), parameters.absent.size() == 1 ? "is" : "are"));
    return {};
}

Result<std::optional<tables::Condition>> to_condition(const ConditionInput& input,
                                                      tables::Placeholders& placeholders) {
    std::optional<tables::Condition> out;
    TRY(check_conditional_operator(input.conditional_operator, input.expected ? input.expected->size() : 0));
    if (input.condition_expression)
        out = TRY(tables::parse_condition(*input.condition_expression, "ConditionExpression", placeholders));
    else if (input.expected && !input.expected->empty())
        out = TRY(to_condition(*input.expected, input.conditional_operator == "OR"));
    return out;
}

Result<tables::Projection> to_projection(const std::optional<std::string>& expression,
                                         const std::optional<std::vector<std::string>>& attributes_to_get,
                                         const PlaceholderInput& input) {
    Parameters parameters;
    (expression ? parameters.expressions : parameters.absent).push_back("ProjectionExpression");
    if (attributes_to_get) parameters.legacy.push_back("AttributesToGet");
    TRY(check_parameters(parameters, input));
    if (attributes_to_get) return tables::projection_of(*attributes_to_get);
    if (!expression) return tables::Projection{};
    auto placeholders = TRY(to_placeholders(input));
    auto projection = TRY(tables::parse_projection(*expression, placeholders));
    TRY(placeholders.check_all_used());
    return projection;
}

Result<tables::Condition> to_condition(const std::map<std::string, json::object>& conditions, bool any) {
    std::vector<tables::LegacyCondition> all;
    for (const auto& [attribute, condition] : conditions)
        all.push_back(TRY(to_legacy(attribute, condition)));
    return tables::condition_of(all, any);
}

Result<void> check_conditional_operator(const std::optional<std::string>& conditional_operator,
                                        std::size_t conditions) {
    if (conditional_operator && conditions == 0)
        return invalid("ConditionalOperator cannot be used without Filter or Expected");
    if (conditional_operator && conditions == 1)
        return invalid(
            "ConditionalOperator can only be used when Filter or Expected has two or more elements");
    return {};
}

json::object consumed_capacity(const std::string& table, const tables::Consumed& consumed, bool indexes) {
    json::object out{{"TableName", table}, {"CapacityUnits", consumed.total()}};
    if (!indexes) return out;
    out["Table"] = json::object{{"CapacityUnits", consumed.table}};
    auto add = [&](std::string_view name, const std::map<std::string, double>& units) {
        if (units.empty()) return;
        json::object each;
        for (const auto& [index, count] : units)
            each[index] = json::object{{"CapacityUnits", count}};
        out[name] = std::move(each);
    };
    add("LocalSecondaryIndexes", consumed.local);
    add("GlobalSecondaryIndexes", consumed.global);
    return out;
}

void add_consumed(json::object& reply, const std::string& asked, const std::string& table,
                  const tables::Consumed& consumed) {
    if (asked != "NONE") reply["ConsumedCapacity"] = consumed_capacity(table, consumed, asked == "INDEXES");
}

}  // namespace services::dynamodb
