#include "vision/score_model.h"

#include <cmath>
#include <gtest/gtest.h>

#include "vision/normal.h"

namespace vision {
namespace {

constexpr ImpostorTail kImpostor{.mean = 0.004, .deviation = 0.107};
constexpr GenuineSpread kGenuine{.mode = 0.73, .below = 0.165, .above = 0.085, .outliers = 0.005};

ScoreModel model() {
    return *ScoreModel::create(kImpostor, kGenuine);
}

TEST(Normal, ItsTailAndQuantileUndoEachOther) {
    EXPECT_NEAR(upper_tail(1.959964), 0.025, 1e-7);
    for (double share : {0.9, 0.5, 1e-3, 1e-9})
        EXPECT_NEAR(upper_tail(tail_quantile(share)) / share, 1, 1e-6);
}

TEST(GenuineSpread, ItsDensityAddsUpToItsShares) {
    double below = 0, mean = 0;
    constexpr double kStep = 1e-4;
    for (double cosine = -1; cosine < 2; cosine += kStep) {
        const double mass = kGenuine.density(cosine + kStep / 2) * kStep;
        below += mass;
        mean += mass * (cosine + kStep / 2);
        EXPECT_NEAR(kGenuine.share_below(cosine + kStep), below, 1e-3);
    }
    EXPECT_NEAR(below, 1, 1e-4);
    EXPECT_NEAR(mean, kGenuine.mean(), 1e-4);
}

TEST(ScoreModel, TheRatioIsThatOfTheDensities) {
    for (double cosine : {0.1, 0.3, 0.5, 0.7, 0.9}) {
        const double z = (cosine - kImpostor.mean) / kImpostor.deviation;
        const double stranger = normal_density(z) / kImpostor.deviation;
        const double own = (1 - kGenuine.outliers) * kGenuine.density(cosine) + kGenuine.outliers * stranger;
        EXPECT_NEAR(model().log_ratio(cosine), std::log(own / stranger), 1e-9) << cosine;
    }
}

TEST(ScoreModel, TheRatioRisesAndNeverRulesOut) {
    for (const References& references : {References{}, References{3, 0.876}, References{3, 1}}) {
        double before = model().log_ratio_floor() - 1e-9;
        for (int i = -100; i <= 100; ++i) {
            const double ratio = model().log_ratio(i / 100.0, references);
            EXPECT_TRUE(std::isfinite(ratio));
            EXPECT_GE(ratio, before) << i;
            before = ratio;
        }
    }
    EXPECT_NEAR(model().log_ratio(-1), std::log(kGenuine.outliers), 0.02);
}

TEST(ScoreModel, CopiesOfAPhotographAreOneReference) {
    EXPECT_DOUBLE_EQ(model().log_ratio(0.5, {.count = 4, .mean_length = 1}), model().log_ratio(0.5));
    EXPECT_DOUBLE_EQ(model().independent({.count = 4, .mean_length = 1}), 1);
    const double rho = kGenuine.mean();
    EXPECT_NEAR(model().independent({.count = 4, .mean_length = std::sqrt(rho + (1 - rho) / 4)}), 4, 1e-9);
    EXPECT_EQ(model().independent({.count = 4, .mean_length = 0.1}), 4) << "no more than there are";
}

// Where one photograph of a person leaves a low score possible, three do not.
TEST(ScoreModel, MoreReferencesMakeALowScoreSayLess) {
    EXPECT_LT(model().log_ratio(0.35, {.count = 3, .mean_length = 0.876}), model().log_ratio(0.35));
    EXPECT_GT(model().log_ratio(0.8, {.count = 3, .mean_length = 0.876}), model().log_ratio(0.8));
}

TEST(ScoreModel, RatesFallAndRise) {
    EXPECT_NEAR(model().false_match_rate(kImpostor.cosine_at(1e-5)) / 1e-5, 1, 1e-6);
    EXPECT_LT(model().false_match_rate(0.6), model().false_match_rate(0.5));
    EXPECT_LT(model().false_non_match_rate(0.5), model().false_non_match_rate(0.6));
    EXPECT_NEAR(model().false_non_match_rate(1), 1, 0.01);
}

TEST(ScoreModel, DistributionsThatContradictEachOtherAreRefused) {
    auto with = [](auto change) {
        ImpostorTail impostor = kImpostor;
        GenuineSpread genuine = kGenuine;
        change(impostor, genuine);
        return ScoreModel::create(impostor, genuine).ok();
    };
    EXPECT_FALSE(with([](auto& impostor, auto&) { impostor.deviation = 0; }));
    EXPECT_FALSE(with([](auto&, auto& genuine) { genuine.below = -0.1; }));
    EXPECT_FALSE(with([](auto&, auto& genuine) { genuine.mode = -0.2; }));
    EXPECT_FALSE(with([](auto&, auto& genuine) { genuine.outliers = 0; }));
    EXPECT_FALSE(with([](auto&, auto& genuine) { genuine.outliers = std::nan(""); }));
}

constexpr GenuineByReliability kByReliability{.mode = 0.846, .below = {0.09, 0.13}, .above = {0.293, 0.043}};

ScoreModel graded() {
    return *ScoreModel::create(kImpostor, kGenuine, kByReliability);
}

TEST(ScoreModel, OfFacesSeenBadlyALowScoreSaysMore) {
    const References well{.reliability = 0.95}, badly{.reliability = 0.65};
    EXPECT_GT(graded().log_ratio(0.35, well, 0.6), graded().log_ratio(0.35, well, 0.95) + 3);
    EXPECT_GT(graded().log_ratio(0.35, badly, 0.6), graded().log_ratio(0.35, well, 0.6));
    EXPECT_LT(graded().log_ratio(0.8, well, 0.6), graded().log_ratio(0.8, well, 0.95));
    EXPECT_DOUBLE_EQ(graded().log_ratio(0.4, well, 0.6), graded().log_ratio(0.4, {.reliability = 0.6}, 0.95));
}

TEST(ScoreModel, TheRatioIsThatOfTheDensitiesOfTheirReliability) {
    for (double cosine : {0.1, 0.3, 0.5, 0.7}) {
        const double z = (cosine - kImpostor.mean) / kImpostor.deviation;
        const double stranger = normal_density(z) / kImpostor.deviation;
        const auto genuine = kByReliability.at(0.9 * 0.8, kGenuine.outliers);
        const double own = (1 - genuine.outliers) * genuine.density(cosine) + genuine.outliers * stranger;
        EXPECT_NEAR(graded().log_ratio(cosine, {.reliability = 0.9}, 0.8), std::log(own / stranger), 1e-9);
    }
}

TEST(ScoreModel, WithoutAReliabilityOfBothTheScoresOfAllCount) {
    EXPECT_DOUBLE_EQ(graded().log_ratio(0.5, {}, 0.9), model().log_ratio(0.5));
    EXPECT_DOUBLE_EQ(graded().log_ratio(0.5, {.reliability = 0.9}), model().log_ratio(0.5));
    EXPECT_DOUBLE_EQ(model().log_ratio(0.5, {.reliability = 0.9}, 0.9), model().log_ratio(0.5));
    EXPECT_DOUBLE_EQ(graded().false_non_match_rate(0.5), model().false_non_match_rate(0.5));
}

TEST(ScoreModel, TheRatioNeverFallsHoweverFarFacesCanBeReliedOn) {
    for (double reliability : {0.0, 0.05, 0.3, 0.6, 0.9, 1.0})
        for (std::size_t count : {1, 3, 20}) {
            const References references{count, count == 1 ? 1 : 0.85, reliability};
            double before = graded().log_ratio_floor() - 1e-9;
            for (int i = -100; i <= 100; ++i) {
                const double ratio = graded().log_ratio(i / 100.0, references, reliability);
                EXPECT_TRUE(std::isfinite(ratio));
                EXPECT_GE(ratio, before - 1e-12) << i << ' ' << reliability << ' ' << count;
                before = ratio;
            }
        }
}

TEST(ScoreModel, SpreadsByReliabilityThatContradictEachOtherAreRefused) {
    auto is_refused = [](GenuineByReliability by) {
        return !ScoreModel::create(kImpostor, kGenuine, by).ok();
    };
    EXPECT_FALSE(is_refused(kByReliability));
    EXPECT_TRUE(is_refused({.mode = 1.2, .below = {0.1, 0.1}, .above = {0.1, 0.1}}));
    EXPECT_TRUE(is_refused({.mode = 0.8, .below = {0.1, -0.1}, .above = {0.1, 0.1}}));
    EXPECT_TRUE(is_refused({.mode = 0.8, .below = {0.5, 0.1}, .above = {0.1, 0.1}}))
        << "no better than chance";
    EXPECT_TRUE(is_refused({.mode = std::nan(""), .below = {0.1, 0.1}, .above = {0.1, 0.1}}));
}

}  // namespace
}  // namespace vision
