// The server: one port, plain or TLS, HTTP/1.1 with keep-alive. One io thread per core runs stackful
// coroutines, one per connection; a handler runs in its connection's coroutine, so waiting there costs no
// thread. What blocks (disk, models) goes to a pool through Exchange::run_in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/pool.h"
#include "base/time.h"
#include "http/message.h"

namespace http {

// One request and what its handler may do with it. Confined to the connection's coroutine; lives until the
// answer has been sent, so that a BodySource may use it.
class Exchange {
public:
    virtual ~Exchange() = default;
    virtual const Request& request() const = 0;
    virtual BodyReader& body() = 0;
    // Runs `work` in `pool` and waits for it without holding the io thread. Refusal::busy, at once, if the
    // pool is full. `work` must not touch this Exchange.
    virtual Result<void> run_in(base::Pool& pool, std::function<void()> work) = 0;
    // Waits without holding a thread; false, early, if the client goes or the server stops.
    virtual bool sleep(base::Duration duration) = 0;
};

// Must not throw. What it returns is sent; an unread rest of the body is drained up to 64 KiB, else the
// connection closes.
using Handler = std::function<Response(Exchange&)>;

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 4566;   // 0 takes a free one
    std::size_t io_threads = 0;  // 0: one per core
    std::size_t connections_max = 4096;
    std::size_t header_bytes_max = 32 * 1024;
    base::Duration idle_timeout{75'000};        // between requests
    base::Duration header_timeout{20'000};      // from the first byte of a request to the end of its header
    base::Duration body_stall_timeout{30'000};  // no byte of a body, or taken of an answer, for so long
    std::uint64_t body_bytes_per_second_min = 500;  // of each `body_rate_window` that we wait for a body
    base::Duration body_rate_window{30'000};
    std::filesystem::path tls_certificate;  // PEM chain; empty: plain
    std::filesystem::path tls_key;
};

// Callable from any thread.
class Server {
public:
    static Result<std::unique_ptr<Server>> start(const ServerOptions& options, Handler handler);
    virtual ~Server() = default;  // stop(0)
    virtual std::uint16_t port() const = 0;
    // The address it listens on, in digits, whatever name or wildcard was given.
    virtual std::string address() const = 0;
    // Takes no new connection, lets requests in progress finish for at most `drain`, closes the rest, ends
    // the threads. Waits for what handlers have running in pools. Not to be called from a handler.
    virtual void stop(base::Duration drain) = 0;
    virtual std::size_t connections() const = 0;
};

}  // namespace http
