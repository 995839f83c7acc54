// TransactWriteItems and TransactGetItems.
#include <fmt/format.h>

#include "base/digest.h"
#include "services/dynamodb/inputs.h"
#include "services/dynamodb/operations.h"
#include "tables/refusal.h"

namespace services::dynamodb {

namespace {

using tables::invalid;

constexpr std::size_t kActionsMax = tables::kTransactionWritesMax;

// A token makes a write happen once; the answer to both requests is the same, whoever asks for capacity.
struct ActionInput : PlaceholderInput {
    std::string table;
    std::optional<std::string> condition_expression;
    std::string on_failure = "NONE";
};
auto action_members() {
    return std::tuple_cat(
        wire::members(wire::required("TableName", &ActionInput::table, wire::length(1, 1024)),
                      wire::optional("ConditionExpression", &ActionInput::condition_expression),
                      wire::optional("ReturnValuesOnConditionCheckFailure", &ActionInput::on_failure,
                                     wire::one_of({"ALL_OLD", "NONE"}))),
        placeholder_members());
}

struct PutAction : ActionInput {
    json::object item;
    static auto members() {
        return std::tuple_cat(action_members(), wire::members(wire::required("Item", &PutAction::item)));
    }
};
struct KeyAction : ActionInput {
    json::object key;
    static auto members() {
        return std::tuple_cat(action_members(), wire::members(wire::required("Key", &KeyAction::key)));
    }
};
struct CheckAction : ActionInput {
    json::object key;
    std::string required_condition;
    static auto members() {
        return std::tuple_cat(
            action_members(),
            wire::members(wire::required("Key", &CheckAction::key),
                          wire::required("ConditionExpression", &CheckAction::required_condition)));
    }
};
struct UpdateAction : ActionInput {
    json::object key;
    std::string update_expression;
    static auto members() {
        return std::tuple_cat(
            action_members(),
            wire::members(wire::required("Key", &UpdateAction::key),
                          wire::required("UpdateExpression", &UpdateAction::update_expression)));
    }
};

Result<std::optional<tables::Condition>> to_condition(const ActionInput& input,
                                                      tables::Placeholders& placeholders) {
    std::optional<tables::Condition> out;
    if (input.condition_expression)
        out = TRY(tables::parse_condition(*input.condition_expression, "ConditionExpression", placeholders));
    return out;
}

json::array consumed_list(const std::map<std::string, tables::Consumed>& consumed, const std::string& asked,
                          std::string_view kind) {
    json::array out;
    for (const auto& [table, units] : consumed) {
        auto one = consumed_capacity(table, units, asked == "INDEXES");
        one[kind] = units.total();
        out.push_back(std::move(one));
    }
    return out;
}

struct TransactWriteItems {
    static constexpr std::string_view name = "TransactWriteItems";

    struct Action {
        std::optional<CheckAction> check;
        std::optional<PutAction> put;
        std::optional<KeyAction> erase;
        std::optional<UpdateAction> update;
        static auto members() {
            return wire::members(
                wire::optional("ConditionCheck", &Action::check), wire::optional("Put", &Action::put),
                wire::optional("Delete", &Action::erase), wire::optional("Update", &Action::update));
        }
        int given() const { return (check ? 1 : 0) + (put ? 1 : 0) + (erase ? 1 : 0) + (update ? 1 : 0); }
        const ActionInput& common() const {
            if (check) return *check;
            if (put) return *put;
            if (erase) return *erase;
            return *update;
        }
        std::string_view permission() const {
            return check ? "ConditionCheckItem" : put ? "PutItem" : erase ? "DeleteItem" : "UpdateItem";
        }
    };
    struct Input : ReturnInput {
        std::vector<Action> actions;
        std::optional<std::string> token;
        json::value source;  // the actions as they came: what the token stands for
        static auto members() {
            return std::tuple_cat(
                wire::members(wire::required("TransactItems", &Input::actions, wire::items(1, kActionsMax)),
                              wire::optional("TransactItems", &Input::source),
                              wire::optional("ClientRequestToken", &Input::token, wire::length(1, 36))),
                return_members());
        }
    };

    static Result<void> check(const Input& input) {
        for (const auto& action : input.actions)
            if (action.given() != 1)
                return invalid("TransactItems can only contain one of Check, Put, Update or Delete");
        return {};
    }

    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        TRY(check(input));
        std::vector<wire::Permission> out;
        for (const auto& action : input.actions) {
            auto one = TRY(table_permission(action.permission(), action.common().table, call));
            out.push_back(std::move(one.front()));
        }
        return out;
    }

    static Result<tables::Write> to_write(const Action& action, const wire::Call& call) {
        const auto& common = action.common();
        auto table = TRY(table_at(common.table, call));
        Parameters parameters;
        (action.check || action.update || common.condition_expression ? parameters.expressions
                                                                      : parameters.absent)
            .push_back("ConditionExpression");
        TRY(check_parameters(parameters, common));
        auto placeholders = TRY(to_placeholders(common));
        auto condition = TRY(to_condition(common, placeholders));
        tables::Write out;
        if (action.put) {
            auto item = TRY(to_item(action.put->item));
            out = tables::Put{table, std::move(item), std::move(condition)};
        } else if (action.erase) {
            auto key = TRY(to_item(action.erase->key));
            out = tables::Delete{table, std::move(key), std::move(condition)};
        } else if (action.check) {
            auto key = TRY(to_item(action.check->key));
            INVARIANT(condition.has_value());
            out = tables::Check{table, std::move(key), std::move(*condition)};
        } else {
            auto key = TRY(to_item(action.update->key));
            auto update = TRY(tables::parse_update(action.update->update_expression, placeholders));
            out = tables::UpdateItem{table, std::move(key), std::move(update), std::move(condition)};
        }
        TRY(placeholders.check_all_used());
        return out;
    }

    static wire::Reply cancelled(const Input& input, const tables::Transacted& done) {
        json::array reasons;
        std::string codes;
        for (std::size_t i = 0; i < done.reasons.size(); ++i) {
            const auto& reason = done.reasons[i];
            auto code = code_of(reason.code);
            json::object one{{"Code", code}};
            if (reason.code != tables::Outcome::Code::none) one["Message"] = reason.message;
            if (reason.item && input.actions[i].common().on_failure == "ALL_OLD")
                one["Item"] = from_item(*reason.item);
            reasons.push_back(std::move(one));
            codes += (codes.empty() ? "" : ", ") + std::string(code);
        }
        wire::Fault fault{
            .status = 400,
            .code = "TransactionCanceledException",
            .message = fmt::format("Transaction cancelled, please refer cancellation reasons for specific "
                                   "reasons [{}]",
                                   codes)};
        fault.more["CancellationReasons"] = std::move(reasons);
        return wire::Reply::refused(std::move(fault));
    }

    static std::string_view code_of(tables::Outcome::Code code) {
        switch (code) {
            case tables::Outcome::Code::none:
                return "None";
            case tables::Outcome::Code::condition_failed:
                return "ConditionalCheckFailed";
            case tables::Outcome::Code::conflict:
                return "TransactionConflict";
            case tables::Outcome::Code::invalid:
                return "ValidationError";
        }
        base::unreachable();
    }

    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        std::vector<tables::Write> writes;
        for (const auto& action : input.actions)
            writes.push_back(TRY(to_write(action, call)));
        std::optional<tables::Store::Token> token;
        if (input.token) token = {*input.token, base::sha256_hex(json::serialize(input.source))};
        auto done = TRY(rooms.tables.transact(writes, token));
        if (!done.reasons.empty()) return cancelled(input, done);
        json::object out;
        if (input.consumed != "NONE")
            out["ConsumedCapacity"] = consumed_list(
                done.consumed, input.consumed, done.repeated ? "ReadCapacityUnits" : "WriteCapacityUnits");
        return wire::Reply(std::move(out));
    }
};

struct TransactGetItems {
    static constexpr std::string_view name = "TransactGetItems";

    struct GetAction : PlaceholderInput {
        std::string table;
        json::object key;
        std::optional<std::string> projection_expression;
        static auto members() {
            return wire::members(wire::required("TableName", &GetAction::table, wire::length(1, 1024)),
                                 wire::required("Key", &GetAction::key),
                                 wire::optional("ProjectionExpression", &GetAction::projection_expression),
                                 wire::optional("ExpressionAttributeNames", &GetAction::names));
        }
    };
    struct Action {
        GetAction get;
        static auto members() { return wire::members(wire::required("Get", &Action::get)); }
    };
    struct Input : ReturnInput {
        std::vector<Action> actions;
        static auto members() {
            return std::tuple_cat(
                wire::members(wire::required("TransactItems", &Input::actions, wire::items(1, kActionsMax))),
                return_members());
        }
    };

    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        std::vector<wire::Permission> out;
        for (const auto& action : input.actions) {
            auto one = TRY(table_permission("GetItem", action.get.table, call));
            out.push_back(std::move(one.front()));
        }
        return out;
    }

    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        std::vector<tables::Get> gets;
        for (const auto& [get] : input.actions) {
            gets.push_back({TRY(table_at(get.table, call)), {}, {}, true});
            gets.back().key = TRY(to_item(get.key));
            gets.back().projection = TRY(to_projection(get.projection_expression, std::nullopt, get));
        }
        auto found = TRY(rooms.tables.get_batch(gets, tables::kTransactionBytesMax, true));
        if (found.size() < gets.size()) return invalid("Transaction request size cannot exceed 4 MB");
        json::array responses;
        std::map<std::string, tables::Consumed> consumed;
        for (std::size_t i = 0; i < gets.size(); ++i) {
            json::object one;
            if (found[i].item) one["Item"] = from_item(*found[i].item);
            responses.push_back(std::move(one));
            consumed[gets[i].table.name].add(found[i].consumed);
        }
        json::object out{{"Responses", std::move(responses)}};
        if (input.consumed != "NONE")
            out["ConsumedCapacity"] = consumed_list(consumed, input.consumed, "ReadCapacityUnits");
        return wire::Reply(std::move(out));
    }
};

}  // namespace

void add_transaction_operations(wire::Service& service, Rooms& rooms) {
    service.add<TransactWriteItems>(rooms);
    service.add<TransactGetItems>(rooms);
}

}  // namespace services::dynamodb
