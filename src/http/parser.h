// HTTP/1.1 framing without sockets: heads and chunked bodies out of bytes (RFC 9112). Strict: a message that
// two parsers could read differently is refused, not guessed at. Only for this room; parser.cpp alone
// includes Boost.Beast.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "http/message.h"

namespace http {

enum class HeadRefusal {
    malformed,             // 400
    unsupported_version,   // 505: neither HTTP/1.0 nor HTTP/1.1
    unsupported_encoding,  // 501: a Transfer-Encoding other than chunked
};

struct RequestHead {
    Request request;  // without remote_address and secure
    bool chunked = false;
    bool keep_alive = true;
    bool expects_continue = false;  // sent `Expect: 100-continue`
    bool http_1_0 = false;          // the answer may not be chunked
};

struct ResponseHead {
    int status = 0;
    Headers headers;
    std::optional<std::uint64_t> content_length;
    bool chunked = false;
    bool keep_alive = true;
};

// Bytes up to and including the empty line that ends a head; nothing while it has not come. The first
// `searched` bytes are known not to hold that end.
std::optional<std::size_t> head_length(base::ByteView bytes, std::size_t searched = 0);

// `head` is whole, as head_length says. Refuses with HeadRefusal.
Result<RequestHead> parse_request_head(base::ByteView head);
Result<ResponseHead> parse_response_head(base::ByteView head);

// Takes the chunked framing off a body; chunk extensions and trailers are dropped. Confined to one owner.
class ChunkedDecoder {
public:
    // The largest chunk header or trailer section that can come: a caller's buffer of this size suffices.
    static constexpr std::size_t kFramingBytesMax = 16 * 1024;

    ChunkedDecoder();
    ~ChunkedDecoder();

    struct Progress {
        std::size_t consumed = 0;  // of `in`; the rest is given again, with more bytes behind it
        std::size_t produced = 0;  // into `out`
    };
    // Refuses with Refusal::body_malformed.
    Result<Progress> decode(base::ByteView in, std::span<std::uint8_t> out);
    bool done() const;  // the last chunk and the trailers have been read

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace http
