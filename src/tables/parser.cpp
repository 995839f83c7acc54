#include "tables/parser.h"

#include <array>
#include <fmt/format.h>

#include "tables/grammar.h"

namespace tables {

namespace {

std::optional<Comparator> comparator_of(const Token& token) {
    for (auto comparator : {Comparator::equal, Comparator::not_equal, Comparator::less,
                            Comparator::less_or_equal, Comparator::greater, Comparator::greater_or_equal})
        if (token.is(name_of(comparator))) return comparator;
    return std::nullopt;
}

const Value* constant(const Operand& operand) {
    return std::get_if<Value>(&operand.content);
}

std::string show(const Value& value) {
    std::string text;
    if (const auto* string = value.get_if<std::string>()) text = *string;
    if (const auto* number = value.get_if<Number>()) text = number->text();
    return fmt::format("AttributeValue: {{{}:{}}}", type_name(value.type()), text);
}

// ConditionExpression, FilterExpression and KeyConditionExpression:
//   any = all { OR all };  all = negation { AND negation };  negation = NOT negation | group
//   group = "(" any ")" | operand comparator operand | operand BETWEEN operand AND operand
//         | operand IN "(" operand { "," operand } ")" | call
class ConditionParser {
public:
    explicit ConditionParser(Grammar& grammar) : grammar_(grammar) {}

    Result<Condition> any() {
        std::vector<Condition> parts;
        parts.push_back(TRY(all()));
        while (grammar_.take_if_keyword("OR")) {
            grammar_.count_operator();
            parts.push_back(TRY(all()));
        }
        if (parts.size() == 1) return std::move(parts.front());
        return Condition{Or{std::move(parts)}};
    }

private:
    struct Group {
        std::size_t open = 0, close = 0;
    };

    Result<Condition> all() {
        std::vector<Condition> parts;
        parts.push_back(TRY(negation()));
        while (grammar_.take_if_keyword("AND")) {
            grammar_.count_operator();
            parts.push_back(TRY(negation()));
        }
        if (parts.size() == 1) return std::move(parts.front());
        return Condition{And{std::move(parts)}};
    }

    Result<Condition> negation() {
        if (!grammar_.next().is_keyword("NOT")) return group();
        TRY(grammar_.enter());
        grammar_.take();
        grammar_.count_operator();
        std::vector<Condition> part;
        part.push_back(TRY(negation()));
        grammar_.leave();
        return Condition{Not{std::move(part)}};
    }

    Result<Condition> group() {
        if (!grammar_.next().is("(")) return simple();
        TRY(grammar_.enter());
        Group here{grammar_.position(), 0};
        grammar_.take();
        auto inner = TRY(any());
        here.close = grammar_.position();
        TRY(grammar_.expect(")"));
        grammar_.leave();
        if (last_group_.open == here.open + 1 && last_group_.close + 1 == here.close)
            grammar_.complain("The expression has redundant parentheses");
        last_group_ = here;
        return inner;
    }

    Result<Condition> simple() {
        auto left = TRY(grammar_.operand());
        if (auto comparator = comparator_of(grammar_.next())) {
            grammar_.take();
            grammar_.count_operator();
            auto right = TRY(grammar_.operand());
            Comparison comparison{*comparator, std::move(left), std::move(right)};
            check(comparison);
            return Condition{std::move(comparison)};
        }
        if (grammar_.take_if_keyword("BETWEEN")) {
            grammar_.count_operator();
            auto low = TRY(grammar_.operand());
            if (!grammar_.take_if_keyword("AND")) return grammar_.syntax_error();
            auto high = TRY(grammar_.operand());
            Between between{std::move(left), std::move(low), std::move(high)};
            check(between);
            return Condition{std::move(between)};
        }
        if (grammar_.take_if_keyword("IN")) {
            grammar_.count_operator();
            In in{std::move(left), {}};
            TRY(grammar_.expect("("));
            do
                in.choices.push_back(TRY(grammar_.operand()));
            while (grammar_.take_if(","));
            TRY(grammar_.expect(")"));
            check(in);
            return Condition{std::move(in)};
        }
        auto* call = std::get_if<Call>(&left.content);
        if (!call) return grammar_.syntax_error();
        if (call->function > Function::contains) refuse_use(call->function);
        return Condition{std::move(*call)};
    }

    void refuse_use(Function function) {
        grammar_.complain(
            fmt::format("The function is not allowed to be used this way in an expression; function: {}",
                        name_of(function)));
    }

    // Of the functions, only size() gives a value that can be compared.
    void check_operand(std::string_view name, const Operand& operand, bool must_be_ordered) {
        if (const auto* call = std::get_if<Call>(&operand.content); call && call->function != Function::size)
            refuse_use(call->function);
        const auto* value = constant(operand);
        if (value && must_be_ordered && !is_ordered(value->type()))
            grammar_.complain_of_type(name, value->type());
    }

    void check_distinct(std::string_view name, const Operand& first, const Operand& other) {
        const auto* one = std::get_if<Path>(&first.content);
        const auto* two = std::get_if<Path>(&other.content);
        if (one && two && *one == *two)
            grammar_.complain(
                fmt::format("The first operand must be distinct from the remaining operands for this "
                            "operator or function; operator: {}, first operand: {}",
                            name, describe(*one)));
    }

    void check(const Comparison& comparison) {
        auto name = name_of(comparison.comparator);
        bool must_be_ordered = comparison.comparator > Comparator::not_equal;
        check_operand(name, comparison.left, must_be_ordered);
        check_operand(name, comparison.right, must_be_ordered);
        check_distinct(name, comparison.left, comparison.right);
    }

    void check(const Between& between) {
        for (const auto* operand : {&between.value, &between.low, &between.high})
            check_operand("BETWEEN", *operand, true);
        check_distinct("BETWEEN", between.value, between.low);
        check_distinct("BETWEEN", between.value, between.high);
        const auto* low = constant(between.low);
        const auto* high = constant(between.high);
        if (!low || !high) return;
        if (low->type() != high->type())
            grammar_.complain(
                fmt::format("The BETWEEN operator requires same data type for lower and upper bounds; lower "
                            "bound operand: {}, upper bound operand: {}",
                            show(*low), show(*high)));
        else if (auto order = compare(*low, *high); order && *order > 0)
            grammar_.complain(
                fmt::format("The BETWEEN operator requires upper bound to be greater than or equal to "
                            "lower bound; lower bound operand: {}, upper bound operand: {}",
                            show(*low), show(*high)));
    }

    void check(const In& in) {
        check_operand("IN", in.value, false);
        for (const auto& choice : in.choices) {
            check_operand("IN", choice, false);
            check_distinct("IN", in.value, choice);
        }
        if (in.choices.size() > kInOperandsMax)
            grammar_.complain(
                fmt::format("The IN operator is provided with too many operands; number of operands: {}",
                            in.choices.size()));
    }

    Grammar& grammar_;
    Group last_group_;
};

std::string_view long_type_name(Type type) {
    constexpr std::array<std::string_view, 10> kNames = {"STRING",     "NUMBER",    "BINARY", "BOOLEAN",
                                                         "NULL",       "MAP",       "LIST",   "STRING_SET",
                                                         "NUMBER_SET", "BINARY_SET"};
    return kNames[static_cast<std::size_t>(type)];
}

// SET path = operand [(+|-) operand], ...   REMOVE path, ...   ADD path :value, ...   DELETE path :value, ...
class UpdateParser {
public:
    explicit UpdateParser(Grammar& grammar) : grammar_(grammar) {}

    Result<Update> all() {
        bool found = true;
        while (found) {
            found = false;
            for (auto section :
                 {Section{"SET", &UpdateParser::set}, Section{"REMOVE", &UpdateParser::remove},
                  Section{"ADD", &UpdateParser::add}, Section{"DELETE", &UpdateParser::erase}}) {
                if (!grammar_.take_if_keyword(section.name)) continue;
                found = true;
                if (!seen_.insert(section.name).second)
                    grammar_.complain(fmt::format(
                        "The \"{}\" section can only be used once in an update expression;", section.name));
                do
                    TRY((this->*section.action)());
                while (grammar_.take_if(","));
            }
        }
        return std::move(update_);
    }

private:
    struct Section {
        std::string_view name;
        Result<void> (UpdateParser::*action)();
    };

    Result<void> set() {
        Update::Set action{TRY(grammar_.path()), {}};
        TRY(grammar_.expect("="));
        action.value = TRY(operand());
        if (grammar_.next().is("+") || grammar_.next().is("-")) {
            auto sign = grammar_.take();
            check_number(sign.text, action.value);
            auto term = TRY(operand());
            check_number(sign.text, term);
            action.term.emplace(sign.is("+") ? Update::Set::Sign::plus : Update::Set::Sign::minus,
                                std::move(term));
        }
        update_.set.push_back(std::move(action));
        return {};
    }

    Result<void> remove() {
        update_.remove.push_back(TRY(grammar_.path()));
        return {};
    }

    Result<void> add() {
        auto path = TRY(grammar_.path());
        auto value = TRY(grammar_.value());
        if (value.type() != Type::number && !value.is_set()) complain_of_section("ADD", value);
        update_.add.push_back({std::move(path), std::move(value), false});
        return {};
    }

    Result<void> erase() {
        auto path = TRY(grammar_.path());
        auto value = TRY(grammar_.value());
        if (!value.is_set()) complain_of_section("DELETE", value);
        update_.erase.push_back({std::move(path), std::move(value), false});
        return {};
    }

    Result<Operand> operand() {
        auto operand = TRY(grammar_.operand());
        if (const auto* call = std::get_if<Call>(&operand.content); call && call->function <= Function::size)
            grammar_.complain(fmt::format("The function is not allowed in an update expression; function: {}",
                                          name_of(call->function)));
        return operand;
    }

    void check_number(std::string_view sign, const Operand& operand) {
        const auto* value = constant(operand);
        if (value && value->type() != Type::number) grammar_.complain_of_type(sign, value->type());
    }

    void complain_of_section(std::string_view section, const Value& value) {
        grammar_.complain(
            fmt::format("Incorrect operand type for operator or function; operator: {}, operand type: {}",
                        section, long_type_name(value.type())));
    }

    Grammar& grammar_;
    Update update_;
    std::set<std::string_view> seen_;
};

bool is_placeholder(std::string_view key, char first) {
    if (key.size() < 2 || key[0] != first) return false;
    auto tokens = tokenise(key);
    return tokens.size() == 2 && tokens[0].text.size() == key.size();
}

}  // namespace

Result<Placeholders> Placeholders::create(std::map<std::string, std::string> names,
                                          std::map<std::string, Value> values) {
    std::size_t total = 0;
    for (const auto& [key, name] : names) {
        if (!is_placeholder(key, '#'))
            return invalid(
                fmt::format("ExpressionAttributeNames contains invalid key: Syntax error; key: \"{}\"", key));
        if (name.empty())
            return invalid(fmt::format(
                "ExpressionAttributeNames contains invalid value: Empty attribute name; key: \"{}\"", key));
        if (name.size() > kAttributeNameBytesMax)
            return invalid(
                fmt::format("ExpressionAttributeNames contains invalid value: Member must have length less "
                            "than or equal to {}; key: \"{}\"",
                            kAttributeNameBytesMax, key));
        total += key.size() + name.size();
    }
    for (const auto& [key, value] : values) {
        if (!is_placeholder(key, ':'))
            return invalid(fmt::format(
                "ExpressionAttributeValues contains invalid key: Syntax error; key: \"{}\"", key));
        total += key.size() + size_bytes(value);
    }
    if (total > kPlaceholderBytesMax)
        return invalid(
            "ExpressionAttributeNames and ExpressionAttributeValues exceed the maximum allowed size");
    Placeholders out;
    out.names_.insert(std::make_move_iterator(names.begin()), std::make_move_iterator(names.end()));
    out.values_.insert(std::make_move_iterator(values.begin()), std::make_move_iterator(values.end()));
    return out;
}

const std::string* Placeholders::name(std::string_view placeholder) {
    auto found = names_.find(placeholder);
    if (found == names_.end()) return nullptr;
    used_.emplace(placeholder);
    return &found->second;
}

const Value* Placeholders::value(std::string_view placeholder) {
    auto found = values_.find(placeholder);
    if (found == values_.end()) return nullptr;
    used_.emplace(placeholder);
    return &found->second;
}

Result<void> Placeholders::check_all_used() const {
    auto check = [&](std::string_view parameter, const auto& all) -> Result<void> {
        std::string unused;
        for (const auto& [key, what] : all)
            if (!used_.contains(key)) unused += (unused.empty() ? "" : ", ") + key;
        if (unused.empty()) return {};
        return invalid(
            fmt::format("Value provided in {} unused in expressions: keys: {{{}}}", parameter, unused));
    };
    TRY(check("ExpressionAttributeNames", names_));
    return check("ExpressionAttributeValues", values_);
}

Result<Condition> parse_condition(std::string_view text, std::string_view parameter,
                                  Placeholders& placeholders) {
    auto grammar = TRY(Grammar::open(text, parameter, placeholders));
    auto condition = TRY(ConditionParser(grammar).any());
    TRY(grammar.finish());
    return condition;
}

Result<Update> parse_update(std::string_view text, Placeholders& placeholders) {
    auto grammar = TRY(Grammar::open(text, "UpdateExpression", placeholders));
    auto update = TRY(UpdateParser(grammar).all());
    TRY(grammar.finish());
    TRY(check_overlap(paths_of(update), grammar.prefix()));
    return update;
}

Result<Projection> parse_projection(std::string_view text, Placeholders& placeholders) {
    auto grammar = TRY(Grammar::open(text, "ProjectionExpression", placeholders));
    Projection paths;
    do
        paths.push_back(TRY(grammar.path()));
    while (grammar.take_if(","));
    TRY(grammar.finish());
    std::vector<const Path*> pointers;
    for (const auto& path : paths)
        pointers.push_back(&path);
    TRY(check_overlap(pointers, grammar.prefix()));
    return paths;
}

}  // namespace tables
