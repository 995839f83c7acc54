// The whole pipeline on people who do not exist (tests/people): needs a model pack, but no photographs.
#include <cmath>

#include "people/cast.h"
#include "people/picture.h"
#include "vision/test_pipeline.h"

namespace vision {
namespace {

constexpr int kSide = 160;

class PipelineOnDrawnPeople : public OnOpenPack {};

people::Portrait portrait_of(const people::Sitter& sitter, std::uint64_t number) {
    people::Chance chance(number);
    auto shot = people::shot_of(chance, people::Variety::album, sitter.person().glasses.worn);
    return people::portrait(sitter, shot, kSide);
}

// Two pictures each of six people of the cast: other poses, light, expressions and backgrounds.
TEST_F(PipelineOnDrawnPeople, EachIsFoundWhereItWasDrawnAndKnownAgain) {
    std::vector<Embedding> first, second;
    for (std::size_t who = 0; who < 6; ++who) {
        people::Sitter sitter(people::person_of(people::cast()[who].seed));
        for (std::uint64_t number = 1; number <= 2; ++number) {
            auto drawn = portrait_of(sitter, number);
            auto faces = faces_of(drawn.picture);
            ASSERT_EQ(faces.size(), 1u) << people::cast()[who].name << ' ' << number;
            const auto& truth = drawn.label.landmarks;
            float eyes = std::hypot(truth[1].x - truth[0].x, truth[1].y - truth[0].y);
            for (std::size_t i = 0; i < kLandmarks; ++i)
                EXPECT_LT(std::hypot(faces[0].landmarks[i].x * kSide - truth[i].x,
                                     faces[0].landmarks[i].y * kSide - truth[i].y),
                          0.6f * eyes)
                    << people::cast()[who].name << ' ' << number << ", landmark " << i;
            auto embedding = pipeline_->embed(drawn.picture, faces[0]);
            ASSERT_TRUE(embedding.ok());
            (number == 1 ? first : second).push_back(*embedding);
        }
    }
    for (std::size_t a = 0; a < first.size(); ++a)
        for (std::size_t b = 0; b < second.size(); ++b) {
            auto similarity = pipeline_->similarity(first[a], second[b]);
            if (a == b)
                EXPECT_GE(similarity.percent, 80) << people::cast()[a].name;
            else
                EXPECT_LT(similarity.percent, 80)
                    << people::cast()[a].name << " and " << people::cast()[b].name;
        }
}

TEST_F(PipelineOnDrawnPeople, AHeadThatTurnsToThePicturesRightHasPositiveYaw) {
    people::Sitter sitter(people::person_of(people::cast()[0].seed));
    for (float yaw : {-30.0f, 0.0f, 30.0f}) {
        auto faces = faces_of(people::portrait(sitter, {.yaw = yaw}, kSide).picture);
        ASSERT_EQ(faces.size(), 1u) << yaw;
        EXPECT_NEAR(faces[0].pose.yaw, yaw, 16) << yaw;
        EXPECT_NEAR(faces[0].pose.roll, 0, 6) << yaw;
    }
    for (float roll : {-25.0f, 25.0f}) {
        auto faces = faces_of(people::portrait(sitter, {.roll = roll}, kSide).picture);
        ASSERT_EQ(faces.size(), 1u) << roll;
        EXPECT_NEAR(faces[0].pose.roll, roll, 12) << roll;
    }
}

TEST_F(PipelineOnDrawnPeople, EverybodyInAGroupPictureIsFoundTheLargestFirst) {
    std::vector<std::unique_ptr<people::Sitter>> sitters;
    std::vector<people::Member> members;
    for (std::size_t who = 0; who < 4; ++who) {
        sitters.push_back(std::make_unique<people::Sitter>(people::person_of(people::cast()[who].seed)));
        auto place = static_cast<float>(who);
        members.push_back(
            {sitters.back().get(), {.background = 7}, {70 + 130 * place, 100}, 50 + 12 * place});
    }
    auto faces = faces_of(people::group(members, 540, 240).picture);
    ASSERT_EQ(faces.size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_NEAR((faces[i].box.left + faces[i].box.width / 2) * 540, members[3 - i].middle.x, 15) << i;
        EXPECT_GE(faces[0].box.area(), faces[i].box.area());
    }
}

TEST_F(PipelineOnDrawnPeople, ABackgroundHasNoFaces) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed)
        EXPECT_TRUE(faces_of(people::scenery(seed, kSide, kSide)).empty()) << seed;
}

}  // namespace
}  // namespace vision
