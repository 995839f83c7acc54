#include "tables/rows.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "tables/record.h"
#include "tables/refusal.h"

namespace tables {

namespace {

store::KeyBuilder beginning(const Schema& schema, const Index* index) {
    store::KeyBuilder builder(index ? "tables.index" : "tables.item");
    builder.text(index ? index->id : schema.id);
    return builder;
}

// The first eight bytes of the MD5 of the partition key: spread evenly whatever the keys are.
std::uint64_t spread(const std::string& partition) {
    auto digest = base::digest(base::DigestKind::md5, base::view(partition));
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < 8; ++i)
        out = out << 8 | digest[i];
    return out;
}

void add_partition(store::KeyBuilder& builder, const std::vector<std::string>& parts) {
    store::KeyBuilder whole("");
    for (const auto& part : parts)
        whole.text(part);
    builder.number(spread(whole.str()));
    for (const auto& part : parts)
        builder.text(part);
}

bool is_empty(const Value& value) {
    if (const auto* text = value.get_if<std::string>()) return text->empty();
    if (const auto* binary = value.get_if<Binary>()) return binary->bytes.empty();
    return false;
}

// Nothing if one of the parts is missing or, as can be in items older than an index, cannot be a key.
std::optional<std::vector<std::string>> bytes_of(const std::vector<KeyPart>& parts, const Item& item,
                                                 std::size_t size_max) {
    std::vector<std::string> out;
    for (const auto& part : parts) {
        auto found = item.find(part.attribute);
        if (found == item.end() || found->second.type() != part.type || is_empty(found->second))
            return std::nullopt;
        out.push_back(key_bytes(found->second));
        if (out.back().size() > size_max) return std::nullopt;
    }
    return out;
}

std::string_view empty_name(Type type) {
    return type == Type::binary ? "binary" : "string";
}

Result<void> check_size(const Value& value, bool is_sort) {
    auto size = key_bytes(value).size();
    if (!is_sort && size > kPartitionKeyBytesMax)
        return invalid_parameter("Size of hashkey has exceeded the maximum size limit of2048 bytes");
    if (is_sort && size > kSortKeyBytesMax)
        return invalid_parameter(
            "Aggregated size of all range keys has exceeded the size limit of 1024 bytes");
    return {};
}

Result<void> check_index_key(const Index& index, const KeyPart& part, const Value& value, bool is_sort,
                             bool updated) {
    if (value.type() != part.type)
        return invalid_parameter(
            fmt::format("Type mismatch for Index Key {} Expected: {} Actual: {} IndexName: {}",
                        part.attribute, type_name(part.type), type_name(value.type()), index.name));
    if (is_empty(value))
        return invalid(
            fmt::format("One or more parameter values are not valid. {} The AttributeValue for a key "
                        "attribute cannot contain an empty "
                        "{} value. IndexName: {}, IndexKey: {}",
                        updated ? "The update expression attempted to update a secondary index key to a "
                                  "value that is not supported."
                                : "A value specified for a secondary index key is not supported.",
                        empty_name(part.type), index.name, part.attribute));
    return check_size(value, is_sort);
}

}  // namespace

std::string item_row(const Schema& schema, const Item& item) {
    auto builder = beginning(schema, nullptr);
    auto partition = bytes_of(schema.key.partition, item, kPartitionKeyBytesMax);
    auto sort = bytes_of(schema.key.sort, item, kSortKeyBytesMax);
    INVARIANT(partition && sort);
    add_partition(builder, *partition);
    for (const auto& part : *sort)
        builder.text(part);
    return builder.str();
}

std::optional<std::string> index_row(const Schema& schema, const Index& index, const Item& item) {
    auto partition = bytes_of(index.key.partition, item, kPartitionKeyBytesMax);
    auto sort = bytes_of(index.key.sort, item, kSortKeyBytesMax);
    if (!partition || !sort) return std::nullopt;
    auto builder = beginning(schema, &index);
    add_partition(builder, *partition);
    for (const auto& part : *sort)
        builder.text(part);
    for (const auto* parts : {&schema.key.partition, &schema.key.sort}) {
        auto own = bytes_of(*parts, item, kPartitionKeyBytesMax);
        INVARIANT(own.has_value());
        for (const auto& part : *own)
            builder.text(part);
    }
    return builder.str();
}

Item key_of(const Schema& schema, const Index* index, const Item& item) {
    Item out;
    auto add = [&](const KeySchema& key) {
        for (const auto* parts : {&key.partition, &key.sort})
            for (const auto& part : *parts)
                if (auto found = item.find(part.attribute); found != item.end()) out.insert(*found);
    };
    add(schema.key);
    if (index) add(index->key);
    return out;
}

Item index_item(const Schema& schema, const Index& index, const Item& item) {
    if (index.projected == Projected::all) return item;
    auto out = key_of(schema, &index, item);
    for (const auto& name : index.included)
        if (auto found = item.find(name); found != item.end()) out.insert(*found);
    return out;
}

store::Range all_rows(const Schema& schema, const Index* index) {
    return beginning(schema, index).range();
}

store::Range segment_rows(const Schema& schema, const Index* index, std::uint32_t segment,
                          std::uint32_t total) {
    auto range = all_rows(schema, index);
    auto border = [&](std::uint32_t which) {
        // 2^64 * which / total, without leaving 64 bits.
        constexpr std::uint64_t kAll = ~std::uint64_t{0};
        std::uint64_t hash = which * (kAll / total) + which * (kAll % total + 1) / total;
        return beginning(schema, index).number(hash).str();
    };
    if (segment > 0) range.from = border(segment);
    if (segment + 1 < total) range.to = border(segment + 1);
    return range;
}

store::KeyBuilder rows_beginning(const Schema& schema, const Index* index,
                                 const std::vector<Value>& partition) {
    auto builder = beginning(schema, index);
    std::vector<std::string> parts;
    for (const auto& value : partition)
        parts.push_back(key_bytes(value));
    add_partition(builder, parts);
    return builder;
}

Result<void> check_key_value(const KeyPart& part, const Value& value, bool is_sort) {
    if (is_empty(value))
        return invalid(
            fmt::format("One or more parameter values are not valid. The AttributeValue for a key attribute "
                        "cannot contain an empty {} value. Key: {}",
                        empty_name(part.type), part.attribute));
    return check_size(value, is_sort);
}

Result<void> check_key(const Schema& schema, const Item& key) {
    auto mismatch = [] { return invalid("The provided key element does not match the schema"); };
    if (key.size() != schema.key.partition.size() + schema.key.sort.size()) return mismatch();
    for (bool is_sort : {false, true}) {
        for (const auto& part : is_sort ? schema.key.sort : schema.key.partition) {
            auto found = key.find(part.attribute);
            if (found == key.end() || found->second.type() != part.type) return mismatch();
            TRY(check_key_value(part, found->second, is_sort));
        }
    }
    return {};
}

Result<void> check_item(const Schema& schema, const Item& item, bool updated) {
    for (bool is_sort : {false, true}) {
        for (const auto& part : is_sort ? schema.key.sort : schema.key.partition) {
            auto found = item.find(part.attribute);
            if (found == item.end())
                return invalid_parameter(fmt::format("Missing the key {} in the item", part.attribute));
            if (found->second.type() != part.type)
                return invalid_parameter(fmt::format("Type mismatch for key {} expected: {} actual: {}",
                                                     part.attribute, type_name(part.type),
                                                     type_name(found->second.type())));
            TRY(check_key_value(part, found->second, is_sort));
        }
    }
    for (const auto& index : schema.indexes)
        for (bool is_sort : {false, true})
            for (const auto& part : is_sort ? index.key.sort : index.key.partition)
                if (auto found = item.find(part.attribute); found != item.end())
                    TRY(check_index_key(index, part, found->second, is_sort, updated));
    for (const auto& [name, value] : item)
        if (nesting(value) > kNestingMax) return invalid("Nesting Levels have exceeded supported limits");
    if (size_bytes(item) > kItemBytesMax)
        return invalid(updated ? "Item size to update has exceeded the maximum allowed size"
                               : "Item size has exceeded the maximum allowed size");
    return {};
}

}  // namespace tables
