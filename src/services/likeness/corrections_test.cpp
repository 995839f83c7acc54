#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/likeness/bench.h"

namespace services::likeness {
namespace {

using rekognition::empty_room;
using rekognition::kAnn;
using rekognition::kBob;
using rekognition::photo_of;
using testing::ElementsAre;

const std::string kUnknown = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

struct CorrectionsBench : Bench {
    CorrectionsBench() {
        create();
        ann = enrol_as("ann", photo_of(kAnn));
        bob = enrol_as("bob", photo_of(kBob));
        EXPECT_EQ(call("CreateUser", {{"CollectionId", "staff"}, {"UserId", "eve"}}).status, 200);
    }
    Answer say(const std::string& operation, json::object more) {
        more.emplace("CollectionId", "staff");
        more.emplace("Person", json::object{{"ExternalImageId", "ann"}});
        return ask(operation, more);
    }
    std::vector<std::string> listed(json::object more = {}) {
        more["CollectionId"] = "staff";
        std::vector<std::string> out;
        const auto answer = ask("ListCorrections", more);
        EXPECT_EQ(answer.status, 200) << answer.message;
        for (const auto& one : answer.body.at("Corrections").as_array()) {
            const auto& person = one.at("Person").as_object();
            out.push_back(std::string(one.at("Verdict").as_string()) + ' ' +
                          std::string(person.begin()->value().as_string()));
        }
        return out;
    }
    std::string ann, bob;
};

TEST(ConfirmFace, KeepsWhatWasSaidOfAFaceOfTheCollection) {
    CorrectionsBench bench;
    const auto answer = bench.say("ConfirmFace", {{"FaceId", bench.bob}});
    ASSERT_EQ(answer.status, 200) << answer.message;
    const auto& correction = answer.body.at("Correction");
    EXPECT_EQ(correction.at("Verdict"), "CONFIRMED");
    EXPECT_EQ(correction.at("Person"), (json::object{{"ExternalImageId", "ann"}}));
    EXPECT_EQ(correction.at("FaceId"), json::value(bench.bob));
    EXPECT_EQ(correction.at("CreationTimestamp"), base::epoch_seconds(bench.clock.now()));
    EXPECT_EQ(bench.say("ConfirmFace", {{"FaceId", bench.bob}}).body, answer.body) << "said again";
    EXPECT_THAT(bench.listed(), ElementsAre("CONFIRMED ann"));
}

TEST(RejectFace, TakesThePlaceOfWhatItContradicts) {
    CorrectionsBench bench;
    bench.say("ConfirmFace", {{"FaceId", bench.ann}});
    bench.say("RejectFace", {{"FaceId", bench.ann}, {"Person", {{"UserId", "eve"}}}});
    EXPECT_THAT(bench.listed(), ElementsAre("CONFIRMED ann", "REJECTED eve"));
    EXPECT_EQ(bench.say("RejectFace", {{"FaceId", bench.ann}}).body.at("Correction").at("Verdict"),
              "REJECTED");
    EXPECT_THAT(bench.listed(), ElementsAre("REJECTED eve", "REJECTED ann"));
}

TEST(ConfirmFace, TakesAFaceOfAPictureThatIsNotEnrolled) {
    CorrectionsBench bench;
    const auto photo = Bench::bytes(photo_of({{kAnn, 60}, {kBob, 80}}));
    const auto largest = bench.say("ConfirmFace", {{"Image", photo}});
    ASSERT_EQ(largest.status, 200) << largest.message;
    const json::object left = {{"Left", 0.07}, {"Top", 0.2}, {"Width", 0.2}, {"Height", 0.6}};
    const auto shown = bench.say("ConfirmFace", {{"Image", photo}, {"BoundingBox", left}});
    ASSERT_EQ(shown.status, 200) << shown.message;
    EXPECT_NE(shown.body.at("Correction").at("FaceId"), largest.body.at("Correction").at("FaceId"));
    EXPECT_EQ(bench.say("ConfirmFace", {{"Image", photo}}).body, largest.body) << "the same face";
    EXPECT_EQ(bench.call("DescribeCollection", {{"CollectionId", "staff"}}).body.at("FaceCount"), 2)
        << "nothing is enrolled";
    const json::object nowhere = {{"Left", 0.8}, {"Top", 0.2}, {"Width", 0.1}, {"Height", 0.1}};
    for (const json::object& more : {json::object{{"Image", photo}, {"BoundingBox", nowhere}},
                                     json::object{{"Image", Bench::bytes(empty_room())}}})
        EXPECT_EQ(bench.say("ConfirmFace", more).error, "InvalidParameterException");
    EXPECT_EQ(bench.say("ConfirmFace", {{"Image", Bench::bytes({1, 2})}}).error,
              "InvalidImageFormatException");
}

TEST(Corrections, WantAPersonWhoExistsAndOneFace) {
    CorrectionsBench bench;
    for (const std::string operation : {"ConfirmFace", "RejectFace"}) {
        auto error = [&](json::object more) { return bench.say(operation, std::move(more)).error; };
        EXPECT_EQ(error({{"FaceId", bench.ann}, {"Person", {{"UserId", "max"}}}}),
                  "ResourceNotFoundException");
        EXPECT_EQ(error({{"FaceId", bench.ann}, {"Person", {{"ExternalImageId", "max"}}}}),
                  "ResourceNotFoundException");
        EXPECT_EQ(error({{"FaceId", bench.ann}, {"CollectionId", "nowhere"}}), "ResourceNotFoundException");
        EXPECT_EQ(error({{"FaceId", kUnknown}}), "InvalidParameterException");
        EXPECT_EQ(error({}), "InvalidParameterException");
        EXPECT_EQ(error({{"FaceId", bench.ann}, {"Image", Bench::bytes(photo_of(kAnn))}}),
                  "InvalidParameterException");
        EXPECT_EQ(error({{"FaceId", bench.ann}, {"Person", json::object()}}), "InvalidParameterException");
        EXPECT_EQ(error({{"FaceId", bench.ann}, {"Person", {{"UserId", "eve"}, {"ExternalImageId", "ann"}}}}),
                  "InvalidParameterException");
        EXPECT_EQ(error({{"FaceId", "x"}}), "ValidationException");
        EXPECT_EQ(error({{"FaceId", bench.ann}, {"Person", {{"UserId", "a/b"}}}}), "ValidationException");
        EXPECT_EQ(error({{"FaceId", bench.ann}, {"Person", nullptr}}), "ValidationException");
    }
    EXPECT_THAT(bench.listed(), ElementsAre());
}

TEST(ListCorrections, ByPersonAndByFacePageByPage) {
    CorrectionsBench bench;
    bench.say("ConfirmFace", {{"FaceId", bench.ann}});
    bench.say("RejectFace", {{"FaceId", bench.bob}});
    bench.say("RejectFace", {{"FaceId", bench.ann}, {"Person", {{"UserId", "eve"}}}});
    EXPECT_THAT(bench.listed({{"Person", {{"ExternalImageId", "ann"}}}}),
                ElementsAre("CONFIRMED ann", "REJECTED ann"));
    EXPECT_THAT(bench.listed({{"FaceId", bench.ann}}), ElementsAre("CONFIRMED ann", "REJECTED eve"));
    EXPECT_THAT(bench.listed({{"FaceId", bench.ann}, {"Person", {{"UserId", "eve"}}}}),
                ElementsAre("REJECTED eve"));
    const auto first = bench.ask("ListCorrections", {{"CollectionId", "staff"}, {"MaxResults", 2}});
    EXPECT_THAT(bench.listed({{"MaxResults", 2}, {"NextToken", first.body.at("NextToken")}}),
                ElementsAre("REJECTED eve"));
    EXPECT_EQ(bench.ask("ListCorrections", {{"CollectionId", "staff"}, {"NextToken", "abc"}}).error,
              "InvalidPaginationTokenException");
    EXPECT_EQ(bench.ask("ListCorrections", {{"CollectionId", "nowhere"}}).error, "ResourceNotFoundException");
    EXPECT_EQ(bench.ask("ListCorrections", {{"CollectionId", "staff"}, {"MaxResults", 4097}}).error,
              "ValidationException");
}

TEST(UndoCorrection, TakesBackWhatWasSaid) {
    CorrectionsBench bench;
    const auto made = bench.say("RejectFace", {{"FaceId", bench.ann}});
    const json::object input = {{"CollectionId", "staff"},
                                {"CorrectionId", made.body.at("Correction").at("CorrectionId")}};
    EXPECT_EQ(bench.ask("UndoCorrection", input).body, made.body);
    EXPECT_THAT(bench.listed(), ElementsAre());
    EXPECT_EQ(bench.ask("UndoCorrection", input).error, "ResourceNotFoundException");
    EXPECT_EQ(bench.ask("UndoCorrection", {{"CollectionId", "staff"}, {"CorrectionId", "x"}}).error,
              "ValidationException");
}

TEST(Corrections, AskForPermissionOnTheirCollection) {
    CorrectionsBench bench;
    const json::object input = {{"CollectionId", "staff"},
                                {"Person", {{"UserId", "eve"}}},
                                {"FaceId", kUnknown},
                                {"CorrectionId", kUnknown}};
    for (const std::string operation : {"ConfirmFace", "RejectFace", "ListCorrections", "UndoCorrection"})
        EXPECT_THAT(bench.permissions_to_ask(operation, input),
                    ElementsAre("likeness:" + operation +
                                " arn:aws:rekognition:us-west-2:123456789012:collection/staff"));
}

}  // namespace
}  // namespace services::likeness
