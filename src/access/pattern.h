// Patterns as policies write them: * (any characters), ? (any one character), and policy variables
// ("${aws:username}"), which stand for a fact about the request.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace access_control {

// The values of a condition key in a request; nothing if the request has no such key. Keys come in lower
// case.
using ContextLookup = std::function<std::optional<std::vector<std::string>>(std::string_view key)>;

// A value: text to match, in which wildcards and plain characters cannot be confused.
class Wildcard {
public:
    Wildcard() = default;
    explicit Wildcard(std::string_view pattern) { append_pattern(pattern); }

    void append_pattern(std::string_view pattern);  // * and ? are wildcards
    void append_literal(std::string_view text);     // they are characters

    // At most length of pattern times length of text steps: only the last * is ever tried again.
    bool matches(std::string_view text) const;
    // The text itself, if there is no wildcard in it.
    std::optional<std::string> literal() const;
    Wildcard in_lower_case() const;

private:
    std::vector<std::uint16_t> units_;  // a byte, or one of the two wildcards
};

// A value: a pattern with variables in it. Variables are looked up when it is matched; what they give matches
// itself only, never as a wildcard.
class Template {
public:
    // Nothing if a variable is not well formed. `variables`: whether "${...}" means one (policy version
    // 2012-10-17).
    static std::optional<Template> parse(std::string_view text, bool variables, bool wildcards);

    bool has_variables() const { return !variables_.empty(); }
    const std::string& text() const { return text_; }  // as written
    std::vector<std::string> variables() const;        // their keys, as written
    // Nothing if a variable has no value, or several, and no default is written: then nothing can match.
    std::optional<Wildcard> expand(const ContextLookup& lookup) const;
    bool matches(std::string_view text, const ContextLookup& lookup) const;

private:
    struct Variable {
        std::string before;   // the pattern up to here
        std::string key;      // lower case
        std::string written;  // the key, as the policy has it
        std::optional<std::string> fallback;
    };
    void append(Wildcard& out, std::string_view piece) const;

    std::string text_;
    bool wildcards_ = false;
    std::vector<Variable> variables_;
    std::string tail_;
    Wildcard fixed_;  // without variables: ready to match
};

}  // namespace access_control
