// Paths, conditions, updates and projections, applied to items.
#pragma once

#include <vector>

#include "tables/expression.h"

namespace tables {

// What the path leads to; null if nothing is there.
const Value* find(const Item& item, const Path& path);

// Only the parts of the item that the paths name. A list keeps the order of its elements, without gaps.
Item project(const Item& item, const Projection& paths);

// Whether the condition is true of the item. What is missing, or of a type that a comparison cannot use,
// makes the comparison false (and <> true); it is never an error.
bool holds(const Condition& condition, const Item& item);

// The item after the update; what is read is read from `item`. `exists` is whether the item was there before:
// DynamoDB forgives a REMOVE in a missing item what it refuses in one that exists.
// Refusal::validation if an operand is missing or of a wrong type, or a path does not exist.
Result<Item> apply(const Update& update, const Item& item, bool exists);

}  // namespace tables
