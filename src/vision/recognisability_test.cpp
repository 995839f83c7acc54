// The pack that is part of the program knows faces that nobody could be recognised by.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/resample.h"
#include "neural/pack.h"
#include "people/cast.h"
#include "people/picture.h"
#include "vision/pipeline.h"

namespace vision {
namespace {

using Grade = Recognisability::Grade;
constexpr int kSide = 200;

class BuiltinOnDrawnPeople : public testing::Test {
protected:
    static void SetUpTestSuite() {
        auto known = neural::known_pack("builtin");
        ASSERT_TRUE(known.ok());
        auto pack = neural::Pack::builtin(**known);
        ASSERT_TRUE(pack.ok()) << pack.error().detail();
        auto created = Pipeline::create(**pack);
        ASSERT_TRUE(created.ok()) << created.error().detail();
        pipeline_ = std::make_unique<Pipeline>(std::move(*created));
    }
    static void TearDownTestSuite() { pipeline_.reset(); }

    // The largest face of a picture.
    static Face face_of(const image::Picture& picture) {
        auto faces = pipeline_->detect(picture, {.confidence_min = 20});
        EXPECT_TRUE(faces.ok() && !faces->empty());
        return faces.ok() && !faces->empty() ? faces->front() : Face{};
    }
    static Recognisability judged(const image::Picture& picture) {
        return face_of(picture).quality.recognisability.value_or(Recognisability{-1, Grade::poor});
    }

    static std::unique_ptr<Pipeline> pipeline_;
};

std::unique_ptr<Pipeline> BuiltinOnDrawnPeople::pipeline_;

image::Picture portrait_of(std::size_t who) {
    people::Sitter sitter(people::person_of(people::cast()[who].seed));
    return people::portrait(sitter, {.yaw = 5}, kSide).picture;
}

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

TEST_F(BuiltinOnDrawnPeople, WhoIsSeenWellIsRecognisableAndWhoIsBlurredOrCoveredIsLessSo) {
    for (std::size_t who = 0; who < 6; ++who) {
        const auto picture = portrait_of(who);
        const auto well = judged(picture);
        EXPECT_GE(well.grade, Grade::medium) << people::cast()[who].name << ' ' << well.expected;
        EXPECT_LE(judged(coarse(picture, 40)).expected, well.expected + 0.02f) << people::cast()[who].name;
        const auto blurred = judged(coarse(picture, 22));
        EXPECT_LT(blurred.expected, well.expected - 0.1f) << people::cast()[who].name;
        EXPECT_LT(blurred.grade, Grade::medium) << people::cast()[who].name << ' ' << blurred.expected;
        const auto hidden = judged(covered(picture, face_of(picture).box, 0.5f, 0.7f));
        EXPECT_LT(hidden.expected, well.expected - 0.05f) << people::cast()[who].name;
    }
}

}  // namespace
}  // namespace vision
