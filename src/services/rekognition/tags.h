// What operations with tags share: their limits, and the condition keys by which policies know them.
#pragma once

#include <string_view>

#include "faces/registry.h"
#include "wire/operation.h"

namespace services::rekognition {

// AWS's says besides that a key does not begin with "aws:".
inline constexpr std::string_view kTagPattern = R"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)";
inline constexpr std::size_t kTagKeyLengthMax = 128;

inline wire::Each tag_values() {
    return wire::each(wire::length(0, 256), wire::pattern(kTagPattern));
}
// The keys of a map are limited too, which members() cannot say.
Result<void> check_tag_keys(const faces::Tags& tags);

// aws:RequestTag/KEY and aws:TagKeys.
void ask_about(const faces::Tags& tags, wire::Permission& permission);

}  // namespace services::rekognition
