// The syntax trees of DynamoDB's four kinds of expressions. Names and values stand in them already in place
// of #placeholders and :placeholders. The legacy parameters (Expected, AttributeUpdates, ...) become the same
// trees.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tables/value.h"

namespace tables {

// A document path: a.b[3].c
struct Path {
    using Step = std::variant<std::string, std::size_t>;  // a member of a map, an element of a list

    std::string attribute;
    std::vector<Step> steps = {};

    auto operator<=>(const Path&) const = default;
};

enum class Function {
    attribute_exists,
    attribute_not_exists,
    attribute_type,
    begins_with,
    contains,
    size,
    if_not_exists,
    list_append,
};

struct Operand;
struct Call {
    Function function;
    std::vector<Operand> arguments;
};
struct Operand {
    std::variant<Path, Value, Call> content;
};

enum class Comparator { equal, not_equal, less, less_or_equal, greater, greater_or_equal };

struct Condition;
struct Comparison {
    Comparator comparator;
    Operand left, right;
};
struct Between {
    Operand value, low, high;
};
struct In {
    Operand value;
    std::vector<Operand> choices;
};
struct And {
    std::vector<Condition> parts;  // two or more
};
struct Or {
    std::vector<Condition> parts;  // two or more
};
struct Not {
    std::vector<Condition> parts;  // one
};
// Something that is true or false of an item: ConditionExpression, FilterExpression, KeyConditionExpression.
struct Condition {
    std::variant<Comparison, Between, In, Call, And, Or, Not> content;
};

// What an UpdateExpression does. No two of its paths overlap.
struct Update {
    struct Set {
        Path path;
        Operand value;
        // `value` plus or minus this.
        enum class Sign { plus, minus };
        std::optional<std::pair<Sign, Operand>> term = {};
    };
    struct Add {
        Path path;
        Value value;
        bool legacy = false;  // of AttributeUpdates, which also appends lists
    };
    struct Delete {
        Path path;
        Value value;
        bool legacy = false;
    };
    std::vector<Set> set;
    std::vector<Path> remove;
    std::vector<Add> add;
    std::vector<Delete> erase;
};

// The parts of an item that are asked for. No two paths overlap.
using Projection = std::vector<Path>;

std::string_view name_of(Function function);
std::string_view name_of(Comparator comparator);
// [a, b, [3]], as messages show a path.
std::string describe(const Path& path);
// Every path that the condition reads.
void each_path(const Condition& condition, const std::function<void(const Path&)>& visit);

// Every path that the update writes.
std::vector<const Path*> paths_of(const Update& update);

// Refusal::validation if two of the paths overlap, or use one place as a map and as a list.
Result<void> check_overlap(const std::vector<const Path*>& paths, std::string_view prefix);

}  // namespace tables
