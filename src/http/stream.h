// A connection's byte stream, plain or TLS: one type, so that the code above it is compiled once. Only for
// this room's .cpp files.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <span>

#include "http/fiber.h"

namespace http {

// Confined to its connection's coroutine. Every function may wait; the socket's cancel() ends the wait.
class Stream {
public:
    virtual ~Stream() = default;
    virtual void handshake(Yield yield, error_code& error) = 0;
    // 0 and an error at the end.
    virtual std::size_t read_some(asio::mutable_buffer out, Yield yield, error_code& error) = 0;
    virtual std::size_t write_some(std::span<const asio::const_buffer> in, Yield yield,
                                   error_code& error) = 0;
    // Tells the peer that nothing more comes.
    virtual void finish(Yield yield, error_code& error) = 0;
    virtual Socket& socket() = 0;
};

std::unique_ptr<Stream> plain_stream(Socket socket);
std::unique_ptr<Stream> tls_stream(Socket socket, asio::ssl::context& tls);

}  // namespace http
