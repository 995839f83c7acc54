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

TEST(DetectFaces, APictureWithoutAFaceIsNotAnError) {
    Bench bench;
    auto answer = bench.call("DetectFaces", {{"Image", Bench::bytes(empty_room())}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, (json::object{{"FaceDetails", json::array()}}));
}

TEST(DetectFaces, AttributesWithoutAModelAreLeftOut) {
    Bench bench;
    const auto photo = Bench::bytes(photo_of(kAnn));
    const auto plain = bench.call("DetectFaces", {{"Image", photo}});
    for (const json::array& attributes :
         {json::array{"ALL"}, json::array{"DEFAULT", "SMILE"}, json::array{"EMOTIONS"}, json::array()})
        EXPECT_EQ(bench.call("DetectFaces", {{"Image", photo}, {"Attributes", attributes}}).body, plain.body);
    EXPECT_EQ(bench.call("DetectFaces", {{"Image", photo}, {"Attributes", {"HAIR"}}}).error,
              "ValidationException");
}

TEST(DetectFaces, WithoutAFaceModelIsRefused) {
    Bench bench(false);
    auto answer = bench.call("DetectFaces", {{"Image", Bench::bytes(photo_of(kAnn))}});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error, "ResourceNotReadyException");
}

json::object compare_input(const base::Bytes& source, const base::Bytes& target, json::object more = {}) {
    more["SourceImage"] = Bench::bytes(source);
    more["TargetImage"] = Bench::bytes(target);
    return more;
}

TEST(CompareFaces, EveryFaceOfTheTargetIsInOneOfTwoLists) {
    Bench bench;
    auto answer = bench.call("CompareFaces",
                             compare_input(photo_of(kAnn), photo_of({{kBob, 90}, {kAnn, 60}, {kEve, 70}})));
    ASSERT_EQ(answer.status, 200) << answer.message;
    EXPECT_EQ(answer.body["SourceImageFace"].at("Confidence"), 99.5);
    ASSERT_EQ(answer.body["FaceMatches"].as_array().size(), 1u);
    EXPECT_GT(answer.body["FaceMatches"].at(0).at("Similarity").as_double(), 99);
    EXPECT_EQ(answer.body["FaceMatches"].at(0).at("Face").at("Landmarks").as_array().size(), 5u);
    ASSERT_EQ(answer.body["UnmatchedFaces"].as_array().size(), 2u);
    EXPECT_FALSE(answer.body["UnmatchedFaces"].at(0).as_object().contains("Similarity"));
}

TEST(CompareFaces, AThresholdOfZeroMatchesEveryFaceTheMostAlikeFirst) {
    Bench bench;
    auto answer = bench.call("CompareFaces", compare_input(photo_of(kAnn), photo_of({{kBob, 90}, {kAnn, 60}}),
                                                           {{"SimilarityThreshold", 0}}));
    const auto& matches = answer.body["FaceMatches"].as_array();
    ASSERT_EQ(matches.size(), 2u);
    EXPECT_GT(matches[0].at("Similarity").as_double(), matches[1].at("Similarity").as_double());
    EXPECT_EQ(answer.body["UnmatchedFaces"], json::array());
}

TEST(CompareFaces, WithoutAFaceInEitherPictureIsTheCallersMistake) {
    Bench bench;
    for (const auto& input :
         {compare_input(empty_room(), photo_of(kAnn)), compare_input(photo_of(kAnn), empty_room())}) {
        auto answer = bench.call("CompareFaces", input);
        EXPECT_EQ(answer.error, "InvalidParameterException");
        EXPECT_EQ(answer.message, "There are no faces in the image. Should be at least 1.");
    }
}

TEST(CompareFaces, FacesThatTheFilterRejectsAreNotCompared) {
    Bench bench;
    auto answer = bench.call(
        "CompareFaces",
        compare_input(photo_of(kAnn), photo_of({{kInTheDark, 80}, {kAnn, 60}}), {{"QualityFilter", "AUTO"}}));
    EXPECT_EQ(answer.body["FaceMatches"].as_array().size(), 1u);
    EXPECT_EQ(answer.body["UnmatchedFaces"], json::array());
}

TEST(CompareFaces, MembersMustKeepTheirLimits) {
    Bench bench;
    const auto photo = photo_of(kAnn);
    EXPECT_EQ(bench.call("CompareFaces", compare_input(photo, photo, {{"SimilarityThreshold", 101}})).error,
              "ValidationException");
    EXPECT_EQ(bench.call("CompareFaces", {{"SourceImage", Bench::bytes(photo)}}).error,
              "ValidationException");
}

}  // namespace
}  // namespace services::rekognition
