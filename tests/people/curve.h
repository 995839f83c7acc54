// A smooth curve through points that never swings beyond them (Fritsch and Butland, 1984): profiles of a
// head.
#pragma once

#include <array>
#include <cstddef>

namespace people {

struct Knot {
    float at = 0;
    float value = 0;
};

// The knots are in rising order of `at`; outside them the nearest value holds.
template <std::size_t N>
class Curve {
public:
    explicit Curve(const std::array<Knot, N>& knots) : knots_(knots) {
        std::array<float, N> step{};
        for (std::size_t i = 0; i + 1 < N; ++i)
            step[i] = (knots[i + 1].value - knots[i].value) / (knots[i + 1].at - knots[i].at);
        for (std::size_t i = 1; i + 1 < N; ++i)
            slope_[i] = step[i - 1] * step[i] <= 0 ? 0 : 2 * step[i - 1] * step[i] / (step[i - 1] + step[i]);
        slope_[0] = step[0];
        slope_[N - 1] = step[N - 2];
    }

    float at(float x) const {
        if (x <= knots_[0].at) return knots_[0].value;
        if (x >= knots_[N - 1].at) return knots_[N - 1].value;
        std::size_t i = 0;
        while (x > knots_[i + 1].at)
            ++i;
        float length = knots_[i + 1].at - knots_[i].at;
        float u = (x - knots_[i].at) / length, v = 1 - u;
        return knots_[i].value * (1 + 2 * u) * v * v + slope_[i] * length * u * v * v +
               knots_[i + 1].value * u * u * (3 - 2 * u) - slope_[i + 1] * length * u * u * v;
    }

private:
    std::array<Knot, N> knots_;
    std::array<float, N> slope_{};
};

template <std::size_t N>
Curve(const std::array<Knot, N>&) -> Curve<N>;

}  // namespace people
