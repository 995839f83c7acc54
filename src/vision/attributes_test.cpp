// What is made of the attribute networks' numbers; and the networks of the open pack on photographs, skipped
// where ../shared is not.
#include "vision/attributes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>

#include "image/decode.h"
#include "image/resample.h"
#include "vision/eyewear.h"
#include "vision/judgement.h"
#include "vision/test_pipeline.h"

namespace vision {
namespace {

TEST(AgeRange, ReachesAsFarAsTheEstimateMayBeOff) {
    const auto adult = age_range(40, {.base = 2, .slope = 0.2f});
    EXPECT_EQ(adult.low, 30);
    EXPECT_EQ(adult.high, 50);
    const auto child = age_range(1, {.base = 2, .slope = 0.2f});
    EXPECT_EQ(child.low, 0);
    EXPECT_EQ(child.high, 3);
    EXPECT_EQ(age_range(-3, {.base = 1, .slope = 0}).low, 0);
    EXPECT_EQ(age_range(1e9f, {.base = 0, .slope = 0}).high, 120);
}

TEST(Gender, ConfidenceIsInTheValueGiven) {
    EXPECT_EQ(gender_of(0.9f).value, Sex::male);
    EXPECT_NEAR(gender_of(0.9f).confidence, 90, 1e-3);
    EXPECT_EQ(gender_of(0.2f).value, Sex::female);
    EXPECT_NEAR(gender_of(0.2f).confidence, 80, 1e-3);
}

TEST(Judgement, ConfidenceIsInTheValueGiven) {
    EXPECT_TRUE(judgement_of(0.8f).value);
    EXPECT_NEAR(judgement_of(0.8f).confidence, 80, 1e-3);
    EXPECT_FALSE(judgement_of(0.3f).value);
    EXPECT_NEAR(judgement_of(0.3f).confidence, 70, 1e-3);
    EXPECT_EQ(judgement_of(1.5f).confidence, 100);
}

TEST(Emotions, ComeTheSurestFirstAndSumTo100) {
    const std::array<float, kEmotions> probabilities = {0.1f, 0.5f, 0.05f, 0.05f, 0.02f, 0.08f, 0.2f};
    const auto emotions = emotions_of(probabilities);
    ASSERT_EQ(emotions.size(), kEmotions);
    EXPECT_EQ(emotions[0].emotion, Emotion::happy);
    EXPECT_EQ(emotions[1].emotion, Emotion::surprised);
    EXPECT_EQ(emotions[2].emotion, Emotion::calm) << "neutral is AWS's CALM";
    EXPECT_EQ(emotions.back().emotion, Emotion::fear);
    float sum = 0;
    for (const auto& each : emotions)
        sum += each.confidence;
    EXPECT_NEAR(sum, 100, 0.01);
}

// Eyes 40 pixels apart, a mouth as wide as `width` and open as far as `gap`, both in distances between the
// eyes.
DensePoints face_with_mouth(float width, float gap) {
    DensePoints points{};
    for (std::size_t i = 36; i < 42; ++i)
        points[i] = {40, 40};
    for (std::size_t i = 42; i < 48; ++i)
        points[i] = {80, 40};
    points[48] = {60 - 20 * width, 80};
    points[54] = {60 + 20 * width, 80};
    for (std::size_t i : {61, 62, 63})
        points[i] = {60, 80};
    for (std::size_t i : {65, 66, 67})
        points[i] = {60, 80 + 40 * gap};
    return points;
}

TEST(Mouth, AWiderMouthAndAHappierFaceIsMoreOfASmile) {
    const MouthMeasure smile{.bias = -14.56f, .happy = 0.26f, .width = 14.8f, .gap = 0};
    EXPECT_TRUE(judge_mouth(face_with_mouth(1.0f, 0), 0.99f, smile).value);
    EXPECT_FALSE(judge_mouth(face_with_mouth(0.7f, 0), 0.1f, smile).value);
    EXPECT_GT(judge_mouth(face_with_mouth(1.1f, 0), 0.99f, smile).confidence,
              judge_mouth(face_with_mouth(1.0f, 0), 0.99f, smile).confidence);
    EXPECT_GE(judge_mouth(face_with_mouth(0.9f, 0), 0.7f, smile).confidence, 50);
}

TEST(Mouth, AGapBetweenTheLipsIsAnOpenMouth) {
    const MouthMeasure open{.bias = -4.1f, .happy = 0, .width = 0, .gap = 33.2f};
    EXPECT_FALSE(judge_mouth(face_with_mouth(0.8f, 0.02f), 0.5f, open).value);
    EXPECT_TRUE(judge_mouth(face_with_mouth(0.8f, 0.3f), 0.5f, open).value);
}

TEST(Mouth, PointsThatCoincideAndSureNetworksGiveNumbers) {
    const MouthMeasure any{.bias = 0, .happy = 1, .width = 1, .gap = 1};
    for (float happy : {0.0f, 1.0f, 2.0f}) {
        const auto judged = judge_mouth(DensePoints{}, happy, any);
        EXPECT_TRUE(judged.confidence >= 50 && judged.confidence <= 100) << happy;
    }
}

// The 68 points run: the jaw from left to right, each brow and eye from its left, the lips from the left
// corner.
TEST(Outline, IsTheSamePointsUnderAwsNames) {
    DensePoints points;
    for (std::size_t i = 0; i < kDensePoints; ++i)
        points[i] = {static_cast<float>(i), static_cast<float>(2 * i)};
    const auto outline = outline_of(points);
    EXPECT_EQ(outline[upper_jawline_left].x, 0);
    EXPECT_EQ(outline[chin_bottom].x, 8);
    EXPECT_EQ(outline[upper_jawline_right].x, 16);
    EXPECT_EQ(outline[left_eyebrow_left].x, 17);
    EXPECT_EQ(outline[right_eyebrow_right].x, 26);
    EXPECT_EQ(outline[left_eye_up].x, 37.5f);
    EXPECT_EQ(outline[left_pupil].x, 38.5f);
    EXPECT_EQ(outline[right_eye_down].x, 46.5f);
    EXPECT_EQ(outline[mouth_down].y, 114);
}

// A picture of `side` pixels with stripes that lie across it from edge to edge.
image::Picture stripes(bool is_lying) {
    auto picture = image::blank(kEyewearPx, kEyewearPx, 0, 0, 0);
    for (int y = 0; y < kEyewearPx; ++y)
        for (int x = 0; x < kEyewearPx; ++x)
            if (((is_lying ? y : x) / 4) % 2) std::fill_n(picture.at(x, y), 3, std::uint8_t{200});
    return picture;
}

TEST(GradientHistograms, SeeWhichWayEdgesRun) {
    for (bool is_lying : {false, true}) {
        const auto histograms = gradient_histograms(stripes(is_lying));
        ASSERT_EQ(histograms.size(), std::size_t{kEyewearRows * kEyewearColumns * kEyewearDirections});
        // Of a cell in the middle: an upright edge's gradient lies along the first and the last direction.
        const auto* cell = &histograms[(2 * kEyewearColumns + 5) * kEyewearDirections];
        const float upright = cell[0] + cell[8], lying = cell[4];
        EXPECT_NEAR(is_lying ? upright : lying, 0, 1e-4) << is_lying;
        EXPECT_GT(is_lying ? lying : upright, 0.3f) << is_lying;
    }
}

TEST(GradientHistograms, AMirroredPictureHasMirroredOnes) {
    auto picture = stripes(false);
    for (int y = 0; y < kEyewearPx; ++y)
        for (int x = 0; x < kEyewearPx; ++x)
            picture.at(x, y)[0] = static_cast<std::uint8_t>((x * 7 + y * 3 + x * y / 5) % 256);
    const auto here = gradient_histograms(picture), there = gradient_histograms(image::mirror(picture));
    for (int row = 0; row < kEyewearRows; ++row)
        for (int column = 0; column < kEyewearColumns; ++column)
            for (int d = 0; d < kEyewearDirections; ++d)
                ASSERT_NEAR(
                    here[static_cast<std::size_t>((row * kEyewearColumns + column) * kEyewearDirections + d)],
                    there[static_cast<std::size_t>((row * kEyewearColumns + kEyewearColumns - 1 - column) *
                                                       kEyewearDirections +
                                                   kEyewearDirections - 1 - d)],
                    1e-3)
                    << row << " " << column << " " << d;
}

class AttributesOfPhotos : public OnPhotos {
protected:
    static FaceAttributes told(const image::Picture& picture, const AttributeChoice& choice) {
        auto faces = pipeline_->detect(picture);
        auto attributes = pipeline_->describe(picture, faces->at(0), choice);
        EXPECT_TRUE(attributes.ok()) << attributes.error().detail();
        return *attributes;
    }
};

TEST_F(AttributesOfPhotos, TellWhatCanBeSeen) {
    const auto president = told(photo_named("obama.jpg"), AttributeChoice::all());
    EXPECT_EQ(president.gender->value, Sex::male);
    EXPECT_GT(president.gender->confidence, 90);
    EXPECT_LE(president.age_range->low, 51);  // the age that he was photographed at
    EXPECT_GE(president.age_range->high, 47);
    EXPECT_TRUE(president.smile->value);
    EXPECT_TRUE(president.mouth_open->value) << "his teeth are seen";
    EXPECT_EQ(president.emotions.at(0).emotion, Emotion::happy);
    EXPECT_FALSE(president.eyeglasses->value);
}

TEST_F(AttributesOfPhotos, GlassesAreSeen) {
    if (!std::filesystem::exists(kPeople)) GTEST_SKIP() << "needs the people of ../shared";
    const auto wears = [](const char* file) {
        const auto path = std::filesystem::path(kPeople) / "Mohamed_ElBaradei" / file;
        const auto picture = *image::decode(*base::read_file(path, std::size_t{1} << 20));
        return told(picture, {.eyeglasses = true}).eyeglasses->value;
    };
    // He wears a thin frame in three of the four small pictures: they are seen at least once, and nothing is
    // seen where he wears none.
    EXPECT_TRUE(wears("Mohamed_ElBaradei_0001.jpg") || wears("Mohamed_ElBaradei_0002.jpg") ||
                wears("Mohamed_ElBaradei_0004.jpg"));
    EXPECT_FALSE(wears("Mohamed_ElBaradei_0003.jpg"));
    for (const char* name : {"biden.jpg", "alex-lacamoire.png", "lin-manuel-miranda.png"})
        EXPECT_FALSE(told(photo_named(name), {.eyeglasses = true}).eyeglasses->value) << name;
}

TEST_F(AttributesOfPhotos, OnlyWhatIsAskedForIsTold) {
    const auto picture = photo_named("obama_small.jpg");
    const auto nothing = told(picture, {});
    EXPECT_FALSE(nothing.age_range || nothing.gender || nothing.smile || nothing.mouth_open ||
                 nothing.outline);
    EXPECT_TRUE(nothing.emotions.empty());
    const auto smile = told(picture, {.smile = true});
    EXPECT_TRUE(smile.smile && !smile.mouth_open && !smile.outline && smile.emotions.empty());
    const auto gender = told(picture, {.gender = true});
    EXPECT_TRUE(gender.gender && !gender.age_range);
}

// Left is the picture's left, up is above, and the 25 points agree with the detector's five.
TEST_F(AttributesOfPhotos, TheOutlineLiesOnTheFace) {
    for (const char* name : {"obama.jpg", "biden.jpg", "lin-manuel-miranda.png"}) {
        const auto picture = photo_named(name);
        const auto face = pipeline_->detect(picture)->at(0);
        const auto outline = *pipeline_->describe(picture, face, {.outline = true})->outline;
        const float eyes = face.landmarks[eye_right].x - face.landmarks[eye_left].x;
        EXPECT_NEAR(outline[left_pupil].x, face.landmarks[eye_left].x, 0.15f * eyes) << name;
        EXPECT_NEAR(outline[right_pupil].x, face.landmarks[eye_right].x, 0.15f * eyes) << name;
        EXPECT_LT(outline[left_eye_left].x, outline[left_eye_right].x) << name;
        EXPECT_LT(outline[left_eye_right].x, outline[right_eye_left].x) << name;
        EXPECT_LT(outline[left_eye_up].y, outline[left_eye_down].y) << name;
        EXPECT_LT(outline[left_eyebrow_up].y, outline[left_eye_up].y) << name;
        EXPECT_LT(outline[nose_left].x, outline[nose_right].x) << name;
        EXPECT_LT(outline[mouth_up].y, outline[mouth_down].y) << name;
        EXPECT_LT(outline[mouth_down].y, outline[chin_bottom].y) << name;
        EXPECT_LT(outline[upper_jawline_left].x, outline[left_eye_left].x) << name;
        EXPECT_LT(outline[right_eye_right].x, outline[upper_jawline_right].x) << name;
    }
}

// Signs as Pose documents them, on a photograph: its mirror image looks the other way.
TEST_F(AttributesOfPhotos, AMirroredFaceTurnsAndLeansTheOtherWay) {
    for (const char* name : {"obama.jpg", "biden.jpg", "alex-lacamoire.png"}) {
        const auto picture = photo_named(name);
        const auto here = pipeline_->detect(picture)->at(0).pose;
        const auto there = pipeline_->detect(image::mirror(picture))->at(0).pose;
        EXPECT_NEAR(here.yaw, -there.yaw, 5) << name;
        EXPECT_NEAR(here.roll, -there.roll, 3) << name;
        EXPECT_NEAR(here.pitch, there.pitch, 5) << name;
    }
}

// What a pack has no networks for is told by the pack that is part of the program.
TEST(Attributes, APackWithoutTheirNetworksTellsWhatTheProgramsOwnTells) {
    auto pack = open_pack();
    if (!pack || !std::filesystem::exists(kPhotos)) GTEST_SKIP() << "needs the weights of ../shared";
    // The same pack, without the roles that tell attributes.
    std::string text = pack->description().text;
    text.erase(text.find("[roles.age_gender]"), text.find("[[documents]]") - text.find("[roles.age_gender]"));
    std::map<std::string, base::Bytes> files;
    for (const char* name : {"detect/yunet_n_640_640.onnx", "embed/foamliu_MobileFaceNet_opset18.onnx"}) {
        auto bytes = base::read_file(std::filesystem::path(kWeights) / name, std::size_t{16} << 20);
        files[name[0] == 'd' ? "yunet_n_640_640.onnx" : "MobileFaceNet.onnx"] = *bytes;
    }
    auto plain = neural::Pack::from_bytes(text, std::move(files));
    ASSERT_TRUE(plain.ok()) << plain.error().message();
    auto pipeline = Pipeline::create(**plain);
    ASSERT_TRUE(pipeline.ok());
    auto picture = *image::decode(
        *base::read_file(std::filesystem::path(kPhotos) / "obama_small.jpg", std::size_t{16} << 20));
    const auto told = *pipeline->describe(picture, pipeline->detect(picture)->at(0), AttributeChoice::all());
    EXPECT_TRUE(told.age_range && told.gender && told.smile && told.mouth_open && told.outline && told.beard);
    EXPECT_EQ(told.emotions.size(), kEmotions);
}

}  // namespace
}  // namespace vision
