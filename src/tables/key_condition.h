// KeyConditionExpression (or KeyConditions): which rows of a table or index a query reads.
#pragma once

#include "store/records.h"
#include "tables/expression.h"
#include "tables/schema.h"

namespace tables {

// The rows, in ascending order. Refusal::validation unless the condition gives each partition attribute one
// value and restricts the sort key in one of the ways that a range can answer.
Result<store::Range> rows_of(const Schema& schema, const Index* index, const Condition& condition);

}  // namespace tables
