#include "faces/identification_measure.h"

#include <gtest/gtest.h>

#include "faces/drawn_photos.h"

namespace faces {
namespace {

TEST(Reliability, IsTheMeanDistanceOfWhatIsSaidAndWhatIsSo) {
    Reliability reliability;
    for (int i = 0; i < 80; ++i)
        reliability.add(0.9, i % 2 == 0);  // says 90 %, right in half
    for (int i = 0; i < 20; ++i)
        reliability.add(1.0, true);
    EXPECT_NEAR(reliability.expected_error(), 0.8 * 0.4, 1e-9);
    EXPECT_EQ(Reliability().expected_error(), 0);
}

TEST(Probabilities, MeanWhatTheySayOfDrawnPeople) {
    auto photos = drawn_people(60, 5, 0.9);
    const auto strangers = drawn_people(300, 1, 0.9, 5);
    for (std::size_t i = 60; i < 300; ++i) {
        photos.people.push_back(strangers.people[i]);
        photos.owners.push_back(i);
        photos.photos.embeddings.push_back(strangers.photos.embeddings[i]);
    }
    const auto report = measure_probabilities(calibration(), photos, {.references = 3});
    ASSERT_TRUE(report.ok()) << report.error().detail();
    EXPECT_EQ(report->people, 60u);
    EXPECT_EQ(report->searches, 60u * 2 + 240);
    EXPECT_GT(report->rank1, 0.98);
    EXPECT_GT(report->dir_at_1pct, 0.95);
    EXPECT_LT(report->open.expected_error(), 0.02);
    EXPECT_LT(report->closed.expected_error(), 0.03);
    EXPECT_LT(measure_reliability(calibration(), photos)->expected_error(), 0.03);
}

TEST(Probabilities, NeedScoreDistributionsAndPeople) {
    const auto bare = *vision::Calibration::create({{0, 0}, {1, 100}});
    EXPECT_FALSE(measure_probabilities(bare, drawn_people(5, 5, 0.9), {}).ok());
    EXPECT_FALSE(measure_probabilities(calibration(), drawn_people(5, 2, 0.9), {}).ok());
}

}  // namespace
}  // namespace faces
