#include "services/s3/documents.h"

#include <charconv>
#include <fmt/format.h>
#include <pugixml.hpp>

#include "http/message.h"
#include "services/s3/errors.h"
#include "wire/fault.h"

namespace services::s3 {
namespace {

Error malformed() {
    return Error::refusal(wire::Trouble::malformed_body);
}

std::string_view local_name(const pugi::xml_node& node) {
    std::string_view name = node.name();
    auto colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// A document whose root has that name. pugixml reads no entities of a document's own, so none can grow.
class Document {
public:
    static Result<std::unique_ptr<Document>> parse(std::string_view body, std::string_view root) {
        auto out = std::make_unique<Document>();
        auto parsed = out->tree_.load_buffer(body.data(), body.size(),
                                             pugi::parse_default | pugi::parse_ws_pcdata_single);
        if (!parsed || local_name(out->tree_.document_element()) != root) return malformed();
        return out;
    }
    pugi::xml_node root() const { return tree_.document_element(); }

private:
    pugi::xml_document tree_;
};

std::vector<pugi::xml_node> children(const pugi::xml_node& node, std::string_view name) {
    std::vector<pugi::xml_node> out;
    for (auto child : node.children())
        if (local_name(child) == name) out.push_back(child);
    return out;
}
std::optional<std::string> text(const pugi::xml_node& node, std::string_view name) {
    for (auto child : node.children())
        if (local_name(child) == name) return std::string(child.text().get());
    return std::nullopt;
}

std::string trimmed(std::string value) {
    auto begin = value.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return "";
    return value.substr(begin, value.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string without_quotes(std::string etag) {
    etag = trimmed(std::move(etag));
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') return etag.substr(1, etag.size() - 2);
    return etag;
}

Result<objects::CompletedPart> completed_part(const pugi::xml_node& node) {
    auto number = text(node, "PartNumber"), etag = text(node, "ETag");
    if (!number || !etag) return malformed();
    objects::CompletedPart out{.etag = without_quotes(*etag)};
    auto digits = trimmed(*number);
    auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), out.number);
    if (digits.empty() || parsed.ptr != digits.data() + digits.size()) return malformed();
    if (out.number < 1 || out.number > objects::kPartNumberMax)
        return Error::refusal(objects::Refusal::part_number_invalid);
    for (auto algorithm :
         {objects::Algorithm::crc32, objects::Algorithm::crc32c, objects::Algorithm::crc64nvme,
          objects::Algorithm::sha1, objects::Algorithm::sha256})
        if (auto value = text(node, fmt::format("Checksum{}", objects::name_of(algorithm))))
            out.checksums[algorithm] = trimmed(*value);
    return out;
}

Result<events::Subscription> subscription(const pugi::xml_node& node, std::string_view target_name) {
    events::Subscription out;
    auto target = text(node, target_name);
    if (!target) return malformed();
    out.target = trimmed(*target);
    out.id = trimmed(text(node, "Id").value_or(""));
    for (auto event : children(node, "Event"))
        out.events.push_back(trimmed(event.text().get()));
    for (auto filter : children(node, "Filter"))
        for (auto key : children(filter, "S3Key"))
            for (auto rule : children(key, "FilterRule"))
                TRY(events::add_filter_rule(out, trimmed(text(rule, "Name").value_or("")),
                                            text(rule, "Value").value_or("")));
    return out;
}

}  // namespace

Result<std::optional<std::string>> parse_location(std::string_view body) {
    if (body.empty()) return std::optional<std::string>();
    auto document = TRY(Document::parse(body, "CreateBucketConfiguration"));
    auto location = text(document->root(), "LocationConstraint");
    if (!location) return std::optional<std::string>();
    return std::optional(trimmed(*location));
}

Result<DeleteDocument> parse_delete(std::string_view body) {
    auto document = TRY(Document::parse(body, "Delete"));
    DeleteDocument out{.quiet = trimmed(text(document->root(), "Quiet").value_or("")) == "true"};
    for (auto node : children(document->root(), "Object")) {
        auto key = text(node, "Key");
        if (!key || key->empty()) return malformed();
        objects::Store::Removal removal{.key = *key,
                                        .version = trimmed(text(node, "VersionId").value_or(""))};
        if (auto etag = text(node, "ETag")) removal.conditions.if_match = {without_quotes(*etag)};
        out.objects.push_back(std::move(removal));
        if (out.objects.size() > objects::kPageMax) return malformed();
    }
    if (out.objects.empty()) return malformed();
    return out;
}

Result<std::vector<objects::CompletedPart>> parse_complete(std::string_view body) {
    auto document = TRY(Document::parse(body, "CompleteMultipartUpload"));
    std::vector<objects::CompletedPart> out;
    for (auto node : children(document->root(), "Part")) {
        out.push_back(TRY(completed_part(node)));
        if (out.size() > objects::kPartNumberMax) return malformed();
    }
    if (out.empty()) return malformed();
    return out;
}

Result<objects::Tags> parse_tagging(std::string_view body) {
    auto document = TRY(Document::parse(body, "Tagging"));
    objects::Tags out;
    for (auto set : children(document->root(), "TagSet"))
        for (auto tag : children(set, "Tag")) {
            auto key = text(tag, "Key"), value = text(tag, "Value");
            if (!key || !value) return malformed();
            if (!out.emplace(*key, *value).second)
                return Error::refusal(Refusal::invalid_tag, "Cannot provide multiple Tags with the same key");
        }
    return out;
}

Result<objects::Tags> parse_tagging_header(std::string_view header) {
    auto fields = http::parse_query(header, true);
    if (!fields)
        return Error::refusal(
            Refusal::invalid_argument,
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
            "parameters without tag name duplicates.");
    objects::Tags out;
    for (auto& field : *fields)
        if (!out.emplace(std::move(field.name), std::move(field.value)).second)
            return Error::refusal(
                Refusal::invalid_argument,
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
                "parameters without tag name duplicates.");
    return out;
}

Result<std::vector<CorsRule>> parse_cors(std::string_view body) {
    auto document = TRY(Document::parse(body, "CORSConfiguration"));
    std::vector<CorsRule> out;
    for (auto node : children(document->root(), "CORSRule")) {
        auto texts = [&](std::string_view name) {
            std::vector<std::string> found;
            for (auto child : children(node, name))
                found.push_back(trimmed(child.text().get()));
            return found;
        };
        CorsRule rule{.id = trimmed(text(node, "ID").value_or("")),
                      .origins = texts("AllowedOrigin"),
                      .headers = texts("AllowedHeader"),
                      .methods = texts("AllowedMethod"),
                      .exposed = texts("ExposeHeader"),
                      .max_age_seconds = {}};
        if (auto age = text(node, "MaxAgeSeconds")) {
            auto digits = trimmed(*age);
            std::uint32_t seconds = 0;
            auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
            if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return malformed();
            rule.max_age_seconds = seconds;
        }
        out.push_back(std::move(rule));
        if (out.size() > kCorsRulesMax) return malformed();
    }
    return out;
}

Result<objects::Versioning> parse_versioning(std::string_view body) {
    auto document = TRY(Document::parse(body, "VersioningConfiguration"));
    if (trimmed(text(document->root(), "MfaDelete").value_or("Disabled")) != "Disabled")
        return Error::refusal(Refusal::not_implemented, "not implemented: MFA delete");
    auto status = trimmed(text(document->root(), "Status").value_or(""));
    if (status == "Enabled") return objects::Versioning::enabled;
    if (status == "Suspended") return objects::Versioning::suspended;
    return malformed();
}

Result<std::vector<events::Subscription>> parse_notification(std::string_view body) {
    std::vector<events::Subscription> out;
    auto document = TRY(Document::parse(body, "NotificationConfiguration"));
    for (auto node : document->root().children()) {
        auto name = local_name(node);
        if (name == "CloudFunctionConfiguration") {
            bool old_name = text(node, "CloudFunction").has_value();
            out.push_back(TRY(subscription(node, old_name ? "CloudFunction" : "LambdaFunctionArn")));
        } else if (name == "LambdaFunctionConfiguration") {
            out.push_back(TRY(subscription(node, "LambdaFunctionArn")));
        } else if (name == "TopicConfiguration" || name == "QueueConfiguration" ||
                   name == "EventBridgeConfiguration") {
            return Error::refusal(
                Refusal::invalid_argument,
                fmt::format("Unable to validate the following destination configurations: {} is "
                            "not available here",
                            name));
        }
        if (out.size() > events::kSubscriptionsMax) return malformed();
    }
    return out;
}

Result<void> check_document(std::string_view body, std::string_view root) {
    TRY(Document::parse(body, root));
    return {};
}

}  // namespace services::s3
