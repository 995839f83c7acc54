// Unit vectors and their 8-bit codes, with the bound that makes a scan over codes exact.
//
// A unit vector x is coded as x = s c + e: the scale s is its largest magnitude / 127, the codes c are x / s
// rounded, e is what rounding left. With a query q = t d + f coded in the same way,
//   q . x = s t (d . c) + (t d) . e + f . x,
// so by the inequality of Cauchy and Schwarz the coded score s t (d . c) is within
//   |t d| |e| + |f| |x|
// of the true one. Both residual norms are measured, not assumed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace search {

// Covers the rounding of single precision in scores, scales and norms near 1: some 2e-7 by counting
// operations.
inline constexpr double kRounding = 1e-6;

// Writes `vector` / its length to `unit`, which may be longer and is padded with zeros. False, and nothing
// written, where there is no direction: a zero vector, or one with an infinity or NaN.
bool normalise(std::span<const float> vector, std::span<float> unit);

// Codes of one unit vector.
struct Codes {
    float scale = 0;
    float residual = 0;  // at least |e|
};
// `codes` has the length of `unit`; each is within -127 and 127.
Codes quantise(std::span<const float> unit, std::span<std::int8_t> codes);

// A query as the kernels take it.
struct CodedQuery {
    std::vector<float> unit;  // padded to kLanes
    std::vector<std::int8_t> codes;
    std::int32_t offset = 0;
    float scale = 0;
    double coded_norm = 0;  // |t d|
    double residual = 0;    // |f|

    // How far a coded score can be from the true one, for rows whose residuals are at most `row_residual`.
    float error(float row_residual) const {
        return static_cast<float>(coded_norm * row_residual + residual * (1 + kRounding) + kRounding);
    }
};
// Nothing where the vector has no direction.
std::optional<CodedQuery> coded_query(std::span<const float> vector);

}  // namespace search
