#include <gmock/gmock.h>

#include "services/rekognition/bench.h"

namespace services::rekognition {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kNoFace = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

struct UsersBench : Bench {
    UsersBench() { create(); }
    Answer user(const std::string& operation, json::object more = {}) {
        json::object input = {{"CollectionId", "staff"}, {"UserId", "ann"}};
        for (const auto& [name, value] : more)
            input[name] = value;
        return call(operation, input);
    }
    void create_user(const std::string& id) {
        ASSERT_EQ(user("CreateUser", {{"UserId", id}}).body, json::object());
    }
    Answer associate(const json::array& faces, json::object more = {}) {
        more["FaceIds"] = faces;
        return user("AssociateFaces", more);
    }
    Answer disassociate(const json::array& faces, json::object more = {}) {
        more["FaceIds"] = faces;
        return user("DisassociateFaces", more);
    }
};

json::value id(const std::string& text) {
    return json::value(text);
}
json::object face(const std::string& text) {
    return {{"FaceId", text}};
}

TEST(CreateUser, MakesAUserWithoutFaces) {
    UsersBench bench;
    bench.create_user("ann");
    EXPECT_EQ(bench.call("ListUsers", {{"CollectionId", "staff"}}).body,
              (json::object{{"Users", {{{"UserId", "ann"}, {"UserStatus", "CREATED"}}}}}));
    EXPECT_EQ(bench.call("DescribeCollection", {{"CollectionId", "staff"}}).body["UserCount"], 1);
}

TEST(CreateUser, AnIdThatIsTakenIsAConflict) {
    UsersBench bench;
    bench.create_user("ann");
    const auto answer = bench.user("CreateUser");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error, "ConflictException");
    EXPECT_EQ(answer.message, "The user id: ann already exists");
}

TEST(CreateUser, OfACollectionThatHasItsNumberOfUsersIsRefused) {
    UsersBench bench;
    bench.reopen({.users_per_collection = 1});
    bench.create_user("ann");
    EXPECT_EQ(bench.user("CreateUser", {{"UserId", "bob"}}).error, "ServiceQuotaExceededException");
}

// A store on which another request is always faster.
class BusyRecords final : public store::Records {
public:
    explicit BusyRecords(store::Records& records) : records_(records) {}
    Result<std::optional<std::string>> get(std::string_view key) const override { return records_.get(key); }
    Result<std::vector<store::Row>> scan(const store::Range& range) const override {
        return records_.scan(range);
    }
    std::unique_ptr<store::Snapshot> snapshot() const override { return records_.snapshot(); }
    Result<void> commit(const std::function<Result<void>(store::Transaction&)>& change) override {
        if (busy) return Error::refusal(store::Refusal::conflict);
        return records_.commit(change);
    }
    Result<void> erase_range(std::string_view from, std::string_view to) override {
        return records_.erase_range(from, to);
    }
    bool busy = false;

private:
    store::Records& records_;
};

TEST(Users, WhoAreAlwaysBeingChangedAreAConflict) {
    UsersBench bench;
    bench.create_user("ann");
    const auto ann = bench.enrol(photo_of(kAnn));
    BusyRecords records(*bench.records);
    bench.reopen({}, &records);
    records.busy = true;
    EXPECT_EQ(bench.user("CreateUser", {{"UserId", "bob"}}).error, "ConflictException");
    EXPECT_EQ(bench.user("DeleteUser").error, "ConflictException");
    EXPECT_EQ(bench.associate({ann}).error, "ConflictException");
    EXPECT_EQ(bench.disassociate({ann}).error, "ConflictException");
}

TEST(DeleteUser, LeavesItsFacesInTheCollection) {
    UsersBench bench;
    bench.create_user("ann");
    const auto ann = bench.enrol(photo_of(kAnn));
    bench.associate({ann});
    EXPECT_EQ(bench.user("DeleteUser").body, json::object());
    const auto listed = bench.call("ListFaces", {{"CollectionId", "staff"}});
    ASSERT_EQ(listed.body.at("Faces").as_array().size(), 1u);
    EXPECT_FALSE(listed.body.at("Faces").at(0).as_object().contains("UserId"));
    const auto again = bench.user("DeleteUser");
    EXPECT_EQ(again.error, "ResourceNotFoundException");
    EXPECT_EQ(again.message, "The user id: ann does not exist");
}

TEST(ListUsers, GoesThroughTheUsersInOrderOfCreation) {
    UsersBench bench;
    for (const auto* user : {"zoe", "ann", "max"})
        bench.create_user(user);
    const auto first = bench.call("ListUsers", {{"CollectionId", "staff"}, {"MaxResults", 2}});
    ASSERT_EQ(first.body.at("Users").as_array().size(), 2u);
    EXPECT_EQ(first.body.at("Users").at(0).at("UserId"), id("zoe"));
    const auto last =
        bench.call("ListUsers",
                   {{"CollectionId", "staff"}, {"MaxResults", 2}, {"NextToken", first.body.at("NextToken")}});
    EXPECT_EQ(last.body, (json::object{{"Users", {{{"UserId", "max"}, {"UserStatus", "CREATED"}}}}}));
}

TEST(ListUsers, ShowsFiveHundredUnlessFewerAreAskedFor) {
    UsersBench bench;
    for (int i = 0; i < 501; ++i)
        bench.create_user(std::to_string(i));
    const auto first = bench.call("ListUsers", {{"CollectionId", "staff"}});
    EXPECT_EQ(first.body.at("Users").as_array().size(), 500u);
    const auto last =
        bench.call("ListUsers", {{"CollectionId", "staff"}, {"NextToken", first.body.at("NextToken")}});
    EXPECT_EQ(last.body.at("Users").as_array().size(), 1u);
}

TEST(ListUsers, RefusesTokensThatWereNotGivenAndBrokenLimits) {
    UsersBench bench;
    EXPECT_EQ(bench.call("ListUsers", {{"CollectionId", "staff"}, {"NextToken", "abc"}}).error,
              "InvalidPaginationTokenException");
    for (const json::object& more : {json::object{{"MaxResults", 0}}, json::object{{"MaxResults", 501}},
                                     json::object{{"NextToken", std::string(256, 'a')}}})
        EXPECT_EQ(bench.user("ListUsers", more).error, "ValidationException");
}

TEST(AssociateFaces, GivesFacesAndSaysWhyOthersWereNotGiven) {
    UsersBench bench;
    bench.create_user("ann");
    bench.create_user("bob");
    const auto ann = bench.enrol(photo_of(kAnn)), ann_again = bench.enrol(photo_of({{kAnn, 60}})),
               bob = bench.enrol(photo_of(kBob)), eve = bench.enrol(photo_of(kEve));
    bench.associate({bob}, {{"UserId", "bob"}});
    const auto answer = bench.associate({ann, bob, kNoFace, eve, ann_again});
    ASSERT_EQ(answer.status, 200) << answer.message;
    EXPECT_EQ(answer.body.at("AssociatedFaces"), (json::array{face(ann), face(ann_again)}));
    EXPECT_EQ(answer.body.at("UserStatus"), id("ACTIVE"));
    const auto& refused = answer.body.at("UnsuccessfulFaceAssociations").as_array();
    ASSERT_EQ(refused.size(), 3u);
    EXPECT_EQ(refused[0], (json::object{{"FaceId", bob},
                                        {"UserId", "bob"},
                                        {"Reasons", json::array{"ASSOCIATED_TO_A_DIFFERENT_USER"}}}));
    EXPECT_EQ(refused[1], (json::object{{"FaceId", kNoFace}, {"Reasons", json::array{"FACE_NOT_FOUND"}}}));
    EXPECT_EQ(refused[2].at("FaceId"), id(eve));
    EXPECT_EQ(refused[2].at("Reasons"), json::array{"LOW_MATCH_CONFIDENCE"});
    EXPECT_LT(refused[2].at("Confidence").as_double(), 75);
    // What is so already is in neither list.
    EXPECT_EQ(bench.associate({ann}).body, (json::object{{"AssociatedFaces", json::array()},
                                                         {"UnsuccessfulFaceAssociations", json::array()},
                                                         {"UserStatus", "ACTIVE"}}));
    EXPECT_EQ(bench.associate({eve}, {{"UserMatchThreshold", 0}}).body.at("AssociatedFaces"),
              json::array{face(eve)});
}

TEST(AssociateFaces, AFaceSaidTwiceIsGivenOnce) {
    UsersBench bench;
    bench.create_user("ann");
    const auto ann = bench.enrol(photo_of(kAnn));
    EXPECT_EQ(bench.associate({ann, ann, kNoFace, kNoFace}).body,
              (json::object{{"AssociatedFaces", {face(ann)}},
                            {"UnsuccessfulFaceAssociations",
                             {{{"FaceId", kNoFace}, {"Reasons", json::array{"FACE_NOT_FOUND"}}}}},
                            {"UserStatus", "ACTIVE"}}));
    EXPECT_EQ(bench.disassociate({ann, ann}).body.at("DisassociatedFaces"), json::array{face(ann)});
}

// Ann's sister resembles her to more than 75 and less than 80 percent.
TEST(Thresholds, AreEightyAndForTheFacesOfAUserSeventyFive) {
    UsersBench bench;
    bench.create_user("ann");
    const auto sisters_photo = photo_of(kAnnsSister);
    const auto ann = bench.enrol(photo_of(kAnn)), sister = bench.enrol(sisters_photo);
    bench.associate({ann});
    const auto count = [&](const std::string& operation, const char* list, json::object input) {
        const auto answer = bench.call(operation, input);
        EXPECT_EQ(answer.status, 200) << answer.message;
        return answer.body.at(list).as_array().size();
    };
    const json::object by_face = {{"CollectionId", "staff"}, {"FaceId", sister}};
    const json::object by_photo = {{"CollectionId", "staff"}, {"Image", Bench::bytes(sisters_photo)}};
    const json::object compared = {{"SourceImage", Bench::bytes(sisters_photo)},
                                   {"TargetImage", Bench::bytes(photo_of(kAnn))}};
    const auto with = [](json::object input, const char* name, int value) {
        input[name] = value;
        return input;
    };
    for (const auto& [threshold, more] : std::map<int, std::size_t>{{75, 1}, {80, 0}}) {
        EXPECT_EQ(count("SearchFaces", "FaceMatches", with(by_face, "FaceMatchThreshold", threshold)), more);
        EXPECT_EQ(count("SearchUsers", "UserMatches", with(by_face, "UserMatchThreshold", threshold)), more);
        EXPECT_EQ(count("SearchFacesByImage", "FaceMatches", with(by_photo, "FaceMatchThreshold", threshold)),
                  1 + more)
            << "the sister herself";
        EXPECT_EQ(count("SearchUsersByImage", "UserMatches", with(by_photo, "UserMatchThreshold", threshold)),
                  more);
        EXPECT_EQ(count("CompareFaces", "FaceMatches", with(compared, "SimilarityThreshold", threshold)),
                  more);
    }
    EXPECT_EQ(count("SearchFaces", "FaceMatches", by_face), 0u);
    EXPECT_EQ(count("SearchUsers", "UserMatches", by_face), 0u);
    EXPECT_EQ(count("SearchFacesByImage", "FaceMatches", by_photo), 1u);
    EXPECT_EQ(count("SearchUsersByImage", "UserMatches", by_photo), 0u);
    EXPECT_EQ(count("CompareFaces", "FaceMatches", compared), 0u);
    EXPECT_EQ(bench.associate({sister}, {{"UserMatchThreshold", 80}})
                  .body.at("UnsuccessfulFaceAssociations")
                  .at(0)
                  .at("Reasons"),
              json::array{"LOW_MATCH_CONFIDENCE"});
    EXPECT_EQ(bench.associate({sister}).body.at("AssociatedFaces"), json::array{face(sister)});
}

TEST(AssociateFaces, ShowTheUserInEveryAnswerAboutTheFace) {
    UsersBench bench;
    bench.create_user("ann");
    const auto photo = photo_of(kAnn);
    const auto ann = bench.enrol(photo);
    bench.associate({ann});
    const auto listed = bench.call("ListFaces", {{"CollectionId", "staff"}, {"UserId", "ann"}});
    ASSERT_EQ(listed.body.at("Faces").as_array().size(), 1u);
    EXPECT_EQ(listed.body.at("Faces").at(0).at("UserId"), id("ann"));
    const auto found =
        bench.call("SearchFacesByImage", {{"CollectionId", "staff"}, {"Image", Bench::bytes(photo)}});
    EXPECT_EQ(found.body.at("FaceMatches").at(0).at("Face").at("UserId"), id("ann"));
    const auto again = bench.call("IndexFaces", {{"CollectionId", "staff"}, {"Image", Bench::bytes(photo)}});
    EXPECT_EQ(again.body.at("FaceRecords").at(0).at("Face").at("UserId"), id("ann"));
}

TEST(AssociateFaces, BeyondAHundredAUserIsRefused) {
    UsersBench bench;
    bench.create_user("ann");
    json::array faces;
    for (int i = 0; i <= 100; ++i) {
        const auto answer = bench.call("IndexFaces", {{"CollectionId", "staff"},
                                                      {"Image", Bench::bytes(photo_of(kAnn))},
                                                      {"ExternalImageId", std::to_string(i)}});
        faces.push_back(answer.body.at("FaceRecords").at(0).at("Face").at("FaceId"));
    }
    EXPECT_THAT(bench.associate(faces).message, HasSubstr("length less than or equal to 100"));
    const auto last = faces.back();
    faces.pop_back();
    EXPECT_EQ(bench.associate(faces).body.at("AssociatedFaces").as_array().size(), 100u);
    const auto answer = bench.associate({last});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error, "ServiceQuotaExceededException");
}

TEST(DisassociateFaces, TakesFacesAndSaysWhyOthersWereNotTaken) {
    UsersBench bench;
    bench.create_user("ann");
    bench.create_user("bob");
    const auto ann = bench.enrol(photo_of(kAnn)), bob = bench.enrol(photo_of(kBob)),
               eve = bench.enrol(photo_of(kEve));
    bench.associate({ann});
    bench.associate({bob}, {{"UserId", "bob"}});
    const auto answer = bench.disassociate({ann, bob, kNoFace, eve});
    EXPECT_EQ(answer.body,
              (json::object{{"DisassociatedFaces", {face(ann)}},
                            {"UnsuccessfulFaceDisassociations",
                             {{{"FaceId", bob},
                               {"UserId", "bob"},
                               {"Reasons", json::array{"ASSOCIATED_TO_A_DIFFERENT_USER"}}},
                              {{"FaceId", kNoFace}, {"Reasons", json::array{"FACE_NOT_FOUND"}}}}},
                            {"UserStatus", "CREATED"}}));
}

TEST(DeleteFaces, OfAUserAreNotDeleted) {
    UsersBench bench;
    bench.create_user("ann");
    const auto ann = bench.enrol(photo_of(kAnn)), bob = bench.enrol(photo_of(kBob));
    bench.associate({ann});
    const json::object input = {{"CollectionId", "staff"}, {"FaceIds", {ann, bob}}};
    EXPECT_EQ(bench.call("DeleteFaces", input).body,
              (json::object{{"DeletedFaces", {bob}},
                            {"UnsuccessfulFaceDeletions",
                             {{{"FaceId", ann},
                               {"UserId", "ann"},
                               {"Reasons", json::array{"ASSOCIATED_TO_AN_EXISTING_USER"}}}}}}));
    bench.disassociate({ann});
    EXPECT_EQ(bench.call("DeleteFaces", input).body.at("DeletedFaces"), json::array{id(ann)});
}

TEST(ListFaces, OfAUserAreThoseThatItHas) {
    UsersBench bench;
    bench.create_user("ann");
    const auto ann = bench.enrol(photo_of(kAnn)), ann_again = bench.enrol(photo_of({{kAnn, 60}})),
               bob = bench.enrol(photo_of(kBob));
    bench.associate({ann, ann_again});
    auto listed = [&](json::object more) {
        std::vector<std::string> ids;
        const auto answer = bench.user("ListFaces", std::move(more));
        for (const auto& one : answer.body.at("Faces").as_array())
            ids.emplace_back(one.at("FaceId").as_string());
        return ids;
    };
    EXPECT_THAT(listed({}), testing::UnorderedElementsAre(ann, ann_again));
    EXPECT_THAT(listed({{"FaceIds", {ann, bob}}}), ElementsAre(ann)) << "both filters at once";
    const auto first = bench.user("ListFaces", {{"MaxResults", 1}});
    EXPECT_THAT(listed({{"MaxResults", 1}, {"NextToken", first.body.at("NextToken")}}),
                ElementsAre(std::max(ann, ann_again)));
    const auto unknown = bench.user("ListFaces", {{"UserId", "eve"}});
    EXPECT_EQ(unknown.error, "ResourceNotFoundException");
    EXPECT_EQ(unknown.message, "The user id: eve does not exist");
}

TEST(SearchUsers, FindsUsersByAFace) {
    UsersBench bench;
    bench.create_user("ann");
    bench.create_user("bob");
    const auto ann = bench.enrol(photo_of(kAnn)), ann_again = bench.enrol(photo_of({{kAnn, 60}})),
               bob = bench.enrol(photo_of(kBob));
    bench.associate({ann});
    bench.associate({bob}, {{"UserId", "bob"}});
    const auto answer = bench.call("SearchUsers", {{"CollectionId", "staff"}, {"FaceId", ann_again}});
    ASSERT_EQ(answer.status, 200) << answer.message;
    EXPECT_EQ(answer.body.at("SearchedFace"), face(ann_again));
    EXPECT_FALSE(answer.body.contains("SearchedUser"));
    EXPECT_EQ(answer.body.at("FaceModelVersion"), id("7.0"));
    const auto& matches = answer.body.at("UserMatches").as_array();
    ASSERT_EQ(matches.size(), 1u);
    EXPECT_EQ(matches[0].at("User"), (json::object{{"UserId", "ann"}, {"UserStatus", "ACTIVE"}}));
    EXPECT_GT(matches[0].at("Similarity").as_double(), 99);
    const auto all = bench.call(
        "SearchUsers", {{"CollectionId", "staff"}, {"FaceId", ann_again}, {"UserMatchThreshold", 0}});
    EXPECT_EQ(all.body.at("UserMatches").as_array().size(), 2u);
    const auto one = bench.call(
        "SearchUsers",
        {{"CollectionId", "staff"}, {"FaceId", ann_again}, {"UserMatchThreshold", 0}, {"MaxUsers", 1}});
    EXPECT_EQ(one.body.at("UserMatches").as_array().size(), 1u);
}

TEST(SearchUsers, ByAUserFindsTheOthers) {
    UsersBench bench;
    for (const auto* user : {"ann", "anna", "bob"})
        bench.create_user(user);
    const auto ann = bench.enrol(photo_of(kAnn)), anna = bench.enrol(photo_of({{kAnn, 60}}));
    bench.associate({ann});
    bench.associate({anna}, {{"UserId", "anna"}});
    const auto answer = bench.user("SearchUsers");
    EXPECT_EQ(answer.body.at("SearchedUser"), (json::object{{"UserId", "ann"}}));
    EXPECT_FALSE(answer.body.contains("SearchedFace"));
    ASSERT_EQ(answer.body.at("UserMatches").as_array().size(), 1u);
    EXPECT_EQ(answer.body.at("UserMatches").at(0).at("User").at("UserId"), id("anna"));
    EXPECT_EQ(bench.user("SearchUsers", {{"UserId", "bob"}}).body.at("UserMatches"), json::array())
        << "who has no face";
}

TEST(SearchUsers, WantsOneOfUserAndFaceThatExists) {
    UsersBench bench;
    bench.create_user("ann");
    EXPECT_EQ(bench.call("SearchUsers", {{"CollectionId", "staff"}}).error, "InvalidParameterException");
    EXPECT_EQ(bench.user("SearchUsers", {{"FaceId", kNoFace}}).error, "InvalidParameterException");
    EXPECT_EQ(bench.user("SearchUsers", {{"UserId", "eve"}}).error, "ResourceNotFoundException");
    // Other than in SearchFaces, where it is an invalid parameter.
    EXPECT_EQ(bench.call("SearchUsers", {{"CollectionId", "staff"}, {"FaceId", kNoFace}}).error,
              "ResourceNotFoundException");
    for (const json::object& more :
         {json::object{{"MaxUsers", 0}}, json::object{{"MaxUsers", 501}},
          json::object{{"UserMatchThreshold", -1}}, json::object{{"UserMatchThreshold", 100.5}},
          json::object{{"FaceId", "x"}}})
        EXPECT_EQ(bench.user("SearchUsers", more).error, "ValidationException");
}

json::object by_image(const base::Bytes& photo, json::object more = {}) {
    more["CollectionId"] = "staff";
    more["Image"] = Bench::bytes(photo);
    return more;
}

TEST(SearchUsersByImage, SearchesWithTheLargestFaceAndNamesTheOthers) {
    UsersBench bench;
    bench.create_user("ann");
    bench.create_user("bob");
    bench.associate({bench.enrol(photo_of(kAnn))});
    bench.associate({bench.enrol(photo_of(kBob))}, {{"UserId", "bob"}});
    const auto answer =
        bench.call("SearchUsersByImage", by_image(photo_of({{kBob, 50}, {kAnn, 90}, {kInTheDark, 70}})));
    ASSERT_EQ(answer.status, 200) << answer.message;
    ASSERT_EQ(answer.body.at("UserMatches").as_array().size(), 1u);
    EXPECT_EQ(answer.body.at("UserMatches").at(0).at("User"),
              (json::object{{"UserId", "ann"}, {"UserStatus", "ACTIVE"}}));
    EXPECT_NEAR(answer.body.at("SearchedFace").at("FaceDetail").at("BoundingBox").at("Height").as_double(),
                0.9, 0.03);
    EXPECT_EQ(answer.body.at("FaceModelVersion"), id("7.0"));
    const auto& unsearched = answer.body.at("UnsearchedFaces").as_array();
    ASSERT_EQ(unsearched.size(), 2u);
    for (const auto& one : unsearched) {
        EXPECT_EQ(one.at("Reasons"), json::array{"FACE_NOT_LARGEST"});
        EXPECT_EQ(one.at("FaceDetails").at("Landmarks").as_array().size(), 5u);
    }
}

TEST(SearchUsersByImage, NamesWhatTheFilterRejectsAndSearchesWithTheLargestOfTheRest) {
    UsersBench bench;
    bench.create_user("ann");
    bench.associate({bench.enrol(photo_of(kAnn))});
    const auto photo = photo_of({{kInTheDark, 90}, {kAnn, 60}});
    const auto answer = bench.call("SearchUsersByImage", by_image(photo, {{"QualityFilter", "AUTO"}}));
    EXPECT_EQ(answer.body.at("UserMatches").as_array().size(), 1u);
    ASSERT_EQ(answer.body.at("UnsearchedFaces").as_array().size(), 1u);
    EXPECT_EQ(answer.body.at("UnsearchedFaces").at(0).at("Reasons"), json::array{"LOW_BRIGHTNESS"});
    const auto dark =
        bench.call("SearchUsersByImage", by_image(photo_of({{kInTheDark, 90}}), {{"QualityFilter", "AUTO"}}));
    EXPECT_EQ(dark.status, 200);
    EXPECT_FALSE(dark.body.contains("SearchedFace"));
    EXPECT_EQ(dark.body.at("UserMatches"), json::array());
    EXPECT_EQ(dark.body.at("UnsearchedFaces").as_array().size(), 1u);
}

// SearchFacesByImage refuses such a picture.
TEST(SearchUsersByImage, APictureWithoutAFaceIsNotAnError) {
    UsersBench bench;
    EXPECT_EQ(bench.call("SearchUsersByImage", by_image(empty_room())).body,
              (json::object{{"UserMatches", json::array()},
                            {"FaceModelVersion", "7.0"},
                            {"UnsearchedFaces", json::array()}}));
}

TEST(SearchUsersByImage, RefusesWhatIsNoPictureAndBrokenLimits) {
    UsersBench bench;
    auto error = [&](const json::object& image) {
        return bench.call("SearchUsersByImage", {{"CollectionId", "staff"}, {"Image", image}}).error;
    };
    EXPECT_EQ(error(Bench::bytes({1, 2, 3})), "InvalidImageFormatException");
    EXPECT_EQ(error({}), "InvalidParameterException");
    EXPECT_EQ(error(Bench::object("photos", "none.jpg")), "InvalidS3ObjectException");
    bench.objects["photos/large.jpg"] = base::Bytes(kObjectBytesMax + 1);
    EXPECT_EQ(error(Bench::object("photos", "large.jpg")), "ImageTooLargeException");
    for (const json::object& more :
         {json::object{{"MaxUsers", 0}}, json::object{{"MaxUsers", 501}},
          json::object{{"UserMatchThreshold", 101}}, json::object{{"QualityFilter", "GOOD"}}})
        EXPECT_EQ(bench.call("SearchUsersByImage", by_image(photo_of(kAnn), more)).error,
                  "ValidationException");
    Bench without(false);
    EXPECT_EQ(without.call("SearchUsersByImage", by_image(photo_of(kAnn))).error,
              "ResourceNotFoundException");
}

TEST(RequestTokens, DoARequestOnceAndAnswerItAlike) {
    UsersBench bench;
    const json::object token = {{"ClientRequestToken", "t-1_a"}};
    EXPECT_EQ(bench.user("CreateUser", token).body, json::object());
    EXPECT_EQ(bench.user("CreateUser", token).body, json::object());
    EXPECT_EQ(bench.user("CreateUser", {{"ClientRequestToken", "t2"}}).error, "ConflictException");
    auto other = token;
    other["UserId"] = "bob";
    const auto refused = bench.user("CreateUser", other);
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.error, "IdempotentParameterMismatchException");
    EXPECT_EQ(refused.message, "The ClientRequestToken: t-1_a you have supplied is already in use.");

    const auto ann = bench.enrol(photo_of(kAnn)), bob = bench.enrol(photo_of(kBob));
    const auto first = bench.associate({ann, bob}, token);
    EXPECT_EQ(first.body.at("AssociatedFaces").as_array().size(), 1u);
    EXPECT_EQ(first.body.at("UnsuccessfulFaceAssociations").as_array().size(), 1u);
    EXPECT_EQ(bench.associate({ann, bob}, token).body, first.body);
    EXPECT_EQ(bench.associate({ann}, token).error, "IdempotentParameterMismatchException");
    const auto taken = bench.disassociate({ann}, token);
    EXPECT_EQ(taken.body.at("DisassociatedFaces").as_array().size(), 1u);
    EXPECT_EQ(bench.disassociate({ann}, token).body, taken.body);
    EXPECT_EQ(bench.disassociate({bob}, token).error, "IdempotentParameterMismatchException");
    EXPECT_EQ(bench.user("DeleteUser", token).body, json::object());
    EXPECT_EQ(bench.user("DeleteUser", token).body, json::object());
    EXPECT_EQ(bench.user("DeleteUser", other).error, "IdempotentParameterMismatchException");
}

TEST(Users, OperationsRefuseMissingCollectionsAndUsersAndBrokenLimits) {
    UsersBench bench;
    const json::object faces = {{"FaceIds", {kNoFace}}};
    const json::object photo = Bench::bytes(photo_of(kAnn));
    for (const std::string operation : {"CreateUser", "DeleteUser", "ListUsers", "AssociateFaces",
                                        "DisassociateFaces", "SearchUsers", "SearchUsersByImage"}) {
        json::object more = {{"CollectionId", "nowhere"}, {"FaceIds", {kNoFace}}, {"Image", photo}};
        const auto answer = bench.user(operation, more);
        EXPECT_EQ(answer.error, "ResourceNotFoundException") << operation;
        EXPECT_EQ(answer.message, "The collection id: nowhere does not exist") << operation;
    }
    for (const std::string operation : {"DeleteUser", "AssociateFaces", "DisassociateFaces", "SearchUsers"}) {
        const auto answer = bench.user(operation, faces);
        EXPECT_EQ(answer.error, "ResourceNotFoundException") << operation;
        EXPECT_EQ(answer.message, "The user id: ann does not exist") << operation;
    }
    for (const std::string operation : {"CreateUser", "DeleteUser", "AssociateFaces", "DisassociateFaces"}) {
        auto refused = [&](json::object more) {
            if (!more.contains("FaceIds")) more["FaceIds"] = {kNoFace};
            const auto answer = bench.user(operation, std::move(more));
            EXPECT_EQ(answer.error, "ValidationException") << operation;
            return answer.message;
        };
        EXPECT_THAT(refused({{"UserId", "a/b"}}),
                    HasSubstr("at 'userId' failed to satisfy constraint: Member must satisfy regular "
                              "expression pattern: [a-zA-Z0-9_.\\-:]+"));
        EXPECT_THAT(refused({{"UserId", ""}}), HasSubstr("length greater than or equal to 1"));
        EXPECT_THAT(refused({{"UserId", std::string(129, 'a')}}),
                    HasSubstr("length less than or equal to 128"));
        EXPECT_THAT(refused({{"UserId", nullptr}}), HasSubstr("must not be null"));
        EXPECT_THAT(refused({{"ClientRequestToken", "a b"}}), HasSubstr("'clientRequestToken'"));
        EXPECT_THAT(refused({{"ClientRequestToken", std::string(65, 'a')}}),
                    HasSubstr("length less than or equal to 64"));
    }
    for (const std::string operation : {"AssociateFaces", "DisassociateFaces"}) {
        EXPECT_THAT(bench.user(operation, {{"FaceIds", json::array()}}).message,
                    HasSubstr("length greater than or equal to 1"));
        EXPECT_THAT(bench.user(operation, {{"FaceIds", {"x"}}}).message, HasSubstr("'faceIds.1.member'"));
        EXPECT_THAT(bench.user(operation, {{"FaceIds", json::array(101, id(kNoFace))}}).message,
                    HasSubstr("length less than or equal to 100"));
        EXPECT_THAT(bench.user(operation).message, HasSubstr("Value null at 'faceIds'"));
    }
    EXPECT_EQ(bench.associate({kNoFace}, {{"UserMatchThreshold", 101}}).error, "ValidationException");
}

TEST(Users, OperationsAskForPermissionOnTheirCollection) {
    UsersBench bench;
    const json::object input = {
        {"CollectionId", "staff"}, {"UserId", "ann"}, {"FaceIds", {kNoFace}}, {"Image", Bench::bytes({1})}};
    for (const std::string operation : {"CreateUser", "DeleteUser", "ListUsers", "AssociateFaces",
                                        "DisassociateFaces", "SearchUsers", "SearchUsersByImage"})
        EXPECT_THAT(bench.permissions(operation, input),
                    ElementsAre("rekognition:" + operation +
                                " arn:aws:rekognition:us-west-2:123456789012:collection/staff"));
}

}  // namespace
}  // namespace services::rekognition
