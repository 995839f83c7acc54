#include "functions/function.h"

#include <algorithm>
#include <fmt/format.h>

namespace functions {
namespace {

bool is_word(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        auto cut = text.find(separator);
        parts.emplace_back(text.substr(0, cut));
        if (cut == text.npos) return parts;
        text.remove_prefix(cut + 1);
    }
}

constexpr std::size_t kNameMax = 64;
constexpr std::size_t kQualifierMax = 128;

Error not_a_name(std::string_view text) {
    constexpr std::string_view kForm =
        R"((arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\d{1}:)?(\d{12}:)?)"
        R"((function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?)";
    return Error::refusal(
        Refusal::invalid_parameter,
        fmt::format("1 validation error detected: Value '{}' at 'functionName' failed to satisfy "
                    "constraint: Member must satisfy regular expression pattern: {}",
                    text, kForm));
}

}  // namespace

std::string FunctionId::arn() const {
    return fmt::format("arn:aws:lambda:{}:{}:function:{}", region, account, name);
}

std::string Function::arn() const {
    return version == kLatest ? id.arn() : id.arn() + ":" + version;
}

std::string FunctionId::log_group() const {
    return "/aws/lambda/" + name;
}

std::string Function::log_group() const {
    return config.log_group.empty() ? id.log_group() : config.log_group;
}

// name[:qualifier], ACCOUNT:function:name[:qualifier] or
// arn:aws:lambda:REGION:ACCOUNT:function:name[:qualifier].
Result<Reference> parse_reference(std::string_view text, const std::string& account,
                                  const std::string& region) {
    auto parts = split(text, ':');
    Reference out{.id = {account, region, {}}, .qualifier = {}};
    std::size_t next = 0;
    if (parts[0] == "arn") {
        if (parts.size() < 7 || parts[2] != "lambda" || parts[5] != "function") return not_a_name(text);
        out.id.region = parts[3];
        out.id.account = parts[4];
        next = 6;
    } else if (parts.size() >= 3 && parts[1] == "function") {
        out.id.account = parts[0];
        next = 2;
    } else if (parts.size() >= 2 && parts[0] == "function") {
        next = 1;
    }
    out.id.name = parts[next++];
    if (next < parts.size()) out.qualifier = parts[next++];
    if (next != parts.size() || !is_word(out.id.name) || out.id.name.size() > kNameMax)
        return not_a_name(text);
    if (!out.qualifier.empty() && out.qualifier != kLatest &&
        (!is_word(out.qualifier) || out.qualifier.size() > kQualifierMax))
        return not_a_name(text);
    if (text.ends_with(':')) return not_a_name(text);
    if (out.id.account != account || out.id.region != region)
        return Error::refusal(Refusal::function_missing, fmt::format("Function not found: {}", text));
    return out;
}

RuntimeKind runtime_kind(std::string_view runtime) {
    if (runtime == "python2.7" || runtime.starts_with("python3.")) return RuntimeKind::python;
    if (runtime == "provided" || runtime.starts_with("provided.")) return RuntimeKind::executable;
    return RuntimeKind::unsupported;
}

}  // namespace functions
