// What the tests and the bench of this room share: a server on a free port, and a raw client that sends and
// reads exactly what is written in the test.
#pragma once

#include <arpa/inet.h>
#include <chrono>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

#include "http/server.h"

namespace http {

inline ServerOptions small_server() {
    ServerOptions options;
    options.port = 0;
    options.io_threads = 2;
    return options;
}

inline std::unique_ptr<Server> serve(Handler handler, const ServerOptions& options = small_server()) {
    auto server = Server::start(options, std::move(handler));
    INVARIANT(server.ok());
    return std::move(*server);
}

// So many bytes 'x'.
class Repeated final : public BodySource {
public:
    explicit Repeated(std::uint64_t left) : left_(left) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, out.size()));
        std::fill_n(out.begin(), count, 'x');
        left_ -= count;
        return count;
    }

private:
    std::uint64_t left_;
};

class RawClient {
public:
    explicit RawClient(std::uint16_t port, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        if (receive_buffer) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        timeval patience{10, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    ~RawClient() { ::close(fd_); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    bool connected() const { return connected_; }
    int fd() const { return fd_; }

    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }

    // Reads until `end` has come and returns all up to and including it; what came before a close otherwise.
    std::string read_until(std::string_view end) {
        while (true) {
            auto found = pending_.find(end);
            if (found != std::string::npos) return take(found + end.size());
            if (!receive()) return take(pending_.size());
        }
    }
    std::string read_exactly(std::size_t count) {
        while (pending_.size() < count && receive()) {
        }
        return take(std::min(count, pending_.size()));
    }
    std::string read_to_close() {
        while (receive()) {
        }
        return take(pending_.size());
    }
    // Head and body of an answer that states its length.
    std::string read_answer() {
        std::string head = read_until("\r\n\r\n");
        auto field = head.find("Content-Length: ");
        return field == std::string::npos ? head : head + read_exactly(std::stoul(head.substr(field + 16)));
    }
    bool closed() { return pending_.empty() && !receive() && !timed_out_; }

private:
    bool receive() {
        char piece[65536];
        ssize_t count = ::recv(fd_, piece, sizeof piece, 0);
        timed_out_ = count < 0 && errno == EAGAIN;
        if (count <= 0) return false;
        pending_.append(piece, static_cast<std::size_t>(count));
        return true;
    }
    std::string take(std::size_t count) {
        std::string out = pending_.substr(0, count);
        pending_.erase(0, count);
        return out;
    }

    int fd_;
    bool connected_ = false;
    bool timed_out_ = false;
    std::string pending_;
};

}  // namespace http
