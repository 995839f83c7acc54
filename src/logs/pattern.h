// Filter patterns as CloudWatch Logs reads them: which lines are wanted.
//   ERROR "not found"    lines with both terms (terms with other characters than letters, digits and _ are
//   quoted) ?ERROR ?WARN         lines with one of them; ignored where a plain term stands beside ERROR
//   -Timeout       not those with Timeout { $.status >= 500 && $.path = "/a*" }    lines that are JSON
//   objects with such fields
// Space-delimited patterns ([ip, user, ...]) and regular expressions (%...%) are refused.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace logs {

constexpr std::size_t kPatternBytesMax = 1024;
constexpr std::size_t kPatternDepthMax = 16;  // nested parentheses

struct JsonCondition;

// A value. Matching is case-sensitive.
class Pattern {
public:
    // Refusal::invalid_parameter, with what is wrong, for a pattern that cannot be read. An empty one matches
    // all.
    static Result<Pattern> parse(std::string_view text);
    bool matches(std::string_view message) const;

private:
    std::vector<std::string> all_, any_, none_;
    std::shared_ptr<const JsonCondition> json_;
};

}  // namespace logs
