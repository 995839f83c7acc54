// The body of a streamed request with its transfer framing taken off and its digests checked while it is
// read.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "http/message.h"
#include "wire/signature.h"

namespace wire {

// Confined to the request's coroutine. Reading to the end checks what the request promised: the length, its
// SHA-256 (Trouble::digest_mismatch), chunk signatures (Trouble::signature_mismatch), and that trailers are
// there.
class Payload : public http::BodyReader {
public:
    // Of the payload itself, where the request says so: x-amz-decoded-content-length or Content-Length.
    virtual std::optional<std::uint64_t> length() const = 0;
    // Complete once the body has been read to its end.
    virtual const http::Headers& trailers() const = 0;
};

// `authorization` and `secret_key` are needed for signed chunks; null and empty for an anonymous request. The
// request and the body outlive the payload. Refusals: Trouble::incomplete_signature for a marker or length
// that makes no sense.
Result<std::unique_ptr<Payload>> open_payload(const http::Request& request, http::BodyReader& body,
                                              const Authorization* authorization,
                                              std::string_view secret_key);

}  // namespace wire
