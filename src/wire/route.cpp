#include "wire/route.h"

#include <algorithm>

namespace wire {
namespace {

// The part of `text` up to `separator`, which is taken off together with it.
std::string_view take(std::string_view& text, char separator) {
    auto end = text.find(separator);
    auto part = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    return part;
}

}  // namespace

std::optional<Labels> match_path(std::string_view pattern, std::string_view path) {
    Labels labels;
    if (pattern.starts_with('/')) pattern.remove_prefix(1);
    if (path.starts_with('/')) path.remove_prefix(1);
    while (!pattern.empty()) {
        auto wanted = take(pattern, '/');
        bool label = wanted.starts_with('{');
        bool rest = wanted.ends_with("+}");
        auto given = rest ? std::exchange(path, std::string_view()) : take(path, '/');
        if (!label) {
            if (given != wanted) return std::nullopt;
            continue;
        }
        auto value = base::percent_decode(given);
        if (!value || value->empty()) return std::nullopt;
        labels.emplace(wanted.substr(1, wanted.size() - (rest ? 3 : 2)), std::move(*value));
    }
    // What is left is at most an empty last segment: "/functions/" is "/functions", "/bucket/" is "/bucket".
    if (!path.empty()) return std::nullopt;
    return labels;
}

bool conditions_hold(const Route& route, const http::Request& request,
                     const std::vector<http::QueryParameter>& query) {
    auto words = route.query;
    while (!words.empty()) {
        auto word = take(words, '&');
        auto name = take(word, '=');
        bool holds = std::any_of(query.begin(), query.end(), [&](const auto& parameter) {
            return parameter.name == name && (word.empty() || parameter.value == word);
        });
        if (!holds) return false;
    }
    if (route.header.empty()) return true;
    auto start = route.header;
    auto found = request.headers.get(take(start, '='));
    return found && found->starts_with(start);
}

std::size_t condition_count(const Route& route) {
    std::size_t count = route.header.empty() ? 0 : 1;
    if (!route.query.empty()) count += 1 + std::count(route.query.begin(), route.query.end(), '&');
    return count;
}

}  // namespace wire
