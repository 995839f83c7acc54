// The messages of the Lambda Runtime API, version 2018-06-01: HTTP/1.1 of which a runtime needs this much.
// The other side is a stranger's program: all is bounded, and what is not understood ends the connection.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace functions {

constexpr std::size_t kApiHeaderBytesMax = 16 * 1024;
// AWS's own figure, in its sentence about it.
constexpr std::size_t kApiBodyBytesMax = 6'291'556;

struct ApiRequest {
    enum class Kind { next, response, error, init_error, unknown };
    Kind kind = Kind::unknown;
    std::string request_id;  // of response and error
    std::string body;
    bool too_large = false;  // the body was longer than kApiBodyBytesMax and has been thrown away
};

// Takes the bytes of one connection and gives its requests, one after the other. Confined to one owner.
class ApiReader {
public:
    // A failure for what is no request of this API: the connection is to be closed.
    Result<void> feed(std::string_view bytes);
    std::optional<ApiRequest> next();
    // The peer waits for "100 Continue" before it sends the body; true once per request.
    bool take_continue() { return std::exchange(continue_, false); }

private:
    Result<void> read_head(std::string_view head);

    std::string buffer_;
    std::optional<ApiRequest> current_;  // its head is read, its body not wholly
    std::uint64_t body_left_ = 0;
    bool continue_ = false;
    std::optional<ApiRequest> ready_;
};

struct ApiInvocation {
    std::string request_id;
    std::string arn;
    std::string trace_id;
    std::string client_context;  // JSON; empty for none
    base::Time deadline{};
    std::string payload;
};

std::string write_invocation(const ApiInvocation& invocation);  // the answer to `next`
std::string write_answer(int status);                           // 202, 400, 403, 404, 413

}  // namespace functions
