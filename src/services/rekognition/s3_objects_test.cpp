#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/rekognition/errors.h"
#include "services/rekognition/rooms.h"
#include "store/memory.h"
#include "wire/fault.h"

namespace services::rekognition {
namespace {

// A caller in us-west-2 and the bucket "photos" there.
struct Bench {
    std::unique_ptr<store::Records> records = store::memory_records();
    std::unique_ptr<store::Blobs> blobs = store::memory_blobs();
    base::ManualClock clock;
    base::SeededRandom random{1};
    objects::Store store{*records, *blobs, clock, random};
    ReadObject read_object = object_reader(store);
    bool allowed = true;
    std::vector<wire::Permission> asked;

    Bench() { EXPECT_TRUE(store.create_bucket("photos", "us-west-2", "123456789012").ok()); }

    void put(const std::string& key, const base::Bytes& bytes, const std::string& bucket = "photos") {
        auto upload = store.begin({});
        ASSERT_TRUE(upload.ok() && upload->write(bytes).ok());
        auto finished = upload->finish({});
        ASSERT_TRUE(finished.ok());
        objects::PutRequest request;
        request.bucket = bucket;
        request.key = key;
        ASSERT_TRUE(store.put(request, std::move(*finished)).ok());
    }
    Result<base::Bytes> read(const S3Object& object) { return TRY(read_whole(object)).bytes; }
    Result<ObjectBytes> read_whole(const S3Object& object) {
        http::Request request;
        wire::Call call{.caller = {.account = "123456789012"}, .region = "us-west-2", .request = request};
        call.authorise = [&](const wire::Permission& permission) -> Result<void> {
            asked.push_back(permission);
            if (!allowed) return Error::refusal(wire::Trouble::access_denied);
            return {};
        };
        return read_object(call, object);
    }
};

TEST(S3Objects, AreReadAsTheCaller) {
    Bench bench;
    bench.put("index/ann 1.jpg", {1, 2, 3});
    ASSERT_TRUE(bench.store.set_configuration("photos", objects::Configuration::policy, R"({"a":1})").ok());
    const auto bytes = bench.read({"photos", "index/ann 1.jpg", std::nullopt});
    ASSERT_TRUE(bytes.ok());
    EXPECT_EQ(*bytes, (base::Bytes{1, 2, 3}));
    ASSERT_EQ(bench.asked.size(), 1u);
    EXPECT_EQ(bench.asked[0].action, "s3:GetObject");
    EXPECT_EQ(bench.asked[0].resource, "arn:aws:s3:::photos/index/ann 1.jpg");
    EXPECT_EQ(bench.asked[0].resource_policy, R"({"a":1})");
    EXPECT_EQ(bench.asked[0].resource_account, "123456789012");
}

TEST(S3Objects, TheVersionThatWasReadIsToldWhereTheBucketKeepsVersions) {
    Bench bench;
    bench.put("ann.jpg", {1});
    EXPECT_FALSE(bench.read_whole({"photos", "ann.jpg", std::nullopt})->version);
    ASSERT_TRUE(bench.store.set_versioning("photos", objects::Versioning::enabled).ok());
    bench.put("ann.jpg", {2});
    const auto read = bench.read_whole({"photos", "ann.jpg", std::nullopt});
    ASSERT_TRUE(read.ok() && read->version);
    bench.put("ann.jpg", {3});
    EXPECT_EQ(*bench.read({"photos", "ann.jpg", read->version}), (base::Bytes{2}));
    EXPECT_EQ(bench.asked.back().action, "s3:GetObjectVersion");
}

TEST(S3Objects, AFaceRemembersOneAsText) {
    for (const auto& version : {std::optional<std::string>(), std::optional<std::string>("v1")}) {
        const auto back = s3_object_of(to_text({"photos", "a \"b\".jpg", version}));
        ASSERT_TRUE(back.ok());
        EXPECT_EQ(back->bucket, "photos");
        EXPECT_EQ(back->name, "a \"b\".jpg");
        EXPECT_EQ(back->version, version);
    }
    for (const auto* wrong : {"", "[]", "{}", R"({"bucket":"b"})", R"({"bucket":"b","name":1})"})
        EXPECT_TRUE(s3_object_of(wrong).error().is_failure()) << wrong;
}

// Not AccessDenied: a caller learns nothing about what he may not see.
TEST(S3Objects, ACallerWhoMayNotReadThemIsToldWhatOneIsToldWhoseObjectIsNotThere) {
    Bench bench;
    bench.put("ann.jpg", {1});
    bench.allowed = false;
    EXPECT_TRUE(bench.read({"photos", "ann.jpg", std::nullopt}).error().is(Refusal::object_unreadable));
    bench.allowed = true;
    EXPECT_TRUE(bench.read({"photos", "bob.jpg", std::nullopt}).error().is(Refusal::object_unreadable));
    EXPECT_TRUE(bench.read({"nowhere", "ann.jpg", std::nullopt}).error().is(Refusal::object_unreadable));
}

TEST(S3Objects, OfAnotherRegionAreNotRead) {
    Bench bench;
    ASSERT_TRUE(bench.store.create_bucket("fotos", "eu-west-1", "123456789012").ok());
    bench.put("ann.jpg", {1}, "fotos");
    EXPECT_TRUE(bench.read({"fotos", "ann.jpg", std::nullopt}).error().is(Refusal::object_unreadable));
}

TEST(S3Objects, AVersionIsReadWhereItIsNamed) {
    Bench bench;
    ASSERT_TRUE(bench.store.set_versioning("photos", objects::Versioning::enabled).ok());
    bench.put("ann.jpg", {1});
    const auto old = bench.store.find("photos", "ann.jpg")->version;
    bench.put("ann.jpg", {2});
    EXPECT_EQ(*bench.read({"photos", "ann.jpg", std::nullopt}), base::Bytes{2});
    EXPECT_EQ(*bench.read({"photos", "ann.jpg", old}), base::Bytes{1});
    EXPECT_EQ(bench.asked.back().action, "s3:GetObjectVersion");
    EXPECT_TRUE(bench.read({"photos", "ann.jpg", "unknown"}).error().is(Refusal::object_unreadable));
}

TEST(S3Objects, LargerThanAwsReadsAreTooLarge) {
    Bench bench;
    bench.put("large.jpg", base::Bytes(kObjectBytesMax + 1));
    EXPECT_TRUE(bench.read({"photos", "large.jpg", std::nullopt}).error().is(Refusal::image_too_large));
}

}  // namespace
}  // namespace services::rekognition
