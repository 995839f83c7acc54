// Passes bytes between two sockets, both ways, in bounded memory: the sandbox's way to the server.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace functions {

// Where the server listens.
struct ServerAddress {
    std::string address = "127.0.0.1";  // IPv4 or IPv6, in digits
    std::uint16_t port = 0;
};

// One relayed connection, driven by its owner's poll(2). Confined to it.
class Relay {
public:
    // Takes `inside` over. Connects to the server without waiting.
    static Result<Relay> open(int inside, const ServerAddress& server);
    ~Relay();
    Relay(Relay&& other) noexcept;
    Relay& operator=(Relay&& other) noexcept;

    int inside() const { return inside_; }
    int outside() const { return outside_; }
    // What poll is to wait for.
    short inside_events() const;
    short outside_events() const;
    // False when the connection is over: to be destroyed.
    bool ready(short inside, short outside);

private:
    struct Direction {
        std::string waiting;
        bool ended = false;
        bool closed = false;  // the end has been passed on
    };
    Relay(int inside, int outside) : inside_(inside), outside_(outside) {}
    static bool move(int from, int to, Direction& direction, bool readable, bool writable);

    int inside_ = -1;
    int outside_ = -1;
    Direction out_, back_;
};

}  // namespace functions
