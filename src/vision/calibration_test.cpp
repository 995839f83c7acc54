#include "vision/calibration.h"

#include <gtest/gtest.h>

namespace vision {
namespace {

Calibration curve() {
    return *Calibration::create({{0, 0}, {0.3f, 20}, {0.5f, 80}, {0.6f, 99}, {1, 100}});
}

TEST(Calibration, IsLinearBetweenItsPoints) {
    EXPECT_FLOAT_EQ(curve().similarity(0.5f).percent, 80);
    EXPECT_NEAR(curve().similarity(0.4f).percent, 50, 1e-4);
    EXPECT_FLOAT_EQ(curve().similarity(1).percent, 100);
}

TEST(Calibration, RisesEverywhereAndStaysWithinPercents) {
    float before = 0;
    for (int i = -1100; i <= 1100; ++i) {
        float percent = curve().similarity(static_cast<float>(i) / 1000).percent;
        EXPECT_GE(percent, before);
        EXPECT_LE(percent, 100);
        before = percent;
    }
}

TEST(Calibration, TheFloorOfASimilarityReachesIt) {
    for (float percent : {1.0f, 20.0f, 50.0f, 80.0f, 99.0f, 99.9f, 100.0f}) {
        float floor = curve().cosine_floor({percent});
        EXPECT_NEAR(curve().similarity(floor).percent, percent, 1e-3);
        EXPECT_LT(curve().similarity(floor - 0.01f).percent, percent);
    }
}

TEST(Calibration, EveryPairReachesAThresholdOfZero) {
    EXPECT_EQ(curve().cosine_floor({0}), -1);
}

TEST(Calibration, ACurveThatFallsOrEndsEarlyIsRefused) {
    EXPECT_FALSE(Calibration::create({}).ok());
    EXPECT_FALSE(Calibration::create({{1, 100}}).ok());
    EXPECT_FALSE(Calibration::create({{0, 0}, {0.5f, 90}}).ok());
    EXPECT_FALSE(Calibration::create({{0, 0}, {0.5f, 90}, {0.4f, 95}, {1, 100}}).ok());
    EXPECT_FALSE(Calibration::create({{0, 50}, {0.5f, 40}, {1, 100}}).ok());
}

}  // namespace
}  // namespace vision
