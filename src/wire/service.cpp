// Finding the operation that a request names, and putting its members together, whatever the protocol.
#include <algorithm>
#include <fmt/format.h>

#include "wire/operation.h"
#include "wire/trouble.h"

namespace wire {
namespace {

bool is_json(Protocol protocol) {
    return protocol == Protocol::json_1_0 || protocol == Protocol::json_1_1;
}
bool is_rest(Protocol protocol) {
    return protocol == Protocol::rest_json || protocol == Protocol::rest_xml;
}

// Deep enough for DynamoDB's 32 levels, each of which is two in JSON, and what is around them.
constexpr std::size_t kJsonDepthMax = 96;
constexpr std::size_t kFormDepthMax = 16;
constexpr std::size_t kFormFieldsMax = 10'000;

Result<json::object> parse_json_object(std::string_view body) {
    if (body.empty()) return json::object();
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = kJsonDepthMax;
    json::value value = json::parse(json::string_view(body.data(), body.size()), error, {}, options);
    if (error || !value.is_object()) return Error::refusal(Trouble::malformed_body);
    return std::move(value.get_object());
}

// One form field into its place: "Tags.member.2.Key" is the Key of the second of Tags. "member" and "entry"
// are the wrapper names of lists and are left out; positions need not be dense, only ascending order counts.
struct FormNode {
    std::optional<std::string> text;
    std::map<std::string, FormNode> named;
    std::map<std::uint64_t, FormNode> listed;
};

Result<void> insert_field(FormNode& root, std::string_view name, std::string value) {
    FormNode* node = &root;
    std::size_t depth = 0;
    while (!name.empty()) {
        if (++depth > kFormDepthMax) return Error::refusal(Trouble::malformed_body);
        auto end = name.find('.');
        std::string part(name.substr(0, end));
        name = end == std::string_view::npos ? std::string_view() : name.substr(end + 1);
        bool number =
            !part.empty() && part.size() <= 9 && part.find_first_not_of("0123456789") == std::string::npos;
        if (part == "member" && depth > 1) continue;
        node = number ? &node->listed[std::stoull(part)] : &node->named[part];
    }
    node->text = std::move(value);
    return {};
}

json::value form_value(const FormNode& node) {
    if (!node.listed.empty()) {
        json::array out;
        for (const auto& [position, item] : node.listed)
            out.push_back(form_value(item));
        return out;
    }
    if (!node.named.empty()) {
        json::object out;
        for (const auto& [name, item] : node.named)
            out[name] = form_value(item);
        return out;
    }
    return json::value(node.text.value_or(""));
}

Result<json::object> parse_form(std::string_view body) {
    auto fields = http::parse_query(body, true);
    if (!fields || fields->size() > kFormFieldsMax) return Error::refusal(Trouble::malformed_body);
    FormNode root;
    for (auto& field : *fields)
        TRY(insert_field(root, field.name, std::move(field.value)));
    json::value value = form_value(root);
    return value.is_object() ? std::move(value.get_object()) : json::object();
}

void place_member(const PlacedMember& member, const Incoming& incoming, json::object& out) {
    switch (member.place) {
        case Place::body:
            return;
        case Place::query: {
            json::array all;
            for (const auto& parameter : incoming.query)
                if (parameter.name == member.place_name) all.emplace_back(parameter.value);
            if (all.empty()) return;
            if (member.is_list)
                out[member.name] = std::move(all);
            else
                out[member.name] = all[0];
            return;
        }
        case Place::header:
            if (auto value = incoming.request.headers.joined(member.place_name)) out[member.name] = *value;
            return;
        case Place::header_prefix: {
            json::object all;
            for (const auto& [name, value] : incoming.request.headers) {
                if (name.size() <= member.place_name.size() ||
                    !http::equal_ignoring_case(std::string_view(name).substr(0, member.place_name.size()),
                                               member.place_name))
                    continue;
                std::string key = name.substr(member.place_name.size());
                std::transform(key.begin(), key.end(), key.begin(),
                               [](unsigned char c) { return std::tolower(c); });
                // S3 joins several headers of one name with a comma.
                if (auto* before = all.if_contains(key))
                    *before = fmt::format("{},{}", std::string_view(before->get_string()), value);
                else
                    all[key] = value;
            }
            if (!all.empty()) out[member.name] = std::move(all);
            return;
        }
        case Place::whole_body:
            out[member.name] = json::string(incoming.body);
            return;
    }
}

}  // namespace

void Service::insert(Operation operation) {
    for (const auto& other : operations_) {
        INVARIANT(other.name != operation.name || operation.route.has_value());
        if (other.route && operation.route)
            INVARIANT(other.route->method != operation.route->method ||
                      other.route->path != operation.route->path ||
                      other.route->query != operation.route->query ||
                      other.route->header != operation.route->header);
    }
    INVARIANT(!is_rest(description_.protocol) || operation.route.has_value());
    operations_.push_back(std::move(operation));
}

void Service::lacks(std::initializer_list<std::string_view> names) {
    for (auto name : names) {
        Operation entry;
        entry.name = name;
        operations_.push_back(std::move(entry));
    }
}

void Service::lacks(std::string_view name, const Route& route) {
    Operation entry;
    entry.name = name;
    entry.route = route;
    insert(std::move(entry));
}

Result<Service::Found> Service::find(const http::Request& request,
                                     const std::vector<http::QueryParameter>& query,
                                     std::string_view form) const {
    const Operation* best = nullptr;
    Labels labels;
    std::string named;
    if (is_rest(description_.protocol)) {
        auto path = path_of(request);
        for (const auto& operation : operations_) {
            if (!operation.route || operation.route->method != request.method) continue;
            if (best && condition_count(*operation.route) <= condition_count(*best->route)) continue;
            auto matched = match_path(operation.route->path, path);
            if (!matched || !conditions_hold(*operation.route, request, query)) continue;
            best = &operation;
            labels = std::move(*matched);
        }
    } else {
        if (is_json(description_.protocol)) {
            named = request.headers.get("x-amz-target").value_or("");
            named = named.starts_with(description_.target_prefix)
                        ? named.substr(description_.target_prefix.size())
                        : "";
        } else {
            // A GET carries the action in its query string.
            auto fields = request.method == "GET" ? std::optional(query) : http::parse_query(form, true);
            for (const auto& field : fields.value_or(std::vector<http::QueryParameter>{}))
                if (field.name == "Action") named = field.value;
        }
        for (const auto& operation : operations_)
            if (operation.name == named) best = &operation;
    }
    if (!best)
        return Error::refusal(
            Trouble::unknown_operation,
            named.empty() ? "" : fmt::format("Unknown operation: {}", named.substr(0, 128)));
    if (!best->implemented())
        return Error::refusal(Trouble::not_implemented, fmt::format("not implemented: {}", best->name));
    return Found{best, std::move(labels)};
}

std::string Service::path_of(const http::Request& request) const {
    auto bucket = bucket_of_host(request);
    return (bucket ? '/' + *bucket : "") + std::string(request.path());
}

Result<std::unique_ptr<Prepared>> Service::prepare(const Operation& operation,
                                                   const Incoming& incoming) const {
    json::object input;
    bool takes_whole_body = std::any_of(operation.placed.begin(), operation.placed.end(),
                                        [](const auto& member) { return member.place == Place::whole_body; });
    bool text = description_.protocol == Protocol::query || description_.protocol == Protocol::rest_xml;
    if (description_.protocol == Protocol::query)
        input = TRY(parse_form(incoming.request.method == "GET" ? incoming.request.query() : incoming.body));
    else if (description_.protocol != Protocol::rest_xml && !takes_whole_body &&
             operation.lane != Lane::stream)
        input = TRY(parse_json_object(incoming.body));
    for (const auto& [label, value] : incoming.labels)
        input[label] = value;
    for (const auto& member : operation.placed)
        place_member(member, incoming, input);
    // Labels, headers and query strings are texts in every REST protocol.
    return operation.prepare(input, text || is_rest(description_.protocol));
}

std::optional<std::string> Service::bucket_of_host(const http::Request& request) const {
    auto host = request.headers.get("host");
    if (!host) return std::nullopt;
    std::string_view name = host->substr(0, host->rfind(':'));
    for (const auto& suffix : description_.virtual_hosts)
        if (name.size() > suffix.size() + 1 && name.ends_with(suffix) &&
            name[name.size() - suffix.size() - 1] == '.')
            return std::string(name.substr(0, name.size() - suffix.size() - 1));
    return std::nullopt;
}

Fault Service::fault_of(const Error& error) const {
    if (auto trouble = error.as<Trouble>()) return wire::fault_of(*trouble, error.message(), description_);
    if (auto refused = error.as<http::Refusal>()) {
        switch (*refused) {
            case http::Refusal::body_truncated:
            case http::Refusal::body_too_slow:
            case http::Refusal::body_malformed:
                return wire::fault_of(Trouble::body_truncated, "", description_);
            case http::Refusal::body_too_large:
                return wire::fault_of(Trouble::body_too_large, "", description_);
            case http::Refusal::busy:
                return wire::fault_of(Trouble::throttled, "", description_);
        }
    }
    if (description_.fault_of)
        if (auto fault = description_.fault_of(error)) return *fault;
    return wire::fault_of(Trouble::internal, "", description_);
}

}  // namespace wire
