#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/likeness/bench.h"

namespace services::likeness {
namespace {

using rekognition::kAnn;
using rekognition::kBob;
using rekognition::kEve;
using rekognition::photo_of;
using testing::ElementsAre;
using testing::HasSubstr;

json::object question(const base::Bytes& photo, json::object more = {}) {
    more["CollectionId"] = "staff";
    more["Image"] = Bench::bytes(photo);
    return more;
}

TEST(IdentifyFaces, NamesTheFacesOfAPictureWithProbabilitiesThatSumToOne) {
    Bench bench;
    bench.create();
    bench.enrol_as("ann", photo_of({{kAnn, 80}}));
    bench.enrol_as("ann", photo_of({{kAnn, 60}}));
    bench.enrol_as("bob", photo_of({{kBob, 80}}));
    auto answer = bench.ask("IdentifyFaces", question(photo_of({{kAnn, 70}, {kEve, 64}, {kBob, 60}})));
    ASSERT_EQ(answer.status, 200) << answer.message;
    EXPECT_EQ(answer.body["PeopleCount"].as_int64(), 2);
    const auto& faces = answer.body["Faces"].as_array();
    ASSERT_EQ(faces.size(), 3u);
    for (const auto& face : faces) {
        double sum = face.at("UnknownProbability").as_double();
        for (const auto& candidate : face.at("Candidates").as_array())
            sum += candidate.at("Probability").as_double();
        EXPECT_NEAR(sum, 1, 1e-9);
    }
    EXPECT_EQ(faces[0].at("Person").at("ExternalImageId"), "ann");
    const auto& ann = faces[0].at("Candidates").at(0);
    EXPECT_GT(ann.at("Probability").as_double(), 0.9);
    EXPECT_LT(ann.at("FalseMatchRate").as_double(), 1e-3);
    EXPECT_EQ(ann.at("ReferenceCount").as_int64(), 2);
    EXPECT_EQ(ann.at("References").as_array().size(), 2u);
    EXPECT_TRUE(ann.at("References").at(0).at("Quality").as_object().contains("Sharpness"));
    EXPECT_NEAR(ann.at("References").at(0).at("Quality").at("Reliability").as_double(), 90, 1e-4);
    EXPECT_NEAR(faces[0].at("Quality").at("Reliability").as_double(), 90, 1e-4);
    EXPECT_EQ(faces[1].as_object().if_contains("Person"), nullptr);
    EXPECT_GT(faces[1].at("UnknownProbability").as_double(), 0.9);
    EXPECT_EQ(faces[2].at("Person").at("ExternalImageId"), "bob");
}

TEST(IdentifyFaces, OnePersonIsNamedOnceUnlessAssignmentIsSeparate) {
    Bench bench;
    bench.create();
    bench.enrol_as("ann", photo_of(kAnn));
    auto names = [&](json::object more) {
        auto answer =
            bench.ask("IdentifyFaces", question(photo_of({{kAnn, 80}, {kAnn, 60}}), std::move(more)));
        int named = 0;
        for (const auto& face : answer.body["Faces"].as_array())
            named += face.as_object().contains("Person");
        return named;
    };
    EXPECT_LE(names({}), 1);
    EXPECT_EQ(names({{"Assignment", "SEPARATE"}}), 2);
    EXPECT_EQ(names({{"Assignment", "SEPARATE"}, {"ProbabilityThreshold", 1}}), 0);
}

TEST(IdentifyFaces, APictureWithoutFacesHasAnEmptyAnswer) {
    Bench bench;
    bench.create();
    auto answer = bench.ask("IdentifyFaces", question(rekognition::empty_room()));
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.body["Faces"].as_array().empty());
}

TEST(IdentifyFaces, FacesThatTheFilterRejectsAreListedWithReasons) {
    Bench bench;
    bench.create();
    auto answer = bench.ask("IdentifyFaces", question(photo_of({{kAnn, 20}}), {{"QualityFilter", "HIGH"}}));
    EXPECT_TRUE(answer.body["Faces"].as_array().empty());
    EXPECT_EQ(answer.body["UnidentifiedFaces"].at(0).at("Reasons").at(0), "SMALL_BOUNDING_BOX");
}

TEST(IdentifyFaces, IsAuthorisedOnTheCollection) {
    Bench bench;
    EXPECT_THAT(
        bench.permissions_to_ask("IdentifyFaces", question(photo_of(kAnn))),
        ElementsAre("likeness:IdentifyFaces arn:aws:rekognition:us-west-2:123456789012:collection/staff"));
}

// A pack that was never calibrated for it still searches, and says what is missing.
TEST(IdentifyFaces, NeedsToKnowHowScoresAreSpread) {
    Bench bench;
    bench.create();
    bench.enrol_as("ann", photo_of(kAnn));
    bench.reopen_without_scores();
    const json::object collection = {{"CollectionId", "staff"}};
    for (const auto& answer :
         {bench.ask("IdentifyFaces", question(photo_of(kAnn))), bench.ask("AuditCollection", collection)}) {
        EXPECT_EQ(answer.error, "ResourceNotReadyException");
        EXPECT_THAT(answer.message, HasSubstr("bench calibrate"));
    }
    EXPECT_EQ(bench.enrol_as("bob", photo_of(kBob)).size(), 36u);
}

TEST(IdentifyFaces, RefusesWhatItCannotDo) {
    Bench bench;
    EXPECT_EQ(bench.ask("IdentifyFaces", question(photo_of(kAnn))).error, "ResourceNotFoundException");
    bench.create();
    EXPECT_EQ(bench.ask("IdentifyFaces", {{"CollectionId", "staff"}, {"Image", json::object()}}).error,
              "InvalidParameterException");
    for (const json::object& wrong :
         {json::object{{"MaxCandidates", 0}}, json::object{{"MaxCandidates", 101}},
          json::object{{"ProbabilityThreshold", 1.5}}, json::object{{"UnknownPrior", 0}},
          json::object{{"Assignment", "LATER"}}}) {
        const auto answer = bench.ask("IdentifyFaces", question(photo_of(kAnn), wrong));
        EXPECT_EQ(answer.error, "ValidationException") << json::serialize(wrong);
    }
    EXPECT_EQ(bench.ask("IdentifyFaces", question({1, 2, 3})).error, "InvalidImageFormatException");
    Bench blind(false);
    EXPECT_NE(blind.ask("IdentifyFaces", question(photo_of(kAnn))).status, 200);
}

}  // namespace
}  // namespace services::likeness
