// The XML documents of requests, as values. Everything refuses with Trouble::malformed_body, and more where
// it says so. Elements are known by their local name; those that a document does not know are passed over, as
// S3 does.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "events/notification.h"
#include "objects/store.h"
#include "services/s3/cors.h"

namespace services::s3 {

// <CreateBucketConfiguration>: the region asked for; nothing in an empty body or without the element.
Result<std::optional<std::string>> parse_location(std::string_view body);

struct DeleteDocument {
    bool quiet = false;
    std::vector<objects::Store::Removal> objects;  // 1 to 1000
};
Result<DeleteDocument> parse_delete(std::string_view body);

// <CompleteMultipartUpload>: 1 to 10,000 parts. objects::Refusal::part_number_invalid.
Result<std::vector<objects::CompletedPart>> parse_complete(std::string_view body);

// <Tagging>. Refusal::invalid_tag for a key given twice.
Result<objects::Tags> parse_tagging(std::string_view body);
// "key=value&..." in the x-amz-tagging header. Refusal::invalid_argument, invalid_tag.
Result<objects::Tags> parse_tagging_header(std::string_view header);

// <CORSConfiguration>: at most kCorsRulesMax rules.
Result<std::vector<CorsRule>> parse_cors(std::string_view body);

// <VersioningConfiguration>. Refusal::not_implemented for MFA delete.
Result<objects::Versioning> parse_versioning(std::string_view body);

// <NotificationConfiguration>: the targets that are functions, by the element names of 2006 or today's.
// Refusal::invalid_argument for topics and queues, which this server has not; events::Refusal for filters.
Result<std::vector<events::Subscription>> parse_notification(std::string_view body);

// Whether it is a well-formed document with that root: for configurations that are kept as they came.
Result<void> check_document(std::string_view body, std::string_view root);

}  // namespace services::s3
