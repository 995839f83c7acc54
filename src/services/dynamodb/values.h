// Attribute values between JSON ({"S": "text"}, {"N": "12"}, ...) and tables::Value.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>

#include "tables/value.h"

namespace services::dynamodb {

namespace json = boost::json;

// tables::Refusal::validation with DynamoDB's sentence; wire::Trouble::malformed_body where a JSON type is
// wrong.
Result<tables::Value> to_value(const json::value& source);
Result<tables::Item> to_item(const json::object& source);
Result<std::vector<tables::Value>> to_values(const std::vector<json::value>& source);

json::object from_value(const tables::Value& value);
json::object from_item(const tables::Item& item);

}  // namespace services::dynamodb
