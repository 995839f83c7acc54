#include "functions/relay.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace functions {
namespace {

constexpr std::size_t kPiece = 128 * 1024;

// What connect(2) takes; of length 0 where the text is no address.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;
};

SocketAddress socket_address(const ServerAddress& server) {
    SocketAddress out;
    auto& v4 = reinterpret_cast<sockaddr_in&>(out.storage);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(out.storage);
    if (::inet_pton(AF_INET, server.address.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(server.port);
        out.length = sizeof(v4);
    } else if (::inet_pton(AF_INET6, server.address.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(server.port);
        out.length = sizeof(v6);
    }
    return out;
}

}  // namespace

Result<Relay> Relay::open(int inside, const ServerAddress& server) {
    auto address = socket_address(server);
    int outside = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    Relay relay(inside, outside);
    if (outside < 0 || address.length == 0)
        return Error::failure(fmt::format("relay: {} is not an address", server.address));
    int on = 1;
    ::setsockopt(outside, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (::connect(outside, reinterpret_cast<sockaddr*>(&address.storage), address.length) != 0 &&
        errno != EINPROGRESS)
        return Error::failure(fmt::format("relay: connect: {}", std::strerror(errno)));
    return relay;
}

Relay::~Relay() {
    if (inside_ >= 0) ::close(inside_);
    if (outside_ >= 0) ::close(outside_);
}

Relay::Relay(Relay&& other) noexcept
    : inside_(std::exchange(other.inside_, -1)),
      outside_(std::exchange(other.outside_, -1)),
      out_(std::move(other.out_)),
      back_(std::move(other.back_)) {}

Relay& Relay::operator=(Relay&& other) noexcept {
    std::swap(inside_, other.inside_);
    std::swap(outside_, other.outside_);
    std::swap(out_, other.out_);
    std::swap(back_, other.back_);
    return *this;
}

short Relay::inside_events() const {
    short events = 0;
    if (!out_.ended && out_.waiting.empty()) events |= POLLIN;
    if (!back_.waiting.empty()) events |= POLLOUT;
    return events;
}

short Relay::outside_events() const {
    short events = 0;
    if (!back_.ended && back_.waiting.empty()) events |= POLLIN;
    if (!out_.waiting.empty()) events |= POLLOUT;
    return events;
}

bool Relay::ready(short inside, short outside) {
    constexpr short kReadable = POLLIN | POLLHUP, kGone = POLLERR | POLLNVAL;
    if ((inside | outside) & kGone) return false;
    if (!move(inside_, outside_, out_, inside & kReadable, outside & POLLOUT)) return false;
    if (!move(outside_, inside_, back_, outside & kReadable, inside & POLLOUT)) return false;
    return !(out_.closed && back_.closed);
}

bool Relay::move(int from, int to, Direction& direction, bool readable, bool writable) {
    if (readable && !direction.ended && direction.waiting.empty()) {
        direction.waiting.resize(kPiece);
        auto size = ::recv(from, direction.waiting.data(), direction.waiting.size(), MSG_DONTWAIT);
        bool later = size < 0 && (errno == EAGAIN || errno == EINTR);
        direction.waiting.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        if (size < 0 && !later) return false;
        direction.ended = size == 0;
        writable = true;  // probably: it costs one call to know
    }
    if (writable && !direction.waiting.empty()) {
        auto size =
            ::send(to, direction.waiting.data(), direction.waiting.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (size < 0 && errno != EAGAIN && errno != EINTR && errno != ENOTCONN) return false;
        if (size > 0) direction.waiting.erase(0, static_cast<std::size_t>(size));
    }
    if (direction.ended && direction.waiting.empty() && !direction.closed) {
        ::shutdown(to, SHUT_WR);
        direction.closed = true;
    }
    return true;
}

}  // namespace functions
