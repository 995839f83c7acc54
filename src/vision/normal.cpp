#include "vision/normal.h"

#include <cmath>
#include <numbers>

namespace vision {

double normal_density(double z) {
    return std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
}

double upper_tail(double z) {
    return std::erfc(z / std::numbers::sqrt2) / 2;
}

double tail_quantile(double share) {
    double low = -40, high = 40;
    for (int i = 0; i < 100; ++i) {
        const double middle = (low + high) / 2;
        (upper_tail(middle) > share ? low : high) = middle;
    }
    return (low + high) / 2;
}

}  // namespace vision
