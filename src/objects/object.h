// What is known of an object and of an unfinished upload; what may be refused; the bounds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "objects/checksum.h"
#include "store/blobs.h"

namespace objects {

// What this room may refuse. Messages are AWS's own sentences where AWS's text depends on the case.
enum class Refusal {
    bucket_name_invalid,
    bucket_missing,
    bucket_exists,  // somebody else's
    bucket_already_yours,
    bucket_not_empty,
    too_many_buckets,
    configuration_missing,
    configuration_too_large,
    key_missing,
    key_too_long,
    version_missing,
    version_malformed,
    delete_marker_named,  // a delete marker has no bytes
    upload_missing,
    part_number_invalid,
    part_invalid,  // not uploaded, or its ETag or checksum is another
    part_order_invalid,
    part_too_small,
    digest_malformed,
    digest_mismatch,
    metadata_too_large,
    object_too_large,
    precondition_failed,
    precondition_conflict,  // somebody else changed the object while the precondition was looked at
    tag_invalid,
    argument_invalid,
    request_invalid,
    request_malformed,
};

constexpr std::size_t kKeyBytesMax = 1024;
constexpr std::size_t kMetadataBytesMax = 2048;                 // names and values together
constexpr std::size_t kContentHeadersBytesMax = 8192;           // all of them together
constexpr std::uint64_t kPutBytesMax = std::uint64_t{5} << 30;  // in one request, or one part
constexpr std::uint64_t kObjectBytesMax = std::uint64_t{5} << 40;
constexpr std::uint64_t kPartBytesMin = std::uint64_t{5} << 20;  // of every part but the last
constexpr std::uint32_t kPartNumberMax = 10'000;
constexpr std::size_t kTagsMax = 10;  // of an object
constexpr std::size_t kBucketTagsMax = 50;
constexpr std::size_t kTagKeyMax = 128;  // characters
constexpr std::size_t kTagValueMax = 256;
constexpr std::size_t kPageMax = 1000;

// The id of the one version that has none: made while the bucket kept no versions.
constexpr std::string_view kNullVersion = "null";

using Tags = std::map<std::string, std::string>;
// Refusal::tag_invalid
Result<void> check_tags(const Tags& tags, std::size_t count_max);

// What an uploader says about the bytes; kept and given back as it is.
struct Attributes {
    std::map<std::string, std::string>
        headers;  // by lower-case name: content-type, cache-control, expires...
    std::map<std::string, std::string> metadata;  // by lower-case name, without x-amz-meta-
    Tags tags;
    std::string storage_class = "STANDARD";
    std::string encryption;  // "AES256" where it was asked for
};

// Refusal::metadata_too_large, tag_invalid
Result<void> check_attributes(const Attributes& attributes);

struct Part {
    std::uint32_t number = 0;
    std::uint64_t size = 0;
    std::string etag;
    std::optional<Checksum> checksum;
    store::BlobId blob;
    base::Time modified{};
};

// One version of an object, or a delete marker that hides older ones.
struct Object {
    std::string key;
    std::string version = std::string(kNullVersion);
    std::uint64_t sequence = 0;  // grows with each version of a key
    bool delete_marker = false;
    std::uint64_t size = 0;
    std::string etag;  // without quotes
    base::Time modified{};
    std::string owner;  // account
    Attributes attributes;
    std::optional<Checksum> checksum;
    // The bytes, in order; a plain upload is one part numbered 0.
    std::vector<Part> parts;
    std::string upload_id;         // of the multipart upload it came from; else empty
    std::uint64_t older_null = 0;  // the current version only: the sequence of an older null version

    bool multipart() const { return !upload_id.empty(); }
};

struct MultipartUpload {
    std::string id;
    std::string key;
    base::Time initiated{};
    std::string owner;      // account
    std::string initiator;  // ARN
    Attributes attributes;
    std::optional<Algorithm> algorithm;
    bool composite = true;
};

// What a request says about the object that it meets. Entity tags are without quotes; "*" is any.
struct Conditions {
    std::vector<std::string> if_match, if_none_match;
    std::optional<base::Time> if_modified_since, if_unmodified_since;
    bool empty() const {
        return if_match.empty() && if_none_match.empty() && !if_modified_since && !if_unmodified_since;
    }
};
enum class Verdict { go_on, not_modified, precondition_failed };
// RFC 9110 13.2.2: an entity tag beats a date.
Verdict judge(const Conditions& conditions, const Object& object);
// Whether a write may replace what is there; a delete marker counts as nothing. Refusal::precondition_failed,
// or key_missing where an entity tag was to match and there is none.
Result<void> check_write(const Conditions& conditions, const std::optional<Object>& existing);

}  // namespace objects
