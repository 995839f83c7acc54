#include "wire/signature.h"

#include <charconv>
#include <fmt/format.h>
#include <list>

#include "base/ascii.h"
#include "base/digest.h"
#include "base/guarded.h"

namespace wire {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";
constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
constexpr std::chrono::seconds kUrlExpiresMax{604'800};
constexpr std::size_t kRememberedKeysMax = 256;

Error incomplete(std::string message) {
    return Error::refusal(Trouble::incomplete_signature, std::move(message));
}

bool is_hex_digest(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

// Without blanks at the ends; runs of blanks become one space.
std::string trimmed(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        auto begin = text.find_first_not_of(" \t", at);
        if (begin == std::string_view::npos) break;
        auto end = std::min(text.find_first_of(" \t", begin), text.size());
        if (!out.empty()) out += ' ';
        out += text.substr(begin, end - begin);
        at = end;
    }
    return out;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
    Number out{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return out;
}

// The one parameter of that name; nothing if there is none, and `twice` becomes true if there are several.
std::optional<std::string> parameter(const std::vector<http::QueryParameter>& query, std::string_view name,
                                     bool& twice) {
    std::optional<std::string> value;
    for (const auto& each : query) {
        if (each.name != name) continue;
        if (value) twice = true;
        value = each.value;
    }
    return value;
}

// AKIDEXAMPLE/20240131/us-east-1/s3/aws4_request. An access key may itself hold slashes.
Result<void> read_credential(std::string_view credential, Authorization& out) {
    auto parts = split(credential, '/');
    if (parts.size() < 5 || parts.back() != kTerminator)
        return incomplete(
            fmt::format("Credential must have exactly 5 slash-delimited elements, e.g. "
                        "keyid/date/region/service/term, got '{}'",
                        credential));
    auto scope = parts.end() - 4;
    out.access_key = credential.substr(0, static_cast<std::size_t>(scope->data() - credential.data()) - 1);
    out.date = scope[0];
    out.region = scope[1];
    out.service = scope[2];
    if (out.access_key.empty() || out.date.size() != 8)
        return incomplete(
            fmt::format("Credential must have exactly 5 slash-delimited elements, e.g. "
                        "keyid/date/region/service/term, got '{}'",
                        credential));
    return {};
}

void read_signed_headers(std::string_view list, Authorization& out) {
    for (auto name : split(list, ';'))
        if (!name.empty()) out.signed_headers.push_back(base::lower_case(name));
}

// `Authorization: AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...`
Result<Authorization> read_v4_header(const http::Request& request, std::string_view fields) {
    Authorization out;
    std::optional<std::string> credential, signed_headers, signature;
    for (auto field : split(fields, ',')) {
        std::string text = trimmed(field);
        auto equals = text.find('=');
        if (equals == std::string::npos)
            return incomplete(fmt::format(
                "'{}' not a valid key=value pair (missing equal-sign) in Authorization header", text));
        auto name = text.substr(0, equals);
        for (auto [wanted, value] :
             {std::pair("Credential", &credential), std::pair("SignedHeaders", &signed_headers),
              std::pair("Signature", &signature)}) {
            if (name != wanted) continue;
            if (*value) return incomplete(fmt::format("Authorization header has '{}' twice.", name));
            *value = text.substr(equals + 1);
        }
    }
    std::string missing;
    if (!credential) missing += "Authorization header requires 'Credential' parameter. ";
    if (!signature) missing += "Authorization header requires 'Signature' parameter. ";
    if (!signed_headers) missing += "Authorization header requires 'SignedHeaders' parameter. ";
    std::optional<base::Time> time;
    if (auto date = request.headers.get("x-amz-date")) {
        time = base::from_basic_iso8601(*date);
    } else if ((date = request.headers.get("Date"))) {
        time = base::from_http_date(*date);
        if (!time) time = base::from_basic_iso8601(*date);
    } else {
        missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
    }
    if (!missing.empty()) return incomplete(missing.substr(0, missing.size() - 1));
    if (!time)
        return incomplete(
            "Date must be in ISO-8601 'basic format'. See http://en.wikipedia.org/wiki/ISO_8601");
    TRY(read_credential(*credential, out));
    read_signed_headers(*signed_headers, out);
    out.time = *time;
    out.signature = std::move(*signature);
    out.session_token = request.headers.get("x-amz-security-token").value_or("");
    out.payload = request.headers.get("x-amz-content-sha256").value_or("");
    if (out.payload.empty() && out.service == "s3")
        return incomplete("Missing required header for this request: x-amz-content-sha256");
    return out;
}

Result<Authorization> read_v4_query(const http::Request& request,
                                    const std::vector<http::QueryParameter>& query) {
    bool twice = false;
    auto algorithm = parameter(query, "X-Amz-Algorithm", twice);
    auto credential = parameter(query, "X-Amz-Credential", twice);
    auto date = parameter(query, "X-Amz-Date", twice);
    auto expires = parameter(query, "X-Amz-Expires", twice);
    auto signed_headers = parameter(query, "X-Amz-SignedHeaders", twice);
    auto signature = parameter(query, "X-Amz-Signature", twice);
    auto token = parameter(query, "X-Amz-Security-Token", twice);
    if (twice || !algorithm || !credential || !date || !expires || !signed_headers || !signature)
        return incomplete(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
            "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
    if (*algorithm != kAlgorithm) return incomplete("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
    Authorization out;
    out.kind = SignatureKind::v4_query;
    TRY(read_credential(*credential, out));
    auto time = base::from_basic_iso8601(*date);
    if (!time) return incomplete("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
    auto seconds = number<std::int64_t>(*expires);
    if (!seconds) return incomplete("X-Amz-Expires should be a number");
    if (*seconds < 0) return incomplete("X-Amz-Expires must be non-negative");
    if (*seconds > kUrlExpiresMax.count())
        return incomplete(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be "
            "less than 604800 seconds");
    read_signed_headers(*signed_headers, out);
    out.time = *time;
    out.expires = std::chrono::seconds(*seconds);
    out.signature = std::move(*signature);
    out.session_token = token.value_or("");
    out.payload =
        request.headers.get("x-amz-content-sha256").value_or(out.service == "s3" ? kUnsignedPayload : "");
    return out;
}

Result<Authorization> read_v2_query(const http::Request& request,
                                    const std::vector<http::QueryParameter>& query) {
    bool twice = false;
    auto key = parameter(query, "AWSAccessKeyId", twice);
    auto signature = parameter(query, "Signature", twice);
    auto expires = parameter(query, "Expires", twice);
    auto token = parameter(query, "x-amz-security-token", twice);
    if (twice || !key || !signature || !expires)
        return Error::refusal(
            Trouble::access_denied,
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");
    // Far beyond any real date, and still no overflow in milliseconds.
    constexpr std::int64_t kSecondsMax = 1'000'000'000'000;
    auto seconds = number<std::int64_t>(*expires);
    if (!seconds || *seconds < 0 || *seconds > kSecondsMax)
        return Error::refusal(Trouble::access_denied,
                              fmt::format("Invalid date (should be seconds since epoch): {}", *expires));
    Authorization out;
    out.kind = SignatureKind::v2_query;
    out.access_key = std::move(*key);
    out.signature = std::move(*signature);
    out.session_token = token.value_or(std::string(request.headers.get("x-amz-security-token").value_or("")));
    out.expires_at = base::Time(std::chrono::seconds(*seconds));
    out.service = "s3";
    out.payload = kUnsignedPayload;
    return out;
}

// --- What version 4 signs
// -------------------------------------------------------------------------------------

// S3 encodes every byte of the path once, whatever the client left as it was.
std::string encoded_once(std::string_view path) {
    std::string out;
    for (auto segment : split(path, '/')) {
        if (segment.data() != path.data()) out += '/';
        auto decoded = base::percent_decode(segment);
        out += decoded ? base::percent_encode(*decoded) : std::string(segment);
    }
    return out;
}

// The other services drop empty and dot segments and then encode the encoded path again.
std::string encoded_twice(std::string_view path) {
    std::vector<std::string_view> kept;
    for (auto segment : split(path, '/')) {
        if (segment.empty() || segment == ".") continue;
        if (segment != "..")
            kept.push_back(segment);
        else if (!kept.empty())
            kept.pop_back();
    }
    std::string out;
    for (auto segment : kept)
        out += "/" + base::percent_encode(segment);
    if (out.empty() || path.ends_with('/')) out += '/';
    return out;
}

std::string canonical_query(const std::vector<http::QueryParameter>& query) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& each : query)
        if (each.name != "X-Amz-Signature")
            pairs.emplace_back(base::percent_encode(each.name), base::percent_encode(each.value));
    std::sort(pairs.begin(), pairs.end());
    std::string out;
    for (const auto& [name, value] : pairs) {
        if (!out.empty()) out += '&';
        out += name + '=' + value;
    }
    return out;
}

std::string canonical_header(const http::Request& request, const std::string& name) {
    std::string line = name + ':';
    bool first = true;
    for (const auto& [field, value] : request.headers) {
        if (!http::equal_ignoring_case(field, name)) continue;
        if (!first) line += ',';
        line += trimmed(value);
        first = false;
    }
    return line + '\n';
}

base::Bytes chained_key(std::string_view secret_key, std::string_view date, std::string_view region,
                        std::string_view service) {
    auto key =
        base::hmac(base::DigestKind::sha256, base::view("AWS4" + std::string(secret_key)), base::view(date));
    for (auto link : {region, service, kTerminator})
        key = base::hmac(base::DigestKind::sha256, key, base::view(link));
    return key;
}

std::string v4_signature(const Authorization& authorization, std::string_view canonical,
                         std::string_view secret_key) {
    auto key = signing_key(secret_key, authorization.date, authorization.region, authorization.service);
    return base::hex(
        base::hmac(base::DigestKind::sha256, key, base::view(string_to_sign(authorization, canonical))));
}

// --- What version 2 signs
// -------------------------------------------------------------------------------------

// The parts of a query that name a sub-resource; all others are not signed.
bool is_sub_resource(std::string_view name) {
    static constexpr std::string_view kNames[] = {"accelerate",
                                                  "acl",
                                                  "analytics",
                                                  "cors",
                                                  "defaultObjectAcl",
                                                  "delete",
                                                  "inventory",
                                                  "lifecycle",
                                                  "location",
                                                  "logging",
                                                  "metrics",
                                                  "notification",
                                                  "object-lock",
                                                  "partNumber",
                                                  "policy",
                                                  "replication",
                                                  "requestPayment",
                                                  "response-cache-control",
                                                  "response-content-disposition",
                                                  "response-content-encoding",
                                                  "response-content-language",
                                                  "response-content-type",
                                                  "response-expires",
                                                  "restore",
                                                  "select",
                                                  "select-type",
                                                  "storageClass",
                                                  "tagging",
                                                  "torrent",
                                                  "uploadId",
                                                  "uploads",
                                                  "versionId",
                                                  "versioning",
                                                  "versions",
                                                  "website"};
    return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

std::string v2_string_to_sign(const Authorization& authorization, const http::Request& request,
                              const std::vector<http::QueryParameter>& query, std::string_view path) {
    std::map<std::string, std::string> amazon_headers;
    auto add = [&](std::string name, const std::string& value) {
        if (!name.starts_with("x-amz-")) return;
        auto [entry, is_new] = amazon_headers.emplace(std::move(name), trimmed(value));
        if (!is_new) entry->second += ',' + trimmed(value);
    };
    for (const auto& [name, value] : request.headers)
        add(base::lower_case(name), value);
    std::vector<std::pair<std::string, std::string>> sub_resources;
    for (const auto& [name, value] : query) {
        // A signer of URLs moves the headers of its own choice into the query.
        if (!request.headers.has(name)) add(name, value);
        if (is_sub_resource(name)) sub_resources.emplace_back(name, value);
    }
    std::sort(sub_resources.begin(), sub_resources.end());

    std::string out = request.method + '\n';
    for (std::string_view name : {"content-md5", "content-type"}) {
        bool twice = false;
        auto header = request.headers.get(name);
        out += trimmed(header ? std::string(*header) : parameter(query, name, twice).value_or("")) + '\n';
    }
    auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(authorization.expires_at.time_since_epoch());
    out += fmt::format("{}\n", seconds.count());
    for (const auto& [name, value] : amazon_headers)
        out += name + ':' + value + '\n';
    out += path;
    char separator = '?';
    for (const auto& [name, value] : sub_resources) {
        out += separator + name;
        if (!value.empty()) out += '=' + value;
        separator = '&';
    }
    return out;
}

bool fits_v2(const Authorization& authorization, const http::Request& request,
             const std::vector<http::QueryParameter>& query, std::string_view secret_key) {
    auto fits = [&](const std::string& path) {
        auto mac = base::hmac(base::DigestKind::sha1, base::view(secret_key),
                              base::view(v2_string_to_sign(authorization, request, query, path)));
        return base::equal_in_constant_time(base::base64(mac), authorization.signature);
    };
    const std::string path(request.path());
    if (!authorization.bucket_of_host.empty()) return fits('/' + authorization.bucket_of_host + path);
    // boto3 asks for "/bucket" and signs "/bucket/", as the bucket's own host would be asked.
    const bool is_bucket = path.size() > 1 && path.find('/', 1) == std::string::npos;
    return fits(path) || (is_bucket && fits(path + '/'));
}

// --- Checks
// ---------------------------------------------------------------------------------------------------

Error clock_refusal(const Authorization& authorization, base::Time now, base::Duration window) {
    auto minutes = std::chrono::duration_cast<std::chrono::minutes>(window).count();
    bool early = authorization.time > now;
    // S3 has a sentence without times, which fault_of() knows.
    if (authorization.service == "s3") return Error::refusal(Trouble::signature_expired);
    return Error::refusal(
        Trouble::signature_expired,
        early ? fmt::format("Signature not yet current: {} is still later than {} ({} + {} min.)",
                            base::basic_iso8601(authorization.time), base::basic_iso8601(now + window),
                            base::basic_iso8601(now), minutes)
              : fmt::format("Signature expired: {} is now earlier than {} ({} - {} min.)",
                            base::basic_iso8601(authorization.time), base::basic_iso8601(now - window),
                            base::basic_iso8601(now), minutes));
}

Result<void> check_time(const Authorization& authorization, base::Time now, base::Duration window) {
    switch (authorization.kind) {
        case SignatureKind::v4_header:
            if (authorization.time > now + window || authorization.time < now - window)
                return clock_refusal(authorization, now, window);
            return {};
        case SignatureKind::v4_query:
            if (authorization.time > now + window) {
                if (authorization.service == "s3")
                    return Error::refusal(Trouble::access_denied, "Request is not yet valid");
                return clock_refusal(authorization, now, window);
            }
            if (now > authorization.time + authorization.expires)
                return Error::refusal(Trouble::presigned_url_expired);
            return {};
        case SignatureKind::v2_query:
            if (now > authorization.expires_at) return Error::refusal(Trouble::presigned_url_expired);
            return {};
    }
    base::unreachable();
}

bool is_signed(const Authorization& authorization, std::string_view name) {
    return std::find(authorization.signed_headers.begin(), authorization.signed_headers.end(), name) !=
           authorization.signed_headers.end();
}

// A holder of a presigned URL must not add a copy source or metadata of his own.
Result<void> check_signed_headers(const Authorization& authorization, const http::Request& request) {
    if (!is_signed(authorization, "host"))
        return Error::refusal(Trouble::signature_mismatch,
                              "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    if (authorization.service != "s3") return {};
    for (const auto& [field, value] : request.headers) {
        std::string name = base::lower_case(field);
        if (name.starts_with("x-amz-") && !is_signed(authorization, name))
            return Error::refusal(Trouble::access_denied,
                                  "There were headers present in the request which were not signed");
    }
    return {};
}

}  // namespace

std::string Authorization::scope() const {
    return fmt::format("{}/{}/{}/{}", date, region, service, kTerminator);
}

Result<std::optional<Authorization>> read_authorization(const http::Request& request,
                                                        const std::vector<http::QueryParameter>& query) {
    auto has = [&](std::string_view name) {
        return std::any_of(query.begin(), query.end(), [&](const auto& each) { return each.name == name; });
    };
    bool in_header = request.headers.has("Authorization");
    bool in_v4_query = has("X-Amz-Algorithm") || has("X-Amz-Credential") || has("X-Amz-Signature");
    bool in_v2_query = has("AWSAccessKeyId");
    if (in_header + in_v4_query + in_v2_query == 0) return std::optional<Authorization>();
    if (in_header + in_v4_query + in_v2_query > 1)
        return incomplete(
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query "
            "string "
            "parameter or the Authorization header should be specified");
    if (in_v4_query) return std::optional(TRY(read_v4_query(request, query)));
    if (in_v2_query) return std::optional(TRY(read_v2_query(request, query)));

    std::string header = *request.headers.joined("Authorization");
    if (!header.starts_with(kAlgorithm) || header.size() == kAlgorithm.size() ||
        header[kAlgorithm.size()] != ' ')
        return incomplete(
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");
    return std::optional(
        TRY(read_v4_header(request, std::string_view(header).substr(kAlgorithm.size() + 1))));
}

Result<void> verify_signature(const Authorization& authorization, const http::Request& request,
                              const std::vector<http::QueryParameter>& query, std::string_view secret_key,
                              std::string_view payload_sha256, base::Time now, base::Duration window) {
    TRY(check_time(authorization, now, window));
    if (authorization.kind == SignatureKind::v2_query) {
        if (!fits_v2(authorization, request, query, secret_key))
            return Error::refusal(Trouble::signature_mismatch);
        return {};
    }
    TRY(check_signed_headers(authorization, request));
    std::string time = base::basic_iso8601(authorization.time);
    if (!time.starts_with(authorization.date))
        return Error::refusal(
            Trouble::signature_mismatch,
            fmt::format(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                "'{}' != '{}', from '{}'.",
                authorization.date, time.substr(0, 8), time));
    auto expected = v4_signature(
        authorization, canonical_request(authorization, request, query, payload_sha256), secret_key);
    if (!base::equal_in_constant_time(expected, authorization.signature))
        return Error::refusal(Trouble::signature_mismatch);
    bool stated = is_hex_digest(authorization.payload);
    if (stated && !payload_sha256.empty() && payload_sha256 != authorization.payload)
        return Error::refusal(Trouble::digest_mismatch);
    return {};
}

Result<DocumentSignature> read_document_signature(std::string_view credential, std::string signature) {
    Authorization scope;
    TRY(read_credential(credential, scope));
    return DocumentSignature{.access_key = std::move(scope.access_key),
                             .session_token = {},
                             .date = std::move(scope.date),
                             .region = std::move(scope.region),
                             .service = std::move(scope.service),
                             .signature = std::move(signature)};
}

Result<void> verify_document(const DocumentSignature& signature, std::string_view document,
                             std::string_view secret_key) {
    bool version_2 = signature.date.empty();
    auto key = version_2 ? base::Bytes(secret_key.begin(), secret_key.end())
                         : signing_key(secret_key, signature.date, signature.region, signature.service);
    auto mac =
        base::hmac(version_2 ? base::DigestKind::sha1 : base::DigestKind::sha256, key, base::view(document));
    if (!base::equal_in_constant_time(version_2 ? base::base64(mac) : base::hex(mac), signature.signature))
        return Error::refusal(Trouble::signature_mismatch);
    return {};
}

base::Bytes signing_key(std::string_view secret_key, std::string_view date, std::string_view region,
                        std::string_view service) {
    struct Remembered {
        std::string name;
        base::Bytes key;
    };
    // Most recently used first. A server has few callers, regions and services, so a list is searched
    // quickly.
    static base::Guarded<std::list<Remembered>> remembered;
    std::string name = fmt::format("{}\n{}\n{}\n{}", date, region, service, secret_key);
    auto known = remembered.with([&](auto& all) -> std::optional<base::Bytes> {
        auto found =
            std::find_if(all.begin(), all.end(), [&](const Remembered& each) { return each.name == name; });
        if (found == all.end()) return std::nullopt;
        all.splice(all.begin(), all, found);
        return found->key;
    });
    if (known) return *known;
    auto key = chained_key(secret_key, date, region, service);
    remembered.with([&](auto& all) {
        all.push_front({std::move(name), key});
        if (all.size() > kRememberedKeysMax) all.pop_back();
    });
    return key;
}

std::string canonical_request(const Authorization& authorization, const http::Request& request,
                              const std::vector<http::QueryParameter>& query,
                              std::string_view payload_sha256) {
    auto names = authorization.signed_headers;
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    bool once = authorization.service == "s3";
    std::string out = request.method + '\n';
    out += (once ? encoded_once(request.path()) : encoded_twice(request.path())) + '\n';
    out += canonical_query(query) + '\n';
    for (const auto& name : names)
        out += canonical_header(request, name);
    out += fmt::format("\n{}\n", fmt::join(names, ";"));
    out += authorization.payload.empty() ? payload_sha256 : std::string_view(authorization.payload);
    return out;
}

std::string string_to_sign(const Authorization& authorization, std::string_view canonical) {
    return fmt::format("{}\n{}\n{}\n{}", kAlgorithm, base::basic_iso8601(authorization.time),
                       authorization.scope(), base::sha256_hex(canonical));
}

void sign(http::Request& request, const SigningCredentials& credentials, std::string_view region,
          std::string_view service, std::string_view payload_sha256, base::Time now) {
    std::string time = base::basic_iso8601(now);
    request.headers.erase("Authorization");
    request.headers.set("x-amz-date", time);
    if (!credentials.session_token.empty())
        request.headers.set("x-amz-security-token", credentials.session_token);
    if (service == "s3") request.headers.set("x-amz-content-sha256", std::string(payload_sha256));

    Authorization authorization;
    authorization.access_key = credentials.access_key;
    authorization.time = *base::from_basic_iso8601(time);
    authorization.date = time.substr(0, 8);
    authorization.region = region;
    authorization.service = service;
    for (const auto& [field, value] : request.headers) {
        std::string name = base::lower_case(field);
        if (name == "host" || name == "content-type" || name == "content-md5" || name.starts_with("x-amz-"))
            authorization.signed_headers.push_back(std::move(name));
    }
    std::sort(authorization.signed_headers.begin(), authorization.signed_headers.end());
    auto query = http::parse_query(request.query()).value_or(std::vector<http::QueryParameter>());
    auto canonical = canonical_request(authorization, request, query, payload_sha256);
    request.headers.set(
        "Authorization",
        fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm, credentials.access_key,
                    authorization.scope(), fmt::join(authorization.signed_headers, ";"),
                    v4_signature(authorization, canonical, credentials.secret_key)));
}

}  // namespace wire
