#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/likeness/bench.h"

namespace services::likeness {
namespace {

using rekognition::kAnn;
using rekognition::kBob;
using rekognition::photo_of;
using testing::ElementsAre;

struct AuditBench : Bench {
    AuditBench() {
        create();
        for (int side : {80, 70, 60}) {
            enrol_as("ann", photo_of({{kAnn, side}}));
            enrol_as("bob", photo_of({{kBob, side}}));
        }
    }
    std::vector<json::object> findings(const std::string& reason) {
        std::vector<json::object> out;
        auto answer = ask("AuditCollection", {{"CollectionId", "staff"}});
        EXPECT_EQ(answer.status, 200) << answer.message;
        for (const auto& found : answer.body["Findings"].as_array())
            if (found.at("Reason") == json::string(reason)) out.push_back(found.as_object());
        return out;
    }
};

TEST(AuditCollection, FindsAFaceUnderAnothersName) {
    AuditBench bench;
    EXPECT_TRUE(bench.findings("RESEMBLES_ANOTHER_PERSON").empty());
    const auto wrong = bench.enrol_as("ann", photo_of({{kBob, 50}}));
    const auto found = bench.findings("RESEMBLES_ANOTHER_PERSON");
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].at("FaceId"), json::string(wrong));
    EXPECT_EQ(found[0].at("Person").at("ExternalImageId"), "ann");
    EXPECT_EQ(found[0].at("OtherPerson").at("ExternalImageId"), "bob");
    EXPECT_EQ(found[0].at("SuggestedAction"), "GIVE_TO_OTHER_PERSON");
    EXPECT_GT(found[0].at("Probability").as_double(), 0.5);
}

TEST(AuditCollection, FindsAReferenceThatCannotBeReliedOn) {
    AuditBench bench;
    EXPECT_TRUE(bench.findings("POOR_QUALITY").empty());
    auto indexed = bench.call("IndexFaces", {{"CollectionId", "staff"},
                                             {"Image", bench.bytes(photo_of(rekognition::kBehindAVeil))},
                                             {"ExternalImageId", "eve"},
                                             {"QualityFilter", "NONE"}});
    ASSERT_EQ(indexed.status, 200) << indexed.message;
    const auto found = bench.findings("POOR_QUALITY");
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].at("FaceId"), indexed.body["FaceRecords"].at(0).at("Face").at("FaceId"));
    EXPECT_EQ(found[0].at("SuggestedAction"), "REPLACE");
}

TEST(AuditCollection, GoesPageByPage) {
    AuditBench bench;
    json::object input = {{"CollectionId", "staff"}, {"MaxPeople", 1}};
    auto first = bench.ask("AuditCollection", input);
    EXPECT_EQ(first.body["PeopleAudited"].as_int64(), 1);
    EXPECT_EQ(first.body["FacesAudited"].as_int64(), 3);
    ASSERT_TRUE(first.body.contains("NextToken"));
    input["NextToken"] = first.body["NextToken"];
    EXPECT_FALSE(bench.ask("AuditCollection", input).body.contains("NextToken"));
    input["NextToken"] = "nonsense!";
    EXPECT_EQ(bench.ask("AuditCollection", input).error, "InvalidPaginationTokenException");
}

TEST(AuditCollection, IsRefusedWithoutACollectionAndAuthorisedOnIt) {
    Bench bench;
    const json::object input = {{"CollectionId", "staff"}};
    EXPECT_EQ(bench.ask("AuditCollection", input).error, "ResourceNotFoundException");
    EXPECT_THAT(
        bench.permissions_to_ask("AuditCollection", input),
        ElementsAre("likeness:AuditCollection arn:aws:rekognition:us-west-2:123456789012:collection/staff"));
    bench.create();
    EXPECT_EQ(bench.ask("AuditCollection", {{"CollectionId", "staff"}, {"MaxPeople", 0}}).error,
              "ValidationException");
}

// The same look at what has just been enrolled, in a header that Rekognition's callers may pass over.
TEST(IndexFaces, WarnsOfReferencesThatHarm) {
    AuditBench bench;
    auto index = [&](const std::string& name, rekognition::Person person, int side) {
        return bench.call("IndexFaces", {{"CollectionId", "staff"},
                                         {"Image", Bench::bytes(photo_of({{person, side}}))},
                                         {"ExternalImageId", name}});
    };
    EXPECT_THAT(index("ann", kAnn, 44).warning.value_or(""),
                testing::Not(testing::HasSubstr("RESEMBLES_ANOTHER_PERSON")));
    const auto wrong = index("ann", kBob, 50);
    ASSERT_TRUE(wrong.warning);
    EXPECT_THAT(*wrong.warning, testing::HasSubstr("RESEMBLES_ANOTHER_PERSON"));
    EXPECT_THAT(*wrong.warning, testing::Not(testing::HasSubstr("bob"))) << "no names in headers";
}

}  // namespace
}  // namespace services::likeness
