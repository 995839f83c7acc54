// Where items and their index rows lie in the store, and the checks of their keys.
//
//   tables.item   table id, hash of the partition key, partition key[, sort key]          -> the item
//   tables.index  index id, hash of the partition key, partition key..., sort key...,
//                 the table's partition key[, the table's sort key]                       -> the projected
//                 item
// A hash of the partition key leads, so that a scan can be cut into equal segments. Rows with one partition
// key lie together, in the order of their sort keys.
#pragma once

#include <optional>
#include <string>

#include "store/records.h"
#include "tables/schema.h"

namespace tables {

// The key of an item that check_key() or check_item() has passed.
std::string item_row(const Schema& schema, const Item& item);
// Nothing if the item lacks one of the index's key attributes: then the index does not hold it.
std::optional<std::string> index_row(const Schema& schema, const Index& index, const Item& item);
// What the index keeps of the item.
Item index_item(const Schema& schema, const Index& index, const Item& item);
// Only the key attributes: of the table, and of the index if one is given.
Item key_of(const Schema& schema, const Index* index, const Item& item);

// All rows of a table or an index.
store::Range all_rows(const Schema& schema, const Index* index);
// The `segment`th of `total` equal parts of them.
store::Range segment_rows(const Schema& schema, const Index* index, std::uint32_t segment,
                          std::uint32_t total);
// The beginning of all rows with these values (in order) as partition key and first sort keys.
store::KeyBuilder rows_beginning(const Schema& schema, const Index* index,
                                 const std::vector<Value>& partition);

// Refusal::validation unless `key` is exactly the table's key, with values of the right types and sizes.
Result<void> check_key(const Schema& schema, const Item& key);
// Refusal::validation unless the item has a good key, good index keys and a size and depth within bounds.
// `updated`: the item came about by an update; AWS then words some refusals differently.
Result<void> check_item(const Schema& schema, const Item& item, bool updated);
Result<void> check_key_value(const KeyPart& part, const Value& value, bool is_sort);

}  // namespace tables
