// Bodies into objects: receiving one from the wire, and copying one from another object.
#pragma once

#include "services/s3/common.h"

namespace services::s3 {

// Reads the body to its end into the object store, and compares what the headers and trailers say of it. The
// first algorithm's checksum is kept: `wanted`, or the one that the request names. For streamed operations.
Result<objects::Finished> receive(Rooms& rooms, Call& call, std::optional<objects::Algorithm> wanted = {});

// Reads a body to its end into the object store. `length`: of it, where that is known. For streamed
// operations.
Result<objects::Upload> pour(Rooms& rooms, Call& call, http::BodyReader& body,
                             std::vector<objects::Algorithm> algorithms, std::optional<std::uint64_t> length);

// Copies a range of an object. For operations that may block.
Result<objects::Finished> copy_bytes(Rooms& rooms, objects::Reader& source, ByteRange range,
                                     objects::Algorithm algorithm);

// The object that x-amz-copy-source names, once its conditions hold.
// Refusals: objects::Refusal::key_missing and others, precondition_failed.
Result<std::shared_ptr<objects::Reader>> open_source(Rooms& rooms, const Call& call,
                                                     const CopySource& source);

// What must be allowed: reading the source and `action` on the target.
Permissions may_copy(const Rooms& rooms, std::string_view action, const CopySource& source,
                     const std::string& bucket, const std::string& key);

}  // namespace services::s3
