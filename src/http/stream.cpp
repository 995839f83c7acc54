#include "http/stream.h"

#include <boost/asio/ssl/stream.hpp>

namespace http {

namespace {

class PlainStream final : public Stream {
public:
    explicit PlainStream(Socket socket) : socket_(std::move(socket)) {}

    void handshake(Yield, error_code& error) override { error = {}; }
    std::size_t read_some(asio::mutable_buffer out, Yield yield, error_code& error) override {
        return socket_.async_read_some(out, yield[error]);
    }
    std::size_t write_some(std::span<const asio::const_buffer> in, Yield yield, error_code& error) override {
        return socket_.async_write_some(in, yield[error]);
    }
    void finish(Yield, error_code& error) override { socket_.shutdown(Socket::shutdown_send, error); }
    Socket& socket() override { return socket_; }

private:
    Socket socket_;
};

class TlsStream final : public Stream {
public:
    TlsStream(Socket socket, asio::ssl::context& tls) : stream_(std::move(socket), tls) {}

    void handshake(Yield yield, error_code& error) override {
        stream_.async_handshake(asio::ssl::stream_base::server, yield[error]);
    }
    std::size_t read_some(asio::mutable_buffer out, Yield yield, error_code& error) override {
        return stream_.async_read_some(out, yield[error]);
    }
    std::size_t write_some(std::span<const asio::const_buffer> in, Yield yield, error_code& error) override {
        return stream_.async_write_some(in, yield[error]);
    }
    void finish(Yield yield, error_code& error) override { stream_.async_shutdown(yield[error]); }
    Socket& socket() override { return stream_.next_layer(); }

private:
    asio::ssl::stream<Socket> stream_;
};

}  // namespace

std::unique_ptr<Stream> plain_stream(Socket socket) {
    return std::make_unique<PlainStream>(std::move(socket));
}

std::unique_ptr<Stream> tls_stream(Socket socket, asio::ssl::context& tls) {
    return std::make_unique<TlsStream>(std::move(socket), tls);
}

}  // namespace http
