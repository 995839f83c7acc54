// Fits the calibration of a model pack, or of an operator's own photographs: which cosine of two different
// people's faces is how rare, and how do the cosines of one person's faces spread?
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
#include "vision/calibration.h"
#include "vision/photo_folder.h"
#include "vision/score_model.h"

namespace vision {

// Cosines of pairs of different people, counted in narrow bins. Memory does not grow with the pairs.
class ImpostorScores {
public:
    ImpostorScores();
    void add(float cosine);
    std::uint64_t pairs() const { return pairs_; }
    // The lowest bin edge that at most this share of the pairs reaches.
    double cosine_at(double false_match_rate) const;
    // The share of the pairs that reaches the bin of this cosine.
    double rate_at(double cosine) const;

private:
    static constexpr std::size_t kBins = 20'000;  // of 0.0001 from -1 to 1
    std::vector<std::uint64_t> counts_;
    std::uint64_t pairs_ = 0;
};

// The line through the measured quantiles between these two rates, by least squares. Of few pairs the rates
// that fewer than kPairsPerRate reach are left out; fewer than kPairsMin cannot be fitted.
inline constexpr double kFittedRateMax = 1e-2;
inline constexpr double kFittedRateMin = 1e-5;
inline constexpr std::uint64_t kPairsPerRate = 20;
inline constexpr std::uint64_t kPairsMin = 20'000;
ImpostorTail fit_tail(const ImpostorScores& scores);

// A pair of photographs of one person.
struct GenuinePair {
    float cosine = 0;
    double weight = 0;                                // so that each person counts once
    std::optional<float> reliability = std::nullopt;  // product of both embeddings'
};

// The spread under which these pairs are most likely. Fewer than kGenuinePairsMin cannot be fitted.
inline constexpr std::size_t kGenuinePairsMin = 100;
GenuineSpread fit_spread(std::span<const GenuinePair> pairs, const ImpostorTail& tail);
// The same by how far the pairs can be relied on, with the share of outliers that `spread` has. Nothing where
// that is not known of all of them, or where no such numbers fit.
std::optional<GenuineByReliability> fit_by_reliability(std::span<const GenuinePair> pairs,
                                                       const ImpostorTail& tail, const GenuineSpread& spread);

// The curve as the pack holds it: cosines rise from that of the most frequent rate to 0.995, which counts as
// 100.
std::vector<CalibrationPoint> curve_of(const ImpostorScores& scores, const ImpostorTail& tail);

// What was measured at one cosine, and what a calibration says of it.
struct RatePoint {
    double cosine = 0;
    double similarity = 0;
    double false_match_rate = 0;
    double false_non_match_rate = 0;
    double modelled_false_match_rate = 0;
    double modelled_false_non_match_rate = 0;
};

struct CalibrationReport {
    std::uint64_t impostor_pairs = 0;
    std::uint64_t genuine_pairs = 0;
    std::size_t undetected = 0;
    // Whether the pairs were enough for a curve of their own. If not, tail, spread and curve are the pack's.
    bool fitted = false;
    ImpostorTail tail;
    GenuineSpread spread;
    std::optional<GenuineByReliability> by_reliability;
    struct Row {
        double false_match_rate = 0;
        double cosine_measured = 0;
        double cosine_fitted = 0;
        double true_match_rate = 0;  // of pairs of the same person, each person counting once
    };
    std::vector<Row> rows;
    std::vector<CalibrationPoint> curve;
    std::vector<RatePoint> rates;  // from the lowest cosine to the highest

    std::string json() const;
};

// Every pair of different people's photos counts once. `owners` says whose each photo is. Fails without pairs
// of either kind.
Result<CalibrationReport> measure_calibration(const Pipeline& pipeline,
                                              std::span<const std::optional<Embedding>> embeddings,
                                              std::span<const std::size_t> owners);

// The report's calibration as a file that `likeness serve --calibration` takes: docs/formats/pack.md.
std::string calibration_file(const CalibrationReport& report, const ModelId& model);

}  // namespace vision
