// Which pages of other origins a browser lets read a bucket's answers.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "services/s3/rooms.h"

namespace services::s3 {

struct CorsRule {
    std::string id;
    std::vector<std::string> origins, headers;  // each with at most one '*', which stands for anything
    std::vector<std::string> methods, exposed;
    std::optional<std::uint32_t> max_age_seconds;
};

inline constexpr std::size_t kCorsRulesMax = 100;
inline constexpr std::size_t kCorsIdBytesMax = 255;

// 1 to kCorsRulesMax rules, with methods and wildcards that S3 knows. Refusal::invalid_request with AWS's
// sentence; wire::Trouble::malformed_body.
Result<void> check_cors(const std::vector<CorsRule>& rules);

// What a browser says of a request that a page wants to send, or sends.
struct CrossOrigin {
    std::string origin;
    std::string method;
    std::vector<std::string> headers;  // that the page itself sets; only told beforehand
};
// The first rule that allows it; null if none does.
const CorsRule* allowing(const std::vector<CorsRule>& rules, const CrossOrigin& asked);

// "a, b" as the names of fields, in lower case.
std::vector<std::string> field_names(std::string_view list);

// The header fields that tell the browser of the rule.
void write_cors(http::Headers& out, const CorsRule& rule, const CrossOrigin& asked);

// What is told with the answer to a request, if it says that a page of another origin sends it: nothing where
// no rule of the bucket in `path` allows that. May block.
Result<http::Headers> cors_headers(const Rooms& rooms, const http::Request& request, std::string_view path);

}  // namespace services::s3
