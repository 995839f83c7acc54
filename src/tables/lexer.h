// The words and signs of an expression.
#pragma once

#include <string_view>
#include <vector>

namespace tables {

struct Token {
    enum class Kind {
        word,   // a name, keyword or function: a letter, then letters, digits and underscores
        name,   // #placeholder
        value,  // :placeholder
        integer,
        sign,     // = <> < <= > >= ( ) [ ] . , + -
        unknown,  // one character that means nothing here
        end,
    };
    Kind kind;
    std::string_view text;
    std::size_t offset;

    bool is(std::string_view sign) const { return kind == Kind::sign && text == sign; }
    // A word, in whatever case.
    bool is_keyword(std::string_view upper) const;
};

// Any bytes give tokens; the last one is the end. They point into `text`.
std::vector<Token> tokenise(std::string_view text);

}  // namespace tables
