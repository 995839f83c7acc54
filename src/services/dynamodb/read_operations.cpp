// Query and Scan.
#include <fmt/format.h>

#include "services/dynamodb/inputs.h"
#include "services/dynamodb/operations.h"
#include "tables/refusal.h"

namespace services::dynamodb {

namespace {

using tables::invalid;

// What a query and a scan have in common.
struct ReadInput : PlaceholderInput, ReturnInput {
    std::string table;
    std::optional<std::string> index;
    std::optional<std::string> select;
    std::optional<std::vector<std::string>> attributes_to_get;
    std::optional<std::int64_t> limit;
    bool consistent = false;
    std::optional<json::object> start;
    std::optional<std::string> conditional_operator;
    std::optional<std::string> projection_expression, filter_expression;
};
auto read_members() {
    return std::tuple_cat(
        wire::members(wire::required("TableName", &ReadInput::table, wire::length(1, 1024)),
                      wire::optional("IndexName", &ReadInput::index, wire::length(3, 255),
                                     wire::pattern("[a-zA-Z0-9_.-]+")),
                      wire::optional("Select", &ReadInput::select,
                                     wire::one_of({"ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES",
                                                   "SPECIFIC_ATTRIBUTES", "COUNT"})),
                      wire::optional("AttributesToGet", &ReadInput::attributes_to_get, wire::items(1, 65535)),
                      wire::optional("Limit", &ReadInput::limit, wire::at_least(1)),
                      wire::optional("ConsistentRead", &ReadInput::consistent),
                      wire::optional("ExclusiveStartKey", &ReadInput::start),
                      wire::optional("ConditionalOperator", &ReadInput::conditional_operator,
                                     wire::one_of({"AND", "OR"})),
                      wire::optional("ProjectionExpression", &ReadInput::projection_expression),
                      wire::optional("FilterExpression", &ReadInput::filter_expression)),
        placeholder_members(), return_members());
}

using Conditions = std::optional<std::map<std::string, json::object>>;

Parameters parameters_of(const ReadInput& input) {
    Parameters out;
    if (input.projection_expression) out.expressions.push_back("ProjectionExpression");
    if (input.filter_expression)
        out.expressions.push_back("FilterExpression");
    else
        out.absent.push_back("FilterExpression");
    if (input.attributes_to_get) out.legacy.push_back("AttributesToGet");
    if (input.conditional_operator) out.legacy.push_back("ConditionalOperator");
    return out;
}

tables::Select to_select(const ReadInput& input, const tables::Projection& projection) {
    if (!input.select) return projection.empty() ? tables::Select::all : tables::Select::specific;
    if (*input.select == "COUNT") return tables::Select::count;
    if (*input.select == "SPECIFIC_ATTRIBUTES") return tables::Select::specific;
    return *input.select == "ALL_ATTRIBUTES" ? tables::Select::all : tables::Select::projected;
}

// Fills in what a query and a scan have in common.
template <class Read>
Result<void> fill(Read& read, const ReadInput& input, const Conditions& filter,
                  tables::Placeholders& placeholders) {
    read.index = input.index;
    read.consistent = input.consistent;
    if (input.limit) read.limit = static_cast<std::size_t>(*input.limit);
    if (input.start) read.start = TRY(to_item(*input.start));
    if (input.filter_expression)
        read.filter =
            TRY(tables::parse_condition(*input.filter_expression, "FilterExpression", placeholders));
    if (filter && !filter->empty())
        read.filter = TRY(to_condition(*filter, input.conditional_operator == "OR"));
    if (input.projection_expression)
        read.projection = TRY(tables::parse_projection(*input.projection_expression, placeholders));
    if (input.attributes_to_get) read.projection = TRY(tables::projection_of(*input.attributes_to_get));
    read.select = to_select(input, read.projection);
    read.select_given = input.select.has_value();
    return {};
}

wire::Reply to_reply(const ReadInput& input, const std::string& table, const tables::Page& page) {
    json::object out;
    if (input.select != "COUNT") {
        json::array items;
        for (const auto& item : page.items)
            items.push_back(from_item(item));
        out["Items"] = std::move(items);
    }
    out["Count"] = page.count;
    out["ScannedCount"] = page.scanned;
    if (page.last_key) out["LastEvaluatedKey"] = from_item(*page.last_key);
    add_consumed(out, input.consumed, table, page.consumed);
    return wire::Reply(std::move(out));
}

struct Query {
    static constexpr std::string_view name = "Query";

    struct Input : ReadInput {
        std::optional<std::string> key_expression;
        Conditions key_conditions, filter;
        bool forward = true;
        static auto members() {
            return std::tuple_cat(
                read_members(),
                wire::members(wire::optional("KeyConditionExpression", &Input::key_expression),
                              wire::optional("KeyConditions", &Input::key_conditions),
                              wire::optional("QueryFilter", &Input::filter),
                              wire::optional("ScanIndexForward", &Input::forward)));
        }
    };

    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return table_permission(name, input.table, call, input.index);
    }

    static Result<void> check(const Input& input) {
        auto parameters = parameters_of(input);
        if (input.key_expression)
            parameters.expressions.push_back("KeyConditionExpression");
        else
            parameters.absent.push_back("KeyConditionExpression");
        // KeyConditions may stand beside every other expression.
        if (input.key_conditions && input.key_expression) parameters.legacy.push_back("KeyConditions");
        if (input.filter) parameters.legacy.push_back("QueryFilter");
        TRY(check_parameters(parameters, input));
        if (!input.key_expression && (!input.key_conditions || input.key_conditions->empty()))
            return invalid(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
                "request.");
        return check_conditional_operator(input.conditional_operator,
                                          input.filter ? input.filter->size() : 0);
    }

    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(check(input));
        tables::Query query;
        query.table = TRY(table_at(input.table, call));
        auto placeholders = TRY(to_placeholders(input));
        if (input.key_expression)
            query.keys =
                TRY(tables::parse_condition(*input.key_expression, "KeyConditionExpression", placeholders));
        else
            query.keys = TRY(to_condition(*input.key_conditions, false));
        query.forward = input.forward;
        if (input.filter) query.filter_parameter = "QueryFilter";
        TRY(fill(query, input, input.filter, placeholders));
        TRY(placeholders.check_all_used());
        auto page = TRY(rooms.tables.query(query));
        return to_reply(input, query.table.name, page);
    }
};

struct Scan {
    static constexpr std::string_view name = "Scan";

    struct Input : ReadInput {
        Conditions filter;
        std::optional<int> segment, segments;
        static auto members() {
            return std::tuple_cat(
                read_members(),
                wire::members(
                    wire::optional("ScanFilter", &Input::filter),
                    wire::optional("Segment", &Input::segment, wire::range(0, tables::kSegmentsMax - 1)),
                    wire::optional("TotalSegments", &Input::segments, wire::range(1, tables::kSegmentsMax))));
        }
    };

    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return table_permission(name, input.table, call, input.index);
    }

    static Result<void> check(const Input& input) {
        auto parameters = parameters_of(input);
        if (input.filter) parameters.legacy.push_back("ScanFilter");
        TRY(check_parameters(parameters, input));
        TRY(check_conditional_operator(input.conditional_operator, input.filter ? input.filter->size() : 0));
        if (input.segment && !input.segments)
            return invalid(
                "The TotalSegments parameter is required but was not present in the request when Segment "
                "parameter is present");
        if (input.segments && !input.segment)
            return invalid(
                "The Segment parameter is required but was not present in the request when parameter "
                "TotalSegments is present");
        if (input.segment && *input.segment >= *input.segments)
            return invalid(fmt::format(
                "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
                "Segment: {} is not less than TotalSegments: {}",
                *input.segment, *input.segments));
        return {};
    }

    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(check(input));
        tables::Scan scan;
        scan.table = TRY(table_at(input.table, call));
        scan.segment = static_cast<std::uint32_t>(input.segment.value_or(0));
        scan.segments = static_cast<std::uint32_t>(input.segments.value_or(1));
        auto placeholders = TRY(to_placeholders(input));
        TRY(fill(scan, input, input.filter, placeholders));
        TRY(placeholders.check_all_used());
        auto page = TRY(rooms.tables.scan(scan));
        return to_reply(input, scan.table.name, page);
    }
};

}  // namespace

void add_read_operations(wire::Service& service, Rooms& rooms) {
    service.add<Query>(rooms);
    service.add<Scan>(rooms);
}

}  // namespace services::dynamodb
