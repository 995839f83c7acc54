// Buckets: names, and what is known of one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace objects {

constexpr std::size_t kBucketsMax = 10'000;                // of one account
constexpr std::size_t kConfigurationBytesMax = 64 * 1024;  // of one document

enum class Versioning { never, enabled, suspended };

struct Bucket {
    std::string name;
    std::string region;
    std::string account;  // the owner's twelve digits
    base::Time created{};
    Versioning versioning = Versioning::never;
};

// 3 to 63 of a-z 0-9 . -, begins and ends with a letter or digit, no two dots together, not an IP address, no
// reserved prefix or suffix.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
bool is_bucket_name(std::string_view name);

// Documents about a bucket, kept as they are: what they mean is their service's business.
enum class Configuration {
    policy,   // JSON
    tagging,  // XML, as S3 takes it
    cors,     // the same
};

}  // namespace objects
