#include "services/s3/headers.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "base/ascii.h"
#include "base/time.h"
#include "services/s3/documents.h"
#include "services/s3/errors.h"

namespace services::s3 {
namespace {

constexpr std::string_view kMetadataPrefix = "x-amz-meta-";
constexpr std::array kContentHeaders = {"content-type",
                                        "cache-control",
                                        "content-disposition",
                                        "content-encoding",
                                        "content-language",
                                        "expires",
                                        "x-amz-website-redirect-location"};
constexpr std::array kStorageClasses = {"STANDARD",     "REDUCED_REDUNDANCY",  "STANDARD_IA",
                                        "ONEZONE_IA",   "INTELLIGENT_TIERING", "GLACIER",
                                        "DEEP_ARCHIVE", "GLACIER_IR"};
constexpr objects::Algorithm kAlgorithms[] = {objects::Algorithm::crc32, objects::Algorithm::crc32c,
                                              objects::Algorithm::crc64nvme, objects::Algorithm::sha1,
                                              objects::Algorithm::sha256};
constexpr std::string_view kChecksumPrefix = "x-amz-checksum-";

std::vector<std::string_view> listed(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        auto comma = text.find(',');
        if (auto one = base::trimmed(text.substr(0, comma)); !one.empty()) out.push_back(one);
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    return out;
}

std::vector<std::string> entity_tags(std::string_view header) {
    std::vector<std::string> out;
    for (auto one : listed(header)) {
        if (one.starts_with("W/")) one.remove_prefix(2);
        if (one.size() >= 2 && one.front() == '"' && one.back() == '"') one = one.substr(1, one.size() - 2);
        out.emplace_back(one);
    }
    return out;
}

// The transfer's own coding is not the object's.
std::string without_aws_chunked(std::string_view encoding) {
    if (base::lower_case(encoding).find("aws-chunked") == std::string::npos) return std::string(encoding);
    std::string out;
    for (auto one : listed(encoding))
        if (base::lower_case(one) != "aws-chunked") out += (out.empty() ? "" : ", ") + std::string(one);
    return out;
}

Result<void> refuse_what_is_missing(const http::Headers& headers) {
    for (auto name : {"x-amz-server-side-encryption-customer-algorithm",
                      "x-amz-copy-source-server-side-encryption-customer-algorithm"})
        if (headers.has(name))
            return Error::refusal(Refusal::not_implemented,
                                  "not implemented: encryption with customer keys (SSE-C)");
    for (auto name :
         {"x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-object-lock-legal-hold"})
        if (headers.has(name))
            return Error::refusal(Refusal::invalid_request, "Bucket is missing Object Lock Configuration");
    for (auto name :
         {"x-amz-grant-read", "x-amz-grant-read-acp", "x-amz-grant-write-acp", "x-amz-grant-full-control"})
        if (headers.has(name)) return Error::refusal(Refusal::acl_not_supported);
    // The one that says what is the case anyway is let through.
    auto acl = headers.get("x-amz-acl");
    if (acl && *acl != "private" && *acl != "bucket-owner-full-control")
        return Error::refusal(Refusal::acl_not_supported);
    return {};
}

void take_checksum(Integrity& integrity, objects::Algorithm algorithm, std::string_view value) {
    integrity.expectations.checksums[algorithm] = base::trimmed(value);
}

bool is_checksum(objects::Algorithm algorithm, std::string_view value) {
    auto bytes = base::from_base64(value);
    return bytes && bytes->size() == objects::checksum_bytes(algorithm);
}

// A checksum that nobody here can compute is refused, not passed over: its sender relies on it.
Result<void> refuse_unknown_checksums(const http::Headers& headers) {
    for (const auto& [field, value] : headers) {
        const auto name = base::lower_case(field);
        if (!name.starts_with(kChecksumPrefix)) continue;
        const auto rest = std::string_view(name).substr(kChecksumPrefix.size());
        const bool about_checksums = rest == "algorithm" || rest == "mode" || rest == "type";
        if (!about_checksums && !objects::algorithm_named(rest))
            return Error::refusal(Refusal::invalid_request,
                                  "The algorithm type you specified in x-amz-checksum- header is invalid.");
    }
    return {};
}

}  // namespace

Result<objects::Attributes> read_attributes(const http::Headers& headers) {
    TRY(refuse_what_is_missing(headers));
    objects::Attributes out;
    for (const auto& [field, value] : headers) {
        auto name = base::lower_case(field);
        if (!name.starts_with(kMetadataPrefix) || name.size() == kMetadataPrefix.size()) continue;
        auto [at, is_new] = out.metadata.emplace(name.substr(kMetadataPrefix.size()), value);
        if (!is_new) at->second += "," + value;
    }
    for (auto name : kContentHeaders)
        if (auto value = headers.get(name)) out.headers[name] = *value;
    if (auto encoding = out.headers.find("content-encoding"); encoding != out.headers.end()) {
        encoding->second = without_aws_chunked(encoding->second);
        if (encoding->second.empty()) out.headers.erase(encoding);
    }
    if (auto tagging = headers.get("x-amz-tagging")) out.tags = TRY(parse_tagging_header(*tagging));
    if (auto storage = headers.get("x-amz-storage-class")) {
        if (std::find(kStorageClasses.begin(), kStorageClasses.end(), *storage) == kStorageClasses.end())
            return Error::refusal(Refusal::invalid_storage_class);
        out.storage_class = *storage;
    }
    if (auto encryption = headers.get("x-amz-server-side-encryption")) {
        if (*encryption == "aws:kms" || *encryption == "aws:kms:dsse")
            return Error::refusal(Refusal::not_implemented, "not implemented: encryption with KMS keys");
        if (*encryption != "AES256")
            return Error::refusal(Refusal::invalid_argument,
                                  "The encryption method specified is not supported");
        out.encryption = *encryption;
    }
    return out;
}

objects::Conditions read_conditions(const http::Headers& headers, std::string_view prefix) {
    objects::Conditions out;
    auto header = [&](std::string_view name) {
        return headers.joined(std::string(prefix) + std::string(name));
    };
    if (auto value = header("if-match")) out.if_match = entity_tags(*value);
    if (auto value = header("if-none-match")) out.if_none_match = entity_tags(*value);
    if (auto value = header("if-modified-since")) out.if_modified_since = base::from_http_date(*value);
    if (auto value = header("if-unmodified-since")) out.if_unmodified_since = base::from_http_date(*value);
    return out;
}

Result<objects::Conditions> read_write_conditions(const http::Headers& headers) {
    auto out = read_conditions(headers);
    out.if_modified_since.reset();
    out.if_unmodified_since.reset();
    if (!out.if_none_match.empty() && out.if_none_match != std::vector<std::string>{"*"})
        return Error::refusal(Refusal::not_implemented,
                              "A header you provided implies functionality that is not implemented");
    return out;
}

Result<Integrity> read_integrity(const http::Headers& headers, std::optional<objects::Algorithm> wanted) {
    TRY(refuse_unknown_checksums(headers));
    Integrity out;
    std::optional<objects::Algorithm> named;
    for (auto algorithm : kAlgorithms) {
        auto value = headers.get(checksum_header(algorithm));
        if (!value) continue;
        if (named)
            return Error::refusal(
                Refusal::invalid_request,
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
        if (!is_checksum(algorithm, base::trimmed(*value)))
            return Error::refusal(Refusal::invalid_request,
                                  fmt::format("Value for {} header is invalid.", checksum_header(algorithm)));
        named = algorithm;
        take_checksum(out, algorithm, *value);
    }
    if (auto trailer = headers.get("x-amz-trailer")) {
        auto name = base::lower_case(base::trimmed(*trailer));
        if (name.starts_with(kChecksumPrefix))
            out.trailing = objects::algorithm_named(name.substr(kChecksumPrefix.size()));
        if (!out.trailing)
            return Error::refusal(Refusal::invalid_request,
                                  "The value specified in the x-amz-trailer header is not supported");
        if (named)
            return Error::refusal(
                Refusal::invalid_request,
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
        named = out.trailing;
    }
    if (auto algorithm = headers.get("x-amz-sdk-checksum-algorithm"); algorithm && !named) {
        if (!objects::algorithm_named(*algorithm))
            return Error::refusal(
                Refusal::invalid_request,
                "Checksum algorithm provided is unsupported. Please try again with any of the valid "
                "types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
        named = objects::algorithm_named(*algorithm);
    }
    out.algorithms.push_back(wanted ? *wanted : named.value_or(objects::Algorithm::crc64nvme));
    if (named && named != out.algorithms.front()) out.algorithms.push_back(*named);
    if (auto md5 = headers.get("content-md5")) out.expectations.md5_base64 = base::trimmed(*md5);
    return out;
}

Result<void> read_trailer(Integrity& integrity, const http::Headers& trailers) {
    if (!integrity.trailing) return {};
    auto value = trailers.get(checksum_header(*integrity.trailing));
    if (!value) return Error::refusal(wire::Trouble::malformed_trailer);
    if (!is_checksum(*integrity.trailing, base::trimmed(*value)))
        return Error::refusal(
            Refusal::invalid_request,
            fmt::format("Value for {} trailing header is invalid.", checksum_header(*integrity.trailing)));
    take_checksum(integrity, *integrity.trailing, *value);
    return {};
}

Result<void> check_integrity(const http::Headers& headers, std::string_view body, bool required) {
    auto integrity = TRY(read_integrity(headers));
    const auto& expected = integrity.expectations;
    if (expected.md5_base64) {
        auto md5 = base::from_base64(*expected.md5_base64);
        if (!md5 || md5->size() != 16) return Error::refusal(objects::Refusal::digest_malformed);
        if (*md5 != base::digest(base::DigestKind::md5, base::view(body)))
            return Error::refusal(objects::Refusal::digest_mismatch);
    }
    for (const auto& [algorithm, value] : expected.checksums) {
        objects::Hasher hasher(algorithm);
        hasher.update(base::view(body));
        if (base::base64(hasher.finish()) != value)
            return Error::refusal(objects::Refusal::digest_mismatch,
                                  fmt::format("The {} you specified did not match the calculated checksum.",
                                              objects::name_of(algorithm)));
    }
    // A checksum behind the body was compared by nobody, but it was there.
    bool stated = expected.md5_base64 || !expected.checksums.empty() || integrity.trailing;
    if (required && !stated)
        return Error::refusal(Refusal::invalid_request,
                              "Missing required header for this request: Content-MD5");
    return {};
}

std::string checksum_header(objects::Algorithm algorithm) {
    return std::string(kChecksumPrefix) + base::lower_case(objects::name_of(algorithm));
}

void write_checksum(http::Headers& headers, const std::optional<objects::Checksum>& checksum) {
    if (!checksum) return;
    headers.set(checksum_header(checksum->algorithm), checksum->value);
    headers.set("x-amz-checksum-type", checksum->composite ? "COMPOSITE" : "FULL_OBJECT");
}

void write_object(http::Headers& headers, const objects::Object& object, bool versioned) {
    headers.set("ETag", quoted(object.etag));
    headers.set("Last-Modified", base::http_date(object.modified));
    headers.set("Accept-Ranges", "bytes");
    headers.set("Content-Type", "binary/octet-stream");
    for (const auto& [name, value] : object.attributes.headers)
        headers.set(name, value);
    for (const auto& [name, value] : object.attributes.metadata)
        headers.set(std::string(kMetadataPrefix) + name, value);
    if (!object.attributes.tags.empty())
        headers.set("x-amz-tagging-count", std::to_string(object.attributes.tags.size()));
    if (object.attributes.storage_class != "STANDARD")
        headers.set("x-amz-storage-class", object.attributes.storage_class);
    if (!object.attributes.encryption.empty())
        headers.set("x-amz-server-side-encryption", object.attributes.encryption);
    if (versioned) headers.set("x-amz-version-id", object.version);
}

std::string quoted(std::string_view etag) {
    return fmt::format("\"{}\"", etag);
}

Result<std::optional<ByteRange>> read_range(std::string_view header, std::uint64_t size) {
    std::optional<ByteRange> whole;
    header = base::trimmed(header);
    if (!header.starts_with("bytes=")) return whole;
    header.remove_prefix(6);
    auto dash = header.find('-');
    if (dash == std::string_view::npos || header.find(',') != std::string_view::npos) return whole;
    auto number = [](std::string_view text) -> std::optional<std::uint64_t> {
        std::uint64_t value = 0;
        auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
        if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
        return value;
    };
    auto first = number(base::trimmed(header.substr(0, dash))),
         last = number(base::trimmed(header.substr(dash + 1)));
    bool no_first = base::trimmed(header.substr(0, dash)).empty(),
         no_last = base::trimmed(header.substr(dash + 1)).empty();
    if ((!first && !no_first) || (!last && !no_last) || (no_first && no_last)) return whole;
    if (no_first) {
        if (*last == 0 || size == 0) return Error::refusal(Refusal::invalid_range);
        return std::optional(ByteRange{size - std::min(*last, size), size - 1});
    }
    if (last && *last < *first) return whole;
    if (*first >= size) return Error::refusal(Refusal::invalid_range);
    return std::optional(ByteRange{*first, std::min(last.value_or(size - 1), size - 1)});
}

Result<CopySource> read_copy_source(std::string_view header) {
    auto refused = [] {
        return Error::refusal(Refusal::invalid_argument,
                              "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
    };
    CopySource out;
    auto question = header.rfind("?versionId=");
    if (question != std::string_view::npos) {
        out.version = header.substr(question + 11);
        header = header.substr(0, question);
    }
    auto path = base::percent_decode(header);
    if (!path) return refused();
    std::string_view rest = *path;
    if (rest.starts_with('/')) rest.remove_prefix(1);
    auto slash = rest.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == rest.size()) return refused();
    out.bucket = rest.substr(0, slash);
    out.key = rest.substr(slash + 1);
    return out;
}

}  // namespace services::s3
