// PutItem, UpdateItem, DeleteItem, GetItem.
#include "services/dynamodb/inputs.h"
#include "services/dynamodb/operations.h"
#include "tables/document.h"
#include "tables/refusal.h"

namespace services::dynamodb {

namespace {

using tables::invalid;
using tables::invalid_parameter;

constexpr std::string_view kReturnValues[] = {"NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"};

// What the writes of one item have in common.
struct WriteInput : ConditionInput, ReturnInput {
    std::string table;
    std::string return_values = "NONE";
};
template <class... Members>
auto write_members(Members... of_this_write) {
    return std::tuple_cat(
        wire::members(wire::required("TableName", &WriteInput::table, wire::length(1, 1024)),
                      std::move(of_this_write)...,
                      wire::optional("ReturnValues", &WriteInput::return_values,
                                     wire::one_of({std::begin(kReturnValues), std::end(kReturnValues)}))),
        condition_members(), return_members());
}

// The legacy and expression parameters that a write with a condition has.
Parameters parameters_of(const ConditionInput& input) {
    Parameters out;
    if (input.condition_expression)
        out.expressions.push_back("ConditionExpression");
    else
        out.absent.push_back("ConditionExpression");
    if (input.expected) out.legacy.push_back("Expected");
    if (input.conditional_operator) out.legacy.push_back("ConditionalOperator");
    return out;
}

wire::Reply condition_failed(const ConditionInput& input, const tables::Written& written) {
    wire::Fault fault{.status = 400,
                      .code = "ConditionalCheckFailedException",
                      .message = "The conditional request failed"};
    if (input.item_on_failure() && written.before) fault.more["Item"] = from_item(*written.before);
    return wire::Reply::refused(std::move(fault));
}

// A write of a whole item, put or erased, which `body` describes; it can give back what was there before.
template <class Write>
Result<wire::Reply> write_whole(Rooms& rooms, const wire::Call& call, const WriteInput& input,
                                const json::object& body, tables::Item Write::*item) {
    if (input.return_values != "NONE" && input.return_values != "ALL_OLD")
        return invalid("Return values set to invalid value");
    TRY(check_parameters(parameters_of(input), input));
    Write write;
    write.table = TRY(table_at(input.table, call));
    write.*item = TRY(to_item(body));
    auto placeholders = TRY(to_placeholders(input));
    write.condition = TRY(to_condition(input, placeholders));
    TRY(placeholders.check_all_used());
    auto table = write.table.name;
    auto written = TRY(rooms.tables.write(std::move(write)));
    if (!written.condition_held) return condition_failed(input, written);
    json::object out;
    if (input.return_values == "ALL_OLD" && written.before) out["Attributes"] = from_item(*written.before);
    add_consumed(out, input.consumed, table, written.consumed);
    return wire::Reply(std::move(out));
}

struct PutItem {
    static constexpr std::string_view name = "PutItem";

    struct Input : WriteInput {
        json::object item;
        static auto members() { return write_members(wire::required("Item", &Input::item)); }
    };

    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return table_permission(name, input.table, call);
    }

    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        return write_whole(rooms, call, input, input.item, &tables::Put::item);
    }
};

struct DeleteItem {
    static constexpr std::string_view name = "DeleteItem";

    struct Input : WriteInput {
        json::object key;
        static auto members() { return write_members(wire::required("Key", &Input::key)); }
    };

    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return table_permission(name, input.table, call);
    }

    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        return write_whole(rooms, call, input, input.key, &tables::Delete::key);
    }
};

struct UpdateItem {
    static constexpr std::string_view name = "UpdateItem";

    struct AttributeUpdate {
        std::string action = "PUT";
        std::optional<json::object> value;
        static auto members() {
            return wire::members(
                wire::optional("Action", &AttributeUpdate::action, wire::one_of({"ADD", "PUT", "DELETE"})),
                wire::optional("Value", &AttributeUpdate::value));
        }
    };
    struct Input : WriteInput {
        json::object key;
        std::optional<std::string> update_expression;
        std::optional<std::map<std::string, AttributeUpdate>> attribute_updates;
        static auto members() {
            return write_members(wire::required("Key", &Input::key),
                                 wire::optional("UpdateExpression", &Input::update_expression),
                                 wire::optional("AttributeUpdates", &Input::attribute_updates));
        }
    };

    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return table_permission(name, input.table, call);
    }

    static Result<tables::Update> to_update(const Input& input, tables::Placeholders& placeholders) {
        if (input.update_expression) return tables::parse_update(*input.update_expression, placeholders);
        std::vector<tables::LegacyUpdate> updates;
        if (input.attribute_updates) {
            for (const auto& [attribute, update] : *input.attribute_updates) {
                if (attribute.empty()) return invalid_parameter("Empty attribute name");
                if (attribute.size() > tables::kAttributeNameBytesMax)
                    return invalid_parameter("Attribute name is too large, must be less than 65536 bytes");
                tables::LegacyUpdate one{attribute, update.action, {}};
                if (update.value) one.value = TRY(to_value(*update.value));
                updates.push_back(std::move(one));
            }
        }
        return tables::update_of(updates);
    }

    static json::object attributes(const Input& input, const tables::Projection& touched,
                                   const tables::Written& written) {
        const auto& asked = input.return_values;
        const auto& item = asked.ends_with("OLD") ? written.before : written.after;
        if (!item) return {};
        if (asked.starts_with("ALL")) return from_item(*item);
        return from_item(tables::project(*item, touched));
    }

    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto parameters = parameters_of(input);
        if (input.update_expression)
            parameters.expressions.insert(parameters.expressions.begin(), "UpdateExpression");
        else
            parameters.absent.insert(parameters.absent.begin(), "UpdateExpression");
        if (input.attribute_updates) parameters.legacy.insert(parameters.legacy.begin(), "AttributeUpdates");
        TRY(check_parameters(parameters, input));
        tables::UpdateItem update;
        update.table = TRY(table_at(input.table, call));
        update.key = TRY(to_item(input.key));
        auto placeholders = TRY(to_placeholders(input));
        update.update = TRY(to_update(input, placeholders));
        update.condition = TRY(to_condition(input, placeholders));
        TRY(placeholders.check_all_used());
        auto table = update.table.name;
        tables::Projection touched;
        for (const auto* path : tables::paths_of(update.update))
            touched.push_back(*path);
        auto written = TRY(rooms.tables.write(std::move(update)));
        if (!written.condition_held) return condition_failed(input, written);
        json::object out;
        if (input.return_values != "NONE") {
            auto returned = attributes(input, touched, written);
            if (!returned.empty()) out["Attributes"] = std::move(returned);
        }
        add_consumed(out, input.consumed, table, written.consumed);
        return wire::Reply(std::move(out));
    }
};

struct GetItem {
    static constexpr std::string_view name = "GetItem";

    struct Input : PlaceholderInput, ReturnInput {
        std::string table;
        json::object key;
        std::optional<std::vector<std::string>> attributes_to_get;
        std::optional<std::string> projection_expression;
        bool consistent = false;
        static auto members() {
            return std::tuple_cat(
                wire::members(
                    wire::required("TableName", &Input::table, wire::length(1, 1024)),
                    wire::required("Key", &Input::key),
                    wire::optional("AttributesToGet", &Input::attributes_to_get, wire::items(1, 65535)),
                    wire::optional("ProjectionExpression", &Input::projection_expression),
                    wire::optional("ConsistentRead", &Input::consistent),
                    wire::optional("ExpressionAttributeNames", &Input::names)),
                return_members());
        }
    };

    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return table_permission(name, input.table, call);
    }

    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        tables::Get get;
        get.table = TRY(table_at(input.table, call));
        get.consistent = input.consistent;
        get.key = TRY(to_item(input.key));
        get.projection = TRY(to_projection(input.projection_expression, input.attributes_to_get, input));
        auto found = TRY(rooms.tables.get(get));
        json::object out;
        if (found.item) out["Item"] = from_item(*found.item);
        add_consumed(out, input.consumed, get.table.name, found.consumed);
        return wire::Reply(std::move(out));
    }
};

}  // namespace

void add_item_operations(wire::Service& service, Rooms& rooms) {
    service.add<PutItem>(rooms);
    service.add<UpdateItem>(rooms);
    service.add<DeleteItem>(rooms);
    service.add<GetItem>(rooms);
}

}  // namespace services::dynamodb
