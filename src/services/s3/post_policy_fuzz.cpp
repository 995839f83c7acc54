#include "services/s3/post_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace services::s3;
    std::string text(reinterpret_cast<const char*>(data), size);
    http::Headers fields;
    fields.set("key", text);
    // As it comes, and as the document inside.
    for (const auto& given : {text, base::base64(base::view(text))}) {
        auto policy = parse_post_policy(given);
        if (!policy.ok()) continue;
        INVARIANT(policy->conditions.size() <= kPostConditionsMax);
        bool kept = check_post(*policy, fields, "photos", base::Time()).ok();
        // Every field and the bucket were spoken of.
        if (kept) INVARIANT(policy->conditions.size() >= 2);
    }
    return 0;
}

std::vector<std::string> seeds() {
    return {
        R"({"expiration": "2100-01-01T00:00:00Z", "conditions": [{"bucket": "photos"}, ["starts-with", "$key", ""],)"
        R"( ["content-length-range", 1, "10"], ["eq", "$acl", "private"]]})",
    };
}
