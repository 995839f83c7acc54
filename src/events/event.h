// S3's event document, version 2.1 ("Event message structure" in the S3 user guide).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace events {

// Something that happened to an object, and who did it.
struct ObjectEvent {
    std::string name;  // "ObjectCreated:Put"
    base::Time time{};
    std::string region;   // the bucket's
    std::string account;  // the bucket owner's
    std::string bucket;
    std::string key;                    // raw
    std::optional<std::uint64_t> size;  // without it for removals
    std::string etag;                   // without quotes; empty for removals
    std::string version_id;             // empty in a bucket without versions
    std::string sequencer;              // hexadecimal; grows with each event of one key
    std::string principal_id;           // of who did it: AIDA..., AROA...:session
    std::string source_address;
    std::string request_id;
};

// {"Records": [...]} with the one event.
std::string event_document(const ObjectEvent& event, std::string_view subscription_id);

// As an HTML form writes it, but '/' stays: "index/a b.jpg" is index/a+b.jpg.
std::string encode_event_key(std::string_view key);

}  // namespace events
