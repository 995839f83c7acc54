// BatchGetItem and BatchWriteItem.
#include <fmt/format.h>
#include <set>

#include "services/dynamodb/inputs.h"
#include "services/dynamodb/operations.h"
#include "tables/refusal.h"

namespace services::dynamodb {

namespace {

using tables::invalid;

constexpr std::size_t kKeysMax = 100;
constexpr std::size_t kWritesMax = 25;

json::array consumed_list(const std::map<std::string, tables::Consumed>& consumed, const std::string& asked) {
    json::array out;
    for (const auto& [table, units] : consumed)
        out.push_back(consumed_capacity(table, units, asked == "INDEXES"));
    return out;
}

struct BatchGetItem {
    static constexpr std::string_view name = "BatchGetItem";

    struct KeysAndAttributes : PlaceholderInput {
        std::vector<json::object> keys;
        std::optional<std::vector<std::string>> attributes_to_get;
        std::optional<std::string> projection_expression;
        bool consistent = false;
        static auto members() {
            return wire::members(
                wire::required("Keys", &KeysAndAttributes::keys, wire::items(1, kKeysMax)),
                wire::optional("AttributesToGet", &KeysAndAttributes::attributes_to_get,
                               wire::items(1, 65535)),
                wire::optional("ProjectionExpression", &KeysAndAttributes::projection_expression),
                wire::optional("ConsistentRead", &KeysAndAttributes::consistent),
                wire::optional("ExpressionAttributeNames", &KeysAndAttributes::names));
        }
    };
    struct Input : ReturnInput {
        std::map<std::string, KeysAndAttributes> requests;
        json::object source;  // the same, as it came: what is not processed goes back so
        static auto members() {
            return std::tuple_cat(
                wire::members(wire::required("RequestItems", &Input::requests, wire::items(1, kKeysMax))),
                wire::members(wire::optional("RequestItems", &Input::source)), return_members());
        }
    };

    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        std::vector<wire::Permission> out;
        for (const auto& [table, keys] : input.requests) {
            auto one = TRY(table_permission(name, table, call));
            out.push_back(std::move(one.front()));
        }
        return out;
    }

    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        std::vector<tables::Get> gets;
        std::vector<std::string> asked_as;  // the name or ARN that the request used
        for (const auto& [table, wanted] : input.requests) {
            auto at = TRY(table_at(table, call));
            auto projection =
                TRY(to_projection(wanted.projection_expression, wanted.attributes_to_get, wanted));
            for (const auto& key : wanted.keys) {
                gets.push_back({at, {}, projection, wanted.consistent});
                gets.back().key = TRY(to_item(key));
                asked_as.push_back(table);
            }
        }
        if (gets.size() > kKeysMax) return invalid("Too many items requested for the BatchGetItem call");
        auto found = TRY(rooms.tables.get_batch(gets, tables::kBatchReadBytesMax, false));
        json::object responses, unprocessed;
        std::map<std::string, tables::Consumed> consumed;
        for (const auto& [table, wanted] : input.requests)
            responses[table] = json::array();
        for (std::size_t i = 0; i < gets.size(); ++i) {
            const auto& table = asked_as[i];
            if (i >= found.size()) {
                auto& left = unprocessed[table];
                if (left.is_null()) {
                    left = input.source.at(table);
                    left.as_object()["Keys"] = json::array();
                }
                left.as_object()["Keys"].as_array().push_back(from_item(gets[i].key));
                continue;
            }
            consumed[gets[i].table.name].add(found[i].consumed);
            if (found[i].item) responses[table].as_array().push_back(from_item(*found[i].item));
        }
        json::object out{{"Responses", std::move(responses)}, {"UnprocessedKeys", std::move(unprocessed)}};
        if (input.consumed != "NONE") out["ConsumedCapacity"] = consumed_list(consumed, input.consumed);
        return wire::Reply(std::move(out));
    }
};

struct BatchWriteItem {
    static constexpr std::string_view name = "BatchWriteItem";

    struct PutRequest {
        json::object item;
        static auto members() { return wire::members(wire::required("Item", &PutRequest::item)); }
    };
    struct DeleteRequest {
        json::object key;
        static auto members() { return wire::members(wire::required("Key", &DeleteRequest::key)); }
    };
    struct WriteRequest {
        std::optional<PutRequest> put;
        std::optional<DeleteRequest> erase;
        static auto members() {
            return wire::members(wire::optional("PutRequest", &WriteRequest::put),
                                 wire::optional("DeleteRequest", &WriteRequest::erase));
        }
    };
    struct Input : ReturnInput {
        std::map<std::string, std::vector<WriteRequest>> requests;
        static auto members() {
            return std::tuple_cat(
                wire::members(wire::required("RequestItems", &Input::requests, wire::items(1, kWritesMax))),
                return_members());
        }
    };

    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        std::vector<wire::Permission> out;
        for (const auto& [table, writes] : input.requests) {
            auto one = TRY(table_permission(name, table, call));
            out.push_back(std::move(one.front()));
        }
        return out;
    }

    static Result<std::vector<tables::Write>> to_writes(const Input& input, const wire::Call& call) {
        std::vector<tables::Write> out;
        for (const auto& [table, requests] : input.requests) {
            auto at = TRY(table_at(table, call));
            if (requests.empty() || requests.size() > kWritesMax)
                return invalid(
                    fmt::format("1 validation error detected: Value at 'requestItems.{}.member' failed to "
                                "satisfy constraint: Map value "
                                "must satisfy constraint: [Member must have length less than or equal to {}, "
                                "Member must have length "
                                "greater than or equal to 1]",
                                table, kWritesMax));
            for (const auto& request : requests) {
                if (request.put && request.erase)
                    return invalid(
                        "Supplied AttributeValue has more than one datatypes set, must contain exactly one "
                        "of "
                        "the supported datatypes");
                if (!request.put && !request.erase)
                    return invalid(
                        "Supplied WriteRequest is empty, must contain exactly one of PutRequest and "
                        "DeleteRequest");
                auto item = TRY(to_item(request.put ? request.put->item : request.erase->key));
                if (request.put)
                    out.push_back(tables::Put{at, std::move(item), {}});
                else
                    out.push_back(tables::Delete{at, std::move(item), {}});
            }
        }
        if (out.size() > kWritesMax) return invalid("Too many items requested for the BatchWriteItem call");
        return out;
    }

    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto writes = TRY(to_writes(input, call));
        auto written = TRY(rooms.tables.write_batch(writes));
        std::map<std::string, tables::Consumed> consumed;
        for (std::size_t i = 0; i < writes.size(); ++i) {
            const auto& table = std::visit(
                [](const auto& write) -> const auto& { return write.table; }, writes[i]);
            consumed[table.name].add(written[i].consumed);
        }
        json::object out{{"UnprocessedItems", json::object()}};
        if (input.consumed != "NONE") out["ConsumedCapacity"] = consumed_list(consumed, input.consumed);
        return wire::Reply(std::move(out));
    }
};

}  // namespace

void add_batch_operations(wire::Service& service, Rooms& rooms) {
    service.add<BatchGetItem>(rooms);
    service.add<BatchWriteItem>(rooms);
}

}  // namespace services::dynamodb
