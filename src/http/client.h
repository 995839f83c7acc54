// A small blocking client: one request, one connection, plain or TLS. For fetching pinned files, for the
// command line and for tests; nothing in the server's path waits on it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "http/message.h"

namespace http {

struct Url {
    bool secure = false;
    std::string host;  // without the brackets of an IPv6 address
    std::uint16_t port = 80;
    std::string target;  // "/path?query", still percent-encoded

    std::string authority() const;  // as the Host header writes it: without a default port
};
// "http://" and "https://" only; user names and fragments are refused.
std::optional<Url> parse_url(std::string_view text);

struct ClientOptions {
    base::Duration connect_timeout{10'000};   // for each of a host's addresses
    base::Duration stall_timeout{30'000};     // no byte either way for so long
    base::Duration total_timeout{3'600'000};  // redirections included
    std::size_t redirects_max = 5;            // of GET and HEAD; never from https to http
    std::uint64_t body_bytes_max = 1 << 20;   // of the answer
    std::filesystem::path authorities;        // PEM file of those trusted; empty: the system's
};

struct ClientRequest {
    std::string method = "GET";
    std::string url;
    Headers headers;  // Host, Content-Length and Connection are added
    std::string body;
};

struct ClientResponse {
    int status = 0;
    Headers headers;
    std::string body;
};

// Takes a body's bytes as they come; its error ends the request and is returned.
using BodySink = std::function<Result<void>(base::ByteView)>;

// Callable from any thread; waits. An answer of any status is a result. Errors: Refusal::body_too_large; what
// goes wrong with the address, the network or the peer is a failure that says so.
Result<ClientResponse> ask(const ClientRequest& request, const ClientOptions& options = {});
// The body of an answer 2xx goes to `sink` instead.
Result<ClientResponse> ask(const ClientRequest& request, const ClientOptions& options, const BodySink& sink);

}  // namespace http
