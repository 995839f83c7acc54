// What many operations' inputs share: table names, conditions, placeholders, legacy parameters.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/dynamodb/values.h"
#include "tables/legacy.h"
#include "tables/parser.h"
#include "tables/store.h"
#include "wire/operation.h"

namespace services::dynamodb {

// ExpressionAttributeNames and ExpressionAttributeValues.
struct PlaceholderInput {
    std::optional<std::map<std::string, std::string>> names;
    std::optional<json::object> values;
};
inline auto placeholder_members() {
    return wire::members(wire::optional("ExpressionAttributeNames", &PlaceholderInput::names),
                         wire::optional("ExpressionAttributeValues", &PlaceholderInput::values));
}

// A condition on a write: as an expression, or as Expected.
struct ConditionInput : PlaceholderInput {
    std::optional<std::string> condition_expression;
    std::optional<std::map<std::string, json::object>> expected;
    std::optional<std::string> conditional_operator;
    std::string on_failure = "NONE";
    bool item_on_failure() const { return on_failure == "ALL_OLD"; }
};
inline auto condition_members() {
    return std::tuple_cat(
        placeholder_members(),
        wire::members(wire::optional("ConditionExpression", &ConditionInput::condition_expression),
                      wire::optional("Expected", &ConditionInput::expected),
                      wire::optional("ConditionalOperator", &ConditionInput::conditional_operator,
                                     wire::one_of({"AND", "OR"})),
                      wire::optional("ReturnValuesOnConditionCheckFailure", &ConditionInput::on_failure,
                                     wire::one_of({"ALL_OLD", "NONE"}))));
}

// What is asked for beside the result.
struct ReturnInput {
    std::string consumed = "NONE";
    std::string collection_metrics = "NONE";
};
inline auto return_members() {
    return wire::members(wire::optional("ReturnConsumedCapacity", &ReturnInput::consumed,
                                        wire::one_of({"INDEXES", "TOTAL", "NONE"})),
                         wire::optional("ReturnItemCollectionMetrics", &ReturnInput::collection_metrics,
                                        wire::one_of({"SIZE", "NONE"})));
}

// A name, or the ARN of a table. Refusal::validation for neither; `parameter` is what the message calls it.
Result<tables::TableName> table_at(const std::string& name, const wire::Call& call,
                                   std::string_view parameter = "tableName");
// The table that an ARN names. An index cannot be tagged, so its ARN is refused.
Result<tables::TableName> table_of_arn(const std::string& arn, const wire::Call& call);
std::string table_arn(const tables::TableName& name);
std::string index_arn(const tables::TableName& name, std::string_view index);

// The permission that an operation on one table needs; of an index, for reads through one.
Result<std::vector<wire::Permission>> table_permission(std::string_view action, const std::string& table,
                                                       const wire::Call& call,
                                                       const std::optional<std::string>& index = {});

// Refusal::validation for empty maps, bad keys and values.
Result<tables::Placeholders> to_placeholders(const PlaceholderInput& input);

// Which expressions and which legacy parameters a request has, by their names.
struct Parameters {
    std::vector<std::string_view> expressions;  // that may use placeholders and are there
    std::vector<std::string_view> absent;       // that could have been
    std::vector<std::string_view> legacy;       // that are there
};
// Refusal::validation for a mixture, and for placeholders without an expression.
Result<void> check_parameters(const Parameters& parameters, const PlaceholderInput& input);

// The condition of a write, if there is one. `others` names what else the request has.
Result<std::optional<tables::Condition>> to_condition(const ConditionInput& input,
                                                      tables::Placeholders& placeholders);
// What to give of an item, where that is all that the placeholders are for; empty: all of it.
Result<tables::Projection> to_projection(const std::optional<std::string>& expression,
                                         const std::optional<std::vector<std::string>>& attributes_to_get,
                                         const PlaceholderInput& input);
// KeyConditions, QueryFilter, ScanFilter. `any`: OR instead of AND.
Result<tables::Condition> to_condition(const std::map<std::string, json::object>& conditions, bool any);
Result<void> check_conditional_operator(const std::optional<std::string>& conditional_operator,
                                        std::size_t conditions);

// ConsumedCapacity as ReturnConsumedCapacity asks for it, into `reply`; nothing for NONE.
json::object consumed_capacity(const std::string& table, const tables::Consumed& consumed, bool indexes);
void add_consumed(json::object& reply, const std::string& asked, const std::string& table,
                  const tables::Consumed& consumed);

}  // namespace services::dynamodb
