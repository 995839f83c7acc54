// The policy that stands in a browser's upload: what its signer allows the form to say.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "http/message.h"

namespace services::s3 {

struct PostPolicy {
    struct Condition {
        bool starts_with = false;  // else the field is exactly the value
        std::string field;         // in lower case, without '$'
        std::string value;
        std::string text;  // as it stands in the policy, for refusals
    };
    struct SizeRange {
        std::uint64_t min = 0, max = 0;  // bytes of the file
    };
    base::Time expiration{};
    std::vector<Condition> conditions;
    std::optional<SizeRange> size;
};

inline constexpr std::size_t kPostConditionsMax = 100;

// JSON in base64. Refusal::invalid_policy_document, with AWS's sentence.
Result<PostPolicy> parse_post_policy(std::string_view base64);

// Whether the form keeps the policy: it has not expired, every condition holds, and every field is spoken of
// by a condition, but for the signature's own and those whose names begin with x-ignore-. `fields` holds each
// name once. Refusal::access_denied, with AWS's sentence.
Result<void> check_post(const PostPolicy& policy, const http::Headers& fields, const std::string& bucket,
                        base::Time now);

}  // namespace services::s3
