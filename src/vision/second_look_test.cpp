#include "vision/second_look.h"

#include <gtest/gtest.h>

namespace vision {
namespace {

Detection face_at(float left, float top, float side, float score) {
    Detection face;
    face.box = {left, top, left + side, top + side};
    face.score = score;
    face.landmarks = {
        Pixel{left + side * 0.3f, top + side * 0.4f}, Pixel{left + side * 0.7f, top + side * 0.4f},
        Pixel{left + side * 0.5f, top + side * 0.6f}, Pixel{left + side * 0.35f, top + side * 0.8f},
        Pixel{left + side * 0.65f, top + side * 0.8f}};
    return face;
}

TEST(SecondLook, CutsOutASquareAboutTheFace) {
    auto cut_out = second_look_at({100, 100, 140, 160}, 1.6f);
    EXPECT_EQ(cut_out.width, 96);
    EXPECT_EQ(cut_out.height, 96);
    EXPECT_EQ(cut_out.left, 72);
    EXPECT_EQ(cut_out.top, 82);
}

TEST(SecondLook, WhatIsFoundInTheCutOutIsPlacedInThePicture) {
    image::Rectangle cut_out{-56, 100, 2 * kSecondLookPx, 2 * kSecondLookPx};
    auto placed = placed_in_picture(face_at(10, 20, 30, 1), cut_out);
    EXPECT_FLOAT_EQ(placed.box.left, -56 + 20 - 0.5f);
    EXPECT_FLOAT_EQ(placed.box.top, 100 + 40 - 0.5f);
    EXPECT_FLOAT_EQ(placed.box.width(), 60);
}

TEST(SecondLook, TheMirrorImageOfAFaceMirrorsBack) {
    auto face = face_at(20, 30, 50, 1);
    auto back = mirrored(mirrored(face));
    EXPECT_FLOAT_EQ(back.box.left, face.box.left);
    EXPECT_FLOAT_EQ(back.landmarks[mouth_right].x, face.landmarks[mouth_right].x);
    EXPECT_LT(mirrored(face).landmarks[eye_left].x, mirrored(face).landmarks[eye_right].x);
}

TEST(SecondLook, LandmarksAreTheMeanOfTheLooksThatSawTheFace) {
    auto seen = face_at(100, 100, 40, 0.9f);
    std::vector<std::vector<Detection>> looks = {
        {face_at(100, 100, 40, 0.2f), face_at(98, 100, 40, 0.8f), face_at(10, 10, 30, 0.95f)},
        {face_at(104, 102, 40, 0.7f)}};
    auto combined = combine(seen, looks);
    EXPECT_FLOAT_EQ(combined.box.left, 100);
    EXPECT_FLOAT_EQ(combined.landmarks[nose].x, 101 + 20);
    EXPECT_FLOAT_EQ(combined.landmarks[nose].y, 101 + 24);
    EXPECT_FLOAT_EQ(combined.score, 0.8f);
}

TEST(SecondLook, ALookThatDoesNotSeeTheFaceLowersItsScore) {
    auto seen = face_at(100, 100, 40, 0.9f);
    std::vector<std::vector<Detection>> looks = {{}, {face_at(10, 10, 30, 0.95f)}};
    auto combined = combine(seen, looks);
    EXPECT_FLOAT_EQ(combined.score, 0.3f);
    EXPECT_FLOAT_EQ(combined.box.left, 100);
}

}  // namespace
}  // namespace vision
