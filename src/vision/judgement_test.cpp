// Pose and quality: what is said about a face besides where it is.
#include <cmath>
#include <gtest/gtest.h>
#include <random>

#include "vision/alignment.h"
#include "vision/pose.h"
#include "vision/quality.h"

namespace vision {
namespace {

// A head of a few points in millimetres (x right, y down, z away), turned as asked and seen from far away.
PixelLandmarks head(double yaw, double pitch, double roll, double scale = 2) {
    constexpr double kPoints[kLandmarks][3] = {
        {-31.5, 0, 0}, {31.5, 0, 0}, {0, 36, -35}, {-26, 73, -6}, {26, 73, -6}};
    auto radians = [](double degrees) { return degrees * M_PI / 180; };
    double y = radians(yaw), p = radians(pitch), r = radians(roll);
    PixelLandmarks out;
    for (std::size_t i = 0; i < kLandmarks; ++i) {
        auto [px, py, pz] = std::tuple{kPoints[i][0], kPoints[i][1], kPoints[i][2]};
        // Looking up: what lies before the face (negative z) moves up (negative y).
        double y1 = py * std::cos(p) + pz * std::sin(p), z1 = -py * std::sin(p) + pz * std::cos(p);
        // Turning to the picture's right: what lies before the face moves right.
        double x2 = px * std::cos(y) - z1 * std::sin(y);
        // Clockwise, with y down.
        out[i] = {static_cast<float>(200 + scale * (x2 * std::cos(r) - y1 * std::sin(r))),
                  static_cast<float>(300 + scale * (x2 * std::sin(r) + y1 * std::cos(r)))};
    }
    return out;
}

TEST(Pose, EachAngleHasItsDocumentedSign) {
    EXPECT_NEAR(estimate_pose(head(0, 0, 20)).roll, 20, 0.1);
    EXPECT_NEAR(estimate_pose(head(30, 0, 0)).yaw, 30, 1);
    EXPECT_NEAR(estimate_pose(head(0, 15, 0)).pitch, 15, 1);
    auto frontal = estimate_pose(head(0, 0, 0));
    EXPECT_NEAR(frontal.yaw, 0, 0.1);
    EXPECT_NEAR(frontal.pitch, 0, 0.1);
    // In the picture itself: a nose to the right of the middle is a head turned to the right.
    auto right = head(0, 0, 0);
    right[nose].x += 15;
    EXPECT_GT(estimate_pose(right).yaw, 5);
    auto up = head(0, 0, 0);
    up[nose].y -= 15;
    EXPECT_GT(estimate_pose(up).pitch, 5);
}

TEST(Pose, AnglesComeBackTogether) {
    for (double yaw : {-40.0, -10.0, 25.0})
        for (double pitch : {-20.0, 0.0, 20.0})
            for (double roll : {-90.0, -15.0, 5.0, 170.0}) {
                auto pose = estimate_pose(head(yaw, pitch, roll));
                // Turning and tilting at once slants the line of the eyes, which is what roll is read from.
                EXPECT_NEAR(pose.roll, roll, 15) << yaw << " " << pitch << " " << roll;
                EXPECT_NEAR(pose.yaw, yaw, 10) << yaw << " " << pitch << " " << roll;
                EXPECT_NEAR(pose.pitch, pitch, 12) << yaw << " " << pitch << " " << roll;
            }
}

TEST(Pose, SizeAndPlaceDoNotMatter) {
    auto small = estimate_pose(head(25, 10, 5, 0.3)), large = estimate_pose(head(25, 10, 5, 30));
    EXPECT_NEAR(small.yaw, large.yaw, 0.1);
    EXPECT_NEAR(small.pitch, large.pitch, 0.1);
}

TEST(Pose, PointsThatCoincideGiveNumbers) {
    PixelLandmarks same;
    same.fill({5, 5});
    auto pose = estimate_pose(same);
    EXPECT_TRUE(std::isfinite(pose.yaw) && std::isfinite(pose.pitch) && std::isfinite(pose.roll));
}

// Patches of random grey a few pixels wide, smoothed `blur` times with a 3x3 box.
image::Picture texture(int blur, double contrast = 1, int offset = 0) {
    std::mt19937 random(3);
    std::vector<double> values(kFaceTemplatePx * kFaceTemplatePx);
    auto at = [](int x, int y) { return static_cast<std::size_t>(y * kFaceTemplatePx + x); };
    for (int y = 0; y < kFaceTemplatePx; ++y)
        for (int x = 0; x < kFaceTemplatePx; ++x)
            values[at(x, y)] =
                x % 4 && y % 4 ? values[at(x - x % 4, y - y % 4)] : static_cast<double>(random() % 200);
    for (int pass = 0; pass < blur; ++pass) {
        auto from = values;
        for (int y = 1; y + 1 < kFaceTemplatePx; ++y)
            for (int x = 1; x + 1 < kFaceTemplatePx; ++x) {
                double sum = 0;
                for (int dy = -1; dy <= 1; ++dy)
                    for (int dx = -1; dx <= 1; ++dx)
                        sum += from[at(x + dx, y + dy)];
                values[at(x, y)] = sum / 9;
            }
    }
    auto picture = image::blank(kFaceTemplatePx, kFaceTemplatePx, 0, 0, 0);
    for (std::size_t i = 0; i < values.size(); ++i)
        std::fill_n(picture.rgb.data() + 3 * i, 3, static_cast<std::uint8_t>(values[i] * contrast + offset));
    return picture;
}

TEST(Quality, BrightnessIsTheShareOfWhite) {
    auto of = [](std::uint8_t grey) {
        return judge_quality(image::blank(kFaceTemplatePx, kFaceTemplatePx, grey, grey, grey)).brightness;
    };
    EXPECT_NEAR(of(0), 0, 0.1);
    EXPECT_NEAR(of(128), 50.2, 0.1);
    EXPECT_NEAR(of(255), 100, 0.1);
}

TEST(Quality, SharpnessFallsWithEveryBlur) {
    float before = 101;
    for (int blur : {0, 1, 2, 4, 8, 16}) {
        float sharpness = judge_quality(texture(blur)).sharpness;
        EXPECT_LT(sharpness, before) << blur;
        before = sharpness;
    }
    EXPECT_LT(before, 20);
    EXPECT_GT(judge_quality(texture(0)).sharpness, 80);
}

TEST(Quality, SharpnessDoesNotDependOnContrastOrLight) {
    auto full = judge_quality(texture(2)).sharpness;
    EXPECT_NEAR(judge_quality(texture(2, 0.4, 60)).sharpness, full, 5);
}

TEST(Quality, AnEvenPictureIsNotSharp) {
    EXPECT_EQ(judge_quality(image::blank(kFaceTemplatePx, kFaceTemplatePx, 90, 90, 90)).sharpness, 0);
}

}  // namespace
}  // namespace vision
