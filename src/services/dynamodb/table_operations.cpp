// CreateTable, DescribeTable, UpdateTable, DeleteTable, ListTables.
#include <fmt/format.h>

#include "services/dynamodb/inputs.h"
#include "services/dynamodb/operations.h"
#include "tables/refusal.h"

namespace services::dynamodb {

namespace {

using tables::invalid;
using tables::invalid_parameter;

constexpr int kListLimitMax = 100;
constexpr std::string_view kNamePattern = "[a-zA-Z0-9_.-]+";

struct AttributeInput {
    std::string name, type;
    static auto members() {
        return wire::members(
            wire::required("AttributeName", &AttributeInput::name, wire::length(1, 255)),
            wire::required("AttributeType", &AttributeInput::type, wire::one_of({"S", "N", "B"})));
    }
};
struct KeyElementInput {
    std::string name, type;
    static auto members() {
        return wire::members(
            wire::required("AttributeName", &KeyElementInput::name, wire::length(1, 255)),
            wire::required("KeyType", &KeyElementInput::type, wire::one_of({"HASH", "RANGE"})));
    }
};
struct ThroughputInput {
    std::int64_t read = 0, write = 0;
    static auto members() {
        return wire::members(
            wire::required("ReadCapacityUnits", &ThroughputInput::read, wire::at_least(1)),
            wire::required("WriteCapacityUnits", &ThroughputInput::write, wire::at_least(1)));
    }
};
struct ProjectionInput {
    std::optional<std::string> type;
    std::optional<std::vector<std::string>> attributes;
    static auto members() {
        return wire::members(wire::optional("ProjectionType", &ProjectionInput::type,
                                            wire::one_of({"ALL", "KEYS_ONLY", "INCLUDE"})),
                             wire::optional("NonKeyAttributes", &ProjectionInput::attributes,
                                            wire::items(1, 20), wire::each(wire::length(1, 255))));
    }
};
struct IndexInput {
    std::string name;
    std::vector<KeyElementInput> key;
    ProjectionInput projection;
    std::optional<ThroughputInput> throughput;
    static auto members() {
        return wire::members(
            wire::required("IndexName", &IndexInput::name, wire::length(3, 255), wire::pattern(kNamePattern)),
            wire::required("KeySchema", &IndexInput::key, wire::items(1, 8)),
            wire::required("Projection", &IndexInput::projection),
            wire::optional("ProvisionedThroughput", &IndexInput::throughput));
    }
};
struct TagInput {
    std::string key, value;
    static auto members() {
        return wire::members(wire::required("Key", &TagInput::key, wire::length(1, 128)),
                             wire::required("Value", &TagInput::value, wire::length(0, 256)));
    }
};
struct SwitchInput {  // StreamSpecification, SSESpecification
    std::optional<bool> stream_enabled, enabled;
    static auto members() {
        return wire::members(wire::optional("StreamEnabled", &SwitchInput::stream_enabled),
                             wire::optional("Enabled", &SwitchInput::enabled));
    }
};

// What would be a promise that is not kept.
Result<void> check_switches(const std::optional<SwitchInput>& stream,
                            const std::optional<SwitchInput>& encryption) {
    if (stream && stream->stream_enabled.value_or(false))
        return invalid_parameter("Streams are not supported here");
    if (encryption && encryption->enabled.value_or(false))
        return invalid_parameter("Encryption with a key of KMS is not supported here");
    return {};
}

std::optional<tables::Throughput> to_throughput(const std::optional<ThroughputInput>& input) {
    if (!input) return std::nullopt;
    return tables::Throughput{input->read, input->write};
}

std::vector<tables::KeyPart> to_attributes(const std::vector<AttributeInput>& input) {
    std::vector<tables::KeyPart> out;
    for (const auto& one : input)
        out.push_back({one.name, *tables::type_from_name(one.type)});
    return out;
}

std::vector<tables::KeyElement> to_key(const std::vector<KeyElementInput>& input) {
    std::vector<tables::KeyElement> out;
    for (const auto& one : input)
        out.push_back({one.name, one.type == "RANGE"});
    return out;
}

tables::IndexDefinition to_index(const IndexInput& input) {
    tables::IndexDefinition out;
    out.name = input.name;
    out.key = to_key(input.key);
    if (input.projection.type)
        out.projected = *input.projection.type == "ALL"         ? tables::Projected::all
                        : *input.projection.type == "KEYS_ONLY" ? tables::Projected::keys_only
                                                                : tables::Projected::include;
    out.included = input.projection.attributes;
    out.throughput = to_throughput(input.throughput);
    return out;
}

std::optional<std::vector<tables::IndexDefinition>> to_indexes(
    const std::optional<std::vector<IndexInput>>& input) {
    if (!input) return std::nullopt;
    std::vector<tables::IndexDefinition> out;
    for (const auto& one : *input)
        out.push_back(to_index(one));
    return out;
}

json::object throughput_json(const tables::Throughput& throughput) {
    return {{"NumberOfDecreasesToday", 0},
            {"ReadCapacityUnits", throughput.read},
            {"WriteCapacityUnits", throughput.write}};
}

json::array key_json(const tables::KeySchema& key) {
    json::array out;
    for (const auto* parts : {&key.partition, &key.sort})
        for (const auto& part : *parts)
            out.push_back(json::object{{"AttributeName", part.attribute},
                                       {"KeyType", parts == &key.partition ? "HASH" : "RANGE"}});
    return out;
}

json::object projection_json(const tables::Index& index) {
    switch (index.projected) {
        case tables::Projected::all:
            return {{"ProjectionType", "ALL"}};
        case tables::Projected::keys_only:
            return {{"ProjectionType", "KEYS_ONLY"}};
        case tables::Projected::include:
            return {{"ProjectionType", "INCLUDE"},
                    {"NonKeyAttributes", json::array(index.included.begin(), index.included.end())}};
    }
    base::unreachable();
}

void add_indexes(json::object& out, const tables::Description& table, bool local) {
    json::array all;
    for (const auto& index : table.schema.indexes) {
        if (index.local != local) continue;
        auto size = table.indexes.find(index.name);
        bool counted = size != table.indexes.end();
        json::object one{{"IndexName", index.name},
                         {"KeySchema", key_json(index.key)},
                         {"Projection", projection_json(index)},
                         {"IndexSizeBytes", counted ? size->second.bytes : 0},
                         {"ItemCount", counted ? size->second.items : 0},
                         {"IndexArn", index_arn(table.schema.name, index.name)}};
        if (!local) {
            bool creating = index.status == tables::Index::Status::creating;
            one["IndexStatus"] = creating ? "CREATING" : "ACTIVE";
            if (creating) one["Backfilling"] = true;
            one["ProvisionedThroughput"] = throughput_json(index.throughput);
        }
        all.push_back(std::move(one));
    }
    if (!all.empty()) out[local ? "LocalSecondaryIndexes" : "GlobalSecondaryIndexes"] = std::move(all);
}

json::object table_json(const tables::Description& table, std::string_view status) {
    const auto& schema = table.schema;
    json::array attributes;
    for (const auto& part : schema.attributes)
        attributes.push_back(
            json::object{{"AttributeName", part.attribute}, {"AttributeType", tables::type_name(part.type)}});
    json::object out{{"AttributeDefinitions", std::move(attributes)},
                     {"TableName", schema.name.name},
                     {"KeySchema", key_json(schema.key)},
                     {"TableStatus", status},
                     {"CreationDateTime", base::epoch_seconds(schema.created)},
                     {"ProvisionedThroughput", throughput_json(schema.throughput)},
                     {"TableSizeBytes", table.table.bytes},
                     {"ItemCount", table.table.items},
                     {"TableArn", table_arn(schema.name)},
                     {"TableId", schema.id}};
    if (schema.per_request_since != base::Time{}) {
        out["BillingModeSummary"] = json::object{
            {"BillingMode",
             schema.billing == tables::Billing::per_request ? "PAY_PER_REQUEST" : "PROVISIONED"},
            {"LastUpdateToPayPerRequestDateTime", base::epoch_seconds(schema.per_request_since)}};
    }
    add_indexes(out, table, true);
    add_indexes(out, table, false);
    if (!schema.table_class.empty())
        out["TableClassSummary"] = json::object{{"TableClass", schema.table_class}};
    out["DeletionProtectionEnabled"] = schema.deletion_protection;
    return out;
}

struct CreateTable {
    static constexpr std::string_view name = "CreateTable";

    struct Input {
        std::string table;
        std::vector<AttributeInput> attributes;
        std::vector<KeyElementInput> key;
        std::optional<std::vector<IndexInput>> local_indexes, global_indexes;
        std::string billing = "PROVISIONED";
        std::optional<ThroughputInput> throughput;
        std::optional<SwitchInput> stream, encryption;
        std::vector<TagInput> tags;
        std::string table_class;
        bool deletion_protection = false;
        std::optional<std::string> policy;
        static auto members() {
            return wire::members(wire::required("AttributeDefinitions", &Input::attributes),
                                 wire::required("TableName", &Input::table, wire::length(1, 1024)),
                                 wire::required("KeySchema", &Input::key, wire::items(1, 2)),
                                 wire::optional("LocalSecondaryIndexes", &Input::local_indexes),
                                 wire::optional("GlobalSecondaryIndexes", &Input::global_indexes),
                                 wire::optional("BillingMode", &Input::billing,
                                                wire::one_of({"PROVISIONED", "PAY_PER_REQUEST"})),
                                 wire::optional("ProvisionedThroughput", &Input::throughput),
                                 wire::optional("StreamSpecification", &Input::stream),
                                 wire::optional("SSESpecification", &Input::encryption),
                                 wire::optional("Tags", &Input::tags),
                                 wire::optional("TableClass", &Input::table_class,
                                                wire::one_of({"STANDARD", "STANDARD_INFREQUENT_ACCESS"})),
                                 wire::optional("DeletionProtectionEnabled", &Input::deletion_protection),
                                 wire::optional("ResourcePolicy", &Input::policy));
        }
    };

    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        auto out = TRY(table_permission(name, input.table, call));
        if (input.tags.empty()) return out;
        auto tagging = TRY(table_permission("TagResource", input.table, call));
        out.push_back(std::move(tagging.front()));
        return out;
    }

    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(check_switches(input.stream, input.encryption));
        if (input.policy) return invalid_parameter("Resource policies of tables are not supported here");
        tables::TableDefinition definition;
        definition.attributes = to_attributes(input.attributes);
        definition.key = to_key(input.key);
        definition.local_indexes = to_indexes(input.local_indexes);
        definition.global_indexes = to_indexes(input.global_indexes);
        definition.billing =
            input.billing == "PROVISIONED" ? tables::Billing::provisioned : tables::Billing::per_request;
        definition.throughput = to_throughput(input.throughput);
        definition.deletion_protection = input.deletion_protection;
        definition.table_class = input.table_class;
        for (const auto& tag : input.tags)
            if (!definition.tags.emplace(tag.key, tag.value).second)
                return invalid_parameter("Duplicate tag key: " + tag.key);
        auto table = TRY(table_at(input.table, call));
        auto schema = TRY(rooms.tables.create(std::move(table), std::move(definition)));
        return wire::Reply({{"TableDescription", table_json({std::move(schema), {}, {}}, "CREATING")}});
    }
};

struct DescribeTable {
    static constexpr std::string_view name = "DescribeTable";

    struct Input {
        std::string table;
        static auto members() {
            return wire::members(wire::required("TableName", &Input::table, wire::length(1, 1024)));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return table_permission(name, input.table, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto table = TRY(rooms.tables.describe(TRY(table_at(input.table, call))));
        bool changing =
            std::any_of(table.schema.indexes.begin(), table.schema.indexes.end(),
                        [](const auto& index) { return index.status == tables::Index::Status::creating; });
        return wire::Reply({{"Table", table_json(table, changing ? "UPDATING" : "ACTIVE")}});
    }
};

struct DeleteTable {
    static constexpr std::string_view name = "DeleteTable";
    using Input = DescribeTable::Input;

    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return table_permission(name, input.table, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto table = TRY(rooms.tables.remove_table(TRY(table_at(input.table, call))));
        // Of a table that goes, AWS describes what it is called and costs, but not its keys.
        auto out = table_json(table, "DELETING");
        for (auto member : {"AttributeDefinitions", "KeySchema", "CreationDateTime", "LocalSecondaryIndexes",
                            "GlobalSecondaryIndexes"})
            out.erase(member);
        return wire::Reply({{"TableDescription", std::move(out)}});
    }
};

struct UpdateTable {
    static constexpr std::string_view name = "UpdateTable";

    struct IndexNameInput {
        std::string name;
        static auto members() {
            return wire::members(wire::required("IndexName", &IndexNameInput::name, wire::length(3, 255),
                                                wire::pattern(kNamePattern)));
        }
    };
    struct IndexUpdateInput {
        std::string name;
        std::optional<ThroughputInput> throughput;
        static auto members() {
            return wire::members(wire::required("IndexName", &IndexUpdateInput::name, wire::length(3, 255),
                                                wire::pattern(kNamePattern)),
                                 wire::optional("ProvisionedThroughput", &IndexUpdateInput::throughput));
        }
    };
    struct IndexChangeInput {
        std::optional<IndexInput> create;
        std::optional<IndexNameInput> remove;
        std::optional<IndexUpdateInput> update;
        static auto members() {
            return wire::members(wire::optional("Create", &IndexChangeInput::create),
                                 wire::optional("Delete", &IndexChangeInput::remove),
                                 wire::optional("Update", &IndexChangeInput::update));
        }
    };
    struct Input {
        std::string table;
        std::vector<AttributeInput> attributes;
        std::optional<std::string> billing;
        std::optional<ThroughputInput> throughput;
        std::optional<std::vector<IndexChangeInput>> indexes;
        std::optional<SwitchInput> stream, encryption;
        std::optional<bool> deletion_protection;
        std::string table_class;
        std::optional<json::value> replicas;
        static auto members() {
            return wire::members(wire::optional("AttributeDefinitions", &Input::attributes),
                                 wire::required("TableName", &Input::table, wire::length(1, 1024)),
                                 wire::optional("BillingMode", &Input::billing,
                                                wire::one_of({"PROVISIONED", "PAY_PER_REQUEST"})),
                                 wire::optional("ProvisionedThroughput", &Input::throughput),
                                 wire::optional("GlobalSecondaryIndexUpdates", &Input::indexes),
                                 wire::optional("StreamSpecification", &Input::stream),
                                 wire::optional("SSESpecification", &Input::encryption),
                                 wire::optional("DeletionProtectionEnabled", &Input::deletion_protection),
                                 wire::optional("TableClass", &Input::table_class,
                                                wire::one_of({"STANDARD", "STANDARD_INFREQUENT_ACCESS"})),
                                 wire::optional("ReplicaUpdates", &Input::replicas));
        }
    };

    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return table_permission(name, input.table, call);
    }

    static Result<tables::TableChange::IndexChange> to_change(const IndexChangeInput& input) {
        int given = (input.create ? 1 : 0) + (input.remove ? 1 : 0) + (input.update ? 1 : 0);
        if (given != 1)
            return invalid_parameter(
                "A GlobalSecondaryIndexUpdate must have exactly one of Create, Update and Delete");
        if (input.create) return tables::TableChange::IndexChange(to_index(*input.create));
        if (input.remove)
            return tables::TableChange::IndexChange(tables::TableChange::DeleteIndex{input.remove->name});
        if (!input.update->throughput)
            return invalid_parameter("ProvisionedThroughput must be specified for index: " +
                                     input.update->name);
        return tables::TableChange::IndexChange(
            tables::TableChange::UpdateIndex{input.update->name, *to_throughput(input.update->throughput)});
    }

    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(check_switches(input.stream, input.encryption));
        if (input.replicas) return invalid_parameter("Global tables are not supported here");
        tables::TableChange change;
        change.attributes = to_attributes(input.attributes);
        if (input.billing)
            change.billing =
                *input.billing == "PROVISIONED" ? tables::Billing::provisioned : tables::Billing::per_request;
        change.throughput = to_throughput(input.throughput);
        if (input.indexes)
            for (const auto& one : *input.indexes)
                change.indexes.push_back(TRY(to_change(one)));
        change.deletion_protection = input.deletion_protection;
        change.table_class = input.table_class;
        auto table = TRY(table_at(input.table, call));
        TRY(rooms.tables.update_table(table, change));
        auto described = TRY(rooms.tables.describe(table));
        return wire::Reply({{"TableDescription", table_json(described, "UPDATING")}});
    }
};

struct ListTables {
    static constexpr std::string_view name = "ListTables";

    struct Input {
        std::string after;
        int limit = kListLimitMax;
        static auto members() {
            return wire::members(wire::optional("ExclusiveStartTableName", &Input::after,
                                                wire::length(3, 255), wire::pattern(kNamePattern)),
                                 wire::optional("Limit", &Input::limit, wire::range(1, kListLimitMax)));
        }
    };
    static std::string resource(const Input&, const wire::Call& call) {
        return call.arn("dynamodb", "table/*");
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto listed = TRY(rooms.tables.list(call.caller.account, call.region, input.after,
                                            static_cast<std::size_t>(input.limit)));
        json::object out{{"TableNames", json::array(listed.names.begin(), listed.names.end())}};
        if (listed.more) out["LastEvaluatedTableName"] = listed.names.back();
        return wire::Reply(std::move(out));
    }
};

}  // namespace

void add_table_operations(wire::Service& service, Rooms& rooms) {
    service.add<CreateTable>(rooms);
    service.add<DescribeTable>(rooms);
    service.add<UpdateTable>(rooms);
    service.add<DeleteTable>(rooms);
    service.add<ListTables>(rooms);
}

}  // namespace services::dynamodb
