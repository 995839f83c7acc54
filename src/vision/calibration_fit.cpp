#include "vision/calibration_fit.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numbers>

namespace vision {
namespace {

// A similarity of 80 names somebody by default, so strangers must reach it once in a hundred thousand pairs;
// 99 is for what matters. A gallery of 500 then names one stranger in 200 at 80, and one in 2000 at 99.
constexpr Anchor kAnchors[] = {{0.5, 0},     {1e-1, 10},    {1e-2, 30},    {1e-3, 50},
                               {1e-4, 66},   {1e-5, 80},    {1e-6, 99},    {1e-7, 99.6},
                               {1e-8, 99.8}, {1e-10, 99.9}, {1e-13, 99.97}};
constexpr double kIdentical = 0.995;  // the same picture, saved twice with loss, reaches this
// Steps of the curve between two anchors, which follow the tail's bend.
constexpr int kStepsBetweenAnchors = 3;

double upper_tail(double z) {
    return std::erfc(z / std::numbers::sqrt2) / 2;
}

// The z whose upper tail is `rate`.
double quantile(double rate) {
    double low = -10, high = 10;
    for (int i = 0; i < 100; ++i) {
        double middle = (low + high) / 2;
        (upper_tail(middle) > rate ? low : high) = middle;
    }
    return (low + high) / 2;
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

double ImpostorTail::cosine_at(double false_match_rate) const {
    return mean + deviation * quantile(false_match_rate);
}

ImpostorTail fit_tail(const ImpostorScores& scores) {
    constexpr int kStepsPerDecade = 8;
    double count = 0, sum_z = 0, sum_c = 0, sum_zz = 0, sum_zc = 0;
    int steps = static_cast<int>(std::lround(std::log10(kFittedRateMax / kFittedRateMin) * kStepsPerDecade));
    for (int step = 0; step <= steps; ++step) {
        double rate = kFittedRateMax * std::pow(10, -static_cast<double>(step) / kStepsPerDecade);
        double z = quantile(rate), c = scores.cosine_at(rate);
        count += 1;
        sum_z += z;
        sum_c += c;
        sum_zz += z * z;
        sum_zc += z * c;
    }
    double deviation = (count * sum_zc - sum_z * sum_c) / (count * sum_zz - sum_z * sum_z);
    return {(sum_c - deviation * sum_z) / count, deviation};
}

std::span<const Anchor> anchors() {
    return kAnchors;
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

Result<CalibrationReport> measure_calibration(const Pipeline& pipeline, const std::filesystem::path& images,
                                              std::size_t threads, const Progress& progress) {
    auto people = TRY(read_people(images));
    std::vector<std::filesystem::path> photos;
    std::vector<std::size_t> owners;
    for (std::size_t person = 0; person < people.size(); ++person) {
        photos.insert(photos.end(), people[person].photos.begin(), people[person].photos.end());
        owners.insert(owners.end(), people[person].photos.size(), person);
    }
    auto embedded = TRY(embed_photos(pipeline, photos, threads, progress));

    struct GenuinePair {
        float score;
        double weight;  // so that each person counts once
    };
    ImpostorScores impostors;
    std::vector<GenuinePair> genuine;
    for (std::size_t i = 0; i < photos.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (!embedded.embeddings[i] || !embedded.embeddings[j]) continue;
            float score = cosine(*embedded.embeddings[i], *embedded.embeddings[j]);
            auto count = static_cast<double>(people[owners[i]].photos.size());
            if (owners[i] == owners[j])
                genuine.push_back({score, 2 / (count * (count - 1))});
            else
                impostors.add(score);
        }
    }
    if (impostors.pairs() < 100 / kFittedRateMin)
        return Error::failure("too few pairs of different people to calibrate");

    CalibrationReport report;
    report.impostor_pairs = impostors.pairs();
    report.genuine_pairs = genuine.size();
    report.undetected = embedded.undetected;
    report.tail = fit_tail(impostors);
    report.curve = curve_of(impostors, report.tail);
    double all = 0;
    for (const auto& pair : genuine)
        all += pair.weight;
    for (double rate : {1e-2, 1e-3, 1e-4, 1e-5, 1e-6}) {
        double fitted = report.tail.cosine_at(rate), passed = 0;
        for (const auto& pair : genuine)
            if (pair.score >= fitted) passed += pair.weight;
        report.rows.push_back({rate, impostors.cosine_at(rate), fitted, all > 0 ? passed / all : 0});
    }
    return report;
}

std::string CalibrationReport::json() const {
    std::string rates, points;
    for (const auto& row : rows)
        rates += fmt::format(
            R"({}{{"false_match_rate":{:.0e},"cosine_measured":{:.4f},"cosine_fitted":{:.4f},"true_match_rate":{:.4f}}})",
            rates.empty() ? "" : ",", row.false_match_rate, row.cosine_measured, row.cosine_fitted,
            row.true_match_rate);
    for (const auto& point : curve)
        points += fmt::format(R"({}{{"cosine":{:.4f},"similarity":{:.3f}}})", points.empty() ? "" : ",",
                              point.cosine, point.similarity);
    return fmt::format(
        R"({{"impostor_pairs":{},"genuine_pairs":{},"undetected":{},"tail":{{"mean":{:.4f},"deviation":{:.4f}}},)"
        R"("rates":[{}],"curve":[{}]}})",
        impostor_pairs, genuine_pairs, undetected, tail.mean, tail.deviation, rates, points);
}

}  // namespace vision
