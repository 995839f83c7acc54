// What tests that draw people rely on. How face recognition sees them is tested in
// vision/drawn_people_test.cpp.
#include <cmath>
#include <gtest/gtest.h>

#include "people/cast.h"
#include "people/picture.h"

namespace people {
namespace {

Portrait drawn(std::uint64_t person, std::uint64_t shot, int side = 96) {
    Sitter sitter(person_of(person));
    Chance chance(shot);
    return portrait(sitter, shot_of(chance, Variety::album, false), side);
}

TEST(People, TheNumbersOfASeedAreTheSameEverywhere) {
    Chance chance(1);
    EXPECT_EQ(chance.bits(), 0x9E32CDF7948370BDULL);
    EXPECT_FLOAT_EQ(chance.share(), 0.65414995f);
    EXPECT_FLOAT_EQ(person_of(1).age, 39.54855f);
    EXPECT_FLOAT_EQ(person_of(1).eyes.apart, 31.077402f);
}

TEST(People, TheSameSeedsGiveTheSamePictureAndOthersAnother) {
    auto one = drawn(1, 1), again = drawn(1, 1), shot = drawn(1, 2), person = drawn(2, 1);
    EXPECT_EQ(one.picture.rgb, again.picture.rgb);
    EXPECT_NE(one.picture.rgb, shot.picture.rgb);
    EXPECT_NE(one.picture.rgb, person.picture.rgb);
}

TEST(People, LabelsLieAsAFaceDoes) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        auto label = drawn(seed, seed).label;
        const auto& [left_eye, right_eye, nose, left_corner, right_corner] = label.landmarks;
        EXPECT_LT(left_eye.x, right_eye.x) << seed;
        EXPECT_LT(left_corner.x, right_corner.x) << seed;
        EXPECT_LT(left_eye.y, nose.y) << seed;
        EXPECT_LT(nose.y, left_corner.y) << seed;
        for (const auto& point : label.landmarks) {
            EXPECT_GT(point.x, label.box.left) << seed;
            EXPECT_LT(point.x, label.box.left + label.box.width) << seed;
            EXPECT_GT(point.y, label.box.top) << seed;
            EXPECT_LT(point.y, label.box.top + label.box.height) << seed;
        }
    }
}

TEST(People, APoseHasTheSignsOfVision) {
    Sitter sitter(person_of(3));
    auto nose_beside_eyes = [&](Shot shot) {
        auto label = portrait(sitter, shot, 96).label;
        const auto& eyes = label.landmarks;
        return Point{label.landmarks[2].x - (eyes[0].x + eyes[1].x) / 2, eyes[1].y - eyes[0].y};
    };
    EXPECT_GT(nose_beside_eyes({.yaw = 30}).x, 2);
    EXPECT_LT(nose_beside_eyes({.yaw = -30}).x, -2);
    EXPECT_GT(nose_beside_eyes({.roll = 30}).y, 4);
    EXPECT_LT(nose_beside_eyes({.roll = -30}).y, -4);
}

TEST(People, AGroupHasALabelForEachMemberWhereItStands) {
    Sitter ann(person_of(1)), bob(person_of(2));
    auto both = group({{&ann, {}, {80, 60}, 50}, {&bob, {}, {220, 70}, 60}}, 300, 160);
    ASSERT_EQ(both.labels.size(), 2u);
    EXPECT_EQ(both.picture.width, 300);
    EXPECT_NEAR(both.labels[0].box.left + both.labels[0].box.width / 2, 80, 10);
    EXPECT_NEAR(both.labels[1].box.left + both.labels[1].box.width / 2, 220, 10);
    EXPECT_GT(both.labels[1].box.height, both.labels[0].box.height);
}

TEST(People, NobodyIsInTheCastTwice) {
    auto members = cast();
    for (std::size_t i = 0; i < members.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
            EXPECT_NE(members[i].name, members[j].name);
            EXPECT_NE(members[i].seed, members[j].seed);
        }
}

}  // namespace
}  // namespace people
