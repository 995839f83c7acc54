// The service through its wire. What SDKs see is tested in tests/sdk/test_s3.py.
#include <gmock/gmock.h>

#include "services/s3/bench.h"
#include "services/s3/headers.h"

namespace services::s3 {
namespace {

using testing::HasSubstr;
using testing::Not;

class S3 : public testing::Test, public Bench {
protected:
    void SetUp() override { create(); }
};

// --- buckets

TEST_F(S3, a_bucket_is_made_in_the_region_that_signed_the_request) {
    auto location = [](std::string wanted) {
        return "<CreateBucketConfiguration><LocationConstraint>" + wanted +
               "</LocationConstraint></CreateBucketConfiguration>";
    };
    EXPECT_EQ(call("PUT", "/elsewhere", location("eu-west-1")).error, "IllegalLocationConstraintException");
    EXPECT_EQ(call("PUT", "/elsewhere").error, "IllegalLocationConstraintException");
    region = "us-east-1";
    EXPECT_EQ(call("PUT", "/in-the-east").header("Location"), "/in-the-east");
    EXPECT_EQ(call("PUT", "/in-the-east").status, 200) << "the owner may repeat it, in us-east-1";
    EXPECT_EQ(call("PUT", "/abroad", location("eu-west-1")).status, 200);
    EXPECT_EQ(call("GET", "/abroad?location")
                  .text("LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""),
              "eu-west-1</LocationConstraint>");
    EXPECT_EQ(call("HEAD", "/abroad").header("x-amz-bucket-region"), "eu-west-1");
}

TEST_F(S3, a_bucket_that_cannot_be_made_says_why) {
    auto west =
        "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint>"
        "</CreateBucketConfiguration>";
    EXPECT_EQ(call("PUT", "/photos", west).error, "BucketAlreadyOwnedByYou");
    EXPECT_EQ(call("PUT", "/Bad_Name", west).error, "InvalidBucketName");
    EXPECT_EQ(call("PUT", "/other", "<CreateBucket").error, "MalformedXML");
    account = "444455556666";
    EXPECT_EQ(call("PUT", "/photos", west).error, "BucketAlreadyExists");
}

TEST_F(S3, a_bucket_with_objects_stays) {
    put("a", "x");
    auto refused = call("DELETE", "/photos");
    EXPECT_EQ(refused.error, "BucketNotEmpty");
    EXPECT_EQ(refused.text("BucketName"), "photos");
    call("DELETE", "/photos/a");
    EXPECT_EQ(call("DELETE", "/photos").status, 204);
    EXPECT_EQ(call("DELETE", "/photos").error, "NoSuchBucket");
}

TEST_F(S3, settings_that_no_bucket_has_are_not_configured) {
    for (auto [word, code] : {std::pair("cors", "NoSuchCORSConfiguration"),
                              {"lifecycle", "NoSuchLifecycleConfiguration"},
                              {"policy", "NoSuchBucketPolicy"},
                              {"tagging", "NoSuchTagSet"},
                              {"encryption", "ServerSideEncryptionConfigurationNotFoundError"},
                              {"publicAccessBlock", "NoSuchPublicAccessBlockConfiguration"},
                              {"replication", "ReplicationConfigurationNotFoundError"},
                              {"object-lock", "ObjectLockConfigurationNotFoundError"},
                              {"website", "NoSuchWebsiteConfiguration"}})
        EXPECT_EQ(call("GET", std::string("/photos?") + word).error, code);
    EXPECT_EQ(call("GET", "/photos?logging").status, 200);
    EXPECT_EQ(call("GET", "/photos?requestPayment").text("Payer"), "BucketOwner");
}

TEST_F(S3, what_aws_has_and_we_lack_is_refused_by_name) {
    auto refused = call("PUT", "/photos?lifecycle", "<LifecycleConfiguration/>");
    EXPECT_EQ(refused.status, 501);
    EXPECT_EQ(refused.error, "NotImplemented");
    EXPECT_THAT(refused.text("Message"), HasSubstr("PutBucketLifecycleConfiguration"));
    EXPECT_THAT(call("POST", "/photos/a?select&select-type=2").text("Message"),
                HasSubstr("SelectObjectContent"));
}

TEST_F(S3, a_bucket_of_another_owner_than_expected_is_denied) {
    put("a", "x");
    EXPECT_EQ(call("GET", "/photos/a", "", {{"x-amz-expected-bucket-owner", account}}).status, 200);
    EXPECT_EQ(call("GET", "/photos/a", "", {{"x-amz-expected-bucket-owner", "444455556666"}}).error,
              "AccessDenied");
    EXPECT_EQ(put("a", "y", {{"x-amz-expected-bucket-owner", "444455556666"}}).error, "AccessDenied");
}

// --- objects

TEST_F(S3, metadata_comes_back_in_lower_case) {
    auto stored = put("index/a.jpg", "hello",
                      {{"x-amz-meta-FullName", "Ann Lee"},
                       {"Content-Type", "image/jpeg"},
                       {"Content-Encoding", "aws-chunked"}});
    EXPECT_EQ(stored.header("ETag"), "\"5d41402abc4b2a76b9719d911017c592\"");
    EXPECT_EQ(stored.header("x-amz-checksum-type"), "FULL_OBJECT");
    auto read = call("GET", "/photos/index/a.jpg");
    EXPECT_EQ(read.body, "hello");
    EXPECT_EQ(read.header("x-amz-meta-fullname"), "Ann Lee");
    EXPECT_EQ(read.header("Content-Type"), "image/jpeg");
    EXPECT_FALSE(read.headers.has("Content-Encoding"));
    EXPECT_FALSE(read.headers.has("x-amz-version-id"));
}

TEST_F(S3, a_missing_object_is_named_unless_the_caller_may_not_list) {
    auto missing = call("GET", "/photos/a");
    EXPECT_EQ(missing.error, "NoSuchKey");
    EXPECT_EQ(missing.text("Key"), "a");
    EXPECT_EQ(call("GET", "/nothing/a").error, "NoSuchBucket");
    denied = {"s3:ListBucket"};
    EXPECT_EQ(call("GET", "/photos/a").error, "AccessDenied");
    EXPECT_EQ(call("HEAD", "/photos/a").status, 403);
    EXPECT_EQ(call("HEAD", "/photos/a").body, "");
}

TEST_F(S3, keys_are_any_bytes) {
    put("a%20b%2Bc%2F%2F..%2Fd", "x");
    EXPECT_EQ(call("GET", "/photos/a%20b+c//../d").body, "x");
    EXPECT_EQ(call("GET", "/photos?list-type=2&encoding-type=url").text("Key"), "a%20b%2Bc//../d");
}

TEST_F(S3, a_key_that_is_no_utf8_is_refused) {
    EXPECT_EQ(call("GET", "/photos/%AE%8A-").error, "InvalidURI");
    EXPECT_EQ(put("%AE%8A-", "x").error, "InvalidURI");
}

TEST_F(S3, ranges) {
    put("a", "0123456789");
    auto range = [&](std::string value) {
        return call("GET", "/photos/a", "", {{"Range", "bytes=" + value}});
    };
    EXPECT_EQ(range("2-4").body, "234");
    EXPECT_EQ(range("2-4").status, 206);
    EXPECT_EQ(range("2-4").header("Content-Range"), "bytes 2-4/10");
    EXPECT_EQ(range("7-").body, "789");
    EXPECT_EQ(range("-3").body, "789");
    EXPECT_EQ(range("8-100").body, "89");
    EXPECT_EQ(range("10-").error, "InvalidRange");
    EXPECT_EQ(range("1-2,4-5").status, 200) << "several ranges are answered with the whole";
    EXPECT_EQ(range("5-2").body, "0123456789");
}

TEST_F(S3, a_large_object_streams) {
    std::string large(1'000'000, 'x');
    large[777'777] = 'y';
    put("a", large);
    EXPECT_EQ(call("GET", "/photos/a").body, large);
    EXPECT_EQ(call("GET", "/photos/a", "", {{"Range", "bytes=700000-799999"}}).body,
              large.substr(700'000, 100'000));
}

TEST_F(S3, conditions_of_reads) {
    auto etag = put("a", "x").header("ETag");
    EXPECT_EQ(call("GET", "/photos/a", "", {{"If-None-Match", etag}}).status, 304);
    EXPECT_EQ(call("GET", "/photos/a", "", {{"If-None-Match", etag}}).header("ETag"), etag);
    EXPECT_EQ(call("GET", "/photos/a", "", {{"If-Match", etag}}).status, 200);
    EXPECT_EQ(call("GET", "/photos/a", "", {{"If-Match", "\"other\""}}).error, "PreconditionFailed");
    EXPECT_EQ(call("HEAD", "/photos/a", "", {{"If-Match", "\"other\""}}).status, 412);
}

TEST_F(S3, conditions_of_writes) {
    EXPECT_EQ(put("a", "x", {{"If-Match", "\"e\""}}).error, "NoSuchKey");
    EXPECT_EQ(put("a", "x", {{"If-None-Match", "*"}}).status, 200);
    EXPECT_EQ(put("a", "x", {{"If-None-Match", "*"}}).error, "PreconditionFailed");
    EXPECT_EQ(put("a", "x", {{"If-None-Match", "\"e\""}}).status, 501);
}

TEST_F(S3, digests_are_compared) {
    EXPECT_EQ(put("a", "hello", {{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="}}).status, 200);
    EXPECT_EQ(put("a", "hellO", {{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="}}).error, "BadDigest");
    EXPECT_EQ(put("a", "hello", {{"Content-MD5", "nonsense"}}).error, "InvalidDigest");
    EXPECT_EQ(put("a", "hello", {{"x-amz-checksum-crc32", "NhCmhg=="}}).header("x-amz-checksum-crc32"),
              "NhCmhg==");
    auto wrong = put("a", "hellO", {{"x-amz-checksum-crc32", "NhCmhg=="}});
    EXPECT_EQ(wrong.error, "BadDigest");
    EXPECT_EQ(wrong.text("Message"), "The CRC32 you specified did not match the calculated checksum.");
    EXPECT_EQ(put("a", "hello", {{"x-amz-checksum-crc32", "NhCmhg=="}, {"x-amz-checksum-sha1", "x"}}).error,
              "InvalidRequest");
    for (auto algorithm : {"sha512", "md5", "xxhash64", "xxhash3", "xxhash128"}) {
        auto header = std::string("x-amz-checksum-") + algorithm;
        EXPECT_EQ(put("a", "hello", {{header, "AAAA"}}).error, "InvalidRequest")
            << "nobody here can compare it: " << algorithm;
        EXPECT_EQ(put("a", "hello", {{"x-amz-trailer", header}}).error, "InvalidRequest") << algorithm;
        EXPECT_EQ(put("a", "hello", {{"x-amz-sdk-checksum-algorithm", algorithm}}).error, "InvalidRequest");
    }
    EXPECT_EQ(
        call("GET", "/photos/a", "", {{"x-amz-checksum-mode", "ENABLED"}}).header("x-amz-checksum-crc32"),
        "NhCmhg==");
}

TEST_F(S3, a_promised_trailer_is_required_and_compared) {
    Fields promise{{"x-amz-trailer", "x-amz-checksum-crc32"}};
    EXPECT_EQ(call("PUT", "/photos/a", "hello", promise, {{"x-amz-checksum-crc32", "NhCmhg=="}}).status, 200);
    EXPECT_EQ(call("PUT", "/photos/a", "hello", promise, {{"x-amz-checksum-crc32", "AAAAAA=="}}).error,
              "BadDigest");
    EXPECT_EQ(call("PUT", "/photos/a", "hello", promise).error, "MalformedTrailerError");
}

TEST_F(S3, what_cannot_be_kept_is_refused) {
    EXPECT_EQ(put("a", "x", {{"x-amz-meta-a", std::string(2048, 'x')}}).error, "MetadataTooLarge");
    EXPECT_EQ(put(std::string(1025, 'k'), "x").error, "KeyTooLongError");
    EXPECT_EQ(put("a", "x", {{"x-amz-storage-class", "CELLAR"}}).error, "InvalidStorageClass");
    EXPECT_EQ(put("a", "x", {{"x-amz-acl", "public-read"}}).error, "AccessControlListNotSupported");
    EXPECT_EQ(put("a", "x", {{"x-amz-server-side-encryption", "aws:kms"}}).status, 501);
    EXPECT_EQ(put("a", "x", {{"x-amz-tagging", "k=1&k=2"}}).error, "InvalidArgument");
}

TEST_F(S3, a_copy_keeps_or_replaces_what_is_said_of_the_bytes) {
    put("a", "hello", {{"x-amz-meta-name", "Ann"}, {"Content-Type", "image/jpeg"}});
    EXPECT_EQ(call("PUT", "/photos/b", "", {{"x-amz-copy-source", "/photos/a"}}).text("ETag"),
              "\"5d41402abc4b2a76b9719d911017c592\"");
    EXPECT_EQ(call("GET", "/photos/b").header("x-amz-meta-name"), "Ann");
    call("PUT", "/photos/b", "",
         {{"x-amz-copy-source", "photos/a"},
          {"x-amz-metadata-directive", "REPLACE"},
          {"x-amz-meta-name", "Bob"}});
    EXPECT_EQ(call("GET", "/photos/b").header("x-amz-meta-name"), "Bob");
    EXPECT_EQ(call("GET", "/photos/b").body, "hello");
    EXPECT_EQ(call("PUT", "/photos/a", "", {{"x-amz-copy-source", "/photos/a"}}).error, "InvalidRequest");
    EXPECT_EQ(call("PUT", "/photos/b", "", {{"x-amz-copy-source", "/photos/none"}}).error, "NoSuchKey");
    EXPECT_EQ(call("PUT", "/photos/b", "", {{"x-amz-copy-source", "photos"}}).error, "InvalidArgument");
}

TEST_F(S3, many_are_deleted_at_once_and_each_gets_its_answer) {
    put("a", "x");
    std::string document = "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object></Delete>";
    EXPECT_EQ(call("POST", "/photos?delete", document).error, "InvalidRequest") << "without a digest";
    auto md5 = base::base64(base::digest(base::DigestKind::md5, base::view(document)));
    auto answer = call("POST", "/photos?delete", document, {{"Content-MD5", md5}});
    EXPECT_THAT(answer.body, HasSubstr("<Deleted><Key>a</Key></Deleted><Deleted><Key>b</Key></Deleted>"));
    denied = {"s3:DeleteObject"};
    answer = call("POST", "/photos?delete", document, {{"Content-MD5", md5}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, HasSubstr("<Error><Key>a</Key><Code>AccessDenied</Code>"));
}

TEST_F(S3, a_delete_marker_is_not_found_and_says_what_it_is) {
    call("PUT", "/photos?versioning",
         "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
    auto version = put("a", "x").header("x-amz-version-id");
    auto marker = call("DELETE", "/photos/a");
    EXPECT_EQ(marker.header("x-amz-delete-marker"), "true");
    auto missing = call("GET", "/photos/a");
    EXPECT_EQ(missing.error, "NoSuchKey");
    EXPECT_EQ(missing.header("x-amz-delete-marker"), "true");
    EXPECT_EQ(call("GET", "/photos/a?versionId=" + marker.header("x-amz-version-id")).error,
              "MethodNotAllowed");
    EXPECT_EQ(call("GET", "/photos/a?versionId=" + version).body, "x");
    auto versions = call("GET", "/photos?versions");
    EXPECT_THAT(versions.body, HasSubstr("<DeleteMarker>"));
    EXPECT_EQ(versions.text("IsLatest"), "false");
}

TEST_F(S3, a_bucket_whose_versions_are_suspended_tells_no_version_of_what_is_put) {
    call("PUT", "/photos?versioning",
         "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>");
    EXPECT_FALSE(put("a", "x").headers.has("x-amz-version-id"));
    EXPECT_EQ(call("GET", "/photos/a").header("x-amz-version-id"), "null");
}

// --- lists

TEST_F(S3, a_list_is_paged_by_tokens) {
    for (auto key : {"a", "b/1", "b/2", "c"})
        put(key, "x");
    auto first = call("GET", "/photos?list-type=2&delimiter=%2F&max-keys=2");
    EXPECT_EQ(first.text("KeyCount"), "2");
    EXPECT_EQ(first.text("IsTruncated"), "true");
    EXPECT_THAT(first.body, HasSubstr("<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>"));
    auto second = call("GET", "/photos?list-type=2&delimiter=%2F&max-keys=2&continuation-token=" +
                                  base::percent_encode(first.text("NextContinuationToken")));
    EXPECT_EQ(second.text("Key"), "c");
    EXPECT_EQ(second.text("IsTruncated"), "false");
    EXPECT_EQ(call("GET", "/photos?max-keys=nonsense").error, "InvalidArgument");
    EXPECT_EQ(call("GET", "/photos?max-keys=-1").error, "InvalidArgument");
    EXPECT_EQ(call("GET", "/photos?encoding-type=morse").error, "InvalidArgument");
    EXPECT_EQ(call("GET", "/photos?delimiter=%2F&max-keys=2").text("NextMarker"), "b/");
}

// --- multipart uploads

TEST_F(S3, a_multipart_upload_from_beginning_to_end) {
    auto id = call("POST", "/photos/a?uploads", "",
                   {{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-meta-name", "Ann"}})
                  .text("UploadId");
    auto part = [&](int number, std::string bytes) {
        return call("PUT", "/photos/a?partNumber=" + std::to_string(number) + "&uploadId=" + id,
                    std::move(bytes));
    };
    std::string large(objects::kPartBytesMin, 'x');
    auto first = part(1, large), second = part(2, "end");
    EXPECT_NE(first.header("x-amz-checksum-crc32"), "");
    EXPECT_THAT(call("GET", "/photos/a?uploadId=" + id).body, HasSubstr("<PartNumber>2</PartNumber>"));
    EXPECT_EQ(call("GET", "/photos?uploads").text("UploadId"), id);
    auto document = [&](std::string etags) {
        return "<CompleteMultipartUpload>" + etags + "</CompleteMultipartUpload>";
    };
    auto entry = [](int number, std::string etag) {
        return "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" + etag +
               "</ETag></Part>";
    };
    EXPECT_EQ(call("POST", "/photos/a?uploadId=" + id, document("")).error, "MalformedXML");
    EXPECT_EQ(call("POST", "/photos/a?uploadId=" + id, document(entry(1, "\"e\""))).error, "InvalidPart");
    auto done = call("POST", "/photos/a?uploadId=" + id,
                     document(entry(1, first.header("ETag")) + entry(2, second.header("ETag"))));
    EXPECT_TRUE(done.text("ETag").ends_with("-2\""));
    EXPECT_EQ(done.text("ChecksumType"), "COMPOSITE");
    auto read = call("GET", "/photos/a?partNumber=2");
    EXPECT_EQ(read.body, "end");
    EXPECT_EQ(read.header("x-amz-mp-parts-count"), "2");
    EXPECT_EQ(read.header("x-amz-meta-name"), "Ann");
    EXPECT_EQ(call("GET", "/photos/a?partNumber=3").error, "InvalidPartNumber");
    EXPECT_EQ(part(3, "late").error, "NoSuchUpload");
    auto told = call("GET", "/photos/a?attributes", "",
                     {{"x-amz-object-attributes", "ObjectParts,ObjectSize"}, {"x-amz-max-parts", "1"}});
    EXPECT_EQ(told.text("PartsCount"), "2") << "SDKs call it TotalPartsCount";
    EXPECT_EQ(told.text("ObjectSize"), std::to_string(objects::kPartBytesMin + 3));
    EXPECT_EQ(told.text("IsTruncated"), "true");
    EXPECT_EQ(told.text("NextPartNumberMarker"), "1");
}

TEST_F(S3, a_part_is_copied_from_an_object) {
    put("source", "0123456789");
    auto id = call("POST", "/photos/a?uploads").text("UploadId");
    auto copy = [&](std::string range) {
        return call("PUT", "/photos/a?partNumber=1&uploadId=" + id, "",
                    {{"x-amz-copy-source", "/photos/source"}, {"x-amz-copy-source-range", "bytes=" + range}});
    };
    EXPECT_EQ(copy("0-10").error, "InvalidArgument");
    EXPECT_EQ(copy("2-").error, "InvalidArgument");
    auto etag = copy("2-4").text("ETag");
    call("POST", "/photos/a?uploadId=" + id,
         "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag +
             "</ETag></Part></CompleteMultipartUpload>");
    EXPECT_EQ(call("GET", "/photos/a").body, "234");
}

TEST_F(S3, part_numbers_go_from_1_to_10000) {
    auto id = call("POST", "/photos/a?uploads").text("UploadId");
    for (auto number : {"0", "10001", "one"})
        EXPECT_EQ(call("PUT", std::string("/photos/a?partNumber=") + number + "&uploadId=" + id, "x").error,
                  "InvalidArgument");
    EXPECT_EQ(call("PUT", "/photos/a?partNumber=1&uploadId=nothing", "x").error, "NoSuchUpload");
}

// --- notifications

constexpr std::string_view kFunction = "arn:aws:lambda:us-west-2:111122223333:function:index";

std::string notification(std::string event = "s3:ObjectCreated:*") {
    return "<NotificationConfiguration><CloudFunctionConfiguration><CloudFunction>" + std::string(kFunction) +
           "</CloudFunction><Event>" + event +
           "</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value>index/</Value></FilterRule></"
           "S3Key></Filter>"
           "</CloudFunctionConfiguration></NotificationConfiguration>";
}

TEST_F(S3, a_function_must_let_s3_call_it_before_it_is_told) {
    auto refused = call("PUT", "/photos?notification", notification());
    EXPECT_EQ(refused.error, "InvalidArgument");
    EXPECT_EQ(refused.text("Message"), "Unable to validate the following destination configurations");
    notified_functions.emplace(kFunction);
    EXPECT_EQ(call("PUT", "/photos?notification", notification()).status, 200);
    auto kept = call("GET", "/photos?notification");
    EXPECT_EQ(kept.text("CloudFunction"), kFunction);
    EXPECT_EQ(kept.text("Value"), "index/");
    EXPECT_NE(kept.text("Id"), "");
    EXPECT_EQ(call("PUT", "/photos?notification", notification("s3:Nonsense")).error, "InvalidArgument");
}

TEST_F(S3, an_upload_that_matches_is_one_delivery_and_others_are_none) {
    notified_functions.emplace(kFunction);
    call("PUT", "/photos?notification", notification());
    put("index/a.jpg", "x");
    put("Index/a.jpg", "x");
    put("other.jpg", "x");
    EXPECT_EQ(*bus.waiting(), 1u);
    call("PUT", "/photos?notification", "<NotificationConfiguration/>");
    put("index/b.jpg", "x");
    EXPECT_EQ(*bus.waiting(), 1u);
}

// --- policies and tags

TEST_F(S3, a_policy_is_kept_as_it_was_written) {
    EXPECT_EQ(call("PUT", "/photos?policy", "nonsense").error, "MalformedPolicy");
    EXPECT_EQ(call("PUT", "/photos?policy", "{ \"a\": 1 }").status, 204);
    EXPECT_EQ(call("GET", "/photos?policy").body, "{ \"a\": 1 }");
    EXPECT_EQ(call("DELETE", "/photos?policy").status, 204);
    EXPECT_EQ(call("GET", "/photos?policy").error, "NoSuchBucketPolicy");
}

TEST_F(S3, tags_of_an_object_are_replaced_as_a_whole) {
    put("a", "x", {{"x-amz-tagging", "colour=red"}});
    EXPECT_EQ(call("GET", "/photos/a").header("x-amz-tagging-count"), "1");
    EXPECT_EQ(call("PUT", "/photos/a?tagging",
                   "<Tagging><TagSet><Tag><Key>size</Key><Value>2</Value></Tag></TagSet></Tagging>")
                  .status,
              200);
    EXPECT_THAT(call("GET", "/photos/a?tagging").body, HasSubstr("<Key>size</Key><Value>2</Value>"));
    EXPECT_THAT(call("GET", "/photos/a?tagging").body, Not(HasSubstr("colour")));
    EXPECT_EQ(call("PUT", "/photos/a?tagging",
                   "<Tagging><TagSet><Tag><Key>k</Key><Value>1</Value></Tag><Tag><Key>k</Key><Value>2</"
                   "Value></Tag></TagSet></Tagging>")
                  .error,
              "InvalidTag");
    EXPECT_EQ(call("DELETE", "/photos/a?tagging").status, 204);
}

}  // namespace
}  // namespace services::s3
