// The bytes of items in the store (docs/formats/tables.md) and of values in keys.
#pragma once

#include <string>
#include <string_view>

#include "tables/value.h"

namespace tables {

// A version byte, then the attributes.
std::string encode(const Item& item);
// A failure for bytes that encode() did not make: records are ours.
Result<Item> decode(std::string_view record);

// The part of a store key that stands for an ordered value (is_ordered): its byte order is the values' order.
std::string key_bytes(const Value& value);

}  // namespace tables
