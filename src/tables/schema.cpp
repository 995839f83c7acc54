#include "tables/schema.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "base/id.h"
#include "tables/refusal.h"

namespace tables {

namespace {

constexpr std::size_t kTagKeyLengthMax = 128;
constexpr std::size_t kTagValueLengthMax = 256;

// Of UTF-8.
std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// Letters beyond ASCII are letters too.
bool may_stand_in_tag(char c) {
    constexpr std::string_view kSigns = " \t\n\r+-=._:/@";
    bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter_or_digit || static_cast<unsigned char>(c) >= 0x80 ||
           kSigns.find(c) != std::string_view::npos;
}

std::string list(const std::vector<std::string>& names) {
    return fmt::format("[{}]", fmt::join(names, ", "));
}

std::vector<std::string> names_of(const std::vector<KeyPart>& parts) {
    std::vector<std::string> names;
    for (const auto& part : parts)
        names.push_back(part.attribute);
    return names;
}

std::vector<std::string> names_of(const std::vector<KeyElement>& elements) {
    std::vector<std::string> names;
    for (const auto& element : elements)
        names.push_back(element.attribute);
    return names;
}

const KeyPart* find_part(const std::vector<KeyPart>& parts, std::string_view attribute) {
    auto found = std::find_if(parts.begin(), parts.end(),
                              [&](const auto& part) { return part.attribute == attribute; });
    return found == parts.end() ? nullptr : &*found;
}

Result<void> check_attributes(const std::vector<KeyPart>& attributes) {
    std::set<std::string_view> seen;
    for (const auto& attribute : attributes)
        if (!seen.insert(attribute.attribute).second)
            return invalid_parameter("Duplicate AttributeName in AttributeDefinitions: " +
                                     attribute.attribute);
    return {};
}

Result<KeySchema> resolve_key(const std::vector<KeyElement>& elements, const std::vector<KeyPart>& attributes,
                              std::size_t parts_max) {
    KeySchema key;
    if (elements.empty() || elements.front().is_sort)
        return invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
    if (parts_max == 1 && elements.size() > 1 && !elements[1].is_sort)
        return invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
    std::set<std::string_view> seen;
    for (const auto& element : elements) {
        if (!element.is_sort && !key.sort.empty())
            return invalid(
                "Invalid KeySchema: every HASH KeySchemaElement must precede the RANGE KeySchemaElements");
        if (!seen.insert(element.attribute).second)
            return invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name");
        const auto* part = find_part(attributes, element.attribute);
        if (!part)
            return invalid_parameter(
                fmt::format("Some index key attributes are not defined in AttributeDefinitions. Keys: {}, "
                            "AttributeDefinitions: {}",
                            list(names_of(elements)), list(names_of(attributes))));
        (element.is_sort ? key.sort : key.partition).push_back(*part);
    }
    if (key.partition.size() > parts_max || key.sort.size() > parts_max)
        return invalid(parts_max == 1
                           ? "Invalid KeySchema: KeySchema has more than two elements"
                           : fmt::format("Invalid KeySchema: an index key has at most {} HASH and {} RANGE "
                                         "elements",
                                         parts_max, parts_max));
    return key;
}

Result<void> check_projection(const IndexDefinition& definition) {
    if (!definition.projected) return invalid_parameter("Unknown ProjectionType: null");
    if (*definition.projected == Projected::include) {
        if (!definition.included || definition.included->empty())
            return invalid_parameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified");
        std::set<std::string_view> seen;
        for (const auto& name : *definition.included)
            if (!seen.insert(name).second)
                return invalid_parameter("Duplicate attribute name in NonKeyAttributes: " + name);
        return {};
    }
    if (definition.included)
        return invalid_parameter(fmt::format("ProjectionType is {}, but NonKeyAttributes is specified",
                                             *definition.projected == Projected::all ? "ALL" : "KEYS_ONLY"));
    return {};
}

Result<Index> make_index(const IndexDefinition& definition, bool local, const Schema& schema,
                         base::Random& random) {
    Index index;
    index.id = base::uuid_random(random);
    index.name = definition.name;
    index.local = local;
    index.key = TRY(resolve_key(definition.key, schema.attributes, local ? 1 : kIndexKeyPartsMax));
    TRY(check_projection(definition));
    index.projected = *definition.projected;
    if (definition.included) index.included = *definition.included;
    if (local) {
        if (schema.key.sort.empty())
            return invalid_parameter(
                "Table KeySchema does not have a range key, which is required when specifying a "
                "LocalSecondaryIndex");
        if (index.key.partition != schema.key.partition)
            return invalid_parameter(fmt::format(
                "Index KeySchema does not have the same leading hash key as table KeySchema for index: {}. "
                "index hash "
                "key: {}, table hash key: {}",
                index.name, index.key.partition.front().attribute, schema.key.partition.front().attribute));
        if (index.key.sort.empty())
            return invalid_parameter("Index KeySchema does not have a range key for index: " + index.name);
        return index;
    }
    if (schema.billing == Billing::provisioned) {
        if (!definition.throughput)
            return invalid_parameter("ProvisionedThroughput must be specified for index: " + index.name);
        index.throughput = *definition.throughput;
    } else if (definition.throughput) {
        return invalid_parameter(fmt::format(
            "ProvisionedThroughput should not be specified for index: {} when BillingMode is PAY_PER_REQUEST",
            index.name));
    }
    return index;
}

Result<void> check_indexes(const Schema& schema) {
    std::set<std::string_view> names;
    std::size_t local = 0, global = 0, included = 0;
    for (const auto& index : schema.indexes) {
        if (!names.insert(index.name).second) return invalid_parameter("Duplicate index name: " + index.name);
        ++(index.local ? local : global);
        included += index.included.size();
    }
    if (local > kLocalIndexesMax)
        return invalid_parameter(
            fmt::format("Number of LocalSecondaryIndexes exceeds per-table limit of {}", kLocalIndexesMax));
    if (global > kGlobalIndexesMax)
        return invalid_parameter(
            fmt::format("GlobalSecondaryIndex count exceeds the per-table limit of {}", kGlobalIndexesMax));
    if (included > kIncludedAttributesMax)
        return invalid_parameter(fmt::format("Number of NonKeyAttributes exceeds the per-table limit of {}",
                                             kIncludedAttributesMax));
    return {};
}

Result<void> check_attributes_used(const Schema& schema) {
    std::vector<std::string> used = names_of(schema.key.partition);
    auto add = [&](const KeySchema& key) {
        for (const auto* parts : {&key.partition, &key.sort})
            for (const auto& name : names_of(*parts))
                if (std::find(used.begin(), used.end(), name) == used.end()) used.push_back(name);
    };
    add(schema.key);
    for (const auto& index : schema.indexes)
        add(index.key);
    if (used.size() == schema.attributes.size()) return {};
    if (schema.indexes.empty())
        return invalid_parameter(
            "Number of attributes in KeySchema does not exactly match number of attributes defined in "
            "AttributeDefinitions");
    return invalid_parameter(
        fmt::format("Some AttributeDefinitions are not used. AttributeDefinitions: {}, keys used: {}",
                    list(names_of(schema.attributes)), list(used)));
}

Result<void> set_billing(Schema& schema, Billing billing, const std::optional<Throughput>& throughput,
                         base::Time now) {
    if (billing == Billing::provisioned && !throughput)
        return invalid_parameter(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
            "PROVISIONED");
    if (billing == Billing::per_request && throughput)
        return invalid_parameter(
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
            "PAY_PER_REQUEST");
    if (billing == Billing::per_request && schema.per_request_since == base::Time{})
        schema.per_request_since = now;
    schema.billing = billing;
    schema.throughput = throughput.value_or(Throughput{});
    return {};
}

// Of a second definition only what is new counts; a different type for an attribute that is there is refused.
Result<void> merge_attributes(Schema& schema, const std::vector<KeyPart>& attributes) {
    TRY(check_attributes(attributes));
    for (const auto& attribute : attributes) {
        const auto* known = find_part(schema.attributes, attribute.attribute);
        if (!known)
            schema.attributes.push_back(attribute);
        else if (known->type != attribute.type)
            return invalid_parameter(
                fmt::format("Attribute {} is redefined with a different type", attribute.attribute));
    }
    return {};
}

void drop_unused_attributes(Schema& schema) {
    std::erase_if(schema.attributes, [&](const KeyPart& part) {
        if (schema.key.contains(part.attribute)) return false;
        return std::none_of(schema.indexes.begin(), schema.indexes.end(),
                            [&](const Index& index) { return index.key.contains(part.attribute); });
    });
}

Error index_missing(std::string_view name) {
    return Error::refusal(Refusal::resource_missing,
                          fmt::format("Requested resource not found: Index: {} not found", name));
}

struct IndexChanger {
    Schema& schema;
    base::Random& random;

    Result<void> operator()(const IndexDefinition& definition) {
        if (schema.find_index(definition.name))
            return invalid("Attempting to create an index which already exists: " + definition.name);
        auto index = TRY(make_index(definition, false, schema, random));
        index.status = Index::Status::creating;
        schema.indexes.push_back(std::move(index));
        return {};
    }
    Result<void> operator()(const TableChange::DeleteIndex& wanted) {
        auto removed = std::erase_if(
            schema.indexes, [&](const Index& index) { return index.name == wanted.name && !index.local; });
        if (removed == 0) return index_missing(wanted.name);
        return {};
    }
    Result<void> operator()(const TableChange::UpdateIndex& wanted) {
        for (auto& index : schema.indexes) {
            if (index.name != wanted.name || index.local) continue;
            index.throughput = wanted.throughput;
            return {};
        }
        return index_missing(wanted.name);
    }
};

}  // namespace

bool KeySchema::contains(std::string_view attribute) const {
    return find_part(partition, attribute) || find_part(sort, attribute);
}

const Index* Schema::find_index(std::string_view index) const {
    auto found =
        std::find_if(indexes.begin(), indexes.end(), [&](const Index& one) { return one.name == index; });
    return found == indexes.end() ? nullptr : &*found;
}

Result<Schema> make_schema(TableName name, TableDefinition definition, base::Time now, base::Random& random) {
    Schema schema;
    schema.name = std::move(name);
    schema.id = base::uuid_random(random);
    schema.created = now;
    TRY(check_attributes(definition.attributes));
    schema.attributes = std::move(definition.attributes);
    TRY(set_billing(schema, definition.billing, definition.throughput, now));
    schema.key = TRY(resolve_key(definition.key, schema.attributes, 1));
    if (definition.local_indexes && definition.local_indexes->empty())
        return invalid_parameter("List of LocalSecondaryIndexes is empty");
    if (definition.global_indexes && definition.global_indexes->empty())
        return invalid_parameter("List of GlobalSecondaryIndexes is empty");
    for (bool local : {true, false}) {
        const auto& indexes = local ? definition.local_indexes : definition.global_indexes;
        if (!indexes) continue;
        for (const auto& index : *indexes)
            schema.indexes.push_back(TRY(make_index(index, local, schema, random)));
    }
    TRY(check_indexes(schema));
    TRY(check_attributes_used(schema));
    TRY(check_tags(definition.tags));
    schema.tags = std::move(definition.tags);
    schema.deletion_protection = definition.deletion_protection;
    schema.table_class = std::move(definition.table_class);
    return schema;
}

Result<Schema> change_schema(Schema schema, const TableChange& change, base::Time now, base::Random& random) {
    bool changes_index = !change.indexes.empty();
    if (!change.billing && !change.throughput && !changes_index && !change.deletion_protection &&
        change.table_class.empty())
        return invalid_parameter(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
            "GlobalSecondaryIndexUpdates or "
            "SSESpecification or ReplicaUpdates is required");
    if (changes_index && change.attributes.empty())
        for (const auto& one : change.indexes)
            if (std::holds_alternative<IndexDefinition>(one))
                return invalid_parameter(
                    "AttributeDefinitions must be specified when creating a GlobalSecondaryIndex");
    TRY(merge_attributes(schema, change.attributes));
    if (change.billing) {
        TRY(set_billing(schema, *change.billing, change.throughput, now));
    } else if (change.throughput) {
        if (schema.billing == Billing::per_request)
            return invalid_parameter(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
                "PAY_PER_REQUEST");
        if (!changes_index && *change.throughput == schema.throughput)
            return invalid(
                "The provisioned throughput for the table will not change. The requested value equals the "
                "current value. Current ReadCapacityUnits provisioned for the table: " +
                fmt::format(
                    "{}. Requested ReadCapacityUnits: {}. Current WriteCapacityUnits provisioned for the "
                    "table: {}. Requested WriteCapacityUnits: {}. Refer to the Amazon DynamoDB Developer "
                    "Guide for current limits and how to request higher limits.",
                    schema.throughput.read, change.throughput->read, schema.throughput.write,
                    change.throughput->write));
        schema.throughput = *change.throughput;
    }
    std::size_t made_or_removed = 0;
    std::set<std::string> named;
    for (const auto& one : change.indexes) {
        auto name = std::visit([](const auto& what) { return what.name; }, one);
        if (!named.insert(name).second)
            return invalid_parameter(
                "Only one global secondary index update per index is allowed simultaneously. Index: " + name);
        if (!std::holds_alternative<TableChange::UpdateIndex>(one)) ++made_or_removed;
    }
    if (made_or_removed > 1)
        return Error::refusal(Refusal::limit_exceeded,
                              "Subscriber limit exceeded: Only 1 online index can be created or deleted "
                              "simultaneously per table");
    for (const auto& one : change.indexes)
        TRY(std::visit(IndexChanger{schema, random}, one));
    TRY(check_indexes(schema));
    // Definitions that a removed index no longer needs go with it; new ones must be of use.
    if (change.attributes.empty())
        drop_unused_attributes(schema);
    else
        TRY(check_attributes_used(schema));
    if (change.deletion_protection) schema.deletion_protection = *change.deletion_protection;
    if (!change.table_class.empty()) schema.table_class = change.table_class;
    return schema;
}

Result<void> check_tags(const std::map<std::string, std::string>& tags) {
    if (tags.size() > kTagsMax) return invalid_parameter("Too many tags: the maximum number of tags is 50");
    for (const auto& [key, value] : tags) {
        if (key.empty() || characters(key) > kTagKeyLengthMax)
            return invalid_parameter("A tag key has 1 to 128 characters");
        if (characters(value) > kTagValueLengthMax)
            return invalid_parameter("A tag value has at most 256 characters");
        if (key.starts_with("aws:")) return invalid_parameter("Tag keys that begin with aws: are reserved");
        for (const auto* text : {&key, &value})
            if (!std::all_of(text->begin(), text->end(), may_stand_in_tag))
                return invalid_parameter(
                    "Tags hold letters, digits, white space and the characters + - = . _ : / @ only: " +
                    *text);
    }
    return {};
}

}  // namespace tables
