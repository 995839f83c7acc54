#include "vision/recognisability.h"

#include <gtest/gtest.h>

#include "image/resample.h"
#include "neural/pack.h"
#include "people/cast.h"
#include "people/picture.h"
#include "vision/pipeline.h"

namespace vision {
namespace {

using Grade = Recognisability;

std::shared_ptr<const neural::Pack> builtin() {
    auto known = neural::known_pack("builtin");
    auto pack = known.ok() ? neural::Pack::builtin(**known) : known.error();
    return pack.ok() ? *pack : nullptr;
}

// The detector's model: one without an output for the expected cosine.
std::shared_ptr<const neural::Model> any_model() {
    return *builtin()->model("detector");
}

neural::Role role_with(std::map<std::string, double> thresholds) {
    neural::Role role;
    for (const auto& [name, value] : thresholds)
        role.thresholds[name] = value;
    return role;
}

const std::map<std::string, double> kScale = {{"expected_low", 0.2},
                                              {"expected_medium", 0.5},
                                              {"expected_high", 0.8},
                                              {"length_middle", 10},
                                              {"length_spread", 2}};

TEST(Recognisability, GrowsWithTheLengthOfTheVector) {
    const auto scale = RecognisabilityScale::create(role_with(kScale), *any_model());
    ASSERT_TRUE(scale.ok() && *scale);
    EXPECT_FALSE((*scale)->asks_network());
    auto grade_at = [&](float length) { return (*scale)->grade((*scale)->reliability(length, 0)); };
    EXPECT_FLOAT_EQ((*scale)->reliability(10, 0), 0.5f);
    EXPECT_NEAR((*scale)->reliability(12, 0), 0.731, 0.001);
    EXPECT_EQ(grade_at(7), Grade::poor);
    EXPECT_EQ(grade_at(9), Grade::low);
    EXPECT_EQ(grade_at(10), Grade::medium);
    EXPECT_EQ(grade_at(13), Grade::high);
}

TEST(Recognisability, APackThatStatesNoBarsTellsNothing) {
    const auto scale = RecognisabilityScale::create(role_with({{"mirrored", 1}}), *any_model());
    ASSERT_TRUE(scale.ok());
    EXPECT_FALSE(*scale);
}

TEST(Recognisability, BarsThatMakeNoScaleAreRefused) {
    auto is_refused = [&](const std::string& name, std::optional<double> value) {
        auto thresholds = kScale;
        thresholds.erase(name);
        if (value) thresholds[name] = *value;
        return !RecognisabilityScale::create(role_with(thresholds), *any_model()).ok();
    };
    for (const auto& [name, value] : kScale)
        EXPECT_TRUE(is_refused(name, std::nullopt)) << name;
    EXPECT_TRUE(is_refused("expected_low", 0.5));
    EXPECT_TRUE(is_refused("expected_high", 1.2));
    EXPECT_TRUE(is_refused("length_spread", 0));
}

constexpr int kSide = 200;

class BuiltinOnDrawnPeople : public testing::Test {
protected:
    static void SetUpTestSuite() {
        auto created = Pipeline::create(*builtin());
        ASSERT_TRUE(created.ok()) << created.error().detail();
        pipeline_ = std::make_unique<Pipeline>(std::move(*created));
    }
    static void TearDownTestSuite() { pipeline_.reset(); }

    struct Judged {
        Grade grade;
        float reliability;
    };
    static Judged judged(const image::Picture& picture, Face face) {
        EXPECT_TRUE(pipeline_->examine(picture, face).ok());
        EXPECT_TRUE(face.embedding && face.quality.recognisability);
        return {face.quality.recognisability.value_or(Grade::poor), face.embedding->reliability.value_or(-1)};
    }

    inline static std::unique_ptr<Pipeline> pipeline_;
};

// As large as before, with the detail of a picture of `side` pixels.
image::Picture coarse(const image::Picture& picture, int side) {
    return image::resize(image::resize(picture, side, side), picture.width, picture.height);
}

// Something grey in front of the part of the face's box between these shares of its height.
image::Picture covered(image::Picture picture, const Box& box, float from, float to) {
    const auto width = static_cast<float>(picture.width), height = static_cast<float>(picture.height);
    for (int y = 0; y < picture.height; ++y)
        for (int x = 0; x < picture.width; ++x) {
            const float across = (static_cast<float>(x) / width - box.left) / box.width;
            const float down = (static_cast<float>(y) / height - box.top) / box.height;
            if (across > 0 && across < 1 && down > from && down < to)
                std::fill_n(picture.at(x, y), 3, std::uint8_t{110});
        }
    return picture;
}

TEST_F(BuiltinOnDrawnPeople, WhoIsSeenWellIsRecognisableAndWhoIsSeenBadlyIsLessSo) {
    for (std::size_t who = 0; who < 6; ++who) {
        const auto* name = people::cast()[who].name.data();
        people::Sitter sitter(people::person_of(people::cast()[who].seed));
        const auto picture = people::portrait(sitter, {.yaw = 5}, kSide).picture;
        const auto faces = pipeline_->detect(picture);
        ASSERT_TRUE(faces.ok() && !faces->empty()) << name;
        const auto& face = faces->front();
        const auto well = judged(picture, face);
        EXPECT_GE(well.grade, Grade::medium) << name << ' ' << well.reliability;
        const auto tiny = judged(coarse(picture, 18), face);
        EXPECT_LT(tiny.reliability, well.reliability - 0.1f) << name << ' ' << well.reliability;
        const auto hidden = judged(covered(picture, face.box, 0, 0.6f), face);
        EXPECT_LT(hidden.reliability, well.reliability - 0.1f) << name;
        Face wall = face;  // where a detector may have seen what is no face
        for (auto& point : wall.landmarks)
            point = {0.05f + 0.1f * point.x, 0.05f + 0.1f * point.y};
        EXPECT_EQ(judged(picture, wall).grade, Grade::poor) << name;
    }
}

TEST_F(BuiltinOnDrawnPeople, ACloserLookIsTakenOnceAndGivesTheSameEmbedding) {
    people::Sitter sitter(people::person_of(people::cast()[0].seed));
    const auto picture = people::portrait(sitter, {}, kSide).picture;
    auto face = pipeline_->detect(picture)->at(0);
    const auto embedding = pipeline_->embed(picture, face);
    ASSERT_TRUE(pipeline_->examine(picture, face).ok());
    EXPECT_EQ(face.embedding->values, embedding->values);
    EXPECT_EQ(face.embedding->reliability, embedding->reliability);
    const auto before = face.embedding->reliability;
    ASSERT_TRUE(pipeline_->examine(image::blank(kSide, kSide, 0, 0, 0), face).ok());
    EXPECT_EQ(face.embedding->reliability, before);
    EXPECT_EQ(pipeline_->embed(image::blank(kSide, kSide, 0, 0, 0), face)->values, embedding->values);
}

}  // namespace
}  // namespace vision
