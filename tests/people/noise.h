// Value noise (a lattice of hashed numbers, interpolated): skin, strands, cloth, walls.
#pragma once

#include <cstdint>

namespace people {

inline std::uint32_t hashed(std::int32_t x, std::int32_t y, std::uint32_t seed) {
    std::uint32_t h = seed * 0x9E3779B9u + static_cast<std::uint32_t>(x) * 0x85EBCA6Bu +
                      static_cast<std::uint32_t>(y) * 0xC2B2AE35u;
    h ^= h >> 15, h *= 0x2C1B3C6Du, h ^= h >> 12, h *= 0x297A2D39u, h ^= h >> 15;
    return h;
}
inline float lattice(std::int32_t x, std::int32_t y, std::uint32_t seed) {  // -1 to 1
    return static_cast<float>(hashed(x, y, seed) >> 8) * (2.0f / 16777216.0f) - 1;
}

inline float noise(float x, float y, std::uint32_t seed) {  // -1 to 1
    // std::floor is a call on the oldest processors that this is built for.
    auto ix = static_cast<std::int32_t>(x), iy = static_cast<std::int32_t>(y);
    ix -= x < static_cast<float>(ix), iy -= y < static_cast<float>(iy);
    float u = x - static_cast<float>(ix), v = y - static_cast<float>(iy);
    u = u * u * (3 - 2 * u), v = v * v * (3 - 2 * v);
    float a = lattice(ix, iy, seed), b = lattice(ix + 1, iy, seed);
    float c = lattice(ix, iy + 1, seed), d = lattice(ix + 1, iy + 1, seed);
    return a + (b - a) * u + (c - a) * v + (a - b - c + d) * u * v;
}

// Three octaves.
inline float rough_noise(float x, float y, std::uint32_t seed) {
    return 0.57f * noise(x, y, seed) + 0.29f * noise(x * 2.03f, y * 2.03f, seed + 1) +
           0.14f * noise(x * 4.1f, y * 4.1f, seed + 2);
}

}  // namespace people
