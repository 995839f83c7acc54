// Uploads from forms, through the service's wire. What SDKs make of it is tested in tests/sdk/test_s3.py.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "services/s3/bench.h"
#include "services/s3/post_policy.h"

namespace services::s3 {
namespace {

using testing::HasSubstr;

constexpr std::string_view kConditions =
    R"({"bucket": "photos"}, ["starts-with", "$key", "up/"], ["content-length-range", 2, 10],)"
    R"( {"x-amz-algorithm": "AWS4-HMAC-SHA256"}, ["starts-with", "$x-amz-credential", ""],)"
    R"( ["starts-with", "$x-amz-date", ""])";

class Post : public testing::Test, public Bench {
protected:
    void SetUp() override {
        create();
        anonymous = true;
    }

    std::string policy(std::string_view conditions, std::string_view expiration = "2100-01-01T00:00:00Z") {
        return base::base64(
            base::view(fmt::format(R"({{"expiration": "{}", "conditions": [{}]}})", expiration, conditions)));
    }
    // Fields that are signed as version 4.
    Fields signed_fields(const std::string& text, const std::string& secret = "ann's secret") {
        auto key = wire::signing_key(secret, "20240131", "us-west-2", "s3");
        return {{"key", "up/a.jpg"},
                {"x-amz-algorithm", "AWS4-HMAC-SHA256"},
                {"x-amz-credential", "AKIAANN/20240131/us-west-2/s3/aws4_request"},
                {"x-amz-date", "20240131T000000Z"},
                {"policy", text},
                {"x-amz-signature", base::hex(base::hmac(base::DigestKind::sha256, key, base::view(text)))}};
    }
    Answer post(const Fields& fields, const std::string& file = "bytes", const std::string& more = "") {
        std::string body;
        for (const auto& [name, value] : fields)
            body += "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
        body +=
            "--b\r\nContent-Disposition: form-data; name=\"file\"; "
            "filename=\"C:\\pictures\\me.jpg\"\r\n\r\n" +
            file + "\r\n" + more + "--b--\r\n";
        return call("POST", "/photos", body, {{"Content-Type", "multipart/form-data; boundary=b"}});
    }
    Fields with(Fields fields, const std::string& name, const std::string& value) {
        std::erase_if(fields, [&](const auto& field) { return field.first == name; });
        fields.insert(fields.begin(), {name, value});
        return fields;
    }
    std::string policy_of_all = policy(kConditions);
};

TEST_F(Post, a_signed_form_makes_an_object) {
    auto answer = post(signed_fields(policy_of_all), "hello\r\n--x");
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.header("Location"), "http://localhost:4566/photos/up/a.jpg");
    EXPECT_EQ(answer.header("ETag"), call("HEAD", "/photos/up/a.jpg").header("ETag"));
    EXPECT_EQ(call("GET", "/photos/up/a.jpg").body, "hello\r\n--x");
}

TEST_F(Post, a_form_may_be_signed_as_version_2) {
    auto text = policy(R"({"bucket": "photos"}, {"key": "a"})");
    auto signature =
        base::base64(base::hmac(base::DigestKind::sha1, base::view("ann's secret"), base::view(text)));
    Fields fields{{"key", "a"}, {"AWSAccessKeyId", "AKIAANN"}, {"policy", text}, {"signature", signature}};
    EXPECT_EQ(post(fields).status, 204);
    EXPECT_EQ(post(with(fields, "signature", "AAAA")).error, "SignatureDoesNotMatch");
}

TEST_F(Post, the_fields_say_what_is_kept_with_the_object) {
    auto text = policy(
        std::string(kConditions) +
        R"(, ["starts-with", "$Content-Type", "image/"], {"x-amz-meta-FullName": "Ann Lee"},)"
        R"( {"tagging": "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"})");
    auto fields = signed_fields(text);
    fields = with(fields, "key", "up/${filename}");
    fields = with(fields, "Content-Type", "image/jpeg");
    fields = with(fields, "x-amz-meta-FullName", "Ann Lee");
    fields = with(fields, "tagging",
                  "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>");
    fields = with(fields, "x-ignore-this", "anything");
    EXPECT_EQ(post(fields).status, 204);
    auto found = call("HEAD", "/photos/up/me.jpg");
    EXPECT_EQ(found.header("Content-Type"), "image/jpeg");
    EXPECT_EQ(found.header("x-amz-meta-fullname"), "Ann Lee");
    EXPECT_EQ(call("GET", "/photos/up/me.jpg?tagging").text("Key"), "a");
}

TEST_F(Post, the_form_chooses_the_answer) {
    auto text = policy(
        std::string(kConditions) +
        R"(, ["starts-with", "$success_action_status", ""], ["starts-with", "$success_action_redirect", ""])");
    auto fields = signed_fields(text);
    EXPECT_EQ(post(with(fields, "success_action_status", "200")).status, 200);
    EXPECT_EQ(post(with(fields, "success_action_status", "404")).status, 204);
    auto created = post(with(fields, "success_action_status", "201"));
    EXPECT_EQ(created.status, 201);
    EXPECT_EQ(created.text("Bucket"), "photos");
    EXPECT_EQ(created.text("Key"), "up/a.jpg");
    EXPECT_EQ(created.text("Location"), "http://localhost:4566/photos/up/a.jpg");
    auto moved = post(with(fields, "success_action_redirect", "http://example.com/done?a=b"));
    EXPECT_EQ(moved.status, 303);
    EXPECT_EQ(moved.header("Location")
                  .rfind("http://example.com/done?a=b&bucket=photos&key=up%2Fa.jpg&etag=%22", 0),
              0u)
        << moved.header("Location");
    EXPECT_EQ(post(with(fields, "success_action_redirect", "javascript:alert(1)")).status, 204);
}

TEST_F(Post, what_the_policy_does_not_allow_is_denied) {
    auto fields = signed_fields(policy_of_all);
    auto denial = [&](const Fields& given) {
        auto answer = post(given);
        EXPECT_EQ(answer.status, 403);
        EXPECT_EQ(answer.error, "AccessDenied");
        return answer.text("Message");
    };
    EXPECT_THAT(denial(with(fields, "key", "down/a.jpg")), HasSubstr("Policy Condition failed: ["));
    EXPECT_EQ(denial(with(fields, "x-amz-meta-a", "b")),
              "Invalid according to Policy: Extra input fields: x-amz-meta-a");
    EXPECT_EQ(denial(signed_fields(policy(kConditions, "2001-01-01T00:00:00.000Z"))),
              "Invalid according to Policy: Policy expired.");
    EXPECT_THAT(denial(signed_fields(policy(R"({"bucket": "other"})"))),
                HasSubstr("Policy Condition failed"));
    EXPECT_EQ(denial(signed_fields(policy(
                  R"(["starts-with", "$key", ""], ["starts-with", "$x-amz-algorithm", ""],)"
                  R"( ["starts-with", "$x-amz-credential", ""], ["starts-with", "$x-amz-date", ""])"))),
              "Invalid according to Policy: Extra input fields: bucket");
    EXPECT_EQ(call("GET", "/photos/up/a.jpg").error, "NoSuchKey");
}

TEST_F(Post, the_file_is_as_large_as_the_policy_says) {
    auto fields = signed_fields(policy_of_all);
    EXPECT_EQ(post(fields, "1").error, "EntityTooSmall");
    EXPECT_EQ(post(fields, "12345678901").error, "EntityTooLarge");
    EXPECT_EQ(post(fields, "1234567890").status, 204);
}

TEST_F(Post, a_signature_that_is_not_the_callers_is_refused) {
    EXPECT_EQ(post(signed_fields(policy_of_all, "another secret")).error, "SignatureDoesNotMatch");
    auto fields = signed_fields(policy_of_all);
    EXPECT_EQ(post(with(fields, "policy", policy(R"({"bucket": "photos"})"))).error, "SignatureDoesNotMatch");
    EXPECT_EQ(post(with(fields, "x-amz-credential", "AKIABOB/20240131/us-west-2/s3/aws4_request")).error,
              "InvalidAccessKeyId");
    EXPECT_EQ(post(with(fields, "x-amz-credential", "AKIAANN")).status, 400);
    std::erase_if(fields, [](const auto& field) { return field.first == "policy"; });
    EXPECT_THAT(post(fields).text("Message"), HasSubstr("'policy'"));
}

TEST_F(Post, the_signer_must_be_allowed_to_put_the_object) {
    denied = {"s3:PutObject"};
    EXPECT_EQ(post(signed_fields(policy_of_all)).error, "AccessDenied");
    EXPECT_EQ(post({{"key", "a"}}).error, "AccessDenied") << "nobody signed";
    denied = {};
    EXPECT_EQ(post({{"key", "a"}}).status, 204) << "the bucket's policy lets everybody";
}

TEST_F(Post, a_form_that_is_none_is_refused) {
    Fields type{{"Content-Type", "multipart/form-data; boundary=b"}};
    EXPECT_EQ(call("POST", "/photos", "bytes", type).error, "MalformedPOSTRequest");
    EXPECT_EQ(call("POST", "/photos", "bytes", {{"Content-Type", "multipart/form-data"}}).error,
              "MalformedPOSTRequest");
    EXPECT_THAT(
        call("POST", "/photos", "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na\r\n--b--", type)
            .text("Message"),
        HasSubstr("exactly one file"));
    EXPECT_THAT(post({}).text("Message"), HasSubstr("'key'"));
    EXPECT_THAT(post({{"key", "a"}, {"KEY", "b"}}).text("Message"), HasSubstr("twice"));
    EXPECT_EQ(post({{"key", "a"}, {"x-amz-meta-a", std::string(21 * 1024, 'x')}}).error,
              "MaxPostPreDataLengthExceeded");
    EXPECT_EQ(post({{"key", std::string(1025, 'k')}}).error, "KeyTooLongError");
    EXPECT_EQ(post({{"key", "a"}, {"acl", "public-read"}}).error, "AccessControlListNotSupported");
}

TEST_F(Post, what_follows_the_file_is_passed_over) {
    auto more = "--b\r\nContent-Disposition: form-data; name=\"submit\"\r\n\r\nUpload\r\n";
    EXPECT_EQ(post(signed_fields(policy_of_all), "bytes", more).status, 204);
    EXPECT_EQ(call("GET", "/photos/up/a.jpg").body, "bytes");
}

TEST(PostPolicy, that_cannot_be_read_is_refused) {
    auto refusal = [](std::string_view text) {
        auto parsed = parse_post_policy(base::base64(base::view(text)));
        EXPECT_FALSE(parsed.ok()) << text;
        return parsed.ok() || !parsed.error().is(Refusal::invalid_policy_document) ? ""
                                                                                   : parsed.error().message();
    };
    EXPECT_EQ(refusal("{"), "Invalid Policy: Invalid JSON.");
    EXPECT_EQ(refusal("[]"), "Invalid Policy: Invalid JSON.");
    EXPECT_EQ(refusal(R"({"conditions": []})"), "Invalid Policy: Policy missing expiration.");
    EXPECT_EQ(refusal(R"({"EXPIRATION": "2100-01-01T00:00:00Z", "conditions": []})"),
              "Invalid Policy: Policy missing expiration.");
    EXPECT_THAT(refusal(R"({"expiration": "tomorrow", "conditions": []})"), HasSubstr("'tomorrow'"));
    EXPECT_EQ(refusal(R"({"expiration": "2100-01-01T00:00:00Z"})"),
              "Invalid Policy: Policy missing conditions.");
    for (auto condition :
         {R"("a")", "{}", R"({"a": "b", "c": "d"})", R"({"a": 1})", "[]", R"(["eq", "$key"])",
          R"(["eq", "key", "a"])", R"(["ends-with", "$key", "a"])", R"(["content-length-range", 1])",
          R"(["content-length-range", -1, 2])", R"(["content-length-range", "a", 2])"})
        EXPECT_NE(refusal(fmt::format(R"({{"expiration": "2100-01-01T00:00:00Z", "conditions": [{}]}})",
                                      condition)),
                  "")
            << condition;
    EXPECT_FALSE(parse_post_policy("not base64!").ok());
}

TEST(PostPolicy, names_are_without_case_and_values_are_not) {
    auto policy = parse_post_policy(base::base64(base::view(
        R"({"expiration": "2100-01-01T00:00:00Z", "conditions": [{"bUcKeT": "b"}, ["StArTs-WiTh", "$KeY", "a"],)"
        R"( ["starts-with", "$Content-Type", "image/"], ["content-length-range", "1", "9"]]})")));
    ASSERT_TRUE(policy.ok());
    EXPECT_EQ(policy->size->max, 9u);
    http::Headers fields;
    fields.set("Key", "abc");
    fields.set("content-type", "image/png, image/jpeg");
    EXPECT_TRUE(check_post(*policy, fields, "b", base::Time()).ok());
    fields.set("content-type", "image/png, text/html");
    EXPECT_FALSE(check_post(*policy, fields, "b", base::Time()).ok());
    fields.set("content-type", "image/png");
    fields.set("Key", "ABC");
    EXPECT_FALSE(check_post(*policy, fields, "b", base::Time()).ok());
}

}  // namespace
}  // namespace services::s3
