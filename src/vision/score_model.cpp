#include "vision/score_model.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "vision/normal.h"

namespace vision {
double ImpostorTail::cosine_at(double false_match_rate) const {
    return mean + deviation * tail_quantile(false_match_rate);
}

double GenuineSpread::density(double cosine) const {
    const double z = (cosine - mode) / (cosine < mode ? below : above);
    return 2 / (below + above) * normal_density(z);
}

double GenuineSpread::share_below(double cosine) const {
    const double z = (cosine - mode) / (cosine < mode ? below : above);
    if (cosine < mode) return 2 * below / (below + above) * upper_tail(-z);
    return 1 - 2 * above / (below + above) * upper_tail(z);
}

double GenuineSpread::mean() const {
    return mode + (above - below) * std::sqrt(2 / std::numbers::pi);
}

GenuineSpread GenuineByReliability::at(double reliability, double outliers) const {
    reliability = std::max(kReliabilityMin, reliability);
    return {.mode = mode * reliability,
            .below = std::lerp(below[0], below[1], reliability),
            .above = std::lerp(above[0], above[1], reliability),
            .outliers = outliers};
}

ScoreModel::ScoreModel(const ImpostorTail& impostor, const GenuineSpread& genuine,
                       std::optional<GenuineByReliability> by_reliability)
    : impostor_(impostor), genuine_(genuine), by_reliability_(by_reliability) {}

Result<ScoreModel> ScoreModel::create(const ImpostorTail& impostor, const GenuineSpread& genuine,
                                      std::optional<GenuineByReliability> by_reliability) {
    auto is_sound = [&](const GenuineSpread& spread) {
        const bool is_spread = impostor.deviation > 0 && spread.below > 0 && spread.above > 0;
        const bool is_apart = spread.mean() > std::max(0.0, impostor.mean) && spread.mean() < 1;
        const bool has_outliers = spread.outliers > 0 && spread.outliers < 0.5;
        return is_spread && is_apart && has_outliers;
    };
    bool are_sound = is_sound(genuine);
    if (by_reliability)
        for (double reliability : {0.0, 1.0})
            are_sound = are_sound && is_sound(by_reliability->at(reliability, genuine.outliers));
    if (!are_sound) return Error::failure("the distributions of a calibration contradict each other");
    return ScoreModel(impostor, genuine, by_reliability);
}

GenuineSpread ScoreModel::genuine_at(std::optional<double> one, std::optional<double> other) const {
    if (!by_reliability_ || !one || !other) return genuine_;
    return by_reliability_->at(*one * *other, genuine_.outliers);
}

double ScoreModel::independent(const References& references) const {
    const double rho = genuine_at(references.reliability, references.reliability).mean();
    // The squared length of the mean of n vectors with pairwise cosines of rho is rho + (1 - rho) / n.
    const double over = references.mean_length * references.mean_length - rho;
    if (over <= 0) return static_cast<double>(references.count);
    return std::clamp((1 - rho) / over, 1.0, static_cast<double>(references.count));
}

double ScoreModel::log_ratio_floor() const {
    return std::log(genuine_.outliers);
}

double ScoreModel::log_ratio(double cosine, const References& references,
                             std::optional<double> reliability) const {
    const auto genuine = genuine_at(reliability, references.reliability);
    const double rho = genuine.mean();
    const double between = genuine_at(references.reliability, references.reliability).mean();
    const double count = independent(references);
    const double length = std::sqrt(between + (1 - between) / count);
    const double narrowing = std::sqrt((1 + 1 / count) / 2);
    // What a cosine with the mean is to a cosine with one reference.
    const double mode = rho / length + (genuine.mode - rho) * narrowing;
    const double below = genuine.below * narrowing, above = genuine.above * narrowing;

    // Below the strangers' mean the ratio of the densities rises again, and where the person's own scores end
    // sooner than the strangers' tail it would fall for a score that is higher still: neither means anything.
    cosine = std::max(cosine, impostor_.mean);
    const double own_bend = 1 / (above * above),
                 others_bend = 1 / (impostor_.deviation * impostor_.deviation);
    if (own_bend > others_bend)
        cosine = std::min(cosine, std::max(mode, (mode * own_bend - impostor_.mean * others_bend) /
                                                     (own_bend - others_bend)));

    const double z = (cosine - impostor_.mean) / impostor_.deviation;
    const double own = (cosine - mode) / (cosine < mode ? below : above);
    // Both densities in logarithms: far out they are too small for numbers.
    const double raw = std::log((1 - genuine.outliers) * 2 * impostor_.deviation / (below + above)) -
                       own * own / 2 + z * z / 2;
    const double floor = log_ratio_floor();
    // log(e^raw + e^floor)
    return std::max(raw, floor) + std::log1p(std::exp(-std::abs(raw - floor)));
}

double ScoreModel::false_match_rate(double cosine) const {
    return upper_tail((cosine - impostor_.mean) / impostor_.deviation);
}

double ScoreModel::false_non_match_rate(double cosine) const {
    return (1 - genuine_.outliers) * genuine_.share_below(cosine) +
           genuine_.outliers * (1 - false_match_rate(cosine));
}

}  // namespace vision
