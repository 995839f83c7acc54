// Bucket notification configurations as pure values: which are valid, and which events they match. After the
// S3 API reference, PutBucketNotificationConfiguration, and "Configuring event notifications using object key
// name filtering".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace events {

enum class Refusal {
    invalid_argument,  // AWS's InvalidArgument, with its sentence as the message
};

constexpr std::size_t kSubscriptionsMax = 100;  // of one bucket
constexpr std::size_t kFilterValueBytesMax = 1024;
constexpr std::size_t kIdBytesMax = 255;

// One wish of a bucket's owner: tell `target` of these events of objects with such keys.
struct Subscription {
    std::string id;
    std::string target;               // ARN
    std::vector<std::string> events;  // "s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"
    std::optional<std::string> prefix, suffix;
    bool operator==(const Subscription&) const = default;
};

// A <FilterRule>: its name is "prefix" or "suffix" in any case, each at most once.
Result<void> add_filter_rule(Subscription& subscription, std::string_view name, std::string value);

// Whether these can stand together on one bucket: known events, unique ids, no two that could tell of the
// same event. Refusal::invalid_argument otherwise.
Result<void> validate(const std::vector<Subscription>& subscriptions);

// `event` without "s3:", as it stands in the event document: "ObjectCreated:Put". The key is raw, not
// encoded.
bool matches(const Subscription& subscription, std::string_view event, std::string_view key);

}  // namespace events
