#include <gmock/gmock.h>

#include "services/rekognition/bench.h"

namespace services::rekognition {
namespace {

using testing::HasSubstr;

const std::string kUnknownFace = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

json::object index_input(const base::Bytes& photo, json::object more = {}) {
    more["CollectionId"] = "staff";
    more["Image"] = Bench::bytes(photo);
    return more;
}

TEST(IndexFaces, AnswersWithWhatIsKeptAndWhatIsSeen) {
    Bench bench;
    bench.create();
    auto answer = bench.call("IndexFaces", index_input(photo_of(kAnn), {{"ExternalImageId", "ann:1"}}));
    ASSERT_EQ(answer.status, 200) << answer.message;
    EXPECT_EQ(answer.body["FaceModelVersion"], "7.0");
    EXPECT_EQ(answer.body["UnindexedFaces"], json::array());
    EXPECT_FALSE(answer.body.contains("OrientationCorrection"));
    ASSERT_EQ(answer.body["FaceRecords"].as_array().size(), 1u);
    const auto& face = answer.body["FaceRecords"].at(0).at("Face").as_object();
    EXPECT_TRUE(base::is_uuid(std::string(face.at("FaceId").as_string())));
    EXPECT_TRUE(base::is_uuid(std::string(face.at("ImageId").as_string())));
    EXPECT_EQ(face.at("ExternalImageId"), "ann:1");
    EXPECT_EQ(face.at("Confidence"), 99.5);
    EXPECT_EQ(face.at("IndexFacesModelVersion"), "7.0");
    EXPECT_NEAR(face.at("BoundingBox").at("Height").as_double(), 0.8, 0.03);
    EXPECT_FALSE(face.contains("UserId"));
    const auto& detail = answer.body["FaceRecords"].at(0).at("FaceDetail").as_object();
    EXPECT_EQ(detail.at("Landmarks").as_array().size(), 5u);
    EXPECT_EQ(detail.at("Landmarks").at(0).at("Type"), "eyeLeft");
    EXPECT_TRUE(detail.contains("Pose") && detail.contains("Quality") && detail.contains("Confidence"));
    EXPECT_FALSE(detail.contains("Smile")) << "it was not asked for";
}

TEST(IndexFaces, TheAttributesAskedForAreToldOfEveryFaceAndNotKept) {
    Bench bench;
    bench.create();
    auto answer = bench.call("IndexFaces", index_input(photo_of({{kAnn, 80}, {kBob, 60}}),
                                                       {{"DetectionAttributes", {"ALL"}}, {"MaxFaces", 1}}));
    ASSERT_EQ(answer.status, 200) << answer.message;
    const auto& kept = answer.body["FaceRecords"].at(0).as_object();
    EXPECT_EQ(kept.at("FaceDetail").at("Smile").at("Value"), true);
    EXPECT_EQ(kept.at("FaceDetail").at("Landmarks").as_array().size(), 30u);
    EXPECT_FALSE(kept.at("Face").as_object().contains("Smile"));
    const auto& left_out = answer.body["UnindexedFaces"].at(0).at("FaceDetail").as_object();
    EXPECT_EQ(left_out.at("Gender").at("Value"), "Male");
    auto one = bench.call("IndexFaces", index_input(photo_of(kEve), {{"DetectionAttributes", {"GENDER"}}}));
    const auto& detail = one.body["FaceRecords"].at(0).at("FaceDetail").as_object();
    EXPECT_TRUE(detail.contains("Gender") && !detail.contains("AgeRange"));
    EXPECT_EQ(detail.at("Landmarks").as_array().size(), 5u);
    auto listed = bench.call("ListFaces", {{"CollectionId", "staff"}});
    EXPECT_FALSE(listed.body["Faces"].at(0).as_object().contains("Smile"));
}

TEST(IndexFaces, WithoutAnExternalImageIdTheAnswerHasNone) {
    Bench bench;
    bench.create();
    auto answer = bench.call("IndexFaces", index_input(photo_of(kAnn)));
    EXPECT_FALSE(answer.body["FaceRecords"].at(0).at("Face").as_object().contains("ExternalImageId"));
}

TEST(IndexFaces, TheLargestFaceComesFirstAndAllShareTheirImageId) {
    Bench bench;
    bench.create();
    auto answer = bench.call("IndexFaces", index_input(photo_of({{kAnn, 50}, {kBob, 90}, {kEve, 70}}),
                                                       {{"QualityFilter", "MEDIUM"}}));
    const auto& records = answer.body["FaceRecords"].as_array();
    ASSERT_EQ(records.size(), 3u);
    for (std::size_t i = 1; i < 3; ++i) {
        EXPECT_LT(records[i].at("Face").at("BoundingBox").at("Width").as_double(),
                  records[i - 1].at("Face").at("BoundingBox").at("Width").as_double());
        EXPECT_EQ(records[i].at("Face").at("ImageId"), records[0].at("Face").at("ImageId"));
        EXPECT_NE(records[i].at("Face").at("FaceId"), records[0].at("Face").at("FaceId"));
    }
}

TEST(IndexFaces, BeyondMaxFacesTheSmallerOnesAreLeftOutAndNamed) {
    Bench bench;
    bench.create();
    auto answer = bench.call("IndexFaces",
                             index_input(photo_of({{kAnn, 50}, {kBob, 90}, {kEve, 70}}), {{"MaxFaces", 1}}));
    EXPECT_EQ(answer.body["FaceRecords"].as_array().size(), 1u);
    const auto& unindexed = answer.body["UnindexedFaces"].as_array();
    ASSERT_EQ(unindexed.size(), 2u);
    EXPECT_EQ(unindexed[0].at("Reasons"), json::array{"EXCEEDS_MAX_FACES"});
    EXPECT_TRUE(unindexed[0].at("FaceDetail").as_object().contains("BoundingBox"));
    EXPECT_EQ(bench.call("DescribeCollection", {{"CollectionId", "staff"}}).body["FaceCount"], 1);
}

TEST(IndexFaces, TheQualityFilterNamesItsReasons) {
    Bench bench;
    bench.create();
    const auto dark_and_small = photo_of({{kInTheDark, 20}});
    auto answer = bench.call("IndexFaces", index_input(dark_and_small));
    EXPECT_EQ(answer.body["FaceRecords"], json::array());
    EXPECT_EQ(answer.body["UnindexedFaces"].at(0).at("Reasons"),
              (json::array{"SMALL_BOUNDING_BOX", "LOW_BRIGHTNESS"}));
    auto unfiltered = bench.call("IndexFaces", index_input(dark_and_small, {{"QualityFilter", "NONE"}}));
    EXPECT_EQ(unfiltered.body["FaceRecords"].as_array().size(), 1u);
}

TEST(IndexFaces, EveryReasonHasItsNameAndTheirOrderIsFixed) {
    Bench bench;
    bench.create();
    bench.model->sight.detect = [](const image::Picture&) -> Result<std::vector<vision::Face>> {
        vision::Face face;
        face.box = {.left = 0.1f, .top = 0.1f, .width = 0.1f, .height = 0.1f};
        face.confidence = 10;
        face.pose.yaw = -80;
        face.quality = {.brightness = 1, .sharpness = 1, .completeness = 10};
        face.side_px = 10;
        return std::vector{face};
    };
    const auto answer = bench.call("IndexFaces", index_input(photo_of(kAnn), {{"QualityFilter", "LOW"}}));
    EXPECT_EQ(answer.body.at("FaceRecords"), json::array());
    EXPECT_EQ(answer.body.at("UnindexedFaces").at(0).at("Reasons"),
              (json::array{"LOW_CONFIDENCE", "SMALL_BOUNDING_BOX", "EXTREME_POSE", "LOW_BRIGHTNESS",
                           "LOW_SHARPNESS", "LOW_FACE_QUALITY"}));
}

TEST(IndexFaces, TheFiltersGrowStricterAndAutoIsTheDefault) {
    Bench bench;
    bench.create();
    vision::Face face;
    face.box = {.left = 0.4f, .top = 0.2f, .width = 0.3f, .height = 0.6f};
    face.confidence = 99;
    face.quality.sharpness = 90;
    face.side_px = 90;
    bench.model->sight.detect = [&](const image::Picture&) -> Result<std::vector<vision::Face>> {
        return std::vector{face};
    };
    const auto keep = [&](float brightness) {
        face.quality.brightness = brightness;
        std::vector<std::string> filters;
        for (const std::string filter : {"NONE", "LOW", "AUTO", "MEDIUM", "HIGH", ""}) {
            json::object more;
            if (!filter.empty()) more["QualityFilter"] = filter;
            const auto answer = bench.call("IndexFaces", index_input(photo_of(kAnn), std::move(more)));
            if (!answer.body.at("FaceRecords").as_array().empty()) filters.push_back(filter);
        }
        return filters;
    };
    using testing::ElementsAre;
    EXPECT_THAT(keep(3), ElementsAre("NONE"));
    EXPECT_THAT(keep(10), ElementsAre("NONE", "LOW"));
    EXPECT_THAT(keep(20), ElementsAre("NONE", "LOW", "AUTO", "MEDIUM", ""));
    EXPECT_THAT(keep(50), ElementsAre("NONE", "LOW", "AUTO", "MEDIUM", "HIGH", ""));
}

TEST(IndexFaces, WhoseEmbeddingCannotBeReliedOnIsNotEnrolledUnlessAskedFor) {
    Bench bench;
    bench.create();
    const auto photo = photo_of({{kAnn}, {kBehindAVeil}});
    auto answer = bench.call("IndexFaces", index_input(photo));
    EXPECT_EQ(answer.body["FaceRecords"].as_array().size(), 1u);
    ASSERT_EQ(answer.body["UnindexedFaces"].as_array().size(), 1u);
    EXPECT_EQ(answer.body["UnindexedFaces"].at(0).at("Reasons"), json::array{"LOW_FACE_QUALITY"});
    auto unfiltered = bench.call("IndexFaces", index_input(photo, {{"QualityFilter", "NONE"}}));
    EXPECT_EQ(unfiltered.body["FaceRecords"].as_array().size(), 2u);
}

TEST(IndexFaces, AutoLeavesOutWhoStandsInThePicturesBackground) {
    Bench bench;
    bench.create();
    auto answer = bench.call("IndexFaces", index_input(photo_of({{kAnn, 50}, {kBob, 90}, {kEve, 80}})));
    EXPECT_EQ(answer.body["FaceRecords"].as_array().size(), 2u);
    EXPECT_EQ(answer.body["UnindexedFaces"].at(0).at("Reasons"), json::array{"SMALL_BOUNDING_BOX"});
    EXPECT_EQ(bench.call("DescribeCollection", {{"CollectionId", "staff"}}).body["FaceCount"], 2);
}

// A program that takes FaceRecords[0] without looking learns it the same way as on AWS.
TEST(IndexFaces, APictureWithoutAFaceIsNotAnError) {
    Bench bench;
    bench.create();
    auto answer = bench.call("IndexFaces", index_input(empty_room()));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body["FaceRecords"], json::array());
    EXPECT_EQ(answer.body["UnindexedFaces"], json::array());
}

TEST(IndexFaces, TheSamePictureAgainIsTheSameFace) {
    Bench bench;
    bench.create();
    const auto photo = photo_of(kAnn);
    auto first = bench.call("IndexFaces", index_input(photo));
    auto second = bench.call("IndexFaces", index_input(photo));
    EXPECT_EQ(first.body, second.body);
    EXPECT_EQ(bench.call("DescribeCollection", {{"CollectionId", "staff"}}).body["FaceCount"], 1);
    bench.call("IndexFaces", index_input(photo, {{"ExternalImageId", "ann"}}));
    EXPECT_EQ(bench.call("DescribeCollection", {{"CollectionId", "staff"}}).body["FaceCount"], 2);
}

TEST(IndexFaces, TheSamePictureHasTheSameIdsInEveryCollection) {
    Bench bench;
    bench.create();
    bench.create("guests");
    const auto photo = photo_of({{kAnn, 80}, {kBob, 90}});
    const auto here = bench.call("IndexFaces", index_input(photo));
    const auto there = bench.call("IndexFaces", {{"CollectionId", "guests"}, {"Image", Bench::bytes(photo)}});
    EXPECT_EQ(here.body.at("FaceRecords"), there.body.at("FaceRecords"));
    EXPECT_EQ(here.body.at("FaceRecords").as_array().size(), 2u);
}

TEST(IndexFaces, ACollectionThatHasItsNumberOfFacesTakesNoMore) {
    Bench bench;
    bench.reopen({.faces_per_collection = 1});
    bench.create();
    bench.enrol(photo_of(kAnn));
    const auto answer = bench.call("IndexFaces", index_input(photo_of(kBob)));
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error, "ServiceQuotaExceededException");
    EXPECT_EQ(bench.call("DescribeCollection", {{"CollectionId", "staff"}}).body.at("FaceCount"), 1);
}

TEST(IndexFaces, WithoutAFaceModelIsRefused) {
    Bench bench;
    bench.create();
    bench.run_on({});
    EXPECT_EQ(bench.call("IndexFaces", index_input(photo_of(kAnn))).error, "ResourceNotReadyException");
}

TEST(IndexFaces, IntoACollectionThatIsNotThereIsRefusedBeforeThePictureIsLookedAt) {
    Bench bench;
    auto answer = bench.call("IndexFaces", index_input({1, 2, 3}));
    EXPECT_EQ(answer.error, "ResourceNotFoundException");
    EXPECT_EQ(answer.message, "The collection id: staff does not exist");
}

TEST(IndexFaces, MembersMustKeepTheirLimits) {
    Bench bench;
    bench.create();
    auto message = [&](json::object more) {
        auto answer = bench.call("IndexFaces", index_input(photo_of(kAnn), std::move(more)));
        EXPECT_EQ(answer.error, "ValidationException");
        return answer.message;
    };
    // The text that people report who pass an S3 key with a slash.
    EXPECT_EQ(message({{"ExternalImageId", "train/jisoo/20190417.PNG"}}),
              "1 validation error detected: Value 'train/jisoo/20190417.PNG' at 'externalImageId' failed to "
              "satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.\\-:]+");
    EXPECT_THAT(message({{"ExternalImageId", std::string(256, 'a')}}),
                HasSubstr("less than or equal to 255"));
    EXPECT_THAT(message({{"MaxFaces", 0}}),
                HasSubstr("'maxFaces' failed to satisfy constraint: Member must have "
                          "value greater than or equal to 1"));
    EXPECT_THAT(message({{"QualityFilter", "BEST"}}),
                HasSubstr("Member must satisfy enum value set: [NONE, AUTO, LOW, MEDIUM, HIGH]"));
    EXPECT_THAT(message({{"DetectionAttributes", {"DEFAULT", "HAIR"}}}),
                HasSubstr("Member must satisfy enum value set"));
}

TEST(ListFaces, GoesThroughTheFacesPageByPageInOrderOfTheirIds) {
    Bench bench;
    bench.create();
    std::vector<std::string> ids = {bench.enrol(photo_of(kAnn)), bench.enrol(photo_of(kBob)),
                                    bench.enrol(photo_of(kEve))};
    std::sort(ids.begin(), ids.end());
    auto first = bench.call("ListFaces", {{"CollectionId", "staff"}, {"MaxResults", 2}});
    ASSERT_EQ(first.body["Faces"].as_array().size(), 2u);
    EXPECT_EQ(first.body["FaceModelVersion"], "7.0");
    EXPECT_EQ(first.body["Faces"].at(0).at("FaceId"), json::value(ids[0]));
    auto last = bench.call(
        "ListFaces", {{"CollectionId", "staff"}, {"MaxResults", 2}, {"NextToken", first.body["NextToken"]}});
    ASSERT_EQ(last.body["Faces"].as_array().size(), 1u);
    EXPECT_EQ(last.body["Faces"].at(0).at("FaceId"), json::value(ids[2]));
    EXPECT_FALSE(last.body.contains("NextToken"));
}

TEST(ListFaces, ShowsAThousandUnlessMoreAreAskedFor) {
    Bench bench;
    bench.create();
    faces::Enrolment many{.image = faces::ImageId("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"),
                          .external_image_id = "crowd",
                          .faces = {}};
    for (int i = 0; i < 1001; ++i) {
        vision::Face face;
        face.box = {.left = static_cast<float>(i) / 256, .top = 0, .width = 0.1f, .height = 0.1f};
        many.faces.push_back({face, embedding_of(kAnn)});
    }
    const faces::CollectionKey staff = {{bench.account, bench.region}, faces::CollectionName("staff")};
    ASSERT_TRUE(bench.collections->enrol(staff, many).ok());
    for (const auto& [asked, shown] : std::map<int, std::size_t>{{0, 1000}, {1001, 1001}, {4096, 1001}}) {
        const auto page = bench.call("ListFaces", {{"CollectionId", "staff"}, {"MaxResults", asked}});
        EXPECT_EQ(page.body.at("Faces").as_array().size(), shown) << asked;
        EXPECT_EQ(page.body.contains("NextToken"), shown == 1000) << asked;
    }
}

TEST(ListFaces, CanBeAskedForCertainFaces) {
    Bench bench;
    bench.create();
    bench.enrol(photo_of(kAnn));
    const auto bob = bench.enrol(photo_of(kBob));
    auto answer = bench.call("ListFaces", {{"CollectionId", "staff"}, {"FaceIds", {bob, kUnknownFace}}});
    ASSERT_EQ(answer.body["Faces"].as_array().size(), 1u);
    EXPECT_EQ(answer.body["Faces"].at(0).at("FaceId"), json::value(bob));
}

TEST(ListFaces, RefusesWhatItCannotList) {
    Bench bench;
    EXPECT_EQ(bench.call("ListFaces", {{"CollectionId", "staff"}}).error, "ResourceNotFoundException");
    bench.create();
    EXPECT_EQ(bench.call("ListFaces", {{"CollectionId", "staff"}, {"UserId", "ann"}}).error,
              "ResourceNotFoundException");
    EXPECT_EQ(bench.call("ListFaces", {{"CollectionId", "staff"}, {"NextToken", "abc"}}).error,
              "InvalidPaginationTokenException");
    EXPECT_EQ(bench.call("ListFaces", {{"CollectionId", "staff"}, {"FaceIds", {"abc"}}}).error,
              "ValidationException");
    EXPECT_EQ(bench.call("ListFaces", {{"CollectionId", "staff"}, {"FaceIds", json::array()}}).error,
              "ValidationException");
    const json::array too_many(4097, json::value(kUnknownFace));
    for (const json::object& more :
         {json::object{{"MaxResults", 4097}}, json::object{{"MaxResults", -1}},
          json::object{{"NextToken", std::string(256, 'a')}}, json::object{{"UserId", "a b"}},
          json::object{{"UserId", std::string(129, 'a')}}, json::object{{"FaceIds", too_many}}}) {
        auto input = more;
        input["CollectionId"] = "staff";
        EXPECT_EQ(bench.call("ListFaces", input).error, "ValidationException")
            << json::serialize(more).substr(0, 80);
    }
}

TEST(ListFaces, ATokenGoesOnInItsOwnCollectionOnly) {
    Bench bench;
    for (const auto* collection : {"staff", "guests"}) {
        bench.create(collection);
        bench.enrol(photo_of(kAnn), collection);
        bench.enrol(photo_of(kBob), collection);
    }
    const auto token =
        bench.call("ListFaces", {{"CollectionId", "staff"}, {"MaxResults", 1}}).body.at("NextToken");
    const auto page = [&](const char* collection) {
        return bench.call("ListFaces", {{"CollectionId", collection}, {"NextToken", token}});
    };
    EXPECT_EQ(page("staff").status, 200);
    EXPECT_EQ(page("guests").error, "InvalidPaginationTokenException");
    EXPECT_EQ(page("guests").message, "Invalid Pagination Token");
}

TEST(DeleteFaces, TellsWhichAreGoneAndWhichWereNotThere) {
    Bench bench;
    bench.create();
    const auto ann = bench.enrol(photo_of(kAnn));
    const auto answer =
        bench.call("DeleteFaces", {{"CollectionId", "staff"}, {"FaceIds", {ann, kUnknownFace, ann}}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body,
              (json::object{
                  {"DeletedFaces", {ann}},
                  {"UnsuccessfulFaceDeletions",
                   json::array{json::object{{"FaceId", kUnknownFace}, {"Reasons", {"FACE_NOT_FOUND"}}}}}}));
    EXPECT_EQ(bench.call("DescribeCollection", {{"CollectionId", "staff"}}).body["FaceCount"], 0);
}

TEST(DeleteFaces, RefusesAMissingCollectionAndMalformedIds) {
    Bench bench;
    EXPECT_EQ(bench.call("DeleteFaces", {{"CollectionId", "staff"}, {"FaceIds", {kUnknownFace}}}).error,
              "ResourceNotFoundException");
    bench.create();
    EXPECT_THAT(bench.call("DeleteFaces", {{"CollectionId", "staff"}, {"FaceIds", {"ABC"}}}).message,
                HasSubstr("Value 'ABC' at 'faceIds.1.member' failed to satisfy constraint"));
    EXPECT_EQ(bench.call("DeleteFaces", {{"CollectionId", "staff"}, {"FaceIds", json::array()}}).error,
              "ValidationException");
    const json::array too_many(4097, json::value(kUnknownFace));
    EXPECT_THAT(bench.call("DeleteFaces", {{"CollectionId", "staff"}, {"FaceIds", too_many}}).message,
                HasSubstr("length less than or equal to 4096"));
    EXPECT_THAT(bench.call("DeleteFaces", {{"CollectionId", "staff"}}).message,
                HasSubstr("Value null at 'faceIds'"));
}

}  // namespace
}  // namespace services::rekognition
