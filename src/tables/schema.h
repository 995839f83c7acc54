// Schema: what a table is: its keys, indexes and settings; and the checks that DynamoDB makes of a
// definition.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "tables/value.h"

namespace tables {

inline constexpr std::size_t kLocalIndexesMax = 5;
inline constexpr std::size_t kGlobalIndexesMax = 20;
inline constexpr std::size_t kIncludedAttributesMax = 100;  // over all indexes of a table
inline constexpr std::size_t kIndexKeyPartsMax = 4;  // of a global index: for each of partition and sort key
inline constexpr std::size_t kTagsMax = 50;
inline constexpr std::size_t kPartitionKeyBytesMax = 2048;
inline constexpr std::size_t kSortKeyBytesMax = 1024;

// Where a table is found. Two accounts or regions do not see each other's.
struct TableName {
    std::string account, region, name;
    auto operator<=>(const TableName&) const = default;
};

struct KeyPart {
    std::string attribute;
    Type type = Type::string;  // string, number or binary
    bool operator==(const KeyPart&) const = default;
};

// A table has one partition attribute and at most one sort attribute; a global index up to four of each.
struct KeySchema {
    std::vector<KeyPart> partition;
    std::vector<KeyPart> sort;
    bool operator==(const KeySchema&) const = default;
    bool contains(std::string_view attribute) const;
};

struct Throughput {
    std::int64_t read = 0, write = 0;
    bool operator==(const Throughput&) const = default;
};
enum class Billing { provisioned, per_request };
enum class Projected { keys_only, include, all };

struct Index {
    enum class Status { creating, active };

    std::string id;  // a UUID; names may come again, rows must not
    std::string name;
    bool local = false;
    KeySchema key;
    Projected projected = Projected::all;
    std::vector<std::string> included = {};
    Throughput throughput = {};
    Status status = Status::active;
    bool operator==(const Index&) const = default;
};

struct Schema {
    TableName name;
    std::string id;  // a UUID; a table made again under an old name has another
    base::Time created{};
    std::vector<KeyPart> attributes;  // AttributeDefinitions, as given
    KeySchema key;
    std::vector<Index> indexes;
    Billing billing = Billing::provisioned;
    base::Time per_request_since{};
    Throughput throughput = {};
    bool deletion_protection = false;
    std::string table_class = {};
    std::map<std::string, std::string> tags = {};
    // The attribute that holds the second (since 1970) after which an item may go; empty: items stay.
    std::string expiry_attribute = {};
    base::Time expiry_changed{};
    bool operator==(const Schema&) const = default;

    const Index* find_index(std::string_view index) const;
};

// What CreateTable and UpdateTable ask for.
struct KeyElement {
    std::string attribute;
    bool is_sort = false;
};
struct IndexDefinition {
    std::string name;
    std::vector<KeyElement> key;
    std::optional<Projected> projected;
    std::optional<std::vector<std::string>> included = {};
    std::optional<Throughput> throughput = {};
};
struct TableDefinition {
    std::vector<KeyPart> attributes;
    std::vector<KeyElement> key;
    std::optional<std::vector<IndexDefinition>> local_indexes = {};
    std::optional<std::vector<IndexDefinition>> global_indexes = {};
    Billing billing = Billing::provisioned;
    std::optional<Throughput> throughput = {};
    bool deletion_protection = false;
    std::string table_class = {};
    std::map<std::string, std::string> tags = {};
};
struct TableChange {
    struct DeleteIndex {
        std::string name;
    };
    struct UpdateIndex {
        std::string name;
        Throughput throughput;
    };
    using IndexChange = std::variant<IndexDefinition, DeleteIndex, UpdateIndex>;

    std::vector<KeyPart> attributes = {};
    std::optional<Billing> billing = {};
    std::optional<Throughput> throughput = {};
    std::vector<IndexChange> indexes = {};
    std::optional<bool> deletion_protection = {};
    std::string table_class = {};
};

// Refusal::validation with DynamoDB's reason.
Result<Schema> make_schema(TableName name, TableDefinition definition, base::Time now, base::Random& random);
// The schema with the change made. A new index begins as Status::creating.
// Refusal::validation, resource_missing (an index), limit_exceeded (more than one index at a time).
Result<Schema> change_schema(Schema schema, const TableChange& change, base::Time now, base::Random& random);
Result<void> check_tags(const std::map<std::string, std::string>& tags);

// The record in the store (docs/formats/tables.md).
std::string encode(const Schema& schema);
Result<Schema> decode_schema(std::string_view record);

}  // namespace tables
