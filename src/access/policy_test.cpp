#include "access/policy.h"

#include <gtest/gtest.h>

#include "access/refusal.h"

namespace access_control {
namespace {

std::string refused(std::string_view document, PolicyKind kind = PolicyKind::identity) {
    auto policy = parse_policy(document, kind);
    if (policy.ok() || !policy.error().is(Refusal::malformed_policy)) return "not refused";
    return policy.error().message();
}

// An identity policy with this statement.
std::string with(const std::string& statement) {
    return R"({"Version":"2012-10-17","Statement":)" + statement + "}";
}

TEST(policy, a_statement_may_stand_alone_or_in_a_list_with_single_or_several_values) {
    auto one =
        parse_policy(with(R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})"), PolicyKind::identity);
    auto list = parse_policy(
        with(
            R"([{"Sid":"A","Effect":"Deny","NotAction":["s3:Get*","s3:List*"],"NotResource":["arn:aws:s3:::a"]}])"),
        PolicyKind::identity);
    ASSERT_TRUE(one.ok() && list.ok());
    EXPECT_EQ((*one)->statements.size(), 1u);
    const auto& statement = (*list)->statements.at(0);
    EXPECT_FALSE(statement.allows);
    EXPECT_TRUE(statement.inverts_actions);
    EXPECT_TRUE(statement.inverts_resources);
    EXPECT_EQ(statement.actions.size(), 2u);
}

TEST(policy, text_that_is_no_policy_is_a_syntax_error) {
    EXPECT_EQ(refused(""), "Syntax errors in policy.");
    EXPECT_EQ(refused("[]"), "Syntax errors in policy.");
    EXPECT_EQ(refused(R"({"Version":"2012-10-17"})"), "Syntax errors in policy.");
    EXPECT_EQ(refused(with("[]")), "Syntax errors in policy.");
    EXPECT_EQ(refused(with("[1]")), "Syntax errors in policy.");
    EXPECT_EQ(refused(std::string(100'000, '[')), "Syntax errors in policy.");
    EXPECT_EQ(
        refused(with(R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})") + std::string(30'000, ' ')),
        "Syntax errors in policy.");
}

TEST(policy, an_unknown_element_or_effect_is_a_syntax_error) {
    EXPECT_EQ(refused(R"({"Version":"2012-10-17","Rule":1,"Statement":[]})"), "Syntax errors in policy.");
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Actions":"s3:*","Resource":"*"})")),
              "Syntax errors in policy.");
    EXPECT_EQ(refused(with(R"({"Effect":"allow","Action":"s3:*","Resource":"*"})")),
              "Syntax errors in policy.");
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Action":"s3:*","NotAction":"s3:*","Resource":"*"})")),
              "Syntax errors in policy.");
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Action":[1],"Resource":"*"})")), "Syntax errors in policy.");
}

TEST(policy, an_identity_policy_needs_the_newer_version) {
    EXPECT_EQ(refused(R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})"),
              "Policy document must be version 2012-10-17 or greater.");
    EXPECT_EQ(
        refused(R"({"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})"),
        "Policy document must be version 2012-10-17 or greater.");
    EXPECT_EQ(
        refused(R"({"Version":"2020-01-01","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})"),
        "Syntax errors in policy.");
}

TEST(policy, a_statement_needs_actions_and_resources) {
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Resource":"*"})")),
              "Policy statement must contain actions.");
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Action":[],"Resource":"*"})")),
              "Policy statement must contain actions.");
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Action":"s3:*"})")),
              "Policy statement must contain resources.");
}

TEST(policy, an_action_is_a_vendor_and_a_name) {
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Action":"GetObject","Resource":"*"})")),
              "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Action":"a:b:c","Resource":"*"})")),
              "Actions/Condition can contain only one colon.");
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Action":"s 3:x","Resource":"*"})")),
              "Vendor s 3 is not valid");
}

TEST(policy, a_resource_is_an_arn_or_a_star) {
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Action":"s3:*","Resource":"bucket"})")),
              R"(Resource bucket must be in ARN format or "*".)");
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:moon:s3:::b"})")),
              R"(Partition "moon" is not valid for resource "arn:moon:s3:::b".)");
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws"})")),
              "Resource vendor must be fully qualified and cannot contain regexes.");
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Action":"s3:*","Resource":"urn:x:y"})")),
              "Syntax errors in policy.");
}

TEST(policy, statement_ids_are_alphanumeric_and_differ) {
    EXPECT_EQ(
        refused(with(R"({"Sid":"a b","Effect":"Allow","Action":"s3:*","Resource":"*"})")),
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
        "[A-Za-z0-9]*");
    EXPECT_EQ(refused(with(R"([{"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"},)"
                           R"({"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"}])")),
              "Statement IDs (SID) in a single policy must be unique.");
}

TEST(policy, an_identity_policy_names_no_principal) {
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"})")),
              "Policy document should not specify a principal.");
}

TEST(policy, a_trust_policy_names_principals_and_actions_of_sts_but_no_resource) {
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"})"),
                      PolicyKind::trust),
              "Has prohibited field Resource");
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Action":"sts:AssumeRole"})"), PolicyKind::trust),
              "AssumeRolepolicy must contain a principal.");
    EXPECT_EQ(
        refused(with(R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject"})"), PolicyKind::trust),
        "AssumeRole policy may only specify STS AssumeRole actions.");
    EXPECT_EQ(refused(with(R"({"Effect":"Deny","NotPrincipal":{"AWS":"*"},"Action":"sts:AssumeRole"})"),
                      PolicyKind::trust),
              "Has prohibited field NotPrincipal");
    EXPECT_EQ(refused(R"({"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},)"
                      R"("Action":"sts:AssumeRole"}})",
                      PolicyKind::trust),
              "not refused");
}

TEST(policy, a_principal_is_an_account_an_arn_without_wildcards_or_a_service) {
    auto trust = [](const std::string& principal) {
        return refused(
            with(R"({"Effect":"Allow","Principal":)" + principal + R"(,"Action":"sts:AssumeRole"})"),
            PolicyKind::trust);
    };
    EXPECT_EQ(
        trust(
            R"({"AWS":["123456789012","arn:aws:iam::123456789012:root","arn:aws:iam::123456789012:role/a/b"]})"),
        "not refused");
    EXPECT_EQ(trust(R"({"AWS":"arn:aws:iam::123456789012:user/*"})"),
              R"(Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:user/*")");
    EXPECT_EQ(trust(R"({"AWS":"ann"})"), R"(Invalid principal in policy: "AWS":"ann")");
    EXPECT_EQ(trust(R"({"AWS":"arn:aws:iam::1"})"), R"(Invalid principal in policy: "AWS":"arn:aws:iam::1")");
    EXPECT_EQ(trust(R"({"Service":"lambda"})"), R"(Invalid principal in policy: "SERVICE":"lambda")");
    EXPECT_EQ(trust(R"({"CanonicalUser":"x"})"), R"(Invalid principal in policy: "CanonicalUser":"x")");
    EXPECT_EQ(trust(R"("ann")"), R"(Invalid principal in policy: "ann")");
    EXPECT_EQ(trust(R"({})"), "Syntax errors in policy.");
}

TEST(policy, a_resource_policy_may_invert_principals_only_to_deny) {
    auto resource = [](const std::string& effect) {
        return refused(with(R"({"Effect":")" + effect +
                            R"(","NotPrincipal":{"AWS":"123456789012"},"Action":"s3:*","Resource":"*"})"),
                       PolicyKind::resource);
    };
    EXPECT_EQ(resource("Deny"), "not refused");
    EXPECT_EQ(resource("Allow"), "Has prohibited field NotPrincipal");
    EXPECT_EQ(refused(with(R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})"), PolicyKind::resource),
              "Missing required field Principal");
}

TEST(policy, the_cache_gives_the_same_policy_again_and_forgets_when_it_is_full) {
    PolicyCache cache(200);
    auto document = with(R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})");
    auto first = cache.compile(document, PolicyKind::identity);
    auto again = cache.compile(document, PolicyKind::identity);
    ASSERT_TRUE(first.ok() && again.ok());
    EXPECT_EQ(*first, *again);
    auto other = with(R"({"Effect":"Deny","Action":"rekognition:DeleteCollection","Resource":"*"})");
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(cache.compile(other, PolicyKind::identity).ok());
        other += ' ';
    }
    auto later = cache.compile(document, PolicyKind::identity);
    ASSERT_TRUE(later.ok());
    EXPECT_NE(*first, *later);
    EXPECT_FALSE(cache.compile("{}", PolicyKind::identity).ok());
}

TEST(policy, quotas_do_not_count_white_space) {
    EXPECT_EQ(counted_size(" {\n\t\"a\": 1\r\n}"), 7u);
}

}  // namespace
}  // namespace access_control
