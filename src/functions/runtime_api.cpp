#include "functions/runtime_api.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "base/ascii.h"

namespace functions {
namespace {

constexpr std::string_view kRoot = "/2018-06-01/runtime/";
constexpr std::uint64_t kDiscardedBytesMax = 1ull << 30;

Error malformed(std::string_view what) {
    return Error::failure(fmt::format("runtime api: {}", what));
}

ApiRequest route(std::string_view method, std::string_view path) {
    ApiRequest out;
    if (!path.starts_with(kRoot)) return out;
    path.remove_prefix(kRoot.size());
    if (method == "GET" && path == "invocation/next") out.kind = ApiRequest::Kind::next;
    if (method == "POST" && path == "init/error") out.kind = ApiRequest::Kind::init_error;
    if (method != "POST" || !path.starts_with("invocation/")) return out;
    path.remove_prefix(std::string_view("invocation/").size());
    auto cut = path.find('/');
    if (cut == path.npos) return out;
    out.request_id = path.substr(0, cut);
    if (path.substr(cut) == "/response") out.kind = ApiRequest::Kind::response;
    if (path.substr(cut) == "/error") out.kind = ApiRequest::Kind::error;
    return out;
}

}  // namespace

Result<void> ApiReader::feed(std::string_view bytes) {
    buffer_.append(bytes);
    while (!ready_) {
        if (!current_) {
            auto end = buffer_.find("\r\n\r\n");
            if (end == std::string::npos) {
                if (buffer_.size() > kApiHeaderBytesMax) return malformed("a head is too long");
                return {};
            }
            if (end > kApiHeaderBytesMax) return malformed("a head is too long");
            auto head = buffer_.substr(0, end + 2);
            buffer_.erase(0, end + 4);
            TRY(read_head(head));
        }
        auto size = std::min<std::uint64_t>(body_left_, buffer_.size());
        if (!current_->too_large) current_->body.append(buffer_, 0, size);
        buffer_.erase(0, size);
        body_left_ -= size;
        if (body_left_ > 0) return {};
        ready_ = std::exchange(current_, std::nullopt);
    }
    // A peer sends one request and waits; whoever sends more and more is held to a head's size.
    if (buffer_.size() > kApiHeaderBytesMax) return malformed("requests come before their answers");
    return {};
}

Result<void> ApiReader::read_head(std::string_view head) {
    auto line_end = head.find("\r\n");
    auto line = head.substr(0, line_end);
    head.remove_prefix(line_end + 2);
    auto first = line.find(' '), second = line.rfind(' ');
    if (first == line.npos || second == first || !line.substr(second + 1).starts_with("HTTP/1."))
        return malformed("not a request line");
    current_ = route(line.substr(0, first), line.substr(first + 1, second - first - 1));
    body_left_ = 0;
    while (!head.empty()) {
        auto end = head.find("\r\n");
        auto colon = head.substr(0, end).find(':');
        if (colon == head.npos) return malformed("a header without a colon");
        auto name = base::lower_case(head.substr(0, colon));
        auto value = base::trimmed(head.substr(colon + 1, end - colon - 1));
        head.remove_prefix(end + 2);
        if (name == "transfer-encoding") return malformed("chunked bodies are not taken");
        if (name == "expect") continue_ = true;
        if (name != "content-length") continue;
        auto [last, error] = std::from_chars(value.data(), value.data() + value.size(), body_left_);
        if (error != std::errc{} || last != value.data() + value.size() || body_left_ > kDiscardedBytesMax)
            return malformed("a length that is none");
    }
    current_->too_large = body_left_ > kApiBodyBytesMax;
    return {};
}

std::optional<ApiRequest> ApiReader::next() {
    return std::exchange(ready_, std::nullopt);
}

std::string write_invocation(const ApiInvocation& invocation) {
    auto head = fmt::format(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n"
        "Lambda-Runtime-Aws-Request-Id: {}\r\nLambda-Runtime-Deadline-Ms: {}\r\n"
        "Lambda-Runtime-Invoked-Function-Arn: {}\r\nLambda-Runtime-Trace-Id: {}\r\n",
        invocation.payload.size(), invocation.request_id, invocation.deadline.time_since_epoch().count(),
        invocation.arn, invocation.trace_id);
    if (!invocation.client_context.empty())
        head += fmt::format("Lambda-Runtime-Client-Context: {}\r\n", invocation.client_context);
    return head + "\r\n" + invocation.payload;
}

std::string write_answer(int status) {
    std::string_view reason = status == 202 ? "Accepted" : status == 413 ? "Payload Too Large" : "Refused";
    constexpr std::string_view kBody = "{}";
    return fmt::format("HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                       status, reason, kBody.size(), kBody);
}

}  // namespace functions
