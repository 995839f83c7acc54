#include "access/pattern.h"

#include "base/ascii.h"

namespace access_control {
namespace {

constexpr std::uint16_t kAnyCharacters = 0x100;
constexpr std::uint16_t kAnyCharacter = 0x101;
// "${*}", "${?}" and "${$}" are these characters themselves. They are kept in the pattern's pieces as one
// byte that UTF-8 never holds, followed by the character.
constexpr char kEscape = '\xFF';

}  // namespace

void Wildcard::append_pattern(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == kEscape && i + 1 < pattern.size())
            units_.push_back(static_cast<std::uint8_t>(pattern[++i]));
        else if (pattern[i] == '*')
            units_.push_back(kAnyCharacters);
        else if (pattern[i] == '?')
            units_.push_back(kAnyCharacter);
        else
            units_.push_back(static_cast<std::uint8_t>(pattern[i]));
    }
}

void Wildcard::append_literal(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == kEscape && i + 1 < text.size()) ++i;
        units_.push_back(static_cast<std::uint8_t>(text[i]));
    }
}

bool Wildcard::matches(std::string_view text) const {
    std::size_t unit = 0, at = 0;
    std::size_t star = units_.size(), resume = 0;  // the last * seen, and the text it is tried against next
    while (at < text.size()) {
        if (unit < units_.size() && units_[unit] == kAnyCharacters) {
            star = unit++;
            resume = at;
        } else if (unit < units_.size() &&
                   (units_[unit] == kAnyCharacter || units_[unit] == static_cast<std::uint8_t>(text[at]))) {
            ++unit;
            ++at;
        } else if (star < units_.size()) {
            unit = star + 1;
            at = ++resume;
        } else {
            return false;
        }
    }
    while (unit < units_.size() && units_[unit] == kAnyCharacters)
        ++unit;
    return unit == units_.size();
}

std::optional<std::string> Wildcard::literal() const {
    std::string out;
    for (auto unit : units_) {
        if (unit > 0xFF) return std::nullopt;
        out.push_back(static_cast<char>(unit));
    }
    return out;
}

Wildcard Wildcard::in_lower_case() const {
    Wildcard out(*this);
    for (auto& unit : out.units_)
        if (unit >= 'A' && unit <= 'Z') unit = static_cast<std::uint16_t>(unit - 'A' + 'a');
    return out;
}

std::optional<Template> Template::parse(std::string_view text, bool variables, bool wildcards) {
    Template out;
    out.text_ = text;
    out.wildcards_ = wildcards;
    while (variables) {
        auto open = text.find("${");
        if (open == text.npos) break;
        auto close = text.find('}', open);
        if (close == text.npos) return std::nullopt;
        std::string_view inside = text.substr(open + 2, close - open - 2);
        out.tail_ += text.substr(0, open);
        text.remove_prefix(close + 1);
        if (inside == "*" || inside == "?" || inside == "$") {
            out.tail_ += kEscape;
            out.tail_ += inside;
            continue;
        }
        Variable variable{std::move(out.tail_), {}, {}, std::nullopt};
        out.tail_.clear();
        if (auto comma = inside.find(','); comma != inside.npos) {
            std::string_view fallback = inside.substr(comma + 1);
            fallback.remove_prefix(std::min(fallback.find_first_not_of(' '), fallback.size()));
            if (fallback.size() < 2 || fallback.front() != '\'' || fallback.back() != '\'')
                return std::nullopt;
            variable.fallback = fallback.substr(1, fallback.size() - 2);
            inside = inside.substr(0, comma);
            while (inside.ends_with(' '))
                inside.remove_suffix(1);
        }
        if (inside.find(':') == inside.npos) return std::nullopt;
        variable.key = base::lower_case(inside);
        variable.written = inside;
        out.variables_.push_back(std::move(variable));
    }
    out.tail_ += text;
    if (!out.has_variables()) out.append(out.fixed_, out.tail_);
    return out;
}

std::vector<std::string> Template::variables() const {
    std::vector<std::string> out;
    for (const auto& variable : variables_)
        out.push_back(variable.written);
    return out;
}

void Template::append(Wildcard& out, std::string_view piece) const {
    if (wildcards_)
        out.append_pattern(piece);
    else
        out.append_literal(piece);
}

std::optional<Wildcard> Template::expand(const ContextLookup& lookup) const {
    if (!has_variables()) return fixed_;
    Wildcard out;
    for (const auto& variable : variables_) {
        append(out, variable.before);
        auto values = lookup(variable.key);
        if (values && values->size() == 1)
            for (char c : values->front())
                out.append_literal({&c, 1});
        else if (variable.fallback)
            out.append_literal(*variable.fallback);
        else
            return std::nullopt;
    }
    append(out, tail_);
    return out;
}

bool Template::matches(std::string_view text, const ContextLookup& lookup) const {
    if (!has_variables()) return fixed_.matches(text);
    auto expanded = expand(lookup);
    return expanded && expanded->matches(text);
}

}  // namespace access_control
