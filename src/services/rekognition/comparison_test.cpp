#include <gmock/gmock.h>
#include <set>

#include "services/rekognition/bench.h"

namespace services::rekognition {
namespace {

constexpr const char* kNoFaceMessage = "There are no faces in the image. Should be at least 1.";

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
    const auto& unmatched = answer.body["UnmatchedFaces"].as_array();
    ASSERT_EQ(unmatched.size(), 2u);
    EXPECT_GT(unmatched[0].at("BoundingBox").at("Width").as_double(),
              unmatched[1].at("BoundingBox").at("Width").as_double())
        << "the largest first";
    EXPECT_FALSE(unmatched[0].as_object().contains("Similarity"));
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
        EXPECT_EQ(answer.message, kNoFaceMessage);
    }
}

TEST(CompareFaces, FacesThatTheFilterRejectsAreNotCompared) {
    Bench bench;
    auto answer =
        bench.call("CompareFaces",
                   compare_input(photo_of(kAnn), photo_of({{kInTheDark, 80}, {kBehindAVeil, 70}, {kAnn, 60}}),
                                 {{"QualityFilter", "AUTO"}}));
    EXPECT_EQ(answer.body["FaceMatches"].as_array().size(), 1u);
    EXPECT_EQ(answer.body["UnmatchedFaces"], json::array());
}

TEST(CompareFaces, WithoutAFilterByDefault) {
    Bench bench;
    const auto dark = photo_of({{kInTheDark, 20}});
    EXPECT_EQ(bench.call("CompareFaces", compare_input(dark, dark)).body.at("FaceMatches").as_array().size(),
              1u);
}

TEST(CompareFaces, AFaceOfTheSourceThatTheFilterRejectsIsNoFace) {
    Bench bench;
    const auto dark = photo_of({{kInTheDark, 90}}), dark_and_ann = photo_of({{kInTheDark, 90}, {kAnn, 60}});
    auto compare = [&](const base::Bytes& source, const base::Bytes& target, const char* filter) {
        return bench.call("CompareFaces", compare_input(source, target, {{"QualityFilter", filter}}));
    };
    EXPECT_EQ(compare(dark, photo_of(kAnn), "AUTO").message, kNoFaceMessage);
    EXPECT_EQ(compare(photo_of(kAnn), dark, "AUTO").message, kNoFaceMessage);
    EXPECT_EQ(compare(dark, photo_of(kAnn), "NONE").status, 200);
    // The largest of those that are left is the source.
    const auto answer = compare(dark_and_ann, photo_of(kAnn), "AUTO");
    EXPECT_EQ(answer.body.at("FaceMatches").as_array().size(), 1u);
    EXPECT_NEAR(answer.body.at("SourceImageFace").at("BoundingBox").at("Height").as_double(), 0.6, 0.03);
    EXPECT_EQ(compare(dark_and_ann, photo_of(kAnn), "NONE").body.at("FaceMatches"), json::array())
        << "without a filter the dark face is the largest";
}

TEST(CompareFaces, AnswersWithWhatAwsAnswersAndNothingElse) {
    Bench bench;
    const auto answer = bench.call("CompareFaces", compare_input(photo_of({{kBob, 50}, {kAnn, 90}}),
                                                                 photo_of({{kAnn, 60}, {kEve, 50}})));
    auto names = [](const json::value& object) {
        std::set<std::string> out;
        for (const auto& [name, value] : object.as_object())
            out.insert(name);
        return out;
    };
    using Names = std::set<std::string>;
    EXPECT_EQ(names(answer.body), (Names{"SourceImageFace", "FaceMatches", "UnmatchedFaces"}));
    EXPECT_EQ(names(answer.body.at("SourceImageFace")), (Names{"BoundingBox", "Confidence"}));
    EXPECT_NEAR(answer.body.at("SourceImageFace").at("BoundingBox").at("Height").as_double(), 0.9, 0.03)
        << "the largest";
    const auto& match = answer.body.at("FaceMatches").at(0);
    EXPECT_EQ(names(match), (Names{"Similarity", "Face"}));
    const Names face = {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"};
    EXPECT_EQ(names(match.at("Face")), face);
    EXPECT_EQ(names(answer.body.at("UnmatchedFaces").at(0)), face);
}

TEST(CompareFaces, AFaceAtTheThresholdMatches) {
    Bench bench;
    const auto source = photo_of(kAnn), target = photo_of({{kAnn, 60}});
    const auto all = bench.call("CompareFaces", compare_input(source, target, {{"SimilarityThreshold", 0}}));
    const auto similarity = all.body.at("FaceMatches").at(0).at("Similarity").as_double();
    const auto at =
        bench.call("CompareFaces", compare_input(source, target, {{"SimilarityThreshold", similarity}}));
    EXPECT_EQ(at.body.at("FaceMatches").as_array().size(), 1u);
    const auto above = bench.call(
        "CompareFaces", compare_input(source, target, {{"SimilarityThreshold", similarity + 0.01}}));
    EXPECT_EQ(above.body.at("FaceMatches"), json::array());
    EXPECT_EQ(above.body.at("UnmatchedFaces").as_array().size(), 1u);
    const auto itself =
        bench.call("CompareFaces", compare_input(source, source, {{"SimilarityThreshold", 100}}));
    EXPECT_EQ(itself.body.at("FaceMatches").at(0).at("Similarity"), 100.0) << "the same picture";
}

TEST(CompareFaces, PicturesComeFromBucketsToo) {
    Bench bench;
    bench.objects["photos/ann.jpg"] = photo_of(kAnn);
    const auto answer = bench.call("CompareFaces", {{"SourceImage", Bench::object("photos", "ann.jpg")},
                                                    {"TargetImage", Bench::object("photos", "ann.jpg")}});
    EXPECT_EQ(answer.body.at("FaceMatches").as_array().size(), 1u);
}

TEST(CompareFaces, WhatIsNoPictureIsRefusedOnEitherSide) {
    Bench bench;
    bench.objects["photos/large.jpg"] = base::Bytes(kObjectBytesMax + 1);
    auto both = Bench::bytes(photo_of(kAnn));
    both["S3Object"] = {{"Bucket", "photos"}, {"Name", "ann.jpg"}};
    const auto small = *image::encode_jpeg(image::blank(79, 200, 255, 255, 255), 90);
    const std::vector<std::pair<json::object, std::string>> cases = {
        {Bench::bytes({1, 2, 3}), "InvalidImageFormatException"},
        {Bench::bytes(small), "InvalidParameterException"},
        {json::object(), "InvalidParameterException"},
        {both, "InvalidParameterException"},
        {Bench::object("photos", "none.jpg"), "InvalidS3ObjectException"},
        {Bench::object("photos", "large.jpg"), "ImageTooLargeException"},
        {Bench::bytes({}), "ValidationException"},
        {Bench::object("a b", "x"), "ValidationException"},
    };
    for (const auto& [image, error] : cases)
        for (const auto* side : {"SourceImage", "TargetImage"}) {
            auto input = compare_input(photo_of(kAnn), photo_of(kAnn));
            input[side] = image;
            const auto answer = bench.call("CompareFaces", input);
            EXPECT_EQ(answer.status, 400);
            EXPECT_EQ(answer.error, error) << side << json::serialize(image).substr(0, 80);
        }
}

TEST(CompareFaces, WithoutAFaceModelIsRefused) {
    Bench bench(false);
    EXPECT_EQ(bench.call("CompareFaces", compare_input(photo_of(kAnn), photo_of(kAnn))).error,
              "ResourceNotReadyException");
}

TEST(CompareFaces, MembersMustKeepTheirLimits) {
    Bench bench;
    const auto photo = photo_of(kAnn);
    EXPECT_EQ(bench.call("CompareFaces", compare_input(photo, photo, {{"SimilarityThreshold", 101}})).error,
              "ValidationException");
    EXPECT_EQ(bench.call("CompareFaces", compare_input(photo, photo, {{"SimilarityThreshold", -1}})).error,
              "ValidationException");
    EXPECT_EQ(bench.call("CompareFaces", compare_input(photo, photo, {{"QualityFilter", "GOOD"}})).error,
              "ValidationException");
    for (const auto* side : {"SourceImage", "TargetImage"}) {
        auto input = compare_input(photo, photo);
        input.erase(side);
        EXPECT_EQ(bench.call("CompareFaces", input).error, "ValidationException");
    }
}

}  // namespace
}  // namespace services::rekognition
