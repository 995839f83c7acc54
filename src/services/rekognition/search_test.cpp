#include <gmock/gmock.h>

#include "services/rekognition/bench.h"

namespace services::rekognition {
namespace {

json::object search_input(const base::Bytes& photo, json::object more = {}) {
    more["CollectionId"] = "staff";
    more["Image"] = Bench::bytes(photo);
    return more;
}

TEST(SearchFacesByImage, FindsTheEnrolledPersonAndNoStranger) {
    Bench bench;
    bench.create();
    const auto ann = bench.enrol(photo_of(kAnn));
    bench.enrol(photo_of(kBob));
    auto answer = bench.call("SearchFacesByImage", search_input(photo_of({{kAnn, 60}})));
    ASSERT_EQ(answer.status, 200) << answer.message;
    ASSERT_EQ(answer.body["FaceMatches"].as_array().size(), 1u);
    EXPECT_EQ(answer.body["FaceMatches"].at(0).at("Face").at("FaceId"), json::value(ann));
    EXPECT_GT(answer.body["FaceMatches"].at(0).at("Similarity").as_double(), 99);
    EXPECT_EQ(answer.body["SearchedFaceConfidence"], 99.5);
    EXPECT_NEAR(answer.body["SearchedFaceBoundingBox"].at("Height").as_double(), 0.6, 0.03);
    EXPECT_EQ(answer.body["FaceModelVersion"], "7.0");
}

TEST(SearchFacesByImage, AStrangerIsNotAnErrorAndHasNoMatch) {
    Bench bench;
    bench.create();
    for (int enrolled = 0; enrolled < 2; ++enrolled) {  // also in an empty collection
        auto answer = bench.call("SearchFacesByImage", search_input(photo_of(kEve)));
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body.at("FaceMatches"), json::array());
        EXPECT_TRUE(answer.body.contains("SearchedFaceBoundingBox"));
        bench.enrol(photo_of(kAnn));
    }
}

TEST(SearchFacesByImage, SearchesWithTheLargestFaceOnly) {
    Bench bench;
    bench.create();
    bench.enrol(photo_of(kAnn));
    const auto bob = bench.enrol(photo_of(kBob));
    auto answer = bench.call("SearchFacesByImage", search_input(photo_of({{kAnn, 50}, {kBob, 90}})));
    ASSERT_EQ(answer.body["FaceMatches"].as_array().size(), 1u);
    EXPECT_EQ(answer.body["FaceMatches"].at(0).at("Face").at("FaceId"), json::value(bob));
}

// AWS answers InvalidParameterException here, not an empty list, and in these words.
TEST(SearchFacesByImage, APictureWithoutAFaceIsTheCallersMistake) {
    Bench bench;
    bench.create();
    auto answer = bench.call("SearchFacesByImage", search_input(empty_room()));
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error, "InvalidParameterException");
    EXPECT_EQ(answer.message, "There are no faces in the image. Should be at least 1.");
}

TEST(SearchFacesByImage, AFaceThatTheFilterRejectsIsNoFace) {
    Bench bench;
    bench.create();
    for (const auto& unfit : {photo_of({{kInTheDark, 80}}), photo_of(kBehindAVeil)}) {
        EXPECT_EQ(bench.call("SearchFacesByImage", search_input(unfit)).status, 200)
            << "without a filter by default";
        auto answer = bench.call("SearchFacesByImage", search_input(unfit, {{"QualityFilter", "AUTO"}}));
        EXPECT_EQ(answer.message, "There are no faces in the image. Should be at least 1.");
    }
}

TEST(SearchFacesByImage, AThresholdOfZeroFindsEverybodyTheMostAlikeFirst) {
    Bench bench;
    bench.create();
    bench.enrol(photo_of(kBob));
    const auto ann = bench.enrol(photo_of(kAnn));
    bench.enrol(photo_of(kEve));
    auto answer = bench.call("SearchFacesByImage", search_input(photo_of(kAnn), {{"FaceMatchThreshold", 0}}));
    const auto& matches = answer.body["FaceMatches"].as_array();
    ASSERT_EQ(matches.size(), 3u);
    EXPECT_EQ(matches[0].at("Face").at("FaceId"), json::value(ann));
    EXPECT_EQ(matches[0].at("Similarity"), 100.0) << "the same picture";
    EXPECT_GE(matches[1].at("Similarity").as_double(), matches[2].at("Similarity").as_double());
    auto limited = bench.call("SearchFacesByImage",
                              search_input(photo_of(kAnn), {{"FaceMatchThreshold", 0}, {"MaxFaces", 1}}));
    EXPECT_EQ(limited.body["FaceMatches"].as_array().size(), 1u);
}

TEST(SearchFacesByImage, WhoIsEquallyAlikeComesInOrderOfTheFaceIds) {
    Bench bench;
    bench.create();
    const auto photo = photo_of(kAnn);
    for (const auto* name : {"one", "two", "three", "four"})
        ASSERT_EQ(bench.call("IndexFaces", search_input(photo, {{"ExternalImageId", name}})).status, 200);
    const auto answer = bench.call("SearchFacesByImage", search_input(photo));
    std::vector<std::string> ids;
    for (const auto& match : answer.body.at("FaceMatches").as_array()) {
        EXPECT_EQ(match.at("Similarity"), 100.0);
        ids.emplace_back(match.at("Face").at("FaceId").as_string());
    }
    EXPECT_EQ(ids.size(), 4u);
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
}

TEST(SearchFacesByImage, KeepsNothing) {
    Bench bench;
    bench.create();
    EXPECT_EQ(bench.call("SearchFacesByImage", search_input(photo_of(kAnn))).status, 200);
    EXPECT_EQ(bench.call("DescribeCollection", {{"CollectionId", "staff"}}).body.at("FaceCount"), 0);
}

TEST(SearchFacesByImage, AFaceAtTheThresholdMatches) {
    Bench bench;
    bench.create();
    bench.enrol(photo_of(kAnn));
    const auto found = [&](double threshold) {
        return bench.call("SearchFacesByImage",
                          search_input(photo_of({{kAnn, 60}}), {{"FaceMatchThreshold", threshold}}));
    };
    const auto similarity = found(0).body.at("FaceMatches").at(0).at("Similarity").as_double();
    EXPECT_EQ(found(similarity).body.at("FaceMatches").as_array().size(), 1u);
    EXPECT_EQ(found(similarity + 0.01).body.at("FaceMatches"), json::array());
}

TEST(SearchFacesByImage, RefusesAMissingCollectionAndBrokenLimits) {
    Bench bench;
    EXPECT_EQ(bench.call("SearchFacesByImage", search_input(photo_of(kAnn))).error,
              "ResourceNotFoundException");
    bench.create();
    for (const json::object& more :
         {json::object{{"MaxFaces", 0}}, json::object{{"MaxFaces", 4097}},
          json::object{{"FaceMatchThreshold", -1}}, json::object{{"FaceMatchThreshold", 100.5}},
          json::object{{"QualityFilter", "GOOD"}}})
        EXPECT_EQ(bench.call("SearchFacesByImage", search_input(photo_of(kAnn), more)).error,
                  "ValidationException");
}

TEST(SearchFaces, LeavesTheSearchedFaceOut) {
    Bench bench;
    bench.create();
    const auto ann = bench.enrol(photo_of(kAnn));
    const auto ann_again = bench.enrol(photo_of({{kAnn, 60}}));
    bench.enrol(photo_of(kBob));
    auto answer = bench.call("SearchFaces", {{"CollectionId", "staff"}, {"FaceId", ann}});
    EXPECT_EQ(answer.body["SearchedFaceId"], json::value(ann));
    EXPECT_EQ(answer.body["FaceModelVersion"], "7.0");
    ASSERT_EQ(answer.body["FaceMatches"].as_array().size(), 1u);
    EXPECT_EQ(answer.body["FaceMatches"].at(0).at("Face").at("FaceId"), json::value(ann_again));
}

TEST(SearchFaces, TellsAtMostSoManyTheMostAlikeFirst) {
    Bench bench;
    bench.create();
    const auto ann = bench.enrol(photo_of(kAnn));
    const auto ann_again = bench.enrol(photo_of({{kAnn, 60}}));
    bench.enrol(photo_of(kBob));
    const auto found = [&](int most) {
        const auto answer = bench.call(
            "SearchFaces",
            {{"CollectionId", "staff"}, {"FaceId", ann}, {"FaceMatchThreshold", 0}, {"MaxFaces", most}});
        return answer.body.at("FaceMatches").as_array();
    };
    EXPECT_EQ(found(4096).size(), 2u);
    ASSERT_EQ(found(1).size(), 1u) << "the face itself does not count";
    EXPECT_EQ(found(1)[0].at("Face").at("FaceId"), json::value(ann_again));
}

// Programs retry on exactly this code and sentence.
TEST(SearchFaces, AnUnknownFaceIsAnInvalidParameter) {
    Bench bench;
    bench.create();
    const json::object input = {{"CollectionId", "staff"},
                                {"FaceId", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"}};
    auto answer = bench.call("SearchFaces", input);
    EXPECT_EQ(answer.error, "InvalidParameterException");
    EXPECT_EQ(answer.message, "faceId was not found in the collection");
}

TEST(SearchFaces, RefusesAMissingCollectionAndAMalformedId) {
    Bench bench;
    const std::string unknown = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
    EXPECT_EQ(bench.call("SearchFaces", {{"CollectionId", "staff"}, {"FaceId", unknown}}).error,
              "ResourceNotFoundException");
    for (const json::object& more :
         {json::object{{"FaceId", "x"}}, json::object{{"FaceId", "0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9"}},
          json::object{{"FaceId", nullptr}}, json::object{{"MaxFaces", 0}}, json::object{{"MaxFaces", 4097}},
          json::object{{"FaceMatchThreshold", -1}}, json::object{{"FaceMatchThreshold", 100.5}}}) {
        json::object input = {{"CollectionId", "staff"}, {"FaceId", unknown}};
        for (const auto& [name, value] : more)
            input[name] = value;
        EXPECT_EQ(bench.call("SearchFaces", input).error, "ValidationException") << json::serialize(more);
    }
}

}  // namespace
}  // namespace services::rekognition
