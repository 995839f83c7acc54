#include "tables/grammar.h"

#include <array>
#include <fmt/format.h>

#include "tables/reserved.h"

namespace tables {

namespace {

constexpr std::size_t kListIndexMax = 2'147'483'647;

struct Signature {
    Function function;
    std::size_t arguments;
};
constexpr std::array<Signature, 8> kSignatures = {{{Function::attribute_exists, 1},
                                                   {Function::attribute_not_exists, 1},
                                                   {Function::attribute_type, 2},
                                                   {Function::begins_with, 2},
                                                   {Function::contains, 2},
                                                   {Function::size, 1},
                                                   {Function::if_not_exists, 2},
                                                   {Function::list_append, 2}}};

const Signature* find_signature(std::string_view name) {
    for (const auto& signature : kSignatures)
        if (name_of(signature.function) == name) return &signature;
    return nullptr;
}

const Value* constant(const Operand& operand) {
    return std::get_if<Value>(&operand.content);
}

bool has_size(Type type) {
    return type != Type::number && type != Type::boolean && type != Type::null;
}

}  // namespace

Result<Grammar> Grammar::open(std::string_view text, std::string_view parameter, Placeholders& placeholders) {
    auto refuse = [&](const std::string& why) {
        return invalid(fmt::format("Invalid {}: {}", parameter, why));
    };
    if (text.find_first_not_of(" \t\r\n\f") == std::string_view::npos)
        return refuse("The expression can not be empty;");
    if (text.size() > kExpressionBytesMax)
        return refuse(fmt::format(
            "Expression size has exceeded the maximum allowed size; expression size: {}", text.size()));
    return Grammar(text, parameter, placeholders);
}

Token Grammar::take() {
    auto token = tokens_[at_];
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
}

bool Grammar::take_if(std::string_view sign) {
    if (!next().is(sign)) return false;
    take();
    return true;
}

bool Grammar::take_if_keyword(std::string_view keyword) {
    if (!next().is_keyword(keyword)) return false;
    take();
    return true;
}

Result<void> Grammar::expect(std::string_view sign) {
    if (!take_if(sign)) return syntax_error();
    return {};
}

std::string Grammar::prefix() const {
    return fmt::format("Invalid {}: ", parameter_);
}

// The token that does not fit, and the text from the token before it to the token after it.
Error Grammar::syntax_error() const {
    const auto& token = next();
    auto from = at_ == 0 ? token.offset : tokens_[at_ - 1].offset;
    auto to = token.offset;
    if (token.kind != Token::Kind::end) {
        const auto& after = tokens_[at_ + 1];
        to = after.kind == Token::Kind::end ? token.offset + token.text.size()
                                            : after.offset + after.text.size();
    }
    return invalid(fmt::format("{}Syntax error; token: \"{}\", near: \"{}\"", prefix(), token.text,
                               text_.substr(from, to - from)));
}

void Grammar::complain(const std::string& message) {
    if (!complaint_) complaint_ = invalid(prefix() + message);
}

void Grammar::complain_of_type(std::string_view function, Type type) {
    complain(fmt::format(
        "Incorrect operand type for operator or function; operator or function: {}, operand type: {}",
        function, type_name(type)));
}

Result<void> Grammar::finish() {
    if (next().kind != Token::Kind::end) return syntax_error();
    if (operators_ > kOperatorsMax)
        return invalid(fmt::format("{}The expression contains too many operators; operator count: {}",
                                   prefix(), kOperatorsMax + 1));
    if (complaint_) return *complaint_;
    return {};
}

Result<void> Grammar::enter() {
    if (++depth_ > kExpressionDepthMax)
        return invalid(prefix() + "Syntax error; the expression is nested too deeply");
    return {};
}

Result<std::string> Grammar::path_part() {
    if (next().kind == Token::Kind::name) {
        auto token = take();
        const auto* name = placeholders_.name(token.text);
        if (name) return *name;
        complain(fmt::format(
            "An expression attribute name used in the document path is not defined; attribute name: {}",
            token.text));
        return std::string(token.text);
    }
    if (next().kind != Token::Kind::word) return syntax_error();
    auto token = take();
    if (is_reserved(token.text))
        complain(fmt::format("Attribute name is a reserved keyword; reserved keyword: {}", token.text));
    return std::string(token.text);
}

Result<Path> Grammar::path() {
    Path path{TRY(path_part())};
    for (;;) {
        if (take_if(".")) {
            path.steps.emplace_back(TRY(path_part()));
        } else if (take_if("[")) {
            if (next().kind != Token::Kind::integer) return syntax_error();
            auto digits = take().text;
            TRY(expect("]"));
            std::size_t index = 0;
            for (char digit : digits)
                index = std::min(index * 10 + static_cast<std::size_t>(digit - '0'), kListIndexMax + 1);
            if (index > kListIndexMax)
                complain(fmt::format("List index is not within the allowable range; index: [{}]", digits));
            path.steps.emplace_back(index);
        } else {
            break;
        }
    }
    if (path.steps.size() + 1 > static_cast<std::size_t>(kNestingMax))
        complain(fmt::format("The document path has too many nesting levels; nesting levels: {}",
                             path.steps.size() + 1));
    return path;
}

Result<Value> Grammar::value() {
    if (next().kind != Token::Kind::value) return syntax_error();
    auto token = take();
    const auto* value = placeholders_.value(token.text);
    if (value) return *value;
    complain(fmt::format(
        "An expression attribute value used in expression is not defined; attribute value: {}", token.text));
    return Value();
}

Result<Operand> Grammar::operand() {
    if (next().kind == Token::Kind::value) return Operand{TRY(value())};
    if (next().kind == Token::Kind::word && tokens_[at_ + 1].is("(")) return Operand{TRY(call())};
    return Operand{TRY(path())};
}

Result<Call> Grammar::call() {
    TRY(enter());
    auto name = take().text;
    TRY(expect("("));
    Call call{};
    do
        call.arguments.push_back(TRY(operand()));
    while (take_if(","));
    TRY(expect(")"));
    leave();

    const auto* signature = find_signature(name);
    if (!signature) {
        complain(fmt::format("Invalid function name; function: {}", name));
        return call;
    }
    call.function = signature->function;
    if (call.arguments.size() != signature->arguments)
        complain(fmt::format(
            "Incorrect number of operands for operator or function; operator or function: {}, number of "
            "operands: {}",
            name, call.arguments.size()));
    else
        check(call);
    return call;
}

// What the tree alone shows to be wrong with a call: its arguments' kinds, and the types of constants.
void Grammar::check(const Call& call) {
    auto name = name_of(call.function);
    const auto& first = call.arguments.front();
    const auto& last = call.arguments.back();
    auto must_be_path = [&] {
        if (!std::holds_alternative<Path>(first.content))
            complain(
                fmt::format("Operator or function requires a document path; operator or function: {}", name));
    };
    auto must_be = [&](const Operand& operand, auto allowed) {
        if (const auto* value = constant(operand); value && !allowed(value->type()))
            complain_of_type(name, value->type());
    };
    auto text_or_binary = [](Type type) { return type == Type::string || type == Type::binary; };
    for (const auto& argument : call.arguments) {
        const auto* inner = std::get_if<Call>(&argument.content);
        if (!inner) continue;
        bool fits =
            call.function == Function::if_not_exists || call.function == Function::list_append
                ? inner->function == Function::if_not_exists ||
                      (inner->function == Function::list_append && call.function != Function::list_append)
                : inner->function == Function::size && call.function != Function::size;
        if (!fits)
            complain(
                fmt::format("The function is not allowed to be used this way in an expression; function: {}",
                            name_of(inner->function)));
    }
    switch (call.function) {
        case Function::attribute_exists:
        case Function::attribute_not_exists:
        case Function::if_not_exists:
            must_be_path();
            break;
        case Function::attribute_type: {
            const auto* type = constant(last);
            const auto* text = type ? type->get_if<std::string>() : nullptr;
            if (type && !text) complain_of_type(name, type->type());
            if (text && !type_from_name(*text))
                complain(
                    fmt::format("Invalid attribute type name found; type: {}, valid types: "
                                "{{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}",
                                *text));
            if (!type) complain("The second operand of attribute_type must be an expression attribute value");
            break;
        }
        case Function::begins_with:
            must_be(first, text_or_binary);
            must_be(last, text_or_binary);
            break;
        case Function::contains:
            must_be(first, [](Type type) { return has_size(type) && type != Type::map; });
            break;
        case Function::size:
            must_be(first, has_size);
            break;
        case Function::list_append:
            must_be(first, [](Type type) { return type == Type::list; });
            must_be(last, [](Type type) { return type == Type::list; });
            break;
    }
    if (call.arguments.size() == 2 && call.function != Function::list_append &&
        call.function != Function::if_not_exists) {
        const auto* one = std::get_if<Path>(&first.content);
        const auto* two = std::get_if<Path>(&last.content);
        if (one && two && *one == *two)
            complain(fmt::format(
                "The first operand must be distinct from the remaining operands for this operator or "
                "function; operator: {}, first operand: {}",
                name, describe(*one)));
    }
}

}  // namespace tables
