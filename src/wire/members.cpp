#include "wire/members.h"

#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <memory>
#include <re2/re2.h>

#include "base/guarded.h"

namespace wire {

void apply(Limits& limits, const Length& part) {
    if (part.min > 0) limits.length_min = part.min;
    if (part.max != std::numeric_limits<std::size_t>::max()) limits.length_max = part.max;
}
void apply(Limits& limits, const Range& part) {
    limits.value_min = part.min;
    if (!std::isinf(part.max)) limits.value_max = part.max;
}
void apply(Limits& limits, const Pattern& part) {
    limits.pattern = part.expression;
}
void apply(Limits& limits, const OneOf& part) {
    limits.one_of = part.values;
}
void apply(Limits& limits, const Items& part) {
    if (part.min > 0) limits.items_min = part.min;
    limits.items_max = part.max;
}
void apply(Limits& limits, const Each& part) {
    limits.each = {part.limits};
}
void apply(Limits& limits, const At& part) {
    limits.place = part.place;
    limits.place_name = part.name;
}

bool matches(std::string_view text, std::string_view pattern) {
    // Descriptions are static, so the number of patterns is fixed.
    static base::Guarded<std::map<std::string, std::unique_ptr<RE2>, std::less<>>> compiled;
    const RE2* expression = compiled.with([&](auto& all) {
        auto found = all.find(pattern);
        if (found == all.end()) {
            auto made = std::make_unique<RE2>(re2::StringPiece(pattern.data(), pattern.size()), RE2::Quiet);
            INVARIANT(made->ok());
            found = all.emplace(std::string(pattern), std::move(made)).first;
        }
        return found->second.get();
    });
    return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *expression);
}

namespace {

std::size_t characters(std::string_view text) {
    std::size_t count = 0;
    for (char c : text)
        count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return count;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number out{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return out;
}

std::string number_text(double number) {
    return number == std::floor(number) && std::fabs(number) < 1e15 ? fmt::format("{:.0f}", number)
                                                                    : fmt::format("{}", number);
}

}  // namespace

void Decoder::scalar(const json::value& source, std::string& out, const Limits& limits,
                     const std::string& path) {
    const json::string* text = source.if_string();
    if (!text) return malformed(source, path);
    out.assign(text->data(), text->size());
    check_length(characters(out), out, limits, path);
    if (!limits.pattern.empty() && !matches(out, limits.pattern))
        violation(out, path,
                  fmt::format("Member must satisfy regular expression pattern: {}", limits.pattern));
    if (!limits.one_of.empty() &&
        std::find(limits.one_of.begin(), limits.one_of.end(), out) == limits.one_of.end())
        violation(out, path,
                  fmt::format("Member must satisfy enum value set: [{}]", fmt::join(limits.one_of, ", ")));
}

void Decoder::scalar(const json::value& source, base::Bytes& out, const Limits& limits,
                     const std::string& path) {
    const json::string* text = source.if_string();
    if (!text) return malformed(source, path);
    auto bytes = base::from_base64({text->data(), text->size()});
    if (!bytes) return malformed(source, path);
    out = std::move(*bytes);
    check_length(out.size(), "<bytes>", limits, path);
}

void Decoder::scalar(const json::value& source, bool& out, const Limits&, const std::string& path) {
    if (source.is_bool()) {
        out = source.get_bool();
        return;
    }
    const json::string* text = scalars_are_text_ ? source.if_string() : nullptr;
    if (!text) return malformed(source, path);
    if (http::equal_ignoring_case(*text, "true"))
        out = true;
    else if (http::equal_ignoring_case(*text, "false"))
        out = false;
    else
        malformed(source, path);
}

void Decoder::scalar(const json::value& source, std::int64_t& out, const Limits& limits,
                     const std::string& path) {
    if (source.is_int64()) {
        out = source.get_int64();
    } else if (auto value = number(source); value && std::fabs(*value) < 9e18) {
        // AWS's own parsers cut a fraction off; SDKs written in JavaScript send 5.0 for 5.
        out = static_cast<std::int64_t>(*value);
    } else {
        return malformed(source, path);
    }
    check_number(static_cast<double>(out), std::to_string(out), limits, path);
}

void Decoder::scalar(const json::value& source, int& out, const Limits& limits, const std::string& path) {
    std::int64_t wide = 0;
    scalar(source, wide, limits, path);
    if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max())
        return malformed(source, path);
    out = static_cast<int>(wide);
}

void Decoder::scalar(const json::value& source, double& out, const Limits& limits, const std::string& path) {
    auto value = number(source);
    if (!value || !std::isfinite(*value)) return malformed(source, path);
    out = *value;
    check_number(out, number_text(out), limits, path);
}

void Decoder::scalar(const json::value& source, float& out, const Limits& limits, const std::string& path) {
    double wide = 0;
    scalar(source, wide, limits, path);
    out = static_cast<float>(wide);
}

void Decoder::scalar(const json::value& source, json::value& out, const Limits&, const std::string&) {
    out = source;
}

void Decoder::scalar(const json::value& source, json::object& out, const Limits& limits,
                     const std::string& path) {
    const json::object* object = source.if_object();
    if (!object) return malformed(source, path);
    check_items(object->size(), limits, path);
    out = *object;
}

std::optional<double> Decoder::number(const json::value& source) const {
    if (source.is_number()) return source.to_number<double>();
    const json::string* text = scalars_are_text_ ? source.if_string() : nullptr;
    if (!text) return std::nullopt;
    return parse_number<double>({text->data(), text->size()});
}

const json::array* Decoder::as_list(const json::value& source) const {
    static const json::array empty;
    // The query protocol writes an empty list as an empty text.
    if (scalars_are_text_ && source.is_string() && source.get_string().empty()) return &empty;
    return source.if_array();
}

void Decoder::check_items(std::size_t count, const Limits& limits, const std::string& path) {
    if (limits.items_min && count < *limits.items_min)
        violation("[]", path,
                  fmt::format("Member must have length greater than or equal to {}", *limits.items_min));
    if (limits.items_max && count > *limits.items_max)
        violation(fmt::format("[{} items]", count), path,
                  fmt::format("Member must have length less than or equal to {}", *limits.items_max));
}

void Decoder::check_number(double value, const std::string& text, const Limits& limits,
                           const std::string& path) {
    if (limits.value_min && value < *limits.value_min)
        violation(text, path,
                  fmt::format("Member must have value greater than or equal to {}",
                              number_text(*limits.value_min)));
    if (limits.value_max && value > *limits.value_max)
        violation(
            text, path,
            fmt::format("Member must have value less than or equal to {}", number_text(*limits.value_max)));
}

void Decoder::check_length(std::size_t length, const std::string& text, const Limits& limits,
                           const std::string& path) {
    if (limits.length_min && length < *limits.length_min)
        violation(text, path,
                  fmt::format("Member must have length greater than or equal to {}", *limits.length_min));
    if (limits.length_max && length > *limits.length_max)
        violation(text, path,
                  fmt::format("Member must have length less than or equal to {}", *limits.length_max));
}

void Decoder::violation(const std::string& text, const std::string& path, const std::string& constraint) {
    constexpr std::size_t kShownCharactersMax = 256, kViolationsMax = 100;
    if (violations_.size() >= kViolationsMax) return;
    std::string shown(text, 0, kShownCharactersMax);
    if (text.size() > kShownCharactersMax) shown += "...";
    violations_.push_back(
        fmt::format("Value '{}' at '{}' failed to satisfy constraint: {}", shown, path, constraint));
}

void Decoder::violation_null(const std::string& path) {
    violations_.push_back(
        fmt::format("Value null at '{}' failed to satisfy constraint: Member must not be null", path));
}

void Decoder::malformed(const json::value& source, const std::string& path) {
    if (malformed_) return;
    malformed_ = fmt::format("{} is not of the type that {} has", json::to_string(source.kind()), path);
}

std::string Decoder::member_path(const std::string& path, std::string_view name) {
    std::string out = path.empty() ? "" : path + '.';
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(name[0])));
    out += name.substr(1);
    return out;
}

Result<void> Decoder::verdict() const {
    if (malformed_) return Error::refusal(Trouble::malformed_body, *malformed_);
    if (violations_.empty()) return {};
    return Error::refusal(Trouble::validation,
                          fmt::format("{} validation error{} detected: {}", violations_.size(),
                                      violations_.size() == 1 ? "" : "s", fmt::join(violations_, "; ")));
}

json::value describe_limits(const Limits& limits) {
    json::object out;
    if (limits.length_min) out["length_min"] = *limits.length_min;
    if (limits.length_max) out["length_max"] = *limits.length_max;
    if (limits.value_min) out["value_min"] = *limits.value_min;
    if (limits.value_max) out["value_max"] = *limits.value_max;
    if (limits.items_min) out["items_min"] = *limits.items_min;
    if (limits.items_max) out["items_max"] = *limits.items_max;
    if (!limits.pattern.empty()) out["pattern"] = limits.pattern;
    if (!limits.one_of.empty()) out["one_of"] = json::array(limits.one_of.begin(), limits.one_of.end());
    if (!limits.each.empty()) out["each"] = describe_limits(limits.each[0]);
    if (out.empty()) return nullptr;
    return out;
}

}  // namespace wire
