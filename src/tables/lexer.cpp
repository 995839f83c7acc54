#include "tables/lexer.h"

namespace tables {

namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_part(char c) {
    return is_letter(c) || is_digit(c) || c == '_';
}
bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

std::size_t sign_length(std::string_view rest) {
    auto two = rest.substr(0, 2);
    if (two == "<>" || two == "<=" || two == ">=") return 2;
    return std::string_view("=<>()[].,+-").find(rest.front()) != std::string_view::npos ? 1 : 0;
}

}  // namespace

bool Token::is_keyword(std::string_view upper) const {
    if (kind != Kind::word || text.size() != upper.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 'a' + 'A') : text[i];
        if (c != upper[i]) return false;
    }
    return true;
}

std::vector<Token> tokenise(std::string_view text) {
    std::vector<Token> out;
    std::size_t at = 0;
    auto run = [&](std::size_t from, auto belongs) {
        auto to = from;
        while (to < text.size() && belongs(text[to]))
            ++to;
        return to - at;
    };
    while (at < text.size()) {
        char c = text[at];
        if (is_space(c)) {
            ++at;
            continue;
        }
        auto kind = Token::Kind::unknown;
        std::size_t length = 1;
        if (is_letter(c)) {
            kind = Token::Kind::word;
            length = run(at, is_part);
        } else if (is_digit(c)) {
            kind = Token::Kind::integer;
            length = run(at, is_digit);
        } else if ((c == '#' || c == ':') && at + 1 < text.size() && is_part(text[at + 1])) {
            kind = c == '#' ? Token::Kind::name : Token::Kind::value;
            length = run(at + 1, is_part);
        } else if (auto sign = sign_length(text.substr(at)); sign > 0) {
            kind = Token::Kind::sign;
            length = sign;
        }
        out.push_back({kind, text.substr(at, length), at});
        at += length;
    }
    out.push_back({Token::Kind::end, "<EOF>", text.size()});
    return out;
}

}  // namespace tables
