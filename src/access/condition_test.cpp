#include "access/condition.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "access/refusal.h"

namespace access_control {
namespace {

using Facts = std::map<std::string, std::vector<std::string>>;

// Whether the block, as JSON, holds for a request with these facts.
bool holds(const std::string& block, Facts facts) {
    auto conditions = parse_conditions(boost::json::parse(block), true);
    EXPECT_TRUE(conditions.ok()) << block;
    if (!conditions.ok()) return false;
    ContextLookup lookup = [&](std::string_view key) -> std::optional<std::vector<std::string>> {
        auto found = facts.find(std::string(key));
        if (found == facts.end()) return std::nullopt;
        return found->second;
    };
    return std::ranges::all_of(*conditions, [&](const Condition& one) { return one.holds(lookup); });
}

std::string refused(const std::string& block) {
    auto conditions = parse_conditions(boost::json::parse(block), true);
    if (conditions.ok() || !conditions.error().is(Refusal::malformed_policy)) return "not refused";
    return conditions.error().message();
}

TEST(condition, several_values_are_alternatives_and_several_keys_must_all_hold) {
    std::string block = R"({"StringEquals":{"s3:prefix":["a","b"],"s3:delimiter":"/"}})";
    EXPECT_TRUE(holds(block, {{"s3:prefix", {"b"}}, {"s3:delimiter", {"/"}}}));
    EXPECT_FALSE(holds(block, {{"s3:prefix", {"b"}}, {"s3:delimiter", {"|"}}}));
    EXPECT_FALSE(holds(block, {{"s3:prefix", {"c"}}, {"s3:delimiter", {"/"}}}));
}

TEST(condition, string_equals_minds_the_case_and_knows_no_wildcards) {
    EXPECT_FALSE(holds(R"({"StringEquals":{"a:k":"Abc"}})", {{"a:k", {"abc"}}}));
    EXPECT_FALSE(holds(R"({"StringEquals":{"a:k":"a*"}})", {{"a:k", {"abc"}}}));
    EXPECT_TRUE(holds(R"({"StringEqualsIgnoreCase":{"a:k":"Abc"}})", {{"a:k", {"aBC"}}}));
    EXPECT_FALSE(holds(R"({"StringNotEqualsIgnoreCase":{"a:k":"Abc"}})", {{"a:k", {"aBC"}}}));
}

TEST(condition, string_like_matches_wildcards_and_variables) {
    EXPECT_TRUE(holds(R"({"StringLike":{"s3:prefix":"home/${aws:username}/*"}})",
                      {{"s3:prefix", {"home/ann/x"}}, {"aws:username", {"ann"}}}));
    EXPECT_FALSE(holds(R"({"StringLike":{"s3:prefix":"home/${aws:username}/*"}})",
                       {{"s3:prefix", {"home/bob/x"}}, {"aws:username", {"ann"}}}));
}

TEST(condition, a_negated_operator_holds_if_no_value_matches) {
    std::string block = R"({"StringNotLike":{"a:k":["x*","y*"]}})";
    EXPECT_TRUE(holds(block, {{"a:k", {"z"}}}));
    EXPECT_FALSE(holds(block, {{"a:k", {"yes"}}}));
}

TEST(condition, a_missing_key_fails_a_positive_operator_and_meets_a_negated_one) {
    EXPECT_FALSE(holds(R"({"StringEquals":{"a:k":"x"}})", {}));
    EXPECT_TRUE(holds(R"({"StringNotEquals":{"a:k":"x"}})", {}));
    EXPECT_TRUE(holds(R"({"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}})", {}));
}

TEST(condition, if_exists_holds_for_a_missing_key_only) {
    EXPECT_TRUE(holds(R"({"StringEqualsIfExists":{"a:k":"x"}})", {}));
    EXPECT_FALSE(holds(R"({"StringEqualsIfExists":{"a:k":"x"}})", {{"a:k", {"y"}}}));
}

TEST(condition, key_names_are_compared_without_case) {
    EXPECT_TRUE(holds(R"({"StringEquals":{"AWS:SourceAccount":"1"}})", {{"aws:sourceaccount", {"1"}}}));
}

TEST(condition, null_asks_whether_a_key_is_missing) {
    EXPECT_TRUE(holds(R"({"Null":{"a:k":"true"}})", {}));
    EXPECT_FALSE(holds(R"({"Null":{"a:k":"true"}})", {{"a:k", {"x"}}}));
    EXPECT_TRUE(holds(R"({"Null":{"a:k":false}})", {{"a:k", {"x"}}}));
}

TEST(condition, for_all_values_wants_every_value_of_the_request_and_holds_for_none) {
    std::string block = R"({"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}})";
    EXPECT_TRUE(holds(block, {{"aws:tagkeys", {"a", "b"}}}));
    EXPECT_FALSE(holds(block, {{"aws:tagkeys", {"a", "c"}}}));
    EXPECT_TRUE(holds(block, {}));
}

TEST(condition, for_any_value_wants_one_value_of_the_request) {
    std::string block = R"({"ForAnyValue:StringLike":{"aws:TagKeys":["a*"]}})";
    EXPECT_TRUE(holds(block, {{"aws:tagkeys", {"x", "ab"}}}));
    EXPECT_FALSE(holds(block, {{"aws:tagkeys", {"x"}}}));
    EXPECT_FALSE(holds(block, {}));
    EXPECT_TRUE(holds(R"({"ForAnyValue:StringNotEquals":{"a:k":"x"}})", {{"a:k", {"x", "y"}}}));
    EXPECT_FALSE(holds(R"({"ForAnyValue:StringNotEquals":{"a:k":"x"}})", {}));
}

TEST(condition, numbers_compare_as_numbers) {
    EXPECT_TRUE(holds(R"({"NumericLessThanEquals":{"s3:max-keys":"10"}})", {{"s3:max-keys", {"9"}}}));
    EXPECT_TRUE(holds(R"({"NumericEquals":{"s3:max-keys":10}})", {{"s3:max-keys", {"10.0"}}}));
    EXPECT_FALSE(holds(R"({"NumericGreaterThan":{"s3:max-keys":"10"}})", {{"s3:max-keys", {"10"}}}));
    EXPECT_FALSE(holds(R"({"NumericLessThan":{"s3:max-keys":"10"}})", {{"s3:max-keys", {"many"}}}));
}

TEST(condition, dates_compare_in_each_of_their_forms) {
    EXPECT_TRUE(holds(R"({"DateLessThan":{"aws:CurrentTime":"2024-02-01T00:00:00Z"}})",
                      {{"aws:currenttime", {"2024-01-31T23:59:59Z"}}}));
    EXPECT_FALSE(holds(R"({"DateGreaterThan":{"aws:CurrentTime":"2024-02-01"}})",
                       {{"aws:currenttime", {"2024-01-31T23:59:59Z"}}}));
    EXPECT_TRUE(holds(R"({"DateEquals":{"aws:EpochTime":"2024-02-01T01:00:00+01:00"}})",
                      {{"aws:epochtime", {"1706745600"}}}));
}

TEST(condition, addresses_lie_in_blocks_of_both_families) {
    std::string block = R"({"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}})";
    EXPECT_TRUE(holds(block, {{"aws:sourceip", {"203.0.113.77"}}}));
    EXPECT_FALSE(holds(block, {{"aws:sourceip", {"203.0.114.1"}}}));
    EXPECT_TRUE(holds(block, {{"aws:sourceip", {"2001:db8:1::1"}}}));
    EXPECT_FALSE(holds(block, {{"aws:sourceip", {"2001:db9::1"}}}));
    EXPECT_TRUE(
        holds(R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}})", {{"aws:sourceip", {"::ffff:1.2.3.4"}}}));
    EXPECT_FALSE(holds(R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}})", {{"aws:sourceip", {"2001:db8::1"}}}));
}

TEST(condition, booleans_and_binaries_compare_by_meaning) {
    EXPECT_TRUE(holds(R"({"Bool":{"aws:SecureTransport":true}})", {{"aws:securetransport", {"True"}}}));
    EXPECT_FALSE(holds(R"({"Bool":{"aws:SecureTransport":"true"}})", {{"aws:securetransport", {"false"}}}));
    EXPECT_TRUE(holds(R"({"BinaryEquals":{"a:k":"AQID"}})", {{"a:k", {"AQID"}}}));
}

TEST(condition, arns_match_part_by_part) {
    std::string block = R"({"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:photos*"}})";
    EXPECT_TRUE(holds(block, {{"aws:sourcearn", {"arn:aws:s3:::photos-2024"}}}));
    EXPECT_FALSE(holds(block, {{"aws:sourcearn", {"arn:aws:sqs:::photos"}}}));
    EXPECT_FALSE(
        holds(R"({"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:x"}})", {{"aws:sourcearn", {"arn:aws:s3:::y"}}}));
    EXPECT_TRUE(holds(R"({"ArnNotEquals":{"aws:SourceArn":"arn:aws:s3:::a"}})",
                      {{"aws:sourcearn", {"arn:aws:s3:::b"}}}));
}

TEST(condition, what_is_not_understood_is_refused) {
    EXPECT_EQ(refused(R"({"StringEqualsIsh":{"a:k":"x"}})"), "Invalid Condition type : StringEqualsIsh");
    EXPECT_EQ(refused(R"({"ForSome:StringEquals":{"a:k":"x"}})"),
              "Invalid Condition type : ForSome:StringEquals");
    EXPECT_EQ(refused(R"({"NullIfExists":{"a:k":"true"}})"), "Invalid Condition type : NullIfExists");
    EXPECT_EQ(refused(R"({"StringEquals":{"key":"x"}})"),
              "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    EXPECT_EQ(refused(R"({"StringEquals":{"a:k":{}}})"), "Syntax errors in policy.");
    EXPECT_EQ(refused(R"({"StringEquals":"x"})"), "Syntax errors in policy.");
    EXPECT_EQ(refused(R"([])"), "Syntax errors in policy.");
}

TEST(condition, a_value_that_can_never_match_is_refused_so_that_no_denial_is_void) {
    EXPECT_EQ(refused(R"({"IpAddress":{"aws:SourceIp":"10.0.0.0/33"}})"), "The policy failed legacy parsing");
    EXPECT_EQ(refused(R"({"DateLessThan":{"aws:CurrentTime":"tomorrow"}})"),
              "The policy failed legacy parsing");
    EXPECT_EQ(refused(R"({"NumericEquals":{"a:k":"ten"}})"), "The policy failed legacy parsing");
    EXPECT_EQ(refused(R"({"Bool":{"a:k":"yes"}})"), "The policy failed legacy parsing");
    EXPECT_EQ(refused(R"({"BinaryEquals":{"a:k":"?"}})"), "The policy failed legacy parsing");
}

}  // namespace
}  // namespace access_control
