#include <gmock/gmock.h>

#include "services/rekognition/bench.h"

namespace services::rekognition {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(CreateCollection, AnswersWithAnArnThatLacksItsBeginning) {
    Bench bench;
    auto answer = bench.call("CreateCollection", {{"CollectionId", "staff"}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body,
              (json::object{{"StatusCode", 200},
                            {"CollectionArn", "aws:rekognition:us-west-2:123456789012:collection/staff"},
                            {"FaceModelVersion", "7.0"}}));
}

TEST(CreateCollection, ANameThatIsTakenIsRefused) {
    Bench bench;
    bench.create();
    auto answer = bench.call("CreateCollection", {{"CollectionId", "staff"}});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error, "ResourceAlreadyExistsException");
    EXPECT_EQ(answer.message, "The collection id: staff already exists");
    EXPECT_EQ(answer.body["Code"], "ResourceAlreadyExistsException");
    EXPECT_EQ(answer.body["Logref"], "request-1");
}

TEST(CreateCollection, NamesDifferByTheirCase) {
    Bench bench;
    bench.create("staff");
    bench.create("Staff");
    EXPECT_EQ(bench.call("DescribeCollection", {{"CollectionId", "STAFF"}}).error,
              "ResourceNotFoundException");
}

TEST(CreateCollection, MoreThanTheQuotaAreRefused) {
    Bench bench;
    bench.reopen({.collections_per_tenant = 1});
    bench.create();
    const auto answer = bench.call("CreateCollection", {{"CollectionId", "guests"}});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error, "ServiceQuotaExceededException");
    bench.region = "eu-west-1";
    EXPECT_EQ(bench.call("CreateCollection", {{"CollectionId", "guests"}}).status, 200)
        << "each region has its own";
}

TEST(CreateCollection, ANameMustKeepItsPattern) {
    Bench bench;
    const auto slash = bench.call("CreateCollection", {{"CollectionId", "a/b"}});
    EXPECT_EQ(slash.error, "ValidationException");
    EXPECT_EQ(
        slash.message,
        "1 validation error detected: Value 'a/b' at 'collectionId' failed to satisfy constraint: Member "
        "must satisfy regular expression pattern: [a-zA-Z0-9_.\\-]+");
    EXPECT_THAT(bench.call("CreateCollection", {{"CollectionId", std::string(256, 'a')}}).message,
                HasSubstr("Member must have length less than or equal to 255"));
    EXPECT_THAT(bench.call("CreateCollection", {{"CollectionId", ""}}).message,
                HasSubstr("Member must have length greater than or equal to 1"));
    EXPECT_THAT(
        bench.call("CreateCollection", {}).message,
        HasSubstr("Value null at 'collectionId' failed to satisfy constraint: Member must not be null"));
}

TEST(CreateCollection, TagsAreKeptAndNeedTheirOwnPermission) {
    Bench bench;
    const json::object input = {{"CollectionId", "staff"}, {"Tags", {{"team", "front doors"}}}};
    const std::string arn = "arn:aws:rekognition:us-west-2:123456789012:collection/staff";
    const std::string conditions = " aws:RequestTag/team=front doors aws:TagKeys=team";
    EXPECT_THAT(bench.permissions("CreateCollection", input),
                ElementsAre("rekognition:CreateCollection " + arn + conditions,
                            "rekognition:TagResource " + arn + conditions));
    EXPECT_EQ(bench.call("CreateCollection", input).status, 200);
    EXPECT_EQ(*bench.collections->tags({{"123456789012", "us-west-2"}, faces::CollectionName("staff")}),
              (faces::Tags{{"team", "front doors"}}));
}

TEST(CreateCollection, TagsMustKeepTheirLimits) {
    Bench bench;
    auto refusal = [&](json::object tags) {
        const auto answer =
            bench.call("CreateCollection", {{"CollectionId", "staff"}, {"Tags", std::move(tags)}});
        EXPECT_EQ(answer.error, "ValidationException");
        return answer.message;
    };
    EXPECT_THAT(refusal({{"aws:team", "a"}}), HasSubstr("Map keys must satisfy constraint"));
    EXPECT_THAT(refusal({{"", "a"}}), HasSubstr("Map keys must satisfy constraint"));
    EXPECT_THAT(refusal({{std::string(129, 'k'), "a"}}), HasSubstr("Map keys must satisfy constraint"));
    EXPECT_THAT(refusal({{"a*b", "a"}}), HasSubstr("Map keys must satisfy constraint"));
    EXPECT_THAT(refusal({{"a", std::string(257, 'v')}}), HasSubstr("length less than or equal to 256"));
    json::object many;
    for (int i = 0; i < 201; ++i)
        many[std::to_string(i)] = "";
    EXPECT_THAT(refusal(std::move(many)), HasSubstr("length less than or equal to 200"));
}

TEST(CreateCollection, WithoutAFaceModelIsRefused) {
    Bench bench(false);
    auto answer = bench.call("CreateCollection", {{"CollectionId", "staff"}});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error, "ResourceNotReadyException");
}

TEST(DescribeCollection, TellsWhatIsInIt) {
    Bench bench;
    bench.clock.advance(base::Duration{42});
    bench.create();
    bench.enrol(photo_of(kAnn));
    auto answer = bench.call("DescribeCollection", {{"CollectionId", "staff"}});
    EXPECT_EQ(answer.body,
              (json::object{{"FaceCount", 1},
                            {"FaceModelVersion", "7.0"},
                            {"CollectionARN", "arn:aws:rekognition:us-west-2:123456789012:collection/staff"},
                            {"CreationTimestamp", base::epoch_seconds(bench.clock.now())},
                            {"UserCount", 0}}));
}

TEST(DescribeCollection, OfOneThatIsNotThereIsRefused) {
    Bench bench;
    auto answer = bench.call("DescribeCollection", {{"CollectionId", "staff"}});
    EXPECT_EQ(answer.error, "ResourceNotFoundException");
    EXPECT_EQ(answer.message, "The collection id: staff does not exist");
}

TEST(DeleteCollection, TakesItsFacesAndUsersWithIt) {
    Bench bench;
    bench.create();
    bench.enrol(photo_of(kAnn));
    ASSERT_EQ(bench.call("CreateUser", {{"CollectionId", "staff"}, {"UserId", "ann"}}).status, 200);
    EXPECT_EQ(bench.call("DeleteCollection", {{"CollectionId", "staff"}}).body,
              (json::object{{"StatusCode", 200}}));
    EXPECT_EQ(bench.call("DeleteCollection", {{"CollectionId", "staff"}}).error, "ResourceNotFoundException");
    bench.create();
    const auto anew = bench.call("DescribeCollection", {{"CollectionId", "staff"}});
    EXPECT_EQ(anew.body.at("FaceCount"), 0);
    EXPECT_EQ(anew.body.at("UserCount"), 0);
    EXPECT_EQ(bench.call("ListUsers", {{"CollectionId", "staff"}}).body,
              (json::object{{"Users", json::array()}}));
}

TEST(ListCollections, GoesThroughTheNamesPageByPage) {
    Bench bench;
    for (const auto* name : {"c", "a", "b"})
        bench.create(name);
    auto first = bench.call("ListCollections", {{"MaxResults", 2}});
    EXPECT_EQ(first.body["CollectionIds"], (json::array{"a", "b"}));
    EXPECT_EQ(first.body["FaceModelVersions"], (json::array{"7.0", "7.0"}));
    auto last = bench.call("ListCollections", {{"MaxResults", 2}, {"NextToken", first.body["NextToken"]}});
    EXPECT_EQ(last.body, (json::object{{"CollectionIds", {"c"}}, {"FaceModelVersions", {"7.0"}}}));
    EXPECT_EQ(bench.call("ListCollections", {{"MaxResults", 0}}).body["CollectionIds"].as_array().size(), 3u)
        << "0 asks for the default";
}

TEST(ListCollections, ShowsNobodyElsesCollections) {
    Bench bench;
    bench.create();
    bench.region = "eu-west-1";
    EXPECT_EQ(bench.call("ListCollections", {}).body["CollectionIds"], json::array());
    bench.region = "us-west-2";
    bench.account = "999999999999";
    EXPECT_EQ(bench.call("ListCollections", {}).body["CollectionIds"], json::array());
}

TEST(ListCollections, ATokenThatWasNotGivenIsRefused) {
    Bench bench;
    auto answer = bench.call("ListCollections", {{"NextToken", "abc"}});
    EXPECT_EQ(answer.error, "InvalidPaginationTokenException");
    EXPECT_EQ(answer.message, "Invalid Pagination Token");
    EXPECT_EQ(bench.call("ListCollections", {{"NextToken", std::string(256, 'a')}}).error,
              "ValidationException");
    EXPECT_EQ(bench.call("ListCollections", {{"MaxResults", 4097}}).error, "ValidationException");
    EXPECT_EQ(bench.call("ListCollections", {{"MaxResults", -1}}).error, "ValidationException");
}

TEST(Service, KnowsAll75OperationsAndHas21) {
    Bench bench;
    int there = 0;
    for (const auto& operation : bench.service->operations())
        there += operation.implemented();
    EXPECT_EQ(there, 21);
    EXPECT_EQ(bench.service->operations().size(), 75u);
}

TEST(Service, RefusesByNameWhatItLacksAndWhatNobodyHas) {
    Bench bench;
    for (const auto& operation : bench.service->operations()) {
        if (operation.implemented()) continue;
        const auto answer = bench.call(operation.name, {});
        EXPECT_EQ(answer.status, 400) << "a status that SDKs do not retry";
        EXPECT_EQ(answer.error, "UnsupportedOperationException");
        EXPECT_EQ(answer.message, "not implemented: " + operation.name);
    }
    const auto unknown = bench.call("DetectDogs", {});
    EXPECT_EQ(unknown.status, 400);
    EXPECT_EQ(unknown.error, "UnknownOperationException");
}

TEST(Service, ABodyThatIsNotJsonIsRefused) {
    Bench bench;
    EXPECT_EQ(bench.call_with_body("CreateCollection", "{").error, "SerializationException");
    EXPECT_EQ(bench.call_with_body("CreateCollection", R"({"CollectionId":7})").error,
              "SerializationException");
}

TEST(Service, AMemberThatIsNullOrUnknownIsAsOneThatIsNotThere) {
    Bench bench;
    bench.create();
    EXPECT_EQ(bench
                  .call_with_body("ListFaces",
                                  R"({"CollectionId":"staff","MaxResults":null,"UserId":null,"Colour":[1]})")
                  .status,
              200);
    EXPECT_THAT(bench.call_with_body("ListFaces", R"({"CollectionId":null})").message,
                HasSubstr("Value null at 'collectionId'"));
}

TEST(Service, EveryOperationOnACollectionLooksAtItsNameFirst) {
    Bench bench;
    const std::string face = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
    for (const std::string operation :
         {"CreateCollection", "DescribeCollection", "DeleteCollection", "IndexFaces", "ListFaces",
          "DeleteFaces", "SearchFaces", "SearchFacesByImage", "CreateUser", "DeleteUser", "ListUsers",
          "AssociateFaces", "DisassociateFaces", "SearchUsers", "SearchUsersByImage"}) {
        const auto refused = [&](const std::string& collection) {
            const auto answer = bench.call(operation, {{"CollectionId", collection},
                                                       {"Image", Bench::bytes({1})},
                                                       {"FaceIds", {face}},
                                                       {"FaceId", face},
                                                       {"UserId", "ann"}});
            EXPECT_EQ(answer.status, 400) << operation;
            EXPECT_EQ(answer.error, "ValidationException") << operation;
            return answer.message;
        };
        EXPECT_THAT(refused("a b"), HasSubstr("Value 'a b' at 'collectionId' failed to satisfy constraint: "
                                              "Member must satisfy regular expression pattern"));
        EXPECT_THAT(refused(""), HasSubstr("length greater than or equal to 1"));
        EXPECT_THAT(refused(std::string(256, 'a')), HasSubstr("length less than or equal to 255"));
    }
}

TEST(Service, AllBrokenLimitsAreToldAtOnce) {
    Bench bench;
    const auto answer = bench.call("SearchFacesByImage", {{"CollectionId", "a b"},
                                                          {"Image", {{"S3Object", {{"Bucket", "a b"}}}}},
                                                          {"MaxFaces", 0},
                                                          {"FaceMatchThreshold", 101},
                                                          {"QualityFilter", "GOOD"}});
    EXPECT_EQ(answer.error, "ValidationException");
    EXPECT_THAT(answer.message, testing::StartsWith("5 validation errors detected: Value 'a b' at "));
    EXPECT_THAT(answer.message, HasSubstr("; Value '101' at 'faceMatchThreshold' failed to satisfy "
                                          "constraint: Member must have value less than or equal to 100; "));
}

TEST(Service, AsksForPermissionOnTheCollectionThatItNames) {
    Bench bench;
    const std::string arn = "arn:aws:rekognition:us-west-2:123456789012:collection/staff";
    const std::string face = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
    const json::object image = Bench::bytes({1});
    const std::map<std::string, json::object> inputs = {
        {"DescribeCollection", {{"CollectionId", "staff"}}},
        {"DeleteCollection", {{"CollectionId", "staff"}}},
        {"ListFaces", {{"CollectionId", "staff"}}},
        {"DeleteFaces", {{"CollectionId", "staff"}, {"FaceIds", {face}}}},
        {"SearchFaces", {{"CollectionId", "staff"}, {"FaceId", face}}},
        {"SearchFacesByImage", {{"CollectionId", "staff"}, {"Image", image}}},
        {"IndexFaces", {{"CollectionId", "staff"}, {"Image", image}}},
    };
    for (const auto& [operation, input] : inputs)
        EXPECT_THAT(bench.permissions(operation, input), ElementsAre("rekognition:" + operation + ' ' + arn));
    EXPECT_THAT(bench.permissions("ListCollections", {}), ElementsAre("rekognition:ListCollections *"));
    EXPECT_THAT(bench.permissions("DetectFaces", {{"Image", image}}),
                ElementsAre("rekognition:DetectFaces *"));
    EXPECT_THAT(bench.permissions("CompareFaces", {{"SourceImage", image}, {"TargetImage", image}}),
                ElementsAre("rekognition:CompareFaces *"));
}

}  // namespace
}  // namespace services::rekognition
