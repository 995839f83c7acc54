// How this room's records are written: JSON with a version (docs/formats/functions.md). Used by its own files
// only.
#pragma once

#include <boost/json.hpp>

#include "functions/function.h"
#include "functions/store.h"

namespace functions {

constexpr int kRecordVersion = 1;

// Reading gives a failure for bytes that this room has not written.
boost::json::object to_record(const Function& function);
Result<Function> to_function(const FunctionId& id, const boost::json::object& record);
boost::json::object to_record(const Alias& alias);
Result<Alias> to_alias(const boost::json::object& record);

std::string write_record(boost::json::object record);
Result<boost::json::object> read_record(std::string_view bytes);

Result<std::string> text_of(const boost::json::object& record, std::string_view name);
Result<std::int64_t> number_of(const boost::json::object& record, std::string_view name);
Result<std::map<std::string, std::string>> map_of(const boost::json::object& record, std::string_view name);

}  // namespace functions
