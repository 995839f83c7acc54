// The parameters that DynamoDB had before expressions (Expected, KeyConditions, QueryFilter, ScanFilter,
// AttributeUpdates, AttributesToGet), translated into the trees of expressions. There is one way to evaluate.
//   docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tables/expression.h"

namespace tables {

// One entry of Expected, or of KeyConditions, QueryFilter and ScanFilter (which have the last two members
// only).
struct LegacyCondition {
    std::string attribute;
    std::optional<std::string> comparison = {};     // ComparisonOperator
    std::optional<std::vector<Value>> values = {};  // AttributeValueList
    std::optional<Value> value = {};
    std::optional<bool> exists = {};
};

// All (AND) or any (OR) of the conditions; at least one. Refusal::validation for arguments that do not fit.
Result<Condition> condition_of(const std::vector<LegacyCondition>& conditions, bool any);

struct LegacyUpdate {
    std::string attribute;
    std::string action;  // PUT, ADD, DELETE
    std::optional<Value> value = {};
};
Result<Update> update_of(const std::vector<LegacyUpdate>& updates);

// Refusal::validation for names that come twice.
Result<Projection> projection_of(const std::vector<std::string>& names);

}  // namespace tables
