#include <gmock/gmock.h>

#include "services/rekognition/bench.h"

namespace services::rekognition {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kStaff = "arn:aws:rekognition:us-west-2:123456789012:collection/staff";

struct TagsBench : Bench {
    TagsBench() { create(); }
    Answer tag(json::object tags, const std::string& arn = kStaff) {
        return call("TagResource", {{"ResourceArn", arn}, {"Tags", std::move(tags)}});
    }
    Answer untag(json::array keys, const std::string& arn = kStaff) {
        return call("UntagResource", {{"ResourceArn", arn}, {"TagKeys", std::move(keys)}});
    }
    Answer tags(const std::string& arn = kStaff) {
        return call("ListTagsForResource", {{"ResourceArn", arn}});
    }
};

TEST(Tags, AreMergedTakenAwayAndListed) {
    TagsBench bench;
    EXPECT_EQ(bench.tags().body, (json::object{{"Tags", json::object()}}));
    EXPECT_EQ(bench.tag({{"team", "doors"}, {"floor", "1"}}).body, json::object());
    EXPECT_EQ(bench.tag({{"floor", "2"}, {"empty", ""}}).body, json::object());
    EXPECT_EQ(bench.tags().body,
              (json::object{{"Tags", {{"team", "doors"}, {"floor", "2"}, {"empty", ""}}}}));
    EXPECT_EQ(bench.untag({"floor", "unknown"}).body, json::object());
    EXPECT_EQ(bench.tags().body, (json::object{{"Tags", {{"team", "doors"}, {"empty", ""}}}}));
}

TEST(Tags, GivenAtCreationAreListedAndGoWithTheirCollection) {
    TagsBench bench;
    bench.call("CreateCollection", {{"CollectionId", "guests"}, {"Tags", {{"team", "front"}}}});
    const std::string guests = "arn:aws:rekognition:us-west-2:123456789012:collection/guests";
    EXPECT_EQ(bench.tags(guests).body, (json::object{{"Tags", {{"team", "front"}}}}));
    bench.call("DeleteCollection", {{"CollectionId", "guests"}});
    EXPECT_EQ(bench.tags(guests).error, "ResourceNotFoundException");
    bench.create("guests");
    EXPECT_EQ(bench.tags(guests).body, (json::object{{"Tags", json::object()}}));
}

// CreateCollection answers with an ARN without its beginning.
TEST(Tags, AreKnownByBothFormsOfTheArn) {
    TagsBench bench;
    EXPECT_EQ(bench.tag({{"team", "doors"}}, kStaff.substr(4)).status, 200);
    EXPECT_EQ(bench.tags(kStaff.substr(4)).body, bench.tags().body);
    EXPECT_EQ(bench.untag({"team"}, kStaff.substr(4)).status, 200);
    EXPECT_EQ(bench.tags().body, (json::object{{"Tags", json::object()}}));
}

TEST(Tags, OfWhatIsNotHereAreRefused) {
    TagsBench bench;
    for (const std::string arn : {"arn:aws:rekognition:us-west-2:123456789012:collection/nowhere",
                                  "arn:aws:rekognition:us-west-2:123456789012:collection/",
                                  "arn:aws:rekognition:eu-west-1:123456789012:collection/staff",
                                  "arn:aws:rekognition:us-west-2:999999999999:collection/staff",
                                  "arn:aws:rekognition:us-west-2:123456789012:streamprocessor/staff",
                                  "arn:aws:rekognition:us-west-2:123456789012:project/staff/version/1/2",
                                  "twenty letters and more"}) {
        EXPECT_EQ(bench.tag({{"a", "b"}}, arn).error, "ResourceNotFoundException") << arn;
        EXPECT_EQ(bench.untag({"a"}, arn).error, "ResourceNotFoundException") << arn;
        EXPECT_EQ(bench.tags(arn).error, "ResourceNotFoundException") << arn;
    }
}

TEST(Tags, AreTwoHundredAtMost) {
    TagsBench bench;
    json::object most;
    for (int i = 0; i < 200; ++i)
        most[std::to_string(i)] = "";
    EXPECT_EQ(bench.tag(most).status, 200);
    EXPECT_EQ(bench.tag(most).status, 200) << "the same again";
    EXPECT_EQ(bench.tag({{"one more", ""}}).error, "ServiceQuotaExceededException");
    EXPECT_EQ(bench.tags().body.at("Tags").as_object().size(), 200u);
    most["one more"] = "";
    EXPECT_THAT(bench.tag(most).message, HasSubstr("length less than or equal to 200"));
}

TEST(Tags, MustKeepTheirLimits) {
    TagsBench bench;
    for (const json::object& tags : {json::object{{"aws:team", "a"}}, json::object{{"", "a"}},
                                     json::object{{std::string(129, 'k'), "a"}}, json::object{{"a*b", "a"}},
                                     json::object{{"a", std::string(257, 'v')}}, json::object{{"a", "b*"}}})
        EXPECT_EQ(bench.tag(tags).error, "ValidationException");
    for (const json::array& keys :
         {json::array{"aws:team"}, json::array{""}, json::array{std::string(129, 'k')}, json::array{"a*b"}})
        EXPECT_EQ(bench.untag(keys).error, "ValidationException") << json::serialize(keys);
    EXPECT_EQ(bench.untag(json::array()).status, 200);
    EXPECT_EQ(bench.tag(json::object()).status, 200);
    for (const std::string& arn : {std::string("short"), std::string(2049, 'a')})
        EXPECT_EQ(bench.tags(arn).error, "ValidationException");
    EXPECT_EQ(bench.call("TagResource", {{"ResourceArn", kStaff}}).error, "ValidationException");
    EXPECT_EQ(bench.call("UntagResource", {{"ResourceArn", kStaff}}).error, "ValidationException");
    EXPECT_EQ(bench.call("ListTagsForResource", {}).error, "ValidationException");
}

TEST(Tags, OperationsAskForPermissionOnTheArnInFull) {
    TagsBench bench;
    for (const auto& arn : {kStaff, kStaff.substr(4)}) {
        EXPECT_THAT(bench.permissions("TagResource", {{"ResourceArn", arn}, {"Tags", {{"a", "b"}}}}),
                    ElementsAre("rekognition:TagResource " + kStaff + " aws:RequestTag/a=b aws:TagKeys=a"));
        EXPECT_THAT(bench.permissions("UntagResource", {{"ResourceArn", arn}, {"TagKeys", {"a", "b"}}}),
                    ElementsAre("rekognition:UntagResource " + kStaff + " aws:TagKeys=a aws:TagKeys=b"));
        EXPECT_THAT(bench.permissions("ListTagsForResource", {{"ResourceArn", arn}}),
                    ElementsAre("rekognition:ListTagsForResource " + kStaff));
    }
}

}  // namespace
}  // namespace services::rekognition
