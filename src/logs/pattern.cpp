#include "logs/pattern.h"

#include <boost/json.hpp>
#include <charconv>
#include <fmt/format.h>
#include <optional>

#include "logs/store.h"

namespace logs {

namespace json = boost::json;

namespace {

Error invalid(std::string_view why) {
    return Error::refusal(Refusal::invalid_parameter, fmt::format("Invalid filter pattern: {}", why));
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

enum class Comparison { equal, not_equal, less, less_or_equal, greater, greater_or_equal };

// `*` stands for any run of characters.
bool like(std::string_view text, std::string_view wildcard) {
    std::size_t t = 0, w = 0, star = std::string_view::npos, resume = 0;
    while (t < text.size()) {
        if (w < wildcard.size() && wildcard[w] == '*') {
            star = w++;
            resume = t;
        } else if (w < wildcard.size() && wildcard[w] == text[t]) {
            ++w;
            ++t;
        } else if (star != std::string_view::npos) {
            w = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (w < wildcard.size() && wildcard[w] == '*')
        ++w;
    return w == wildcard.size();
}

std::optional<double> as_number(const json::value& value) {
    if (value.is_int64()) return static_cast<double>(value.get_int64());
    if (value.is_uint64()) return static_cast<double>(value.get_uint64());
    if (value.is_double()) return value.get_double();
    return std::nullopt;
}

std::optional<double> to_number(std::string_view text) {
    double number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

// One comparison of a field, or two conditions joined.
struct JsonCondition {
    enum class Kind { compare, is_null, not_exists, is_true, is_false, both, either };
    Kind kind{};
    std::vector<std::string> path;  // names, or positions in an array
    Comparison comparison{};
    std::string text;
    std::optional<double> number;  // of an unquoted operand
    std::shared_ptr<const JsonCondition> left, right;

    bool matches(const json::value& document) const {
        if (kind == Kind::both) return left->matches(document) && right->matches(document);
        if (kind == Kind::either) return left->matches(document) || right->matches(document);
        const json::value* field = find(document);
        switch (kind) {
            case Kind::is_null:
                return field && field->is_null();
            case Kind::not_exists:
                return !field;
            case Kind::is_true:
                return field && field->is_bool() && field->get_bool();
            case Kind::is_false:
                return field && field->is_bool() && !field->get_bool();
            default:
                return field && compare(*field);
        }
    }

private:
    const json::value* find(const json::value& document) const {
        const json::value* here = &document;
        for (const auto& name : path) {
            if (const auto* object = here->if_object()) {
                here = object->if_contains(name);
            } else if (const auto* array = here->if_array()) {
                auto position = to_number(name);
                here = position && *position >= 0 && *position < static_cast<double>(array->size())
                           ? &(*array)[static_cast<std::size_t>(*position)]
                           : nullptr;
            } else {
                here = nullptr;
            }
            if (!here) return nullptr;
        }
        return here;
    }

    bool compare(const json::value& field) const {
        if (auto held = as_number(field)) {
            if (!number) return comparison == Comparison::not_equal;
            switch (comparison) {
                case Comparison::equal:
                    return *held == *number;
                case Comparison::not_equal:
                    return *held != *number;
                case Comparison::less:
                    return *held < *number;
                case Comparison::less_or_equal:
                    return *held <= *number;
                case Comparison::greater:
                    return *held > *number;
                case Comparison::greater_or_equal:
                    return *held >= *number;
            }
        }
        if (!field.is_string()) return comparison == Comparison::not_equal;
        bool alike = like(std::string_view(field.get_string()), text);
        if (comparison == Comparison::equal) return alike;
        return comparison == Comparison::not_equal && !alike;
    }
};

namespace {

// { condition && (condition || condition) }
class JsonPatternReader {
public:
    explicit JsonPatternReader(std::string_view text) : left_(text) {}

    Result<std::shared_ptr<const JsonCondition>> read() {
        take("{");
        auto condition = TRY(either(0));
        if (!take("}")) return invalid("a closing } is missing");
        if (!at_end()) return invalid("something stands after the closing }");
        return condition;
    }

private:
    using Condition = std::shared_ptr<const JsonCondition>;

    Result<Condition> either(std::size_t depth) {
        auto condition = TRY(both(depth));
        while (take("||"))
            condition = joined(JsonCondition::Kind::either, condition, TRY(both(depth)));
        return condition;
    }
    Result<Condition> both(std::size_t depth) {
        auto condition = TRY(one(depth));
        while (take("&&"))
            condition = joined(JsonCondition::Kind::both, condition, TRY(one(depth)));
        return condition;
    }
    static Condition joined(JsonCondition::Kind kind, Condition left, Condition right) {
        JsonCondition out;
        out.kind = kind;
        out.left = std::move(left);
        out.right = std::move(right);
        return std::make_shared<const JsonCondition>(std::move(out));
    }

    Result<Condition> one(std::size_t depth) {
        if (take("(")) {
            if (depth == kPatternDepthMax) return invalid("it is nested too deeply");
            auto inner = TRY(either(depth + 1));
            if (!take(")")) return invalid("a closing ) is missing");
            return inner;
        }
        JsonCondition out;
        out.path = TRY(path());
        if (take("IS")) {
            if (take("NULL"))
                out.kind = JsonCondition::Kind::is_null;
            else if (take("TRUE"))
                out.kind = JsonCondition::Kind::is_true;
            else if (take("FALSE"))
                out.kind = JsonCondition::Kind::is_false;
            else
                return invalid("NULL, TRUE or FALSE must follow IS");
        } else if (take("NOT")) {
            if (!take("EXISTS")) return invalid("EXISTS must follow NOT");
            out.kind = JsonCondition::Kind::not_exists;
        } else {
            out.comparison = TRY(comparison());
            TRY(operand(out));
        }
        return std::make_shared<const JsonCondition>(std::move(out));
    }

    Result<std::vector<std::string>> path() {
        if (!take("$")) return invalid("a field begins with $.");
        std::vector<std::string> names;
        while (!left_.empty() && (left_[0] == '.' || left_[0] == '[')) {
            bool bracket = left_[0] == '[';
            left_.remove_prefix(1);
            std::string name;
            if (bracket && !left_.empty() && left_[0] == '"') {
                name = TRY(quoted());
            } else {
                while (!left_.empty() && (is_word(left_[0]) || left_[0] == '-')) {
                    name += left_[0];
                    left_.remove_prefix(1);
                }
            }
            if (name.empty()) return invalid("a field's name is empty");
            if (bracket) {
                if (left_.empty() || left_[0] != ']') return invalid("a closing ] is missing");
                left_.remove_prefix(1);
            }
            names.push_back(std::move(name));
        }
        if (names.empty()) return invalid("a field begins with $.");
        return names;
    }

    Result<Comparison> comparison() {
        if (take("!=")) return Comparison::not_equal;
        if (take("<=")) return Comparison::less_or_equal;
        if (take(">=")) return Comparison::greater_or_equal;
        if (take("=")) return Comparison::equal;
        if (take("<")) return Comparison::less;
        if (take(">")) return Comparison::greater;
        return invalid("a comparison must follow the field");
    }

    Result<void> operand(JsonCondition& out) {
        skip_space();
        if (left_.empty()) return invalid("a value must follow the comparison");
        if (left_[0] == '"') {
            out.text = TRY(quoted());
            return {};
        }
        if (left_[0] == '%') return invalid("regular expressions are not supported");
        while (!left_.empty() && !is_space(left_[0]) &&
               std::string_view("(){}&|").find(left_[0]) == left_.npos) {
            out.text += left_[0];
            left_.remove_prefix(1);
        }
        if (out.text.empty()) return invalid("a value must follow the comparison");
        out.number = to_number(out.text);
        if (!out.number && out.comparison != Comparison::equal && out.comparison != Comparison::not_equal)
            return invalid("only numbers can be less or greater");
        return {};
    }

    Result<std::string> quoted() {
        left_.remove_prefix(1);
        std::string out;
        while (!left_.empty() && left_[0] != '"') {
            if (left_[0] == '\\' && left_.size() > 1) left_.remove_prefix(1);
            out += left_[0];
            left_.remove_prefix(1);
        }
        if (left_.empty()) return invalid("a closing quote is missing");
        left_.remove_prefix(1);
        return out;
    }

    void skip_space() {
        while (!left_.empty() && is_space(left_[0]))
            left_.remove_prefix(1);
    }
    bool take(std::string_view token) {
        skip_space();
        if (!left_.starts_with(token)) return false;
        left_.remove_prefix(token.size());
        return true;
    }
    bool at_end() {
        skip_space();
        return left_.empty();
    }

    std::string_view left_;
};

bool contains(std::string_view text, const std::string& term) {
    return text.find(term) != std::string_view::npos;
}

}  // namespace

Result<Pattern> Pattern::parse(std::string_view text) {
    if (text.size() > kPatternBytesMax) return invalid("it is longer than 1024 characters");
    Pattern out;
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    if (text.starts_with('{')) {
        out.json_ = TRY(JsonPatternReader(text).read());
        return out;
    }
    if (text.starts_with('[')) return invalid("space-delimited patterns are not supported");
    while (!text.empty()) {
        if (is_space(text.front())) {
            text.remove_prefix(1);
            continue;
        }
        auto* terms = &out.all_;
        if (text.front() == '?') terms = &out.any_;
        if (text.front() == '-') terms = &out.none_;
        if (terms != &out.all_) text.remove_prefix(1);
        std::string term;
        if (text.starts_with('"')) {
            auto end = text.find('"', 1);
            if (end == text.npos) return invalid("a closing quote is missing");
            term = text.substr(1, end - 1);
            text.remove_prefix(end + 1);
        } else {
            while (!text.empty() && is_word(text.front())) {
                term += text.front();
                text.remove_prefix(1);
            }
            if (!text.empty() && !is_space(text.front())) {
                auto whole = text.substr(0, text.find_first_of(" \t\r\n"));
                return Error::refusal(Refusal::invalid_parameter,
                                      fmt::format("Invalid character(s) in term '{}{}'", term, whole));
            }
        }
        if (term.empty()) return invalid("a term is empty");
        terms->push_back(std::move(term));
    }
    return out;
}

bool Pattern::matches(std::string_view message) const {
    if (json_) {
        boost::system::error_code error;
        auto document = json::parse(message, error);
        return !error && document.is_object() && json_->matches(document);
    }
    for (const auto& term : none_)
        if (contains(message, term)) return false;
    for (const auto& term : all_)
        if (!contains(message, term)) return false;
    if (!all_.empty() || any_.empty()) return true;
    for (const auto& term : any_)
        if (contains(message, term)) return true;
    return false;
}

}  // namespace logs
