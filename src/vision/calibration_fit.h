// Fits the curve of a model pack: which cosine of two different people's faces is how rare?
//
// False-match rates down to 1e-5 are measured; rarer ones are extrapolated by a normal distribution fitted to
// the upper tail (a straight line on normal probability paper), because some million pairs hold too few of
// them, and what they hold is partly people who appear under two names. docs/calibration.md shows the
// outcome.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "vision/photo_folder.h"

namespace vision {

// Cosines of pairs of different people, counted in narrow bins. Memory does not grow with the pairs.
class ImpostorScores {
public:
    ImpostorScores();
    void add(float cosine);
    std::uint64_t pairs() const { return pairs_; }
    // The lowest bin edge that at most this share of the pairs reaches.
    double cosine_at(double false_match_rate) const;

private:
    static constexpr std::size_t kBins = 20'000;  // of 0.0001 from -1 to 1
    std::vector<std::uint64_t> counts_;
    std::uint64_t pairs_ = 0;
};

// P(cosine of two different people >= c) = Q((c - mean) / deviation), Q the normal distribution's upper tail.
struct ImpostorTail {
    double mean = 0;
    double deviation = 0;

    double cosine_at(double false_match_rate) const;
};

// The line through the measured quantiles between these two rates, by least squares.
inline constexpr double kFittedRateMax = 1e-2;
inline constexpr double kFittedRateMin = 1e-5;
ImpostorTail fit_tail(const ImpostorScores& scores);

// What a similarity promises. Between these the curve is linear in the logarithm of the rate.
struct Anchor {
    double false_match_rate = 1;
    double similarity = 0;
};
std::span<const Anchor> anchors();

// The curve as the pack holds it: cosines rise from that of the most frequent rate to 1.
std::vector<CalibrationPoint> curve_of(const ImpostorScores& scores, const ImpostorTail& tail);

struct CalibrationReport {
    std::uint64_t impostor_pairs = 0;
    std::uint64_t genuine_pairs = 0;
    std::size_t undetected = 0;
    ImpostorTail tail;
    struct Row {
        double false_match_rate = 0;
        double cosine_measured = 0;
        double cosine_fitted = 0;
        double true_match_rate = 0;  // of pairs of the same person, each person counting once
    };
    std::vector<Row> rows;
    std::vector<CalibrationPoint> curve;

    std::string json() const;
};

// Every pair of different people's photos counts once. `images` is as read_people() takes it.
Result<CalibrationReport> measure_calibration(const Pipeline& pipeline, const std::filesystem::path& images,
                                              std::size_t threads, const Progress& progress);

}  // namespace vision
