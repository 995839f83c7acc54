#include "objects/object.h"

#include <algorithm>

namespace objects {
namespace {

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool names(const std::vector<std::string>& tags, const std::string& etag) {
    return std::any_of(tags.begin(), tags.end(), [&](const auto& tag) { return tag == "*" || tag == etag; });
}

// HTTP dates have whole seconds.
base::Time whole_seconds(base::Time time) {
    return std::chrono::time_point_cast<base::Duration>(std::chrono::floor<std::chrono::seconds>(time));
}

}  // namespace

Result<void> check_tags(const Tags& tags, std::size_t count_max) {
    if (tags.size() > count_max)
        return Error::refusal(Refusal::tag_invalid,
                              "Object tags cannot be greater than " + std::to_string(count_max));
    for (const auto& [key, value] : tags) {
        if (key.empty() || characters(key) > kTagKeyMax || key.starts_with("aws:"))
            return Error::refusal(Refusal::tag_invalid, "The TagKey you have provided is invalid");
        if (characters(value) > kTagValueMax)
            return Error::refusal(Refusal::tag_invalid, "The TagValue you have provided is invalid");
    }
    return {};
}

Verdict judge(const Conditions& conditions, const Object& object) {
    auto modified = whole_seconds(object.modified);
    if (!conditions.if_match.empty()) {
        if (!names(conditions.if_match, object.etag)) return Verdict::precondition_failed;
    } else if (conditions.if_unmodified_since && modified > *conditions.if_unmodified_since) {
        return Verdict::precondition_failed;
    }
    if (!conditions.if_none_match.empty()) {
        if (names(conditions.if_none_match, object.etag)) return Verdict::not_modified;
    } else if (conditions.if_modified_since && modified <= *conditions.if_modified_since) {
        return Verdict::not_modified;
    }
    return Verdict::go_on;
}

Result<void> check_attributes(const Attributes& attributes) {
    std::size_t metadata_bytes = 0, header_bytes = 0;
    for (const auto& [name, value] : attributes.metadata)
        metadata_bytes += name.size() + value.size();
    for (const auto& [name, value] : attributes.headers)
        header_bytes += name.size() + value.size();
    if (metadata_bytes > kMetadataBytesMax || header_bytes > kContentHeadersBytesMax)
        return Error::refusal(Refusal::metadata_too_large,
                              "Your metadata headers exceed the maximum allowed metadata size");
    return check_tags(attributes.tags, kTagsMax);
}

Result<void> check_write(const Conditions& conditions, const std::optional<Object>& existing) {
    bool there = existing && !existing->delete_marker;
    if (!conditions.if_match.empty() && !there) return Error::refusal(Refusal::key_missing);
    if (there && judge(conditions, *existing) != Verdict::go_on)
        return Error::refusal(Refusal::precondition_failed);
    return {};
}

}  // namespace objects
