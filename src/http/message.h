// HTTP/1.1 messages as the rooms above see them (RFC 9110, 9112): no sockets, no Boost.Beast.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace http {

// What a connection refuses on its own; each is answered or closed as its comment says.
enum class Refusal {
    body_truncated,  // the peer closed, or stopped sending, before the declared length: 400 and close
    body_too_slow,   // below the minimum rate: 400 and close
    body_malformed,  // broken chunked framing: 400 and close
    body_too_large,  // more than the reader allowed: 413 and close
    busy,            // a pool is full: 503
};

// Header fields in the order of the message; names compare without case.
class Headers {
public:
    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    void set(std::string_view name, std::string value);  // replaces all of that name
    void erase(std::string_view name);
    // The first field of that name; nothing if there is none.
    std::optional<std::string_view> get(std::string_view name) const;
    // All values of that name joined with ",", as RFC 9110 5.2 allows; nothing if there is none.
    std::optional<std::string> joined(std::string_view name) const;
    bool has(std::string_view name) const { return get(name).has_value(); }

    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }
    std::size_t size() const { return fields_.size(); }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

bool equal_ignoring_case(std::string_view a, std::string_view b);

struct Request {
    std::string method;  // as sent: "GET"
    std::string target;  // as sent: "/bucket/a%20b?uploads"; starts with '/'
    Headers headers;
    std::string remote_address;  // "127.0.0.1", without port
    bool secure = false;         // came over TLS
    std::optional<std::uint64_t> content_length;

    std::string_view path() const;   // up to '?', still percent-encoded
    std::string_view query() const;  // after '?', still percent-encoded; empty without one
};

// `name=value` pairs of a query string or form, decoded; "uploads" alone has an empty value.
struct QueryParameter {
    std::string name;
    std::string value;
};
// Nothing if an escape is malformed. `plus_is_space` for application/x-www-form-urlencoded bodies.
std::optional<std::vector<QueryParameter>> parse_query(std::string_view query, bool plus_is_space = false);

// A body that is read piece by piece. Confined to the request's coroutine (the server's) or its owner (the
// client's).
class BodyReader {
public:
    virtual ~BodyReader() = default;
    // Waits for bytes; 0 at the end. The first call answers `Expect: 100-continue`.
    virtual Result<std::size_t> read(std::span<std::uint8_t> out) = 0;
};
// Reads to the end; more than `bytes_max` is Refusal::body_too_large, before the memory is spent.
Result<std::string> read_all(BodyReader& body, std::size_t bytes_max);

// A body that is made while it is sent. Called in the request's coroutine.
class BodySource {
public:
    virtual ~BodySource() = default;
    virtual Result<std::size_t> read(std::span<std::uint8_t> out) = 0;  // 0 at the end
};

struct StreamedBody {
    std::unique_ptr<BodySource> source;
    std::optional<std::uint64_t> length;  // without it, sent chunked
};

struct Response {
    int status = 200;
    Headers headers;  // Content-Length, Date, Connection and Transfer-Encoding are added by the connection
    std::variant<std::string, StreamedBody> body;
    // For HEAD: the Content-Length to state though no body is sent.
    std::optional<std::uint64_t> head_content_length;
    bool close = false;  // close the connection after this answer
};

std::string_view reason_phrase(int status);

}  // namespace http
