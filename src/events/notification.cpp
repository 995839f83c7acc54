#include "events/notification.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

#include "base/ascii.h"

namespace events {
namespace {

// Every name that S3 takes. Those of features that are not here never happen.
constexpr std::array<std::string_view, 30> kEvents = {
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:Replication:OperationNotTracked",
    "s3:LifecycleTransition",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:IntelligentTiering",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
    "s3:ObjectAcl:Put",
    "s3:ObjectAnnotation:*",
    "s3:ObjectAnnotation:Put",
    "s3:ObjectAnnotation:Delete",
};

Error invalid(std::string message) {
    return Error::refusal(Refusal::invalid_argument, std::move(message));
}

// Whether `wanted`, which may end in "*", covers `event`.
bool covers(std::string_view wanted, std::string_view event) {
    if (!wanted.ends_with('*')) return wanted == event;
    return event.starts_with(wanted.substr(0, wanted.size() - 1));
}

bool share_event(const Subscription& a, const Subscription& b) {
    for (const auto& one : a.events)
        for (const auto& other : b.events)
            if (covers(one, other) || covers(other, one)) return true;
    return false;
}

bool share_key(const Subscription& a, const Subscription& b) {
    auto part = [](const std::optional<std::string>& rule) { return rule ? std::string_view(*rule) : ""; };
    auto prefix_a = part(a.prefix), prefix_b = part(b.prefix);
    auto suffix_a = part(a.suffix), suffix_b = part(b.suffix);
    return (prefix_a.starts_with(prefix_b) || prefix_b.starts_with(prefix_a)) &&
           (suffix_a.ends_with(suffix_b) || suffix_b.ends_with(suffix_a));
}

}  // namespace

Result<void> add_filter_rule(Subscription& subscription, std::string_view name, std::string value) {
    auto kind = base::lower_case(name);
    if (kind != "prefix" && kind != "suffix")
        return invalid("filter rule name must be either prefix or suffix");
    if (value.size() > kFilterValueBytesMax)
        return invalid("Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation");
    auto& place = kind == "prefix" ? subscription.prefix : subscription.suffix;
    if (place) return invalid(fmt::format("Cannot specify more than one {} rule in a filter.", kind));
    place = std::move(value);
    return {};
}

Result<void> validate(const std::vector<Subscription>& subscriptions) {
    if (subscriptions.size() > kSubscriptionsMax)
        return invalid("A bucket can have at most 100 notification configurations.");
    std::set<std::string_view> ids;
    for (const auto& subscription : subscriptions) {
        if (subscription.id.size() > kIdBytesMax) return invalid("The ID of a configuration is too long.");
        if (!ids.insert(subscription.id).second)
            return invalid(
                "Same ID used for multiple configurations. IDs must be unique across all configurations");
        if (subscription.events.empty()) return invalid("A configuration must name at least one event.");
        for (const auto& event : subscription.events)
            if (std::find(kEvents.begin(), kEvents.end(), event) == kEvents.end())
                return invalid(fmt::format("The event '{}' is not supported for notifications", event));
    }
    for (std::size_t i = 0; i < subscriptions.size(); ++i)
        for (std::size_t j = i + 1; j < subscriptions.size(); ++j)
            if (share_event(subscriptions[i], subscriptions[j]) &&
                share_key(subscriptions[i], subscriptions[j]))
                return invalid(
                    "Configurations overlap. Configurations on the same bucket cannot share a common event "
                    "type.");
    return {};
}

bool matches(const Subscription& subscription, std::string_view event, std::string_view key) {
    if (subscription.prefix && !key.starts_with(*subscription.prefix)) return false;
    if (subscription.suffix && !key.ends_with(*subscription.suffix)) return false;
    return std::any_of(subscription.events.begin(), subscription.events.end(), [&](std::string_view wanted) {
        return wanted.starts_with("s3:") && covers(wanted.substr(3), event);
    });
}

}  // namespace events
