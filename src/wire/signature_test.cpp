#include "wire/signature.h"

#include <gtest/gtest.h>

#include "base/digest.h"

namespace wire {
namespace {

const std::string kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const base::Time kNow = *base::from_iso8601("2024-01-31T12:01:00Z");
constexpr base::Duration kFiveMinutes{300'000};

http::Request request_of(std::string method, std::string target,
                         std::vector<std::pair<std::string, std::string>> headers) {
    http::Request request{.method = std::move(method), .target = std::move(target)};
    for (auto& [name, value] : headers)
        request.headers.add(std::move(name), std::move(value));
    return request;
}

struct Verdict {
    bool good = false;
    std::optional<Trouble> trouble;
    std::string message;
};

Verdict verdict_of(const http::Request& request, std::string_view secret, std::string_view body = "",
                   base::Time now = kNow, base::Duration window = kFiveMinutes) {
    auto query = http::parse_query(request.query()).value();
    auto authorization = read_authorization(request, query);
    if (!authorization.ok())
        return {false, authorization.error().as<Trouble>(), authorization.error().message()};
    if (!*authorization) return {};
    auto verified =
        verify_signature(**authorization, request, query, secret, base::sha256_hex(body), now, window);
    if (verified.ok()) return {true, std::nullopt, ""};
    return {false, verified.error().as<Trouble>(), verified.error().message()};
}

// The requests and signatures below were made with botocore's own signers, for 2024-01-31T12:00:00Z.
http::Request rekognition_request() {
    return request_of(
        "POST", "/",
        {{"X-Amz-Target", "RekognitionService.ListCollections"},
         {"Content-Type", "application/x-amz-json-1.1"},
         {"Host", "127.0.0.1:4566"},
         {"X-Amz-Date", "20240131T120000Z"},
         {"Authorization",
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240131/us-west-2/rekognition/aws4_request, "
          "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
          "Signature=c296c9b34efff3638dc0983b5bda9f10eee9928ebec63087b1d0e1c8f478b1ef"}});
}

TEST(Signature, ARequestOfBotocoreIsVerifiedByTheHashOfItsBody) {
    EXPECT_TRUE(verdict_of(rekognition_request(), kSecret, "{}").good);
    EXPECT_EQ(verdict_of(rekognition_request(), kSecret, "{ }").trouble, Trouble::signature_mismatch);
    EXPECT_EQ(verdict_of(rekognition_request(), "another secret", "{}").trouble, Trouble::signature_mismatch);
    auto other_target = rekognition_request();
    other_target.headers.set("X-Amz-Target", "RekognitionService.DeleteCollection");
    EXPECT_EQ(verdict_of(other_target, kSecret, "{}").trouble, Trouble::signature_mismatch);
    auto other_method = rekognition_request();
    other_method.method = "PUT";
    EXPECT_EQ(verdict_of(other_method, kSecret, "{}").trouble, Trouble::signature_mismatch);
}

TEST(Signature, PathsOutsideS3AreEncodedTwice) {
    auto request =
        request_of("GET",
                   "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-west-2%3A1%3Afunction%3Af/"
                   "?Marker=a%20b&FunctionVersion=ALL",
                   {{"Host", "localhost:4566"},
                    {"X-Amz-Date", "20240131T120000Z"},
                    {"X-Amz-Security-Token", "the/token+="},
                    {"Authorization",
                     "AWS4-HMAC-SHA256 Credential=ASIDEXAMPLE/20240131/us-west-2/lambda/aws4_request, "
                     "SignedHeaders=host;x-amz-date;x-amz-security-token, "
                     "Signature=5a987a6ca9380ebadd8d40bc5edeaf3a67e7ee11f890d53f841f489fff1f2588"}});
    EXPECT_TRUE(verdict_of(request, "secret").good);
    EXPECT_EQ((*read_authorization(request, {}))->session_token, "the/token+=");
    EXPECT_EQ((*read_authorization(request, {}))->service, "lambda");
}

http::Request s3_request() {
    return request_of(
        "PUT", "/b/a%20b%2Bc/%C3%BC~.jpg?partNumber=2&uploadId=x%2Fy",
        {{"x-amz-meta-FullName", "Ann   Lee"},
         {"Host", "localhost:4566"},
         {"X-Amz-Date", "20240131T120000Z"},
         {"X-Amz-Content-SHA256", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"},
         {"Authorization",
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240131/eu-central-1/s3/aws4_request, "
          "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-meta-fullname, "
          "Signature=255f1f68e0f822061dd1955e0c430640ce0c5c8385b7cc0f5423b04379e9720c"}});
}

TEST(Signature, S3SignsThePathOnceAndTheHashThatTheHeaderStates) {
    EXPECT_TRUE(verdict_of(s3_request(), kSecret, "hello").good);
    EXPECT_EQ(verdict_of(s3_request(), kSecret, "another body").trouble, Trouble::digest_mismatch);
    auto moved = s3_request();
    moved.target = "/b/a%20b%2Bc/%C3%BC~.png?partNumber=2&uploadId=x%2Fy";
    EXPECT_EQ(verdict_of(moved, kSecret).trouble, Trouble::signature_mismatch);
}

TEST(Signature, AnAmzHeaderThatIsNotSignedIsRefusedByS3) {
    auto request = s3_request();
    request.headers.add("x-amz-acl", "public-read");
    EXPECT_EQ(verdict_of(request, kSecret).trouble, Trouble::access_denied);
}

TEST(Signature, PresignedUrlsOfBothVersionsHoldUntilTheyExpire) {
    auto v4 = request_of(
        "GET",
        "/b/k%20x?versionId=1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20240131"
        "%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20240131T120000Z&X-Amz-Expires=3600&"
        "X-Amz-SignedHeaders=host&X-Amz-Signature="
        "c4019fb8f14ce533b8be4893ef861a1c2d430e5d0da29c4823241235059944e1",
        {{"Host", "localhost:4566"}});
    auto v2 =
        request_of("GET",
                   "/b/k%20x?versionId=1&AWSAccessKeyId=AKIDEXAMPLE&Signature=99OA1sOXh5cxAlt54jHCVKJiaIw%3D&"
                   "Expires=1706706000",
                   {{"Host", "localhost:4566"}});
    for (const auto& request : {v4, v2}) {
        EXPECT_TRUE(verdict_of(request, kSecret).good);
        EXPECT_TRUE(verdict_of(request, kSecret, "", kNow + base::Duration(3'500'000)).good);
        EXPECT_EQ(verdict_of(request, kSecret, "", kNow + base::Duration(3'600'000)).trouble,
                  Trouble::presigned_url_expired);
        EXPECT_EQ(verdict_of(request, "another").trouble, Trouble::signature_mismatch);
    }
}

TEST(Signature, VersionTwoUrlsMayCarryHeadersAndATokenInTheQuery) {
    auto request =
        request_of("PUT",
                   "/b/k?AWSAccessKeyId=ASIDEXAMPLE&Signature=WewKMjBl5QqjfHaaClgECjCch34%3D&content-type="
                   "image%2Fjpeg&x-amz-meta-a=b&x-amz-security-token=the%2Ftoken%2B%3D&Expires=1706706000",
                   {{"Host", "localhost:4566"}});
    EXPECT_TRUE(verdict_of(request, "secret").good);
    EXPECT_EQ((*read_authorization(request, *http::parse_query(request.query())))->session_token,
              "the/token+=");
}

// Example of the Amazon S3 API reference, "Signature Calculations for the Authorization Header".
TEST(Signature, TheExampleOfTheS3Reference) {
    auto request = request_of(
        "GET", "/test.txt",
        {{"Host", "examplebucket.s3.amazonaws.com"},
         {"Range", "bytes=0-9"},
         {"x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
         {"x-amz-date", "20130524T000000Z"},
         {"Authorization",
          "AWS4-HMAC-SHA256 "
          "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;"
          "x-amz-content-sha256;x-amz-date,Signature="
          "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"}});
    auto now = *base::from_iso8601("2013-05-24T00:00:30Z");
    EXPECT_TRUE(verdict_of(request, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", now).good);
}

TEST(Signature, TheClockMayBeAskewByTheWindowAndNotMore) {
    auto late = kNow + base::Duration(241'000), early = kNow - base::Duration(361'000);
    EXPECT_TRUE(verdict_of(rekognition_request(), kSecret, "{}", late - base::Duration(2'000)).good);
    auto expired = verdict_of(rekognition_request(), kSecret, "{}", late);
    EXPECT_EQ(expired.trouble, Trouble::signature_expired);
    EXPECT_EQ(expired.message,
              "Signature expired: 20240131T120000Z is now earlier than 20240131T120001Z "
              "(20240131T120501Z - 5 min.)");
    EXPECT_EQ(verdict_of(rekognition_request(), kSecret, "{}", early).trouble, Trouble::signature_expired);
    EXPECT_TRUE(verdict_of(rekognition_request(), kSecret, "{}", late, 3 * kFiveMinutes).good);
}

TEST(Signature, AMalformedAuthorizationIsRefusedWithWhatIsMissing) {
    auto with = [](std::string header) {
        auto request = rekognition_request();
        request.headers.set("Authorization", std::move(header));
        return verdict_of(request, kSecret, "{}");
    };
    EXPECT_EQ(with("Basic abc").trouble, Trouble::incomplete_signature);
    EXPECT_EQ(
        with("AWS4-HMAC-SHA256 Credential=A/20240131/r/s/aws4_request").message,
        "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' "
        "parameter.");
    EXPECT_EQ(
        with("AWS4-HMAC-SHA256 Credential=A/20240131/aws4_request, SignedHeaders=host, Signature=ab").trouble,
        Trouble::incomplete_signature);
    EXPECT_EQ(
        with("AWS4-HMAC-SHA256 Credential=A/20240131/r/s/aws4_request, SignedHeaders=date, Signature=ab")
            .message,
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    EXPECT_EQ(
        with("AWS4-HMAC-SHA256 Credential=A/20240201/r/s/aws4_request, SignedHeaders=host, Signature=ab")
            .message,
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
        "'20240201' != "
        "'20240131', from '20240131T120000Z'.");
    EXPECT_FALSE((*read_authorization(request_of("GET", "/", {}), {})).has_value());
}

TEST(Signature, AnAccessKeyMayHoldSlashes) {
    auto request = rekognition_request();
    request.headers.set(
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=a/b/20240131/r/s/aws4_request, SignedHeaders=host, Signature=ab");
    EXPECT_EQ((*read_authorization(request, {}))->access_key, "a/b");
}

TEST(Signature, WhatIsSignedHereIsVerifiedHere) {
    for (std::string service : {"s3", "lambda"}) {
        auto request =
            request_of("PUT", "/a%20b//../c?x=1&y", {{"Host", "localhost"}, {"Content-Type", "text/plain"}});
        sign(request, {"AKID", "secret", "token"}, "us-west-2", service, base::sha256_hex("hello"), kNow);
        EXPECT_TRUE(verdict_of(request, "secret", "hello").good) << service;
        request.headers.set("Content-Type", "text/html");
        EXPECT_FALSE(verdict_of(request, "secret", "hello").good) << service;
    }
}

// Example of the Amazon S3 API reference, "Authenticating Requests: Using Query Parameters".
TEST(Signature, TheExampleOfAPresignedUrl) {
    auto request = request_of(
        "GET",
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-"
        "east-1"
        "%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"
        "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
        {{"Host", "examplebucket.s3.amazonaws.com"}});
    auto now = *base::from_iso8601("2013-05-24T23:59:59Z");
    EXPECT_TRUE(verdict_of(request, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", now).good);
    auto early = verdict_of(request, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "",
                            *base::from_iso8601("2013-05-23T23:54:00Z"));
    EXPECT_EQ(early.trouble, Trouble::access_denied);
    EXPECT_EQ(early.message, "Request is not yet valid");
}

TEST(Signature, TheHolderOfAUrlMayNotAddHeadersOfAmazon) {
    auto request = request_of(
        "GET",
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-"
        "east-1"
        "%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"
        "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
        {{"Host", "examplebucket.s3.amazonaws.com"}, {"x-amz-copy-source", "/other/secret"}});
    auto now = *base::from_iso8601("2013-05-24T01:00:00Z");
    EXPECT_EQ(verdict_of(request, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", now).trouble,
              Trouble::access_denied);
}

// Example of "Create a signed AWS API request", IAM user guide: ListUsers on 2015-08-30.
TEST(Signature, TheExampleOfTheIamGuide) {
    auto request =
        request_of("GET", "/?Action=ListUsers&Version=2010-05-08",
                   {{"Host", "iam.amazonaws.com"},
                    {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                    {"X-Amz-Date", "20150830T123600Z"},
                    {"Authorization",
                     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                     "SignedHeaders=content-type;host;x-amz-date, "
                     "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"}});
    auto query = *http::parse_query(request.query());
    auto authorization = **read_authorization(request, query);
    auto canonical = canonical_request(authorization, request, query, base::sha256_hex(""));
    EXPECT_EQ(base::sha256_hex(canonical),
              "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
    EXPECT_EQ(string_to_sign(authorization, canonical),
              "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n"
              "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
    auto now = *base::from_iso8601("2015-08-30T12:36:00Z");
    EXPECT_TRUE(verdict_of(request, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", now).good);
}

TEST(Signature, DotsAndDoubleSlashesCountOutsideS3Only) {
    auto request = request_of("GET", "/a/./b/../c//d/", {{"Host", "h"}});
    Authorization authorization{
        .date = "20240131", .region = "r", .service = "lambda", .signed_headers = {"host"}};
    EXPECT_EQ(canonical_request(authorization, request, {}, "x"), "GET\n/a/c/d/\n\nhost:h\n\nhost\nx");
    authorization.service = "s3";
    EXPECT_EQ(canonical_request(authorization, request, {}, "x"),
              "GET\n/a/./b/../c//d/\n\nhost:h\n\nhost\nx");
    request.target = "/";
    authorization.service = "lambda";
    EXPECT_EQ(canonical_request(authorization, request, {}, "x"), "GET\n/\n\nhost:h\n\nhost\nx");
}

TEST(Signature, QueriesAreSortedAndHeadersFolded) {
    auto request =
        request_of("GET", "/?b=2&a=%20&a=!&uploads", {{"host", "h"}, {"X-A", "  1   2\t3 "}, {"x-a", "4"}});
    Authorization authorization{
        .date = "20240131", .region = "r", .service = "s3", .signed_headers = {"x-a", "host"}};
    EXPECT_EQ(canonical_request(authorization, request, *http::parse_query(request.query()), "x"),
              "GET\n/\na=%20&a=%21&b=2&uploads=\nhost:h\nx-a:1 2 3,4\n\nhost;x-a\nx");
}

TEST(Signature, AUrlsLifeIsAWeekAtMost) {
    auto with = [](std::string expires) {
        return verdict_of(
                   request_of("GET",
                              "/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20240131%2Fr%2Fs3%2F"
                              "aws4_request&X-Amz-Date=20240131T120000Z&X-Amz-SignedHeaders=host&"
                              "X-Amz-Signature=ab&X-Amz-Expires=" +
                                  expires,
                              {{"Host", "h"}}),
                   kSecret)
            .message;
    };
    EXPECT_EQ(with("604800"), "");
    EXPECT_EQ(with("604801"),
              "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be "
              "less than "
              "604800 seconds");
    EXPECT_EQ(with("-1"), "X-Amz-Expires must be non-negative");
    EXPECT_EQ(with("soon"), "X-Amz-Expires should be a number");
    EXPECT_EQ(with("1&X-Amz-Expires=2"),
              "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
              "X-Amz-Signature, "
              "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
}

TEST(Signature, OneRequestHasOneSignature) {
    auto request = rekognition_request();
    request.target = "/?AWSAccessKeyId=A&Signature=b&Expires=1";
    EXPECT_EQ(verdict_of(request, kSecret, "{}").trouble, Trouble::incomplete_signature);
    request = rekognition_request();
    request.headers.add("Authorization", std::string(*request.headers.get("Authorization")));
    EXPECT_EQ(verdict_of(request, kSecret, "{}").trouble, Trouble::incomplete_signature);
}

TEST(Signature, S3MustBeToldTheHashOfTheBody) {
    auto request = s3_request();
    request.headers.erase("x-amz-content-sha256");
    EXPECT_EQ(verdict_of(request, kSecret, "hello").message,
              "Missing required header for this request: x-amz-content-sha256");
}

TEST(Signature, VersionTwoSignsTheBucketOfTheHost) {
    auto request =
        request_of("GET",
                   "/k%20x?versionId=1&AWSAccessKeyId=AKIDEXAMPLE&Signature=99OA1sOXh5cxAlt54jHCVKJiaIw%3D&"
                   "Expires=1706706000",
                   {{"Host", "b.localhost:4566"}});
    auto query = *http::parse_query(request.query());
    auto authorization = **read_authorization(request, query);
    EXPECT_FALSE(verify_signature(authorization, request, query, kSecret, "", kNow, kFiveMinutes).ok());
    authorization.bucket_of_host = "b";
    EXPECT_TRUE(verify_signature(authorization, request, query, kSecret, "", kNow, kFiveMinutes).ok());
}

// boto3 signs the second form for the address of the first.
TEST(Signature, VersionTwoSignsABucketWithAndWithoutItsLastSlash) {
    for (const auto* signature : {"D98feq3x%2BvTnTRP%2BkZFXgOCRRBg%3D", "gKPA8YTnXdMzvjKnH4og360YQWk%3D"}) {
        auto of = [&](const std::string& path) {
            return verdict_of(request_of("GET",
                                         path + "?list-type=2&AWSAccessKeyId=AKIDEXAMPLE&Signature=" +
                                             signature + "&Expires=1706706000",
                                         {{"Host", "localhost:4566"}}),
                              kSecret);
        };
        EXPECT_TRUE(of("/b").good) << signature;
        EXPECT_FALSE(of("/b/k").good) << signature;
        EXPECT_FALSE(of("/c").good) << signature;
    }
}

TEST(Signature, KeysAreTheSameWhetherRememberedOrNot) {
    // "Examples of how to derive a signing key for Signature Version 4".
    auto key = [] {
        return base::hex(
            signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", "us-east-1", "iam"));
    };
    EXPECT_EQ(key(), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
    EXPECT_EQ(key(), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
    for (int i = 0; i < 1000; ++i)
        signing_key("secret", "20150830", "region-" + std::to_string(i), "iam");
    EXPECT_EQ(key(), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
}

}  // namespace
}  // namespace wire
