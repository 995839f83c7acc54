#include "tables/key_condition.h"

#include <algorithm>
#include <fmt/format.h>

#include "tables/record.h"
#include "tables/rows.h"

namespace tables {

namespace {

Error unsupported() {
    return invalid("Query key condition not supported");
}

// Of an index whose key has several attributes of a kind.
Error unequal(std::string_view kind, std::string_view attribute) {
    return invalid(fmt::format(
        "Query key condition not supported: every {} key attribute{} must have an equality condition: {}",
        kind, kind == "RANGE" ? " before the last one with a condition" : "", attribute));
}

Error wrong_operator(std::string_view name) {
    return invalid(fmt::format("Invalid operator used in KeyConditionExpression: {}", name));
}

// One part of the condition: what it asks of one attribute.
struct Restriction {
    enum class Kind { equal, less, less_or_equal, greater, greater_or_equal, between, begins_with };

    std::string attribute;
    Kind kind;
    Value value;
    Value high = {};  // of between
};

Result<std::string> attribute_of(const Operand& operand) {
    const auto* path = std::get_if<Path>(&operand.content);
    if (!path) return unsupported();
    if (!path->steps.empty())
        return invalid(
            "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested "
            "attributes");
    return path->attribute;
}

Result<Value> value_of(const Operand& operand) {
    const auto* value = std::get_if<Value>(&operand.content);
    if (!value) return unsupported();
    return *value;
}

struct Reader {
    std::vector<Restriction>& out;

    Result<void> operator()(const And& all) {
        for (const auto& part : all.parts)
            TRY(std::visit(*this, part.content));
        return {};
    }
    Result<void> operator()(const Or&) { return wrong_operator("OR"); }
    Result<void> operator()(const Not&) { return wrong_operator("NOT"); }
    Result<void> operator()(const In&) { return wrong_operator("IN"); }
    Result<void> operator()(const Comparison& comparison) {
        bool turned = !std::holds_alternative<Path>(comparison.left.content);
        const auto& path = turned ? comparison.right : comparison.left;
        const auto& constant = turned ? comparison.left : comparison.right;
        Restriction restriction;
        restriction.attribute = TRY(attribute_of(path));
        restriction.value = TRY(value_of(constant));
        using Kind = Restriction::Kind;
        switch (comparison.comparator) {
            case Comparator::equal:
                restriction.kind = Kind::equal;
                break;
            case Comparator::not_equal:
                return wrong_operator("<>");
            case Comparator::less:
                restriction.kind = turned ? Kind::greater : Kind::less;
                break;
            case Comparator::less_or_equal:
                restriction.kind = turned ? Kind::greater_or_equal : Kind::less_or_equal;
                break;
            case Comparator::greater:
                restriction.kind = turned ? Kind::less : Kind::greater;
                break;
            case Comparator::greater_or_equal:
                restriction.kind = turned ? Kind::less_or_equal : Kind::greater_or_equal;
                break;
        }
        out.push_back(std::move(restriction));
        return {};
    }
    Result<void> operator()(const Between& between) {
        Restriction restriction;
        restriction.attribute = TRY(attribute_of(between.value));
        restriction.kind = Restriction::Kind::between;
        restriction.value = TRY(value_of(between.low));
        restriction.high = TRY(value_of(between.high));
        out.push_back(std::move(restriction));
        return {};
    }
    Result<void> operator()(const Call& call) {
        if (call.function != Function::begins_with) return wrong_operator(name_of(call.function));
        Restriction restriction;
        restriction.attribute = TRY(attribute_of(call.arguments.front()));
        restriction.kind = Restriction::Kind::begins_with;
        restriction.value = TRY(value_of(call.arguments.back()));
        out.push_back(std::move(restriction));
        return {};
    }
};

Result<void> check_type(const KeyPart& part, const Restriction& restriction, bool is_sort) {
    bool is_between = restriction.kind == Restriction::Kind::between;
    if (restriction.kind == Restriction::Kind::begins_with && part.type == Type::number)
        return invalid(
            "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or "
            "function: begins_with, operand type: N");
    if (restriction.value.type() != part.type || (is_between && restriction.high.type() != part.type))
        return invalid_parameter("Condition parameter type does not match schema type");
    // Nothing begins with less than nothing: begins_with("") asks for every key.
    if (restriction.kind != Restriction::Kind::begins_with)
        TRY(check_key_value(part, restriction.value, is_sort));
    if (is_between) TRY(check_key_value(part, restriction.high, is_sort));
    return {};
}

// The rows whose next key part keeps to the restriction.
store::Range narrow(const store::KeyBuilder& prefix, const Restriction& restriction) {
    auto all = prefix.range();
    auto exactly = [&](const Value& value) {
        auto builder = prefix;
        return builder.text(key_bytes(value)).range();
    };
    switch (restriction.kind) {
        case Restriction::Kind::equal:
            return exactly(restriction.value);
        case Restriction::Kind::less:
            all.to = exactly(restriction.value).from;
            break;
        case Restriction::Kind::less_or_equal:
            all.to = exactly(restriction.value).to;
            break;
        case Restriction::Kind::greater:
            all.from = exactly(restriction.value).to;
            break;
        case Restriction::Kind::greater_or_equal:
            all.from = exactly(restriction.value).from;
            break;
        case Restriction::Kind::between:
            all.from = exactly(restriction.value).from;
            all.to = exactly(restriction.high).to;
            break;
        case Restriction::Kind::begins_with: {
            auto builder = prefix;
            return builder.text_beginning(key_bytes(restriction.value)).range();
        }
    }
    return all;
}

const Restriction* find_restriction(const std::vector<Restriction>& all, std::string_view attribute) {
    auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.attribute == attribute; });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace

Result<store::Range> rows_of(const Schema& schema, const Index* index, const Condition& condition) {
    const auto& key = index ? index->key : schema.key;
    std::vector<Restriction> restrictions;
    Reader reader{restrictions};
    TRY(std::visit(reader, condition.content));
    if (restrictions.size() > key.partition.size() + std::max<std::size_t>(key.sort.size(), 1))
        return invalid("Conditions can be of length 1 or 2 only");
    for (std::size_t i = 0; i < restrictions.size(); ++i)
        for (std::size_t j = i + 1; j < restrictions.size(); ++j)
            if (restrictions[i].attribute == restrictions[j].attribute)
                return invalid(
                    "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition "
                    "per key");

    std::vector<Value> partition;
    for (const auto& part : key.partition) {
        const auto* restriction = find_restriction(restrictions, part.attribute);
        bool equal = restriction && restriction->kind == Restriction::Kind::equal;
        if (!equal && key.partition.size() > 1) return unequal("HASH", part.attribute);
        if (!restriction) return invalid("Query condition missed key schema element: " + part.attribute);
        if (!equal) return unsupported();
        TRY(check_type(part, *restriction, false));
        partition.push_back(restriction->value);
    }
    auto prefix = rows_beginning(schema, index, partition);
    auto left = restrictions.size() - partition.size();
    for (const auto& part : key.sort) {
        if (left == 0) break;
        const auto* restriction = find_restriction(restrictions, part.attribute);
        if (!restriction && key.sort.size() > 1) return unequal("RANGE", part.attribute);
        if (!restriction) return invalid("Query condition missed key schema element: " + part.attribute);
        TRY(check_type(part, *restriction, true));
        --left;
        if (restriction->kind == Restriction::Kind::equal) {
            prefix.text(key_bytes(restriction->value));
            continue;
        }
        // A range can answer for the last of several sort attributes only.
        if (left > 0) return unequal("RANGE", part.attribute);
        return narrow(prefix, *restriction);
    }
    if (left > 0) return unsupported();
    return prefix.range();
}

}  // namespace tables
