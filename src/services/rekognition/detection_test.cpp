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

}  // namespace
}  // namespace services::rekognition
