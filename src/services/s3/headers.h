// The headers of S3's requests as values, and values as the headers of its answers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "objects/object.h"
#include "objects/upload.h"

namespace services::s3 {

// Metadata (x-amz-meta-*, names in lower case), content headers, tags, storage class and encryption of an
// upload. Refusal::invalid_storage_class, invalid_argument, invalid_tag; not_implemented for keys of one's
// own and KMS; acl_not_supported for access lists.
Result<objects::Attributes> read_attributes(const http::Headers& headers);

// If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since behind `prefix`, which is "" or
// "x-amz-copy-source-".
objects::Conditions read_conditions(const http::Headers& headers, std::string_view prefix = "");
// Of a write: If-None-Match may only be "*". Refusal::not_implemented
Result<objects::Conditions> read_write_conditions(const http::Headers& headers);

// What an upload says of its bytes. The first algorithm is the one whose checksum stays with the object.
struct Integrity {
    std::vector<objects::Algorithm> algorithms;
    objects::Expectations expectations;
    // The checksum comes behind the bytes.
    std::optional<objects::Algorithm> trailing;
};
// Refusal::invalid_request for two checksums at once or a malformed one.
Result<Integrity> read_integrity(const http::Headers& headers, std::optional<objects::Algorithm> wanted = {});
Result<void> read_trailer(Integrity& integrity, const http::Headers& trailers);
// For documents that are small and already there: compares what the headers say. `required`: they must say
// something.
Result<void> check_integrity(const http::Headers& headers, std::string_view body, bool required);

std::string checksum_header(objects::Algorithm algorithm);  // "x-amz-checksum-crc32"
void write_checksum(http::Headers& headers, const std::optional<objects::Checksum>& checksum);
// ETag, Last-Modified, content headers, metadata, and what else S3 says of an object, checksum aside.
// `versioned` is whether the bucket keeps or has kept versions.
void write_object(http::Headers& headers, const objects::Object& object, bool versioned);

std::string quoted(std::string_view etag);

// bytes=a-b, a-, -n; [first, last]. Nothing for whatever else, which S3 answers with the whole.
struct ByteRange {
    std::uint64_t first = 0, last = 0;
    std::uint64_t length() const { return last - first + 1; }
};
// Refusal::invalid_range if it begins behind the end.
Result<std::optional<ByteRange>> read_range(std::string_view header, std::uint64_t size);

// x-amz-copy-source: "/bucket/key?versionId=...", percent-encoded. Refusal::invalid_argument
struct CopySource {
    std::string bucket, key, version;
};
Result<CopySource> read_copy_source(std::string_view header);

}  // namespace services::s3
