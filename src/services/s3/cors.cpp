// PutBucketCors, GetBucketCors, DeleteBucketCors, and a browser's question before it sends (a preflight).
#include "services/s3/cors.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/ascii.h"
#include "services/s3/common.h"
#include "services/s3/service.h"

namespace services::s3 {
namespace {

constexpr std::string_view kMethods[] = {"GET", "PUT", "HEAD", "POST", "DELETE"};
constexpr std::string_view kNotAllowed =
    "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, "
    "request "
    "method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the "
    "resource's CORS spec.";

bool is_method(std::string_view method) {
    return std::find(std::begin(kMethods), std::end(kMethods), method) != std::end(kMethods);
}

bool fits(std::string_view pattern, std::string_view text) {
    auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == text;
    auto before = pattern.substr(0, star), after = pattern.substr(star + 1);
    return text.size() >= before.size() + after.size() && text.starts_with(before) && text.ends_with(after);
}

std::optional<std::string> origin_pattern(const CorsRule& rule, std::string_view origin) {
    auto found = std::find_if(rule.origins.begin(), rule.origins.end(),
                              [&](const auto& pattern) { return fits(pattern, origin); });
    if (found == rule.origins.end()) return std::nullopt;
    return *found;
}

json::array texts(const std::vector<std::string>& list) {
    json::array out;
    for (const auto& each : list)
        out.emplace_back(each);
    return out;
}

struct PutBucketCors {
    static constexpr std::string_view name = "PutBucketCors";
    static constexpr std::string_view action = "s3:PutBucketCORS";
    static constexpr wire::Route route{"PUT", "/{Bucket}", "cors"};
    struct Input {
        std::string bucket, body;
        static auto members() {
            return wire::members(wire::required("Bucket", &Input::bucket),
                                 wire::required("CORSConfiguration", &Input::body, wire::whole_body()));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, action, input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        TRY(check_integrity(call.request.headers, input.body, false));
        TRY(check_cors(TRY(parse_cors(input.body))));
        TRY(rooms.objects.set_configuration(input.bucket, objects::Configuration::cors, input.body));
        return Reply();
    }
};

struct GetBucketCors {
    static constexpr std::string_view name = "GetBucketCors";
    static constexpr std::string_view action = "s3:GetBucketCORS";
    static constexpr wire::Route route{"GET", "/{Bucket}", "cors"};
    using Input = BucketInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, action, input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        auto document = rooms.objects.configuration(input.bucket, objects::Configuration::cors);
        if (!document.ok() && document.error().is(objects::Refusal::configuration_missing))
            return Reply::refused({404,
                                   "NoSuchCORSConfiguration",
                                   "The CORS configuration does not exist",
                                   {{"BucketName", input.bucket}}});
        json::array rules;
        for (const auto& rule : TRY(parse_cors(TRY(std::move(document))))) {
            json::object one;
            if (!rule.id.empty()) one["ID"] = rule.id;
            one["AllowedHeader[]"] = texts(rule.headers);
            one["AllowedMethod[]"] = texts(rule.methods);
            one["AllowedOrigin[]"] = texts(rule.origins);
            one["ExposeHeader[]"] = texts(rule.exposed);
            if (rule.max_age_seconds) one["MaxAgeSeconds"] = *rule.max_age_seconds;
            rules.push_back(std::move(one));
        }
        return Reply({{"CORSConfiguration", json::object{{"CORSRule[]", std::move(rules)}}}});
    }
};

struct DeleteBucketCors {
    static constexpr std::string_view name = "DeleteBucketCors";
    static constexpr std::string_view action = "s3:PutBucketCORS";
    static constexpr wire::Route route{"DELETE", "/{Bucket}", "cors"};
    using Input = BucketInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, action, input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        TRY(rooms.objects.set_configuration(input.bucket, objects::Configuration::cors, std::nullopt));
        Reply reply;
        reply.status = 204;
        return reply;
    }
};

// --- a preflight: nobody signs it, and it tells nothing but what the rules say

Error insufficient(std::string message) {
    return Error::refusal(Refusal::bad_request, std::move(message));
}

Result<Reply> answer_preflight(Rooms& rooms, const Call& call, const std::string& bucket) {
    const auto& headers = call.request.headers;
    auto origin = headers.get("origin");
    if (!origin) return insufficient("Insufficient information. Origin request header needed.");
    auto method = headers.get("access-control-request-method");
    if (!method || !is_method(*method))
        return insufficient(
            fmt::format("Invalid Access-Control-Request-Method: {}", method.value_or("null").substr(0, 64)));
    TRY(rooms.objects.bucket(bucket));
    auto document = TRY(rooms.objects.configuration_if_any(bucket, objects::Configuration::cors));
    if (!document)
        return Error::refusal(Refusal::access_forbidden,
                              "CORSResponse: CORS is not enabled for this bucket.");
    auto rules = TRY(parse_cors(*document));
    CrossOrigin asked{.origin = std::string(*origin),
                      .method = std::string(*method),
                      .headers = field_names(headers.joined("access-control-request-headers").value_or(""))};
    const auto* rule = allowing(rules, asked);
    if (!rule) return Error::refusal(Refusal::access_forbidden, std::string(kNotAllowed));
    Reply reply;
    write_cors(reply.headers, *rule, asked);
    if (!asked.headers.empty())
        reply.headers.set("Access-Control-Allow-Headers", fmt::format("{}", fmt::join(asked.headers, ", ")));
    return reply;
}

struct OptionsBucket {
    static constexpr std::string_view name = "OptionsBucket";
    static constexpr wire::Route route{"OPTIONS", "/{Bucket}"};
    using Input = BucketInput;
    static Permissions permissions(Rooms&, const Input&, const Call&) { return std::vector<Permission>{}; }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        return answer_preflight(rooms, call, input.bucket);
    }
};

struct OptionsObject {
    static constexpr std::string_view name = "OptionsObject";
    static constexpr wire::Route route{"OPTIONS", "/{Bucket}/{Key+}"};
    struct Input {
        std::string bucket, key;
        static auto members() {
            return wire::members(wire::required("Bucket", &Input::bucket),
                                 wire::required("Key", &Input::key));
        }
    };
    static Permissions permissions(Rooms&, const Input&, const Call&) { return std::vector<Permission>{}; }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        return answer_preflight(rooms, call, input.bucket);
    }
};

}  // namespace

Result<void> check_cors(const std::vector<CorsRule>& rules) {
    if (rules.empty() || rules.size() > kCorsRulesMax) return Error::refusal(wire::Trouble::malformed_body);
    auto invalid = [](std::string message) {
        return Error::refusal(Refusal::invalid_request, std::move(message));
    };
    for (const auto& rule : rules) {
        if (rule.origins.empty() || rule.methods.empty() || rule.id.size() > kCorsIdBytesMax)
            return Error::refusal(wire::Trouble::malformed_body);
        for (const auto& method : rule.methods)
            if (!is_method(method))
                return invalid(fmt::format(
                    "Found unsupported HTTP method in CORS config. Unsupported method is {}", method));
        for (auto [element, patterns] :
             {std::pair("AllowedOrigin", &rule.origins), std::pair("AllowedHeader", &rule.headers)})
            for (const auto& pattern : *patterns)
                if (std::count(pattern.begin(), pattern.end(), '*') > 1)
                    return invalid(
                        fmt::format("{} \"{}\" can not have more than one wildcard.", element, pattern));
        for (const auto& header : rule.exposed)
            if (header.find('*') != std::string::npos)
                return invalid(
                    fmt::format("ExposeHeader \"{}\" contains wildcard. We currently do not support "
                                "wildcard for ExposeHeader.",
                                header));
    }
    return {};
}

std::vector<std::string> field_names(std::string_view list) {
    std::vector<std::string> out;
    while (!list.empty()) {
        auto comma = list.find(',');
        auto one = base::trimmed(list.substr(0, comma));
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
        if (!one.empty()) out.push_back(base::lower_case(one));
    }
    return out;
}

const CorsRule* allowing(const std::vector<CorsRule>& rules, const CrossOrigin& asked) {
    auto allows_header = [](const CorsRule& rule, const std::string& header) {
        return std::any_of(rule.headers.begin(), rule.headers.end(),
                           [&](const auto& pattern) { return fits(base::lower_case(pattern), header); });
    };
    auto found = std::find_if(rules.begin(), rules.end(), [&](const CorsRule& rule) {
        return origin_pattern(rule, asked.origin) &&
               std::find(rule.methods.begin(), rule.methods.end(), asked.method) != rule.methods.end() &&
               std::all_of(asked.headers.begin(), asked.headers.end(),
                           [&](const auto& header) { return allows_header(rule, header); });
    });
    return found == rules.end() ? nullptr : &*found;
}

void write_cors(http::Headers& out, const CorsRule& rule, const CrossOrigin& asked) {
    bool anybody = origin_pattern(rule, asked.origin) == "*";
    out.set("Access-Control-Allow-Origin", anybody ? "*" : asked.origin);
    if (!anybody) out.set("Access-Control-Allow-Credentials", "true");
    out.set("Access-Control-Allow-Methods", fmt::format("{}", fmt::join(rule.methods, ", ")));
    if (!rule.exposed.empty())
        out.set("Access-Control-Expose-Headers", fmt::format("{}", fmt::join(rule.exposed, ", ")));
    if (rule.max_age_seconds) out.set("Access-Control-Max-Age", fmt::to_string(*rule.max_age_seconds));
    out.set("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}

Result<http::Headers> cors_headers(const Rooms& rooms, const http::Request& request, std::string_view path) {
    http::Headers out;
    auto origin = request.headers.get("origin");
    if (!origin || request.method == "OPTIONS") return out;
    auto labels = wire::match_path("/{Bucket}/{Key+}", path);
    if (!labels) labels = wire::match_path("/{Bucket}", path);
    if (!labels) return out;
    auto document =
        TRY(rooms.objects.configuration_if_any((*labels)["Bucket"], objects::Configuration::cors));
    if (!document) return out;
    auto rules = TRY(parse_cors(*document));
    CrossOrigin asked{.origin = std::string(*origin), .method = request.method, .headers = {}};
    if (const auto* rule = allowing(rules, asked)) write_cors(out, *rule, asked);
    return out;
}

void add_cors_operations(wire::Service& service, Rooms& rooms) {
    service.add<Named<PutBucketCors>>(rooms);
    service.add<Named<GetBucketCors>>(rooms);
    service.add<Named<DeleteBucketCors>>(rooms);
    service.add<Named<OptionsBucket>>(rooms);
    service.add<Named<OptionsObject>>(rooms);
}

}  // namespace services::s3
