#include <gmock/gmock.h>

#include "services/rekognition/bench.h"

namespace services::rekognition {
namespace {

TEST(DetectFaces, TellsOfEveryFaceTheLargestFirst) {
    Bench bench;
    auto answer = bench.call("DetectFaces", {{"Image", Bench::bytes(photo_of({{kAnn, 40}, {kBob, 80}}))}});
    ASSERT_EQ(answer.status, 200) << answer.message;
    const auto& details = answer.body["FaceDetails"].as_array();
    ASSERT_EQ(details.size(), 2u);
    EXPECT_GT(details[0].at("BoundingBox").at("Width").as_double(),
              details[1].at("BoundingBox").at("Width").as_double());
    EXPECT_FALSE(answer.body.contains("OrientationCorrection"));
}

// A face that runs off the picture has a box that does too.
TEST(DetectFaces, BoxesAreNotCutAtThePicturesEdge) {
    Bench bench;
    bench.model->sight.detect = [](const image::Picture&) -> Result<std::vector<vision::Face>> {
        vision::Face face;
        face.box = {.left = -0.05f, .top = -0.012f, .width = 0.5f, .height = 1.0104f};
        return std::vector{face};
    };
    const auto answer = bench.call("DetectFaces", {{"Image", Bench::bytes(photo_of(kAnn))}});
    const auto& box = answer.body.at("FaceDetails").at(0).at("BoundingBox");
    EXPECT_FLOAT_EQ(static_cast<float>(box.at("Left").as_double()), -0.05f);
    EXPECT_FLOAT_EQ(static_cast<float>(box.at("Top").as_double()), -0.012f);
    EXPECT_FLOAT_EQ(static_cast<float>(box.at("Height").as_double()), 1.0104f);
}

TEST(DetectFaces, APictureWithoutAFaceIsNotAnError) {
    Bench bench;
    auto answer = bench.call("DetectFaces", {{"Image", Bench::bytes(empty_room())}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, (json::object{{"FaceDetails", json::array()}}));
}

json::object detail_of(Bench& bench, Person person, const json::array& attributes) {
    auto answer =
        bench.call("DetectFaces", {{"Image", Bench::bytes(photo_of(person))}, {"Attributes", attributes}});
    EXPECT_EQ(answer.status, 200) << answer.message;
    return answer.body["FaceDetails"].at(0).as_object();
}
std::vector<std::string> names_in(const json::object& object) {
    std::vector<std::string> names;
    for (const auto& member : object)
        names.emplace_back(member.key());
    return names;
}
std::vector<std::string> types_in(const json::value& list) {
    std::vector<std::string> types;
    for (const auto& element : list.as_array())
        types.emplace_back(element.at("Type").as_string());
    return types;
}
const std::vector<std::string> kDefault = {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"};

TEST(DetectFaces, WithoutAttributesTellsTheDefaultAlone) {
    Bench bench;
    for (const json::array& attributes :
         {json::array(), json::array{"DEFAULT"}, json::array{"DEFAULT", "DEFAULT"}}) {
        const auto detail = detail_of(bench, kAnn, attributes);
        EXPECT_THAT(names_in(detail), testing::UnorderedElementsAreArray(kDefault));
        EXPECT_EQ(detail.at("Landmarks").as_array().size(), 5u);
    }
}

// With a single attribute AWS returns the default ones too, whether or not DEFAULT is named.
TEST(DetectFaces, ANamedAttributeComesInAdditionToTheDefault) {
    Bench bench;
    const std::vector<std::pair<const char*, const char*>> members = {
        {"AGE_RANGE", "AgeRange"},        {"GENDER", "Gender"},
        {"EMOTIONS", "Emotions"},         {"SMILE", "Smile"},
        {"MOUTH_OPEN", "MouthOpen"},      {"EYEGLASSES", "Eyeglasses"},
        {"SUNGLASSES", "Sunglasses"},     {"BEARD", "Beard"},
        {"MUSTACHE", "Mustache"},         {"EYES_OPEN", "EyesOpen"},
        {"FACE_OCCLUDED", "FaceOccluded"}};
    for (const auto& [attribute, member] : members) {
        auto expected = kDefault;
        expected.emplace_back(member);
        for (const json::array& asked : {json::array{attribute}, json::array{"DEFAULT", attribute}}) {
            const auto detail = detail_of(bench, kAnn, asked);
            EXPECT_THAT(names_in(detail), testing::UnorderedElementsAreArray(expected)) << attribute;
            EXPECT_EQ(detail.at("Landmarks").as_array().size(), 5u) << attribute;
        }
    }
}

TEST(DetectFaces, AllTellsEverythingThatTheModelsTell) {
    Bench bench;
    for (const json::array& asked : {json::array{"ALL"}, json::array{"DEFAULT", "ALL", "SMILE"}}) {
        const auto ann = detail_of(bench, kAnn, asked);
        EXPECT_EQ(ann.at("AgeRange").at("Low"), 25);
        EXPECT_EQ(ann.at("AgeRange").at("High"), 35);
        EXPECT_EQ(ann.at("Gender"), (json::object{{"Value", "Female"}, {"Confidence", 98.5}}));
        EXPECT_EQ(ann.at("Smile").at("Value"), true);
        EXPECT_EQ(ann.at("MouthOpen").at("Value"), false);
        EXPECT_EQ(ann.at("MouthOpen").at("Confidence").to_number<double>(), 80);
    }
    const auto bob = detail_of(bench, kBob, {"ALL"});
    EXPECT_EQ(bob.at("Gender").at("Value"), "Male");
    EXPECT_EQ(bob.at("Smile").at("Value"), false);
    EXPECT_EQ(bob.at("Eyeglasses").at("Value"), true);
    const std::vector<std::tuple<const char*, bool, double>> bobs = {{"Sunglasses", true, 91},
                                                                     {"Beard", true, 92},
                                                                     {"Mustache", true, 93},
                                                                     {"EyesOpen", false, 94},
                                                                     {"FaceOccluded", true, 95}};
    for (const auto& [member, value, confidence] : bobs) {
        EXPECT_EQ(bob.at(member).at("Value"), value) << member;
        EXPECT_EQ(bob.at(member).at("Confidence").to_number<double>(), confidence) << member;
    }
}

// AWS's own samples print Emotions[0] as the emotion.
TEST(DetectFaces, EmotionsComeTheSurestFirst) {
    Bench bench;
    EXPECT_THAT(types_in(detail_of(bench, kAnn, {"EMOTIONS"}).at("Emotions")),
                testing::ElementsAre("HAPPY", "SURPRISED", "SAD", "FEAR", "ANGRY", "DISGUSTED", "CALM"));
}

TEST(DetectFaces, AllHasThirtyLandmarksInAwsOrder) {
    Bench bench;
    const auto detail = detail_of(bench, kAnn, {"ALL"});
    EXPECT_THAT(types_in(detail.at("Landmarks")),
                testing::ElementsAre("eyeLeft", "eyeRight", "mouthLeft", "mouthRight", "nose",
                                     "leftEyeBrowLeft", "leftEyeBrowRight", "leftEyeBrowUp",
                                     "rightEyeBrowLeft", "rightEyeBrowRight", "rightEyeBrowUp", "leftEyeLeft",
                                     "leftEyeRight", "leftEyeUp", "leftEyeDown", "rightEyeLeft",
                                     "rightEyeRight", "rightEyeUp", "rightEyeDown", "noseLeft", "noseRight",
                                     "mouthUp", "mouthDown", "leftPupil", "rightPupil", "upperJawlineLeft",
                                     "midJawlineLeft", "chinBottom", "midJawlineRight", "upperJawlineRight"));
    EXPECT_NEAR(detail.at("Landmarks").at(29).at("Y").to_number<double>(), 0.24, 1e-6);
}

// There is no model for them: left out and not invented.
TEST(DetectFaces, AttributesWithoutAModelAreLeftOut) {
    Bench bench;
    EXPECT_THAT(names_in(detail_of(bench, kAnn, {"EYE_DIRECTION"})),
                testing::UnorderedElementsAreArray(kDefault));
    EXPECT_FALSE(detail_of(bench, kAnn, {"ALL"}).contains("EyeDirection"));
    EXPECT_EQ(
        bench.call("DetectFaces", {{"Image", Bench::bytes(photo_of(kAnn))}, {"Attributes", {"HAIR"}}}).error,
        "ValidationException");
}

TEST(DetectFaces, WithoutAFaceModelIsRefused) {
    Bench bench(false);
    auto answer = bench.call("DetectFaces", {{"Image", Bench::bytes(photo_of(kAnn))}});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error, "ResourceNotReadyException");
}

}  // namespace
}  // namespace services::rekognition
