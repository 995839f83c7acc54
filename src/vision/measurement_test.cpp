// The protocols of the measurements, on made-up scores whose outcome is known.
#include <gtest/gtest.h>
#include <random>

#include "base/file.h"
#include "vision/calibration_fit.h"
#include "vision/description.h"
#include "vision/identification.h"
#include "vision/verification.h"

namespace vision {
namespace {

constexpr std::string_view kPairs =
    "2\t1\n"
    "Ann\t1\t2\n"
    "Ann\t1\tBob_Lee\t3\n"
    "Bob_Lee\t3\t12\n"
    "Cy\t1\tAnn\t2\n";

TEST(KnownPhotos, LabelsAreOfThePictureWhosePathTheyEnd) {
    const base::TemporaryFolder folder;
    for (const char* path : {"happy/a.jpg", "sad/a.jpg", "who/b.jpg", "who/c.jpg", "who/d.jpg"}) {
        const auto file = folder.path() / path;
        std::filesystem::create_directories(file.parent_path());
        ASSERT_TRUE(base::write_file(file, base::view("a picture")).ok());
    }
    const auto labels = folder.path() / "labels.txt";
    const std::string text =
        "# NAME HOW KEY=0|1\n"
        "happy/a.jpg held beard=1 eyes_open=0\n"
        "b.jpg sunglasses=1 hat=1\n"
        "c.jpg drawn beard=1\n"
        "d.jpg chosen beard=1\n";
    ASSERT_TRUE(base::write_file(labels, base::view(text)).ok());
    const auto photos = read_known_photos(folder.path(), labels);
    ASSERT_TRUE(photos.ok()) << photos.error().detail();
    ASSERT_EQ(photos->size(), 3u) << "what the head learned from is not measured with";
    EXPECT_EQ(photos->at(0).emotion, Emotion::happy);
    EXPECT_EQ(photos->at(0).labels, (std::map<std::string, bool>{{"beard", true}, {"eyes_open", false}}));
    EXPECT_EQ(photos->at(1).emotion, Emotion::sad);
    EXPECT_TRUE(photos->at(1).labels.empty());
    EXPECT_EQ(photos->at(2).labels, (std::map<std::string, bool>{{"sunglasses", true}}));
}

TEST(LfwPairs, TheOfficialListIsRead) {
    auto list = parse_lfw_pairs(kPairs);
    ASSERT_TRUE(list.ok()) << list.error().detail();
    EXPECT_EQ(list->folds, 2u);
    ASSERT_EQ(list->pairs.size(), 4u);
    EXPECT_EQ(list->photos[list->pairs[0].second], "Ann/Ann_0002.jpg");
    EXPECT_EQ(list->photos[list->pairs[1].second], "Bob_Lee/Bob_Lee_0003.jpg");
    EXPECT_EQ(list->photos[list->pairs[2].second], "Bob_Lee/Bob_Lee_0012.jpg");
    EXPECT_EQ(list->photos.size(), 5u);
    EXPECT_TRUE(list->pairs[0].is_same);
    EXPECT_FALSE(list->pairs[1].is_same);
    EXPECT_EQ(list->pairs[1].fold, 0u);
    EXPECT_EQ(list->pairs[2].fold, 1u);
}

TEST(LfwPairs, AListThatIsNotWholeIsRefused) {
    EXPECT_FALSE(parse_lfw_pairs("").ok());
    EXPECT_FALSE(parse_lfw_pairs("2\t1\nAnn\t1\t2\n").ok());
    EXPECT_FALSE(parse_lfw_pairs("2\t1\nAnn\t1\t2\nAnn\n").ok());
    EXPECT_FALSE(parse_lfw_pairs("2\t1\nAnn\tx\t2\n").ok());
}

std::vector<ScoredPair> two_folds(float same, float different) {
    std::vector<ScoredPair> pairs;
    for (std::size_t fold = 0; fold < 2; ++fold)
        for (int i = 0; i < 10; ++i) {
            pairs.push_back({same, true, fold});
            pairs.push_back({different, false, fold});
        }
    return pairs;
}

TEST(Verification, ScoresThatSeparateAreAllRight) {
    auto report = judge(two_folds(0.8f, 0.1f), 2);
    EXPECT_DOUBLE_EQ(report.accuracy, 1);
    EXPECT_DOUBLE_EQ(report.std, 0);
    EXPECT_DOUBLE_EQ(report.tar_1e3, 1);
}

TEST(Verification, TheThresholdComesFromTheOtherFolds) {
    // Fold 0 separates at 0.5, fold 1 at 0.05: each threshold is wrong for half of the other fold.
    auto pairs = two_folds(0.8f, 0.2f);
    for (auto& pair : pairs)
        if (pair.fold == 1) pair.score -= 0.75f;
    auto report = judge(pairs, 2);
    EXPECT_DOUBLE_EQ(report.accuracy, 0.5);
}

TEST(Verification, OneHighStrangerCostsTheStrictRatesOnly) {
    std::vector<ScoredPair> pairs;
    for (std::size_t i = 0; i < 200; ++i) {
        pairs.push_back({0.6f + (i % 2 ? 0.2f : 0.0f), true, i % 2});
        pairs.push_back({i == 0 ? 0.7f : 0.1f, false, i % 2});
    }
    auto report = judge(pairs, 2);
    EXPECT_DOUBLE_EQ(report.tar_1e2, 1);    // one of 200 may pass
    EXPECT_DOUBLE_EQ(report.tar_1e3, 0.5);  // none may
}

TEST(Identification, OnlyTheRightPersonOverTheThresholdCounts) {
    std::vector<Probe> probes = {
        {false, true, 0.9f}, {false, true, 0.3f}, {false, false, 0.9f}, {false, false, -1}};
    for (int i = 0; i < 200; ++i)
        probes.push_back({true, false, i < 4 ? 0.95f : 0.2f});
    auto report = judge(probes, 0.5f);
    EXPECT_DOUBLE_EQ(report.named_rightly, 0.25);
    EXPECT_DOUBLE_EQ(report.rank1, 0.5);
    EXPECT_DOUBLE_EQ(report.strangers_named, 0.02);
    EXPECT_DOUBLE_EQ(report.dir_at_1pct, 0);  // two strangers of 200 may be named: the bar is just above 0.95
    EXPECT_EQ(report.searches, probes.size());
}

// Impostor scores that are drawn from a normal distribution, whose tail is therefore known.
ImpostorScores normal_scores() {
    ImpostorScores scores;
    std::mt19937 random(5);
    std::normal_distribution<float> normal(0.02f, 0.1f);
    for (int i = 0; i < 2'000'000; ++i)
        scores.add(normal(random));
    return scores;
}

TEST(CalibrationFit, TheTailOfANormalDistributionIsFound) {
    auto tail = fit_tail(normal_scores());
    EXPECT_NEAR(tail.mean, 0.02, 0.01);
    EXPECT_NEAR(tail.deviation, 0.1, 0.004);
    EXPECT_NEAR(tail.cosine_at(1e-6), 0.02 + 4.7534 * 0.1, 0.01);
}

TEST(CalibrationFit, TheCurveKeepsWhatItsAnchorsPromise) {
    auto scores = normal_scores();
    auto calibration = Calibration::create(curve_of(scores, fit_tail(scores)));
    ASSERT_TRUE(calibration.ok()) << calibration.error().detail();
    EXPECT_NEAR(calibration->similarity(0.02f + 4.2649f * 0.1f).percent, 80, 2);  // the quantile of 1e-5
    EXPECT_NEAR(calibration->similarity(0.02f + 3.0902f * 0.1f).percent, 50, 2);  // of 1e-3
    EXPECT_GE(calibration->similarity(0.02f + 4.8f * 0.1f).percent, 98);
    EXPECT_EQ(calibration->similarity(1).percent, 100);
    EXPECT_EQ(calibration->similarity(-0.5f).percent, 0);
}

TEST(CalibrationFit, TheSpreadOfOnePersonsPairsIsFound) {
    const ImpostorTail tail{.mean = 0.02, .deviation = 0.1};
    std::mt19937 random(6);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> share;
    std::vector<GenuinePair> pairs;
    for (int i = 0; i < 40'000; ++i) {
        // Below the mode as often as the half there is wide.
        const double distance = std::abs(normal(random));
        double cosine = share(random) < 0.16 / 0.25 ? 0.7 - 0.16 * distance : 0.7 + 0.09 * distance;
        if (share(random) < 0.02) cosine = 0.02 + 0.1 * normal(random);
        pairs.push_back({static_cast<float>(cosine), 1});
    }
    const auto spread = fit_spread(pairs, tail);
    EXPECT_NEAR(spread.mode, 0.7, 0.015);
    EXPECT_NEAR(spread.below, 0.16, 0.01);
    EXPECT_NEAR(spread.above, 0.09, 0.01);
    EXPECT_NEAR(spread.outliers, 0.02, 0.006);
}

TEST(CalibrationFit, HowTheSpreadFollowsTheReliabilityIsFound) {
    const ImpostorTail tail{.mean = 0, .deviation = 0.1};
    const GenuineByReliability truth{.mode = 0.85, .below = {0.1, 0.14}, .above = {0.25, 0.05}};
    std::mt19937 random(8);
    std::uniform_real_distribution<double> unit;
    std::normal_distribution<double> normal;
    std::vector<GenuinePair> pairs;
    for (int i = 0; i < 40'000; ++i) {
        const double reliability = 0.4 + 0.58 * unit(random);
        const auto spread = truth.at(reliability, 0.01);
        const bool is_below = unit(random) < spread.below / (spread.below + spread.above);
        const double away = std::abs(normal(random)) * (is_below ? -spread.below : spread.above);
        const double cosine = unit(random) < spread.outliers ? 0.1 * normal(random) : spread.mode + away;
        pairs.push_back({static_cast<float>(cosine), 1, static_cast<float>(reliability)});
    }
    const GenuineSpread all{.mode = 0.65, .below = 0.15, .above = 0.1, .outliers = 0.01};
    const auto found = fit_by_reliability(pairs, tail, all);
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->mode, truth.mode, 0.01);
    for (double reliability : {0.5, 0.7, 0.95}) {
        const auto fitted = found->at(reliability, 0.01), wanted = truth.at(reliability, 0.01);
        EXPECT_NEAR(fitted.below, wanted.below, 0.01) << reliability;
        EXPECT_NEAR(fitted.above, wanted.above, 0.01) << reliability;
    }
    pairs.back().reliability.reset();
    EXPECT_FALSE(fit_by_reliability(pairs, tail, all)) << "unknown of one";
}

// What is fitted to few pairs, or to odd ones, makes a score model all the same.
TEST(CalibrationFit, WhatIsFittedIsAlwaysSound) {
    const ImpostorTail tail{.mean = 0.05, .deviation = 0.1};
    std::mt19937 random(9);
    std::uniform_real_distribution<float> unit;
    for (int round = 0; round < 40; ++round) {
        std::vector<GenuinePair> pairs;
        const float low = 0.6f * unit(random), high = low + 0.4f * unit(random);
        for (int i = 0; i < 120; ++i)
            pairs.push_back({low + (high - low) * unit(random), 1, unit(random)});
        const auto spread = fit_spread(pairs, tail);
        if (!ScoreModel::create(tail, spread).ok()) continue;
        const auto fitted = fit_by_reliability(pairs, tail, spread);
        EXPECT_TRUE(ScoreModel::create(tail, spread, fitted).ok()) << round << ' ' << low << ' ' << high;
    }
}

TEST(CalibrationFit, ARateCountsThePairsThatReachIt) {
    ImpostorScores scores;
    for (int i = 0; i < 100; ++i)
        scores.add(static_cast<float>(i) / 100);
    EXPECT_NEAR(scores.cosine_at(0.1), 0.9, 0.011);
    EXPECT_NEAR(scores.cosine_at(0.5), 0.5, 0.011);
    EXPECT_NEAR(scores.rate_at(0.9), 0.1, 0.011);
}

}  // namespace
}  // namespace vision
