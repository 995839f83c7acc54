#include "search/quantise.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "search/kernels.h"

namespace search {
namespace {

std::size_t padded(std::size_t count, std::size_t multiple) {
    return (count + multiple - 1) / multiple * multiple;
}

double norm(std::span<const float> vector) {
    double squares = 0;
    for (float x : vector)
        squares += static_cast<double>(x) * x;
    return std::sqrt(squares);
}

}  // namespace

bool normalise(std::span<const float> vector, std::span<float> unit) {
    const double length = norm(vector);
    if (!std::isfinite(length) || length == 0) return false;
    std::transform(vector.begin(), vector.end(), unit.begin(),
                   [&](float x) { return static_cast<float>(x / length); });
    std::fill(unit.begin() + static_cast<std::ptrdiff_t>(vector.size()), unit.end(), 0.0f);
    return true;
}

Codes quantise(std::span<const float> unit, std::span<std::int8_t> codes) {
    float largest = 0;
    for (float x : unit)
        largest = std::max(largest, std::fabs(x));
    Codes made;
    made.scale = largest / 127;
    double squares = 0;
    for (std::size_t i = 0; i < unit.size(); ++i) {
        const float steps = std::clamp(std::nearbyint(unit[i] / made.scale), -127.0f, 127.0f);
        codes[i] = static_cast<std::int8_t>(steps);
        const double left = unit[i] - static_cast<double>(made.scale) * codes[i];
        squares += left * left;
    }
    // Rounded up, so that it stays a bound in single precision.
    made.residual = std::nextafter(static_cast<float>(std::sqrt(squares)), 2.0f);
    return made;
}

std::optional<CodedQuery> coded_query(std::span<const float> vector) {
    CodedQuery query;
    query.unit.resize(padded(vector.size(), kLanes));
    if (!normalise(vector, query.unit)) return std::nullopt;
    query.codes.resize(query.unit.size());
    const Codes made = quantise(query.unit, query.codes);
    query.scale = made.scale;
    query.residual = made.residual;
    query.offset = kCodeOffset * std::accumulate(query.codes.begin(), query.codes.end(), std::int32_t{0});
    double squares = 0;
    for (auto code : query.codes)
        squares += static_cast<double>(code) * code;
    query.coded_norm = static_cast<double>(made.scale) * std::sqrt(squares);
    return query;
}

}  // namespace search
