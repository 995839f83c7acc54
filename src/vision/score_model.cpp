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

ScoreModel::ScoreModel(const ImpostorTail& impostor, const GenuineSpread& genuine)
    : impostor_(impostor), genuine_(genuine) {}

Result<ScoreModel> ScoreModel::create(const ImpostorTail& impostor, const GenuineSpread& genuine) {
    const bool is_spread = impostor.deviation > 0 && genuine.below > 0 && genuine.above > 0;
    const bool is_apart = genuine.mean() > impostor.mean && genuine.mean() < 1;
    const bool has_outliers = genuine.outliers > 0 && genuine.outliers < 0.5;
    if (!is_spread || !is_apart || !has_outliers)
        return Error::failure("the distributions of a calibration contradict each other");
    return ScoreModel(impostor, genuine);
}

double ScoreModel::independent(const References& references) const {
    const double rho = genuine_.mean();
    // The squared length of the mean of n vectors with pairwise cosines of rho is rho + (1 - rho) / n.
    const double over = references.mean_length * references.mean_length - rho;
    if (over <= 0) return static_cast<double>(references.count);
    return std::clamp((1 - rho) / over, 1.0, static_cast<double>(references.count));
}

double ScoreModel::raw_log_ratio(double cosine, double references) const {
    const double rho = genuine_.mean();
    const double centre = rho / std::sqrt(rho + (1 - rho) / references);
    const double narrowing = std::sqrt((1 + 1 / references) / 2);
    const double as_of_one = rho + (cosine - centre) / narrowing;
    const double z = (cosine - impostor_.mean) / impostor_.deviation;
    // Both densities in logarithms: far out they are too small for numbers.
    const double side = as_of_one < genuine_.mode ? genuine_.below : genuine_.above;
    const double own = (as_of_one - genuine_.mode) / side;
    return std::log((1 - genuine_.outliers) * 2 * impostor_.deviation /
                    ((genuine_.below + genuine_.above) * narrowing)) -
           own * own / 2 + z * z / 2;
}

double ScoreModel::log_ratio_floor() const {
    return std::log(genuine_.outliers);
}

double ScoreModel::log_ratio(double cosine, const References& references) const {
    // Below the strangers' mean the ratio of the densities rises again, which means nothing.
    const double raw = raw_log_ratio(std::max(cosine, impostor_.mean), independent(references));
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
