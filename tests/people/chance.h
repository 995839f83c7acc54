// Chance whose numbers are ours: the same seed gives the same person with every compiler and library.
#pragma once

#include <cstdint>

namespace people {

// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). Confined to one
// owner.
class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 0x1234567ULL) { bits(); }

    std::uint64_t bits() {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }
    float share() { return static_cast<float>(bits() >> 40) * (1.0f / 16777216.0f); }  // [0, 1)
    float between(float low, float high) { return low + (high - low) * share(); }
    bool happens(float probability) { return share() < probability; }
    int below(int count) { return static_cast<int>(share() * static_cast<float>(count)); }
    // Nearly normal, never further from `mean` than 2.45 * `spread`: a sum of four even numbers needs no
    // library.
    float about(float mean, float spread) {
        float sum = share() + share() + share() + share() - 2.0f;
        return mean + spread * sum * 1.2247f * 1.4142f;
    }
    // A generator of its own for a part, so that a part that draws more numbers does not change the others.
    Chance part() { return Chance(bits()); }

private:
    std::uint64_t state_;
};

}  // namespace people
