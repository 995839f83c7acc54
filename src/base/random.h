// Chance as something that is given, so that a test can replay it.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace base {

// A source of random bytes. Callable from any thread.
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> out) = 0;

    Bytes bytes(std::size_t count);
    // `count` characters, each drawn evenly from `alphabet` (at most 256 characters).
    std::string text(std::size_t count, std::string_view alphabet);
};

// The operating system's generator, fit for secrets.
class SystemRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override;
};

// Repeats itself from its seed; for tests and benches. Confined to one owner.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::uint8_t> out) override;

private:
    std::mt19937_64 engine_;
};

}  // namespace base
