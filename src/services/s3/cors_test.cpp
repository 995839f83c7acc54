// Cross-origin rules, through the service's wire.
#include "services/s3/cors.h"

#include <gmock/gmock.h>

#include "services/s3/bench.h"

namespace services::s3 {
namespace {

using testing::HasSubstr;

std::string document(const std::string& rules) {
    return "<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + rules +
           "</CORSConfiguration>";
}
std::string rule(const std::string& origin, const std::string& method, const std::string& more = "") {
    return "<CORSRule><AllowedOrigin>" + origin + "</AllowedOrigin><AllowedMethod>" + method +
           "</AllowedMethod>" + more + "</CORSRule>";
}

class Cors : public testing::Test, public Bench {
protected:
    void SetUp() override { create(); }
    Answer configure(const std::string& rules) { return call("PUT", "/photos?cors", document(rules)); }
    Answer preflight(const std::string& origin, const std::string& method, const std::string& headers = "",
                     const std::string& path = "/photos/a") {
        Fields fields{{"Origin", origin}, {"Access-Control-Request-Method", method}};
        if (!headers.empty()) fields.emplace_back("Access-Control-Request-Headers", headers);
        return call("OPTIONS", path, "", fields);
    }
    // What is told with an answer, of whatever operation.
    http::Headers told(const std::string& origin, const std::string& method, const std::string& target) {
        http::Request request{.method = method, .target = target};
        request.headers.add("Origin", origin);
        return *service.description().cross_origin(request, target);
    }
};

TEST_F(Cors, rules_are_kept_until_they_are_deleted) {
    EXPECT_EQ(call("GET", "/photos?cors").error, "NoSuchCORSConfiguration");
    EXPECT_EQ(
        configure(rule("http://a.example", "GET",
                       "<ID>first</ID><AllowedHeader>x-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>"
                       "<MaxAgeSeconds>3000</MaxAgeSeconds>") +
                  rule("*", "PUT"))
            .status,
        200);
    auto kept = call("GET", "/photos?cors");
    EXPECT_EQ(kept.text("ID"), "first");
    EXPECT_EQ(kept.text("AllowedHeader"), "x-*");
    EXPECT_EQ(kept.text("ExposeHeader"), "ETag");
    EXPECT_EQ(kept.text("MaxAgeSeconds"), "3000");
    EXPECT_THAT(kept.body, HasSubstr("<AllowedOrigin>*</AllowedOrigin>"));
    EXPECT_EQ(call("DELETE", "/photos?cors").status, 204);
    EXPECT_EQ(call("GET", "/photos?cors").error, "NoSuchCORSConfiguration");
    EXPECT_EQ(call("PUT", "/nowhere?cors", document(rule("*", "GET"))).error, "NoSuchBucket");
    denied = {"s3:PutBucketCORS"};
    EXPECT_EQ(configure(rule("*", "GET")).error, "AccessDenied");
}

TEST_F(Cors, rules_that_s3_does_not_know_are_refused) {
    auto refused = configure(rule("*", "OPTIONS"));
    EXPECT_EQ(refused.error, "InvalidRequest");
    EXPECT_THAT(refused.text("Message"), HasSubstr("Unsupported method is OPTIONS"));
    EXPECT_EQ(configure(rule("http://*.*", "GET")).error, "InvalidRequest");
    EXPECT_EQ(configure(rule("*", "GET", "<AllowedHeader>*-*</AllowedHeader>")).error, "InvalidRequest");
    EXPECT_EQ(configure(rule("*", "GET", "<ExposeHeader>x-*</ExposeHeader>")).error, "InvalidRequest");
    EXPECT_EQ(configure("").error, "MalformedXML");
    EXPECT_EQ(configure("<CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule>").error, "MalformedXML");
    EXPECT_EQ(configure(rule("*", "GET", "<MaxAgeSeconds>long</MaxAgeSeconds>")).error, "MalformedXML");
    std::string many;
    for (std::size_t i = 0; i <= kCorsRulesMax; ++i)
        many += rule("*", "GET");
    EXPECT_EQ(configure(many).error, "MalformedXML");
}

TEST_F(Cors, a_preflight_is_told_what_the_first_rule_that_fits_allows) {
    configure(rule("http://*.example", "PUT",
                   "<AllowedMethod>POST</AllowedMethod><AllowedHeader>Content-*</AllowedHeader>"
                   "<ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds>") +
              rule("*", "GET"));
    auto allowed = preflight("http://www.example", "PUT", "content-type, Content-MD5");
    EXPECT_EQ(allowed.status, 200);
    EXPECT_EQ(allowed.header("Access-Control-Allow-Origin"), "http://www.example");
    EXPECT_EQ(allowed.header("Access-Control-Allow-Credentials"), "true");
    EXPECT_EQ(allowed.header("Access-Control-Allow-Methods"), "PUT, POST");
    EXPECT_EQ(allowed.header("Access-Control-Allow-Headers"), "content-type, content-md5");
    EXPECT_EQ(allowed.header("Access-Control-Expose-Headers"), "ETag");
    EXPECT_EQ(allowed.header("Access-Control-Max-Age"), "60");
    EXPECT_THAT(allowed.header("Vary"), HasSubstr("Origin"));
    auto anybody = preflight("https://elsewhere", "GET", "", "/photos");
    EXPECT_EQ(anybody.header("Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(anybody.header("Access-Control-Allow-Credentials"), "");

    EXPECT_EQ(preflight("http://www.example", "PUT", "x-amz-acl").error, "AccessForbidden");
    EXPECT_EQ(preflight("http://www.example", "DELETE").status, 403);
    EXPECT_EQ(preflight("http://example", "PUT").status, 403);
}

TEST_F(Cors, a_preflight_that_asks_nothing_sensible_is_refused) {
    auto closed = preflight("http://a", "GET");
    EXPECT_EQ(closed.status, 403);
    EXPECT_EQ(closed.error, "AccessForbidden");
    EXPECT_THAT(closed.text("Message"), HasSubstr("CORS is not enabled"));
    EXPECT_EQ(call("OPTIONS", "/photos/a").error, "BadRequest");
    EXPECT_EQ(call("OPTIONS", "/photos/a", "", {{"Origin", "http://a"}}).error, "BadRequest");
    EXPECT_EQ(preflight("http://a", "PATCH").error, "BadRequest");
    EXPECT_EQ(preflight("http://a", "GET", "", "/nowhere/a").error, "NoSuchBucket");
}

TEST_F(Cors, an_answer_is_told_with_the_rule_that_fits) {
    configure(rule("http://a.example", "GET", "<ExposeHeader>ETag</ExposeHeader>"));
    auto headers = told("http://a.example", "GET", "/photos/some/key");
    EXPECT_EQ(headers.get("Access-Control-Allow-Origin"), "http://a.example");
    EXPECT_EQ(headers.get("Access-Control-Expose-Headers"), "ETag");
    EXPECT_TRUE(told("http://a.example", "GET", "/photos").has("Vary"));
    EXPECT_EQ(told("http://b.example", "GET", "/photos/a").size(), 0u);
    EXPECT_EQ(told("http://a.example", "PUT", "/photos/a").size(), 0u);
    EXPECT_EQ(told("http://a.example", "GET", "/other/a").size(), 0u);
    EXPECT_EQ(told("http://a.example", "GET", "/").size(), 0u);
}

}  // namespace
}  // namespace services::s3
