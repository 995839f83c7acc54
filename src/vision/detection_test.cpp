#include "vision/detection.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include "vision/confidence.h"
#include "vision/passes.h"
#include "vision/yunet.h"

namespace vision {
namespace {

Detection detection(PixelBox box, float score, float suitability = 1) {
    Detection out;
    out.box = box;
    for (std::size_t i = 0; i < kLandmarks; ++i)
        out.landmarks[i] = {box.left + box.width() * (0.3f + 0.1f * static_cast<float>(i)),
                            box.top + box.height() * (i < 2 ? 0.4f : 0.7f)};
    out.score = score;
    out.suitability = suitability;
    return out;
}

TEST(Overlap, IsTheShareOfTheCommonArea) {
    PixelBox a{0, 0, 10, 10};
    EXPECT_FLOAT_EQ(intersection_over_union(a, a), 1);
    EXPECT_FLOAT_EQ(intersection_over_union(a, {5, 0, 15, 10}), 50.0f / 150);
    EXPECT_FLOAT_EQ(intersection_over_union(a, {10, 0, 20, 10}), 0);
    EXPECT_FLOAT_EQ(intersection_over_smaller(a, {2, 2, 6, 6}), 1);
}

TEST(Suppress, OfOneFaceTheBestRankStays) {
    auto kept = suppress({detection({0, 0, 100, 100}, 0.8f), detection({5, 5, 105, 105}, 0.9f),
                          detection({300, 0, 400, 100}, 0.6f)});
    ASSERT_EQ(kept.size(), 2u);
    EXPECT_FLOAT_EQ(kept[0].score, 0.9f);
    EXPECT_FLOAT_EQ(kept[1].score, 0.6f);
}

TEST(Suppress, ThePassThatSuitsTheSizeWinsOverAHigherScore) {
    auto kept = suppress({detection({0, 0, 100, 100}, 0.95f, 0.4f), detection({2, 2, 98, 98}, 0.9f, 1)});
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_FLOAT_EQ(kept[0].score, 0.9f);
}

TEST(Suppress, APartOfAFaceIsNotAFaceOfItsOwn) {
    EXPECT_EQ(suppress({detection({0, 0, 100, 100}, 0.9f), detection({20, 20, 60, 60}, 0.7f)}).size(), 1u);
}

// Seen in a group picture of drawn people: the second box took the hair in, and the overlap is 0.44.
TEST(Suppress, AFaceWithItsHairIsTheSameFace) {
    auto face = detection({402, 70, 518, 211}, 0.9f), with_hair = detection({403, 13, 537, 168}, 0.8f);
    with_hair.landmarks = face.landmarks;
    for (auto& point : with_hair.landmarks)
        point.x += 6, point.y -= 4;
    EXPECT_EQ(suppress({face, with_hair}).size(), 1u);
}

TEST(Suppress, NeighboursBothStay) {
    EXPECT_EQ(suppress({detection({0, 0, 100, 100}, 0.9f), detection({70, 0, 170, 100}, 0.7f)}).size(), 2u);
}

// One cell of a grid, as YuNet writes it.
struct Grid {
    int columns, rows;
    std::vector<float> cls, obj, bbox, kps;

    Grid(int columns_, int rows_)
        : columns(columns_), rows(rows_), cls(cells()), obj(cells()), bbox(4 * cells()), kps(10 * cells()) {}
    std::size_t cells() const { return static_cast<std::size_t>(columns * rows); }
    YunetHeads heads(int stride) const { return {stride, columns, rows, cls, obj, bbox, kps}; }
};

TEST(Yunet, ACellsPredictionIsRelativeToItsCorner) {
    Grid grid(4, 3);
    std::size_t cell = 1 * 4 + 2;  // row 1, column 2
    grid.cls[cell] = 0.81f;
    grid.obj[cell] = 1;
    grid.bbox[4 * cell + 0] = 0.5f;
    grid.bbox[4 * cell + 1] = 0.25f;
    grid.bbox[4 * cell + 2] = std::log(3.0f);
    grid.bbox[4 * cell + 3] = std::log(4.0f);
    for (std::size_t i = 0; i < 10; ++i)
        grid.kps[10 * cell + i] = 0.1f * static_cast<float>(i);
    std::vector<Detection> found;
    decode_yunet(grid.heads(16), 0.5f, found);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_FLOAT_EQ(found[0].score, 0.9f);
    EXPECT_NEAR(found[0].box.centre().x, 2.5f * 16, 1e-3);
    EXPECT_NEAR(found[0].box.centre().y, 1.25f * 16, 1e-3);
    EXPECT_NEAR(found[0].box.width(), 48, 1e-3);
    EXPECT_NEAR(found[0].box.height(), 64, 1e-3);
    EXPECT_NEAR(found[0].landmarks[nose].x, (2 + 0.4f) * 16, 1e-3);
    EXPECT_NEAR(found[0].landmarks[nose].y, (1 + 0.5f) * 16, 1e-3);
}

TEST(Yunet, WhatIsNotANumberIsNoFace) {
    Grid grid(2, 1);
    grid.cls = {1, std::numeric_limits<float>::quiet_NaN()};
    grid.obj = {1, 1};
    grid.bbox[0] = std::numeric_limits<float>::infinity();
    std::vector<Detection> found;
    decode_yunet(grid.heads(8), 0.5f, found);
    EXPECT_TRUE(found.empty());
}

TEST(Yunet, AHugeBoxStaysFinite) {
    Grid grid(1, 1);
    grid.cls = grid.obj = {1};
    grid.bbox[2] = grid.bbox[3] = 1000;
    std::vector<Detection> found;
    decode_yunet(grid.heads(8), 0.5f, found);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_TRUE(std::isfinite(found[0].box.area()));
}

TEST(Passes, EveryInputFitsTheNetworkAndHoldsThePicture) {
    for (auto [width, height] : {std::pair{80, 80},
                                 {250, 250},
                                 {640, 480},
                                 {1280, 720},
                                 {720, 1280},
                                 {4000, 3000},
                                 {10000, 80},
                                 {1, 1}}) {
        for (const auto& pass : plan_passes(width, height)) {
            EXPECT_EQ(pass.width % kYunetStep, 0);
            EXPECT_EQ(pass.height % kYunetStep, 0);
            EXPECT_LE(static_cast<float>(width) * pass.factor, static_cast<float>(pass.width) + 0.01f);
            EXPECT_LE(static_cast<float>(height) * pass.factor, static_cast<float>(pass.height) + 0.01f);
            EXPECT_LE(std::max(pass.width, pass.height), 1280);
        }
    }
}

// The range that the detector was trained for is about 10 to 300 pixels.
TEST(Passes, FacesOf20PixelsAndFacesThatFillThePictureAreBothInRange) {
    for (auto [width, height] : {std::pair{250, 250}, {640, 480}, {1280, 720}, {1280, 1280}, {900, 1600}}) {
        auto passes = plan_passes(width, height);
        EXPECT_GE(20 * passes.front().factor, 10) << width << "x" << height;
        EXPECT_LE(static_cast<float>(std::min(width, height)) * passes.back().factor, 300);
        EXPECT_EQ(passes.size() >= 2, true);
    }
}

TEST(Passes, ThePictureIsNotPaddedToASquare) {
    auto finest = plan_passes(1280, 720).front();
    EXPECT_EQ(finest.width, 1280);
    EXPECT_EQ(finest.height, 736);
}

TEST(Confidence, RisesWithTheScoreAndComesBack) {
    EXPECT_NEAR(confidence_of_score(0.55f), 50, 0.1);
    EXPECT_GT(confidence_of_score(0.9f), 99.5f);
    for (float confidence : {10.0f, 50.0f, 80.0f, 95.0f, 99.0f})
        EXPECT_NEAR(confidence_of_score(score_of_confidence(confidence)), confidence, 0.05);
    EXPECT_GE(score_of_confidence(0), 0);
    EXPECT_LE(score_of_confidence(100), 1);
}

}  // namespace
}  // namespace vision
