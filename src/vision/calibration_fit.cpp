#include "vision/calibration_fit.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <map>
#include <numeric>

#include "vision/normal.h"

namespace vision {
namespace {

// What a similarity promises. Between these the curve is linear in the logarithm of the rate.
struct Anchor {
    double false_match_rate = 1;
    double similarity = 0;
};

// A similarity of 80 names somebody by default, so strangers must reach it once in a hundred thousand pairs;
// 99 is for what matters. A gallery of 500 then names one stranger in 200 at 80, and one in 2000 at 99.
constexpr Anchor kAnchors[] = {{0.5, 0},     {1e-1, 10},    {1e-2, 30},    {1e-3, 50},
                               {1e-4, 66},   {1e-5, 80},    {1e-6, 99},    {1e-7, 99.6},
                               {1e-8, 99.8}, {1e-10, 99.9}, {1e-13, 99.97}};
constexpr double kIdentical = 0.995;  // the same picture, saved twice with loss, reaches this
// Steps of the curve between two anchors, which follow the tail's bend.
constexpr int kStepsBetweenAnchors = 3;

constexpr double kRateStep = 0.02;  // of cosine between two points of the report

std::optional<float> together(const Embedding& a, const Embedding& b) {
    if (!a.reliability || !b.reliability) return std::nullopt;
    return *a.reliability * *b.reliability;
}

constexpr double kImpossible = -std::numeric_limits<double>::infinity();

bool is_sound(const GenuineSpread& spread, const ImpostorTail& tail) {
    return spread.below > 0.02 && spread.above > 0.02 && spread.outliers >= 1e-4 && spread.outliers < 0.2 &&
           spread.mean() > std::max(0.0, tail.mean) && spread.mean() < 1;
}

// How likely the pairs are, in logarithms, where `spread_of` tells the spread that a pair belongs to.
template <class SpreadOf>
double likelihood(std::span<const GenuinePair> pairs, const ImpostorTail& tail, const SpreadOf& spread_of) {
    double sum = 0;
    for (const auto& pair : pairs) {
        const GenuineSpread& spread = spread_of(pair);
        const double cosine = static_cast<double>(pair.cosine);
        const double stranger = normal_density((cosine - tail.mean) / tail.deviation) / tail.deviation;
        sum += pair.weight *
               std::log((1 - spread.outliers) * spread.density(cosine) + spread.outliers * stranger + 1e-30);
    }
    return sum;
}

// The numbers with the highest likelihood near `best`, by pattern search: each number in turn is moved up and
// down by a step, and the steps are halved when no move helps. A few numbers and a smooth peak need no more.
template <std::size_t count, class Likelihood>
std::array<double, count> likeliest(std::array<double, count> best, std::array<double, count> steps,
                                    const Likelihood& likelihood_of) {
    double best_likelihood = likelihood_of(best);
    constexpr int kHalvings = 10;
    for (int halving = 0; halving < kHalvings;) {
        bool moved = false;
        for (std::size_t i = 0; i < count; ++i)
            for (double direction : {-1.0, 1.0}) {
                auto other = best;
                other[i] += direction * steps[i];
                const double its = likelihood_of(other);
                if (!(its > best_likelihood + 1e-12)) continue;
                best = other;
                best_likelihood = its;
                moved = true;
            }
        if (moved) continue;
        for (double& step : steps)
            step /= 2;
        ++halving;
    }
    return best;
}

}  // namespace

ImpostorScores::ImpostorScores() : counts_(kBins + 1) {}

void ImpostorScores::add(float cosine) {
    double bin = std::clamp((static_cast<double>(cosine) + 1) / 2, 0.0, 1.0) * static_cast<double>(kBins);
    ++counts_[static_cast<std::size_t>(bin)];
    ++pairs_;
}

double ImpostorScores::cosine_at(double false_match_rate) const {
    auto allowed = static_cast<std::uint64_t>(false_match_rate * static_cast<double>(pairs_));
    std::uint64_t reached = 0;
    std::size_t bin = counts_.size();
    while (bin > 0 && reached + counts_[bin - 1] <= allowed)
        reached += counts_[--bin];
    return static_cast<double>(bin) / static_cast<double>(kBins) * 2 - 1;
}

double ImpostorScores::rate_at(double cosine) const {
    if (pairs_ == 0) return 0;
    const double bin = std::clamp((cosine + 1) / 2, 0.0, 1.0) * static_cast<double>(kBins);
    const auto first = counts_.begin() + static_cast<std::ptrdiff_t>(bin);
    return static_cast<double>(std::accumulate(first, counts_.end(), std::uint64_t{0})) /
           static_cast<double>(pairs_);
}

ImpostorTail fit_tail(const ImpostorScores& scores) {
    constexpr int kStepsPerDecade = 8;
    const double rarest =
        std::max(kFittedRateMin, static_cast<double>(kPairsPerRate) / static_cast<double>(scores.pairs()));
    double count = 0, sum_z = 0, sum_c = 0, sum_zz = 0, sum_zc = 0;
    int steps = static_cast<int>(std::lround(std::log10(kFittedRateMax / rarest) * kStepsPerDecade));
    for (int step = 0; step <= steps; ++step) {
        double rate = kFittedRateMax * std::pow(10, -static_cast<double>(step) / kStepsPerDecade);
        double z = tail_quantile(rate), c = scores.cosine_at(rate);
        count += 1;
        sum_z += z;
        sum_c += c;
        sum_zz += z * z;
        sum_zc += z * c;
    }
    double deviation = (count * sum_zc - sum_z * sum_c) / (count * sum_zz - sum_z * sum_z);
    return {(sum_c - deviation * sum_z) / count, deviation};
}

GenuineSpread fit_spread(std::span<const GenuinePair> pairs, const ImpostorTail& tail) {
    INVARIANT(!pairs.empty());
    double weight = 0, mean = 0, squares = 0;
    for (const auto& pair : pairs) {
        const double cosine = static_cast<double>(pair.cosine);
        weight += pair.weight;
        mean += pair.weight * cosine;
        squares += pair.weight * cosine * cosine;
    }
    mean /= weight;
    const double deviation = std::max(0.03, std::sqrt(std::max(0.0, squares / weight - mean * mean)));
    auto spread_of = [](const std::array<double, 4>& numbers) {
        return GenuineSpread{
            .mode = numbers[0], .below = numbers[1], .above = numbers[2], .outliers = numbers[3]};
    };
    return spread_of(likeliest<4>({mean, deviation, deviation, 0.005}, {0.05, 0.05, 0.05, 0.004},
                                  [&](const auto& numbers) {
                                      const auto spread = spread_of(numbers);
                                      if (!is_sound(spread, tail)) return kImpossible;
                                      return likelihood(pairs, tail, [&](const auto&) { return spread; });
                                  }));
}

std::optional<GenuineByReliability> fit_by_reliability(std::span<const GenuinePair> pairs,
                                                       const ImpostorTail& tail,
                                                       const GenuineSpread& spread) {
    if (std::any_of(pairs.begin(), pairs.end(), [](const auto& pair) { return !pair.reliability; }))
        return std::nullopt;
    auto spread_of = [](const std::array<double, 5>& numbers) {
        return GenuineByReliability{
            .mode = numbers[0], .below = {numbers[1], numbers[2]}, .above = {numbers[3], numbers[4]}};
    };
    auto is_sound_everywhere = [&](const GenuineByReliability& by_reliability) {
        return is_sound(by_reliability.at(0, spread.outliers), tail) &&
               is_sound(by_reliability.at(1, spread.outliers), tail);
    };
    // Begins where both sides are alike when nothing can be relied on, so that the mean is above the
    // strangers'.
    const std::array start = {std::min(0.9, spread.mode * 1.1), spread.above, spread.below, spread.above,
                              spread.above};
    const auto fitted =
        spread_of(likeliest<5>(start, {0.05, 0.05, 0.05, 0.05, 0.05}, [&](const auto& numbers) {
            const auto by_reliability = spread_of(numbers);
            if (!is_sound_everywhere(by_reliability)) return kImpossible;
            return likelihood(pairs, tail, [&](const GenuinePair& pair) {
                return by_reliability.at(static_cast<double>(*pair.reliability), spread.outliers);
            });
        }));
    if (!is_sound_everywhere(fitted)) return std::nullopt;
    return fitted;
}

std::vector<CalibrationPoint> curve_of(const ImpostorScores& scores, const ImpostorTail& tail) {
    std::vector<CalibrationPoint> curve;
    auto add = [&](double cosine, double similarity) {
        if (curve.empty() || cosine > curve.back().cosine + 1e-4)
            curve.push_back({static_cast<float>(cosine), static_cast<float>(similarity)});
    };
    auto cosine_at = [&](double rate) {
        return rate > kFittedRateMax ? scores.cosine_at(rate) : tail.cosine_at(rate);
    };
    for (std::size_t i = 0; i + 1 < std::size(kAnchors); ++i) {
        for (int step = 0; step < kStepsBetweenAnchors; ++step) {
            double share = static_cast<double>(step) / kStepsBetweenAnchors;
            double rate = kAnchors[i].false_match_rate *
                          std::pow(kAnchors[i + 1].false_match_rate / kAnchors[i].false_match_rate, share);
            add(cosine_at(rate), std::lerp(kAnchors[i].similarity, kAnchors[i + 1].similarity, share));
        }
    }
    const auto& last = std::end(kAnchors)[-1];
    if (cosine_at(last.false_match_rate) < kIdentical) add(cosine_at(last.false_match_rate), last.similarity);
    curve.push_back({static_cast<float>(kIdentical), 100});
    return curve;
}

Result<CalibrationReport> measure_calibration(const Pipeline& pipeline,
                                              std::span<const std::optional<Embedding>> embeddings,
                                              std::span<const std::size_t> owners) {
    INVARIANT(embeddings.size() == owners.size());
    std::map<std::size_t, std::size_t> photos_of;
    for (std::size_t i = 0; i < owners.size(); ++i)
        if (embeddings[i]) ++photos_of[owners[i]];
    ImpostorScores impostors;
    std::vector<GenuinePair> genuine;
    for (std::size_t i = 0; i < embeddings.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (!embeddings[i] || !embeddings[j]) continue;
            const float score = cosine(*embeddings[i], *embeddings[j]);
            const auto count = static_cast<double>(photos_of[owners[i]]);
            if (owners[i] == owners[j])
                genuine.push_back(
                    {score, 2 / (count * (count - 1)), together(*embeddings[i], *embeddings[j])});
            else
                impostors.add(score);
        }
    }
    if (impostors.pairs() == 0 || genuine.empty())
        return Error::failure("the folder needs two people or more, and one with two photos or more");

    CalibrationReport report;
    report.impostor_pairs = impostors.pairs();
    report.genuine_pairs = genuine.size();
    report.undetected =
        static_cast<std::size_t>(std::count(embeddings.begin(), embeddings.end(), std::nullopt));
    report.fitted = impostors.pairs() >= kPairsMin && genuine.size() >= kGenuinePairsMin;
    std::optional<ScoreModel> model = pipeline.calibration().scores();
    if (report.fitted) {
        report.tail = fit_tail(impostors);
        report.spread = fit_spread(genuine, report.tail);
        report.by_reliability = fit_by_reliability(genuine, report.tail, report.spread);
        report.curve = curve_of(impostors, report.tail);
        model = TRY(ScoreModel::create(report.tail, report.spread, report.by_reliability));
    } else {
        if (!model)
            return Error::failure(
                fmt::format("the pack has no distributions of its own, and {} pairs of different people and "
                            "{} of the same "
                            "are too few to fit some: {} and {} are needed",
                            impostors.pairs(), genuine.size(), kPairsMin, kGenuinePairsMin));
        report.tail = model->impostor();
        report.spread = model->genuine();
        report.by_reliability = model->by_reliability();
        report.curve = pipeline.calibration().curve();
    }
    double all = 0;
    for (const auto& pair : genuine)
        all += pair.weight;
    auto share_passing = [&](double bar) {
        double passed = 0;
        for (const auto& pair : genuine)
            if (static_cast<double>(pair.cosine) >= bar) passed += pair.weight;
        return passed / all;
    };
    for (double rate : {1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6}) {
        const double fitted = report.tail.cosine_at(rate);
        report.rows.push_back({rate, impostors.cosine_at(rate), fitted, share_passing(fitted)});
    }
    const auto curve = TRY(Calibration::create(report.curve));
    constexpr double kFirst = -0.2;
    for (int step = 0; kFirst + step * kRateStep <= 1; ++step) {
        const double at = kFirst + step * kRateStep;
        report.rates.push_back(
            {.cosine = at,
             .similarity = static_cast<double>(curve.similarity(static_cast<float>(at)).percent),
             .false_match_rate = impostors.rate_at(at),
             .false_non_match_rate = 1 - share_passing(at),
             .modelled_false_match_rate = model->false_match_rate(at),
             .modelled_false_non_match_rate = model->false_non_match_rate(at)});
    }
    return report;
}

std::string CalibrationReport::json() const {
    std::string at_rates, points, curves, reliable;
    if (by_reliability)
        reliable =
            fmt::format(R"("genuine_by_reliability":{{"mode":{:.4f},"below":[{:.4f}],"above":[{:.4f}]}},)",
                        by_reliability->mode, fmt::join(by_reliability->below, ","),
                        fmt::join(by_reliability->above, ","));
    for (const auto& row : rows)
        at_rates += fmt::format(
            R"({}{{"false_match_rate":{:.0e},"cosine_measured":{:.4f},"cosine_fitted":{:.4f},"true_match_rate":{:.4f}}})",
            at_rates.empty() ? "" : ",", row.false_match_rate, row.cosine_measured, row.cosine_fitted,
            row.true_match_rate);
    for (const auto& point : curve)
        points += fmt::format(R"({}{{"cosine":{:.4f},"similarity":{:.3f}}})", points.empty() ? "" : ",",
                              point.cosine, point.similarity);
    for (const auto& point : rates)
        curves += fmt::format(
            R"({}{{"cosine":{:.2f},"similarity":{:.3f},"false_match_rate":{:.4g},"false_non_match_rate":{:.4g},)"
            R"("modelled_false_match_rate":{:.4g},"modelled_false_non_match_rate":{:.4g}}})",
            curves.empty() ? "" : ",", point.cosine, point.similarity, point.false_match_rate,
            point.false_non_match_rate, point.modelled_false_match_rate, point.modelled_false_non_match_rate);
    return fmt::format(R"({{"impostor_pairs":{},"genuine_pairs":{},"undetected":{},"fitted":{},)"
                       R"("tail":{{"mean":{:.4f},"deviation":{:.4f}}},)"
                       R"("genuine":{{"mode":{:.4f},"below":{:.4f},"above":{:.4f},"outliers":{:.4f}}},{})"
                       R"("rates":[{}],"curve":[{}],"curves":[{}]}})",
                       impostor_pairs, genuine_pairs, undetected, fitted, tail.mean, tail.deviation,
                       spread.mode, spread.below, spread.above, spread.outliers, reliable, at_rates, points,
                       curves);
}

std::string calibration_file(const CalibrationReport& report, const ModelId& model) {
    std::string points;
    for (const auto& point : report.curve)
        points += fmt::format("    [{:.4f}, {:.3f}],\n", point.cosine, point.similarity);
    std::string reliable;
    if (const auto& by = report.by_reliability)
        reliable =
            fmt::format("genuine_by_reliability = {{ mode = {:.4f}, below = [{:.4f}], above = [{:.4f}] }}\n",
                        by->mode, fmt::join(by->below, ", "), fmt::join(by->above, ", "));
    return fmt::format(
        "# Measured by `likeness bench calibrate` on {} pairs of different people and {} of the same.\n"
        "model = \"{}\"\n\n"
        "[calibration]\n"
        "impostor = {{ mean = {:.4f}, deviation = {:.4f} }}\n"
        "genuine = {{ mode = {:.4f}, below = {:.4f}, above = {:.4f}, outliers = {:.4f} }}\n"
        "{}"
        "points = [\n{}]\n",
        report.impostor_pairs, report.genuine_pairs, model.str(), report.tail.mean, report.tail.deviation,
        report.spread.mode, report.spread.below, report.spread.above, report.spread.outliers, reliable,
        points);
}

}  // namespace vision
