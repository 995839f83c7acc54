#include "faces/collection_measure.h"

#include <gtest/gtest.h>

#include "faces/drawn_photos.h"

namespace faces {
namespace {

Recognition recognition() {
    return {vision::ModelId("drawn"), kDrawnDimensions, calibration()};
}

TEST(MeasuredAudit, FindsWhatWasMislabelled) {
    const auto report = measure_audit(recognition(), drawn_people(40, 4, 0.9), {.references = 4});
    ASSERT_TRUE(report.ok()) << report.error().detail();
    EXPECT_EQ(report->people, 40u);
    EXPECT_EQ(report->references, 160u);
    EXPECT_GT(report->mislabelled, 5u);
    EXPECT_GE(report->found, report->mislabelled * 9 / 10);
    EXPECT_GE(report->explained, report->found * 8 / 10);
    EXPECT_LE(report->alarms, 8u);
}

// Photographs so scattered that many are not named.
TEST(MeasuredCorrections, LeadToMoreRightNames) {
    const auto report = measure_corrections(recognition(), drawn_people(60, 5, 1.3), 1);
    ASSERT_TRUE(report.ok()) << report.error().detail();
    EXPECT_EQ(report->people, 30u);
    EXPECT_GT(report->confirmed, 5u);
    EXPECT_EQ(report->later, report->confirmed * 3);
    EXPECT_GT(report->right_after, report->right_before);
    EXPECT_LE(report->named_after, report->named_before);
    EXPECT_EQ(report->later + report->untouched, 90u);
}

TEST(MeasuredCollections, NeedScoreDistributionsAndPeople) {
    auto bare = recognition();
    bare.calibration = *vision::Calibration::create({{0, 0}, {1, 100}});
    EXPECT_FALSE(measure_audit(bare, drawn_people(10, 4, 0.9), {}).ok());
    EXPECT_FALSE(measure_audit(recognition(), drawn_people(10, 2, 0.9), {}).ok());
    EXPECT_FALSE(measure_corrections(recognition(), drawn_people(1, 5, 0.9), 1).ok());
}

}  // namespace
}  // namespace faces
