#include "tables/expression.h"

#include <fmt/format.h>

namespace tables {

namespace {

struct PathVisitor {
    const std::function<void(const Path&)>& visit;

    void operator()(const Operand& operand) const { std::visit(*this, operand.content); }
    void operator()(const Path& path) const { visit(path); }
    void operator()(const Value&) const {}
    void operator()(const Call& call) const {
        for (const auto& argument : call.arguments)
            (*this)(argument);
    }
    void operator()(const Comparison& comparison) const {
        (*this)(comparison.left);
        (*this)(comparison.right);
    }
    void operator()(const Between& between) const {
        (*this)(between.value);
        (*this)(between.low);
        (*this)(between.high);
    }
    void operator()(const In& in) const {
        (*this)(in.value);
        for (const auto& choice : in.choices)
            (*this)(choice);
    }
    void operator()(const And& all) const { parts(all.parts); }
    void operator()(const Or& any) const { parts(any.parts); }
    void operator()(const Not& none) const { parts(none.parts); }
    void operator()(const Condition& condition) const { std::visit(*this, condition.content); }
    void parts(const std::vector<Condition>& conditions) const {
        for (const auto& condition : conditions)
            (*this)(condition);
    }
};

}  // namespace

std::string_view name_of(Function function) {
    switch (function) {
        case Function::attribute_exists:
            return "attribute_exists";
        case Function::attribute_not_exists:
            return "attribute_not_exists";
        case Function::attribute_type:
            return "attribute_type";
        case Function::begins_with:
            return "begins_with";
        case Function::contains:
            return "contains";
        case Function::size:
            return "size";
        case Function::if_not_exists:
            return "if_not_exists";
        case Function::list_append:
            return "list_append";
    }
    base::unreachable();
}

std::string_view name_of(Comparator comparator) {
    switch (comparator) {
        case Comparator::equal:
            return "=";
        case Comparator::not_equal:
            return "<>";
        case Comparator::less:
            return "<";
        case Comparator::less_or_equal:
            return "<=";
        case Comparator::greater:
            return ">";
        case Comparator::greater_or_equal:
            return ">=";
    }
    base::unreachable();
}

std::string describe(const Path& path) {
    std::string out = "[" + path.attribute;
    for (const auto& step : path.steps) {
        if (const auto* name = std::get_if<std::string>(&step))
            out += ", " + *name;
        else
            out += fmt::format(", [{}]", std::get<std::size_t>(step));
    }
    return out + "]";
}

void each_path(const Condition& condition, const std::function<void(const Path&)>& visit) {
    PathVisitor{visit}(condition);
}

std::vector<const Path*> paths_of(const Update& update) {
    std::vector<const Path*> paths;
    for (const auto& action : update.set)
        paths.push_back(&action.path);
    for (const auto& path : update.remove)
        paths.push_back(&path);
    for (const auto& action : update.add)
        paths.push_back(&action.path);
    for (const auto& action : update.erase)
        paths.push_back(&action.path);
    return paths;
}

Result<void> check_overlap(const std::vector<const Path*>& paths, std::string_view prefix) {
    auto refuse = [&](std::string_view how, const Path& one, const Path& two) {
        return invalid(
            fmt::format("{}Two document paths {} with each other; must remove or rewrite one of these paths; "
                        "path one: {}, path two: {}",
                        prefix, how, describe(one), describe(two)));
    };
    for (std::size_t i = 0; i < paths.size(); ++i) {
        for (std::size_t j = i + 1; j < paths.size(); ++j) {
            const auto& one = *paths[i];
            const auto& two = *paths[j];
            if (one.attribute != two.attribute) continue;
            auto shared = std::min(one.steps.size(), two.steps.size());
            std::size_t same = 0;
            while (same < shared && one.steps[same] == two.steps[same])
                ++same;
            if (same == shared) return refuse("overlap", one, two);
            if (one.steps[same].index() != two.steps[same].index()) return refuse("conflict", one, two);
        }
    }
    return {};
}

}  // namespace tables
