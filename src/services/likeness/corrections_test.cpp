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

// Somebody who looks like Ann and is not enrolled. In pictures of different size they look different, as
// people do.
constexpr rekognition::Person kDouble{3, 3, 2};

Result<vision::Embedding> recognise_double_too(const image::Picture& picture, const vision::Face& face) {
    auto seen = TRY(rekognition::recognise_drawn(picture, face));
    const auto ann = rekognition::embedding_of(kAnn), own = rekognition::embedding_of(kDouble),
               other = rekognition::embedding_of({0, 1, 0});
    if (vision::cosine(seen, own) < 0.9f) return seen;
    const float turned = (90 - face.side_px) / 60;
    float squares = 0;
    for (std::size_t i = 0; i < seen.values.size(); ++i) {
        seen.values[i] = 0.8f * ann.values[i] +
                         0.6f * (std::cos(turned) * own.values[i] + std::sin(turned) * other.values[i]);
        squares += seen.values[i] * seen.values[i];
    }
    for (auto& x : seen.values)
        x /= std::sqrt(squares);
    return seen;
}

struct ScoresBench : Bench {
    ScoresBench() {
        model->sight.embed = recognise_double_too;
        create();
        ann = enrol_as("ann", photo_of(kAnn));
        bob = enrol_as("bob", photo_of(kBob));
    }
    // The one face of a picture.
    json::object identified(const base::Bytes& photo) {
        const auto answer = ask("IdentifyFaces", {{"CollectionId", "staff"}, {"Image", Bench::bytes(photo)}});
        EXPECT_EQ(answer.status, 200) << answer.message;
        return answer.body.at("Faces").at(0).as_object();
    }
    std::string name_of(const base::Bytes& photo) {
        const auto face = identified(photo);
        if (!face.contains("Person")) return "nobody";
        return std::string(face.at("Person").as_object().begin()->value().as_string());
    }
    json::value said(const std::string& operation, const base::Bytes& photo, const json::object& person) {
        const auto answer =
            ask(operation, {{"CollectionId", "staff"}, {"Image", Bench::bytes(photo)}, {"Person", person}});
        EXPECT_EQ(answer.status, 200) << answer.message;
        return answer.body.at("Correction").at("CorrectionId");
    }
    void undo(const json::value& id) {
        EXPECT_EQ(ask("UndoCorrection", {{"CollectionId", "staff"}, {"CorrectionId", id}}).status, 200);
    }
    std::string ann, bob;
};
const json::object kIsAnn = {{"ExternalImageId", "ann"}}, kIsBob = {{"ExternalImageId", "bob"}};

TEST(RejectFace, IsHeededInLaterPicturesUntilItIsUndone) {
    ScoresBench bench;
    const auto seen = photo_of({{kDouble, 80}}), later = photo_of({{kDouble, 60}});
    const auto before = bench.identified(later);
    ASSERT_EQ(before.at("Person"), json::value(kIsAnn)) << "the mistake";
    const auto correction = bench.said("RejectFace", seen, kIsAnn);
    EXPECT_EQ(bench.name_of(seen), "nobody");
    EXPECT_TRUE(bench.identified(seen).at("Candidates").as_array().empty()) << "it is not Ann";
    const auto after = bench.identified(later);
    EXPECT_FALSE(after.contains("Person"));
    EXPECT_GT(after.at("UnknownProbability").as_double(), 0.9);
    const auto& word = after.at("Candidates").at(0).at("Corrections").at(0);
    EXPECT_EQ(word.at("CorrectionId"), correction);
    EXPECT_EQ(word.at("Verdict"), "REJECTED");
    EXPECT_GT(word.at("Similarity").to_number<double>(), 90);
    EXPECT_EQ(bench.name_of(photo_of({{kAnn, 50}})), "ann") << "Ann is still herself";
    bench.undo(correction);
    EXPECT_EQ(bench.identified(later), before);
}

TEST(ConfirmFace, IsHeededInLaterPicturesUntilItIsUndone) {
    ScoresBench bench;
    const auto later = photo_of({{kDouble, 60}});
    const auto before = bench.identified(later);
    // The double is Bob in a wig.
    const auto correction = bench.said("ConfirmFace", photo_of({{kDouble, 80}}), kIsBob);
    const auto after = bench.identified(later);
    EXPECT_EQ(after.at("Person"), json::value(kIsBob));
    const auto& bob = after.at("Candidates").at(0);
    EXPECT_EQ(bob.at("ReferenceCount").as_int64(), 2);
    EXPECT_EQ(bob.at("Corrections").at(0).at("CorrectionId"), correction);
    EXPECT_EQ(bob.at("Corrections").at(0).at("Verdict"), "CONFIRMED");
    EXPECT_EQ(bench.name_of(photo_of({{kAnn, 50}})), "ann");
    EXPECT_EQ(bench.name_of(photo_of({{kBob, 50}})), "bob");
    bench.undo(correction);
    EXPECT_EQ(bench.identified(later), before);
}

TEST(ConfirmFace, SaysWhoStandsInThatVeryPicture) {
    ScoresBench bench;
    EXPECT_EQ(bench.call("CreateUser", {{"CollectionId", "staff"}, {"UserId", "eve"}}).status, 200);
    const auto seen = photo_of({{kDouble, 80}, {kAnn, 60}});
    bench.said("ConfirmFace", seen, {{"UserId", "eve"}});  // the largest face; Eve has no faces yet
    const auto answer =
        bench.ask("IdentifyFaces", {{"CollectionId", "staff"}, {"Image", Bench::bytes(seen)}});
    const auto& faces = answer.body.at("Faces").as_array();
    EXPECT_EQ(faces.at(0).at("Person"), (json::object{{"UserId", "eve"}}));
    EXPECT_GT(faces.at(0).at("Candidates").at(0).at("Probability").as_double(), 0.999);
    EXPECT_EQ(faces.at(1).at("Person"), json::value(kIsAnn));
    EXPECT_EQ(bench.name_of(photo_of({{kDouble, 60}})), "eve");
}

// A photograph of Bob was enrolled as Ann.
TEST(RejectFace, TakesAnEnrolledFaceFromItsPerson) {
    ScoresBench bench;
    bench.enrol_as("ann", photo_of({{kAnn, 60}}));
    const auto wrong = bench.enrol_as("ann", photo_of({{kBob, 60}}));
    const json::object about = {{"CollectionId", "staff"}, {"FaceId", wrong}, {"Person", kIsAnn}};
    const auto rejected = bench.ask("RejectFace", about);
    ASSERT_EQ(rejected.status, 200) << rejected.message;
    auto audited = [&] {
        const auto answer = bench.ask("AuditCollection", {{"CollectionId", "staff"}});
        std::vector<json::object> out;
        for (const auto& finding : answer.body.at("Findings").as_array())
            if (finding.as_object().contains("FaceId") && finding.at("FaceId") == json::value(wrong))
                out.push_back(finding.as_object());
        return out;
    };
    auto findings = audited();
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(findings[0].at("Reason"), "CONTRADICTS_CORRECTION");
    EXPECT_EQ(findings[0].at("SuggestedAction"), "REVIEW_OR_REMOVE");
    EXPECT_EQ(findings[0].at("Corrections").at(0), rejected.body.at("Correction"));
    const auto bob = bench.identified(photo_of({{kBob, 50}}));
    EXPECT_EQ(bob.at("Person"), json::value(kIsBob));
    EXPECT_EQ(bob.at("Candidates").as_array().size(), 1u) << "nothing of Ann resembles it any more";
    EXPECT_EQ(bench.identified(photo_of({{kAnn, 50}})).at("Candidates").at(0).at("ReferenceCount"), 2);

    json::object is_bob = about;
    is_bob["Person"] = kIsBob;
    bench.ask("ConfirmFace", is_bob);
    findings = audited();
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(findings[0].at("SuggestedAction"), "GIVE_TO_OTHER_PERSON");
    EXPECT_EQ(findings[0].at("OtherPerson"), json::value(kIsBob));
    EXPECT_EQ(findings[0].at("Corrections").as_array().size(), 2u);
    EXPECT_EQ(bench.identified(photo_of({{kBob, 50}})).at("Candidates").at(0).at("ReferenceCount"), 2);
}

TEST(AuditCollection, BelievesAConfirmedLabel) {
    ScoresBench bench;
    bench.enrol_as("bob", photo_of({{kBob, 60}}));
    const auto wig = bench.enrol_as("bob", photo_of({{kDouble, 60}}));
    auto labels = [&] {
        int out = 0;
        const auto answer = bench.ask("AuditCollection", {{"CollectionId", "staff"}});
        for (const auto& finding : answer.body.at("Findings").as_array())
            out += finding.at("Reason") == "RESEMBLES_ANOTHER_PERSON";
        return out;
    };
    EXPECT_EQ(labels(), 1);
    bench.ask("ConfirmFace", {{"CollectionId", "staff"}, {"FaceId", wig}, {"Person", kIsBob}});
    EXPECT_EQ(labels(), 0);
}

}  // namespace
}  // namespace services::likeness
