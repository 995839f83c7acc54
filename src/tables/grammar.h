// What the grammars of all expressions share: paths, operands, calls, and how errors are told. Only the
// parsers of this room include this.
//
// DynamoDB reports a syntax error anywhere in an expression before anything else that is wrong with it. So
// the parser stops at a syntax error at once, but only remembers the first other complaint and parses on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tables/lexer.h"
#include "tables/parser.h"

namespace tables {

// Confined to one parse; `text` and `placeholders` must outlive it.
class Grammar {
public:
    // Refusal::validation for a text that is empty or too long.
    static Result<Grammar> open(std::string_view text, std::string_view parameter,
                                Placeholders& placeholders);

    const Token& next() const { return tokens_[at_]; }
    std::size_t position() const { return at_; }
    Token take();
    bool take_if(std::string_view sign);
    bool take_if_keyword(std::string_view keyword);
    Result<void> expect(std::string_view sign);

    Error syntax_error() const;
    // "Invalid ConditionExpression: " + message. Kept if it is the first.
    void complain(const std::string& message);
    void complain_of_type(std::string_view function, Type type);
    // A syntax error if something is left, else the first complaint.
    Result<void> finish();
    std::string prefix() const;

    Result<Path> path();
    // A :placeholder's value.
    Result<Value> value();
    // A path, a value or a call.
    Result<Operand> operand();

    // Counts something that nests or an operator; refuses too many.
    Result<void> enter();
    void leave() { --depth_; }
    void count_operator() { ++operators_; }

private:
    Grammar(std::string_view text, std::string_view parameter, Placeholders& placeholders)
        : text_(text), parameter_(parameter), placeholders_(placeholders), tokens_(tokenise(text)) {}

    Result<std::string> path_part();
    Result<Call> call();
    void check(const Call& call);

    std::string_view text_;
    std::string_view parameter_;
    Placeholders& placeholders_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    int depth_ = 0;
    int operators_ = 0;
    std::optional<Error> complaint_;
};

}  // namespace tables
