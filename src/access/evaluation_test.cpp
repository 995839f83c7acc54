#include "access/evaluation.h"

#include <gtest/gtest.h>

namespace access_control {
namespace {

constexpr auto kAccount = "123456789012";

std::shared_ptr<const Policy> policy(const std::string& statements, PolicyKind kind = PolicyKind::identity) {
    auto parsed = parse_policy(R"({"Version":"2012-10-17","Statement":[)" + statements + "]}", kind);
    EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().message());
    return parsed.ok() ? *parsed : std::make_shared<Policy>();
}
std::string allow(const std::string& action, const std::string& resource = "*") {
    return R"({"Effect":"Allow","Action":")" + action + R"(","Resource":")" + resource + R"("})";
}
std::string deny(const std::string& action, const std::string& resource = "*") {
    return R"({"Effect":"Deny","Action":")" + action + R"(","Resource":")" + resource + R"("})";
}
// A statement of a resource policy for `principal`, a JSON value.
std::string grant(const std::string& principal, const std::string& effect = "Allow") {
    return R"({"Effect":")" + effect + R"(","Principal":)" + principal +
           R"(,"Action":"s3:*","Resource":"*"})";
}
std::shared_ptr<const Policy> bucket_policy(const std::string& statements) {
    return policy(statements, PolicyKind::resource);
}
std::shared_ptr<const Policy> trust(const std::string& principal, const std::string& condition = "{}") {
    return policy(R"({"Effect":"Allow","Principal":)" + principal +
                      R"(,"Action":"sts:AssumeRole","Condition":)" + condition + "}",
                  PolicyKind::trust);
}

Principal ann(Rights rights = {}) {
    Principal out;
    out.kind = PrincipalKind::user;
    out.account = kAccount;
    out.arn = "arn:aws:iam::123456789012:user/ann";
    out.user_id = "AIDAANN";
    out.user_name = "ann";
    out.tags = {{"team", "red"}};
    out.rights = std::make_shared<Rights>(std::move(rights));
    return out;
}
Principal reader(Rights rights = {}) {
    Principal out;
    out.kind = PrincipalKind::assumed_role;
    out.account = kAccount;
    out.arn = "arn:aws:sts::123456789012:assumed-role/reader/s1";
    out.role_arn = "arn:aws:iam::123456789012:role/service/reader";
    out.user_id = "AROAREADER:s1";
    out.rights = std::make_shared<Rights>(std::move(rights));
    return out;
}
Rights with(std::shared_ptr<const Policy> identity) {
    Rights out;
    out.identity = {std::move(identity)};
    return out;
}
ActionRequest get(std::string resource = "arn:aws:s3:::photos/a.jpg") {
    return {"s3:GetObject", std::move(resource)};
}
std::string answer(const Principal& principal, const ActionRequest& request,
                   const std::shared_ptr<const Policy>& on = {}) {
    auto decision = evaluate(principal, request, on.get());
    return decision.allowed() ? "allowed" : reason(decision, request.action);
}

constexpr auto kNoIdentityPolicy = "because no identity-based policy allows the s3:GetObject action";

TEST(evaluation, what_nothing_allows_is_denied) {
    EXPECT_EQ(answer(ann(), get()), kNoIdentityPolicy);
    EXPECT_EQ(answer(ann(with(policy(allow("s3:PutObject")))), get()), kNoIdentityPolicy);
    EXPECT_EQ(answer(ann(with(policy(allow("s3:*", "arn:aws:s3:::other/*")))), get()), kNoIdentityPolicy);
}

TEST(evaluation, an_identity_policy_allows_by_action_and_resource) {
    EXPECT_EQ(answer(ann(with(policy(allow("S3:get*", "arn:aws:s3:::photos/*")))), get()), "allowed");
    EXPECT_EQ(answer(ann(with(policy(R"({"Effect":"Allow","NotAction":"iam:*","Resource":"*"})"))), get()),
              "allowed");
    EXPECT_EQ(answer(ann(with(policy(R"({"Effect":"Allow","NotAction":"s3:*","Resource":"*"})"))), get()),
              kNoIdentityPolicy);
    EXPECT_EQ(
        answer(
            ann(with(policy(R"({"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::photos/*"})"))),
            get()),
        kNoIdentityPolicy);
}

TEST(evaluation, an_explicit_deny_wins_over_every_allow) {
    Rights rights;
    rights.identity = {policy(allow("*")), policy(deny("s3:GetObject", "arn:aws:s3:::photos/a*"))};
    EXPECT_EQ(answer(ann(rights), get()), "with an explicit deny in an identity-based policy");
    EXPECT_EQ(answer(ann(rights), get("arn:aws:s3:::photos/b.jpg")), "allowed");
    EXPECT_EQ(answer(ann(with(policy(allow("*")))), get(), bucket_policy(grant("\"*\"", "Deny"))),
              "with an explicit deny in a resource-based policy");
}

TEST(evaluation, variables_stand_for_the_principal_that_asks) {
    auto own =
        ann(with(policy(allow("s3:*", "arn:aws:s3:::homes/${aws:username}/${aws:PrincipalTag/team}/*"))));
    EXPECT_EQ(answer(own, get("arn:aws:s3:::homes/ann/red/x")), "allowed");
    EXPECT_EQ(answer(own, get("arn:aws:s3:::homes/bob/red/x")), kNoIdentityPolicy);
}

TEST(evaluation, a_request_cannot_claim_to_come_from_another_principal) {
    auto only_bob = ann(with(policy(
        R"({"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:username":"bob"}}})")));
    auto request = get();
    request.context = {{"aws:username", {"bob"}}};
    EXPECT_EQ(answer(only_bob, request), kNoIdentityPolicy);
}

TEST(evaluation, conditions_see_the_context_of_the_request_and_the_clock) {
    auto limited = ann(with(policy(
        R"({"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},)"
        R"("DateLessThan":{"aws:CurrentTime":"2024-01-01T00:00:00Z"}}})")));
    auto request = get();
    request.context = {{"aws:SourceIp", {"10.1.2.3"}}};
    request.now = *base::from_iso8601("2023-12-31T23:59:59Z");
    EXPECT_EQ(answer(limited, request), "allowed");
    request.now += std::chrono::seconds(1);
    EXPECT_EQ(answer(limited, request), kNoIdentityPolicy);
}

TEST(evaluation, a_boundary_and_a_session_policy_only_narrow) {
    Rights bounded = with(policy(allow("*")));
    bounded.boundary = policy(allow("rekognition:*"));
    EXPECT_EQ(answer(ann(bounded), get()), "because no permissions boundary allows the s3:GetObject action");
    bounded.boundary = policy(allow("s3:*"));
    EXPECT_EQ(answer(ann(bounded), get()), "allowed");
    EXPECT_EQ(answer(ann([&] {
                         auto r = bounded;
                         r.identity.clear();
                         return r;
                     }()),
                     get()),
              kNoIdentityPolicy);

    Rights session = with(policy(allow("*")));
    session.session.emplace().push_back(policy(allow("s3:Put*")));
    EXPECT_EQ(answer(reader(session), get()), "because no session policy allows the s3:GetObject action");
    session.session->push_back(policy(deny("s3:PutObject")));
    EXPECT_EQ(answer(reader(session), {"s3:PutObject", "*"}), "with an explicit deny in a session policy");
}

TEST(evaluation, in_the_same_account_a_resource_policy_that_names_the_principal_is_enough) {
    EXPECT_EQ(answer(ann(), get(), bucket_policy(grant(R"({"AWS":"arn:aws:iam::123456789012:user/ann"})"))),
              "allowed");
    EXPECT_EQ(answer(ann(), get(), bucket_policy(grant(R"({"AWS":"arn:aws:iam::123456789012:user/bob"})"))),
              kNoIdentityPolicy);
    EXPECT_EQ(answer(ann(), get(), bucket_policy(grant("\"*\""))), "allowed");
    EXPECT_EQ(answer(reader(), get(),
                     bucket_policy(grant(R"({"AWS":"arn:aws:iam::123456789012:role/service/reader"})"))),
              "allowed");
}

TEST(evaluation, naming_the_account_hands_the_decision_to_its_identity_policies) {
    auto on = bucket_policy(grant(R"({"AWS":"123456789012"})"));
    EXPECT_EQ(answer(ann(), get(), on), kNoIdentityPolicy);
    EXPECT_EQ(answer(ann(with(policy(allow("s3:GetObject")))), get(), on), "allowed");
}

TEST(evaluation, naming_the_session_passes_the_session_policy_and_naming_the_role_does_not) {
    Rights narrow;
    narrow.session.emplace().push_back(policy(allow("sqs:*")));
    EXPECT_EQ(answer(reader(narrow), get(),
                     bucket_policy(grant(R"({"AWS":"arn:aws:sts::123456789012:assumed-role/reader/s1"})"))),
              "allowed");
    EXPECT_EQ(answer(reader(narrow), get(),
                     bucket_policy(grant(R"({"AWS":"arn:aws:iam::123456789012:role/service/reader"})"))),
              "because no session policy allows the s3:GetObject action");
}

TEST(evaluation, another_accounts_resource_needs_both_sides) {
    auto request = get();
    request.resource_account = "999999999999";
    auto may = ann(with(policy(allow("s3:*"))));
    auto named = bucket_policy(grant(R"({"AWS":"arn:aws:iam::123456789012:user/ann"})"));
    EXPECT_EQ(answer(may, request), "because no resource-based policy allows the s3:GetObject action");
    EXPECT_EQ(answer(ann(), request, named), kNoIdentityPolicy);
    EXPECT_EQ(answer(may, request, named), "allowed");
    EXPECT_EQ(answer(may, request, bucket_policy(grant(R"({"AWS":"123456789012"})"))), "allowed");
    EXPECT_EQ(answer(root_of(kAccount), request),
              "because no resource-based policy allows the s3:GetObject action");
}

TEST(evaluation, the_root_user_may_do_all_but_what_a_resource_policy_denies) {
    EXPECT_EQ(answer(root_of(kAccount), get()), "allowed");
    EXPECT_EQ(answer(root_of(kAccount), get(), bucket_policy(grant(R"({"AWS":"123456789012"})", "Deny"))),
              "with an explicit deny in a resource-based policy");
}

TEST(evaluation, the_anonymous_may_do_what_a_resource_policy_allows_to_everyone) {
    EXPECT_EQ(answer(anonymous(), get()), "because no resource-based policy allows the s3:GetObject action");
    EXPECT_EQ(answer(anonymous(), get(), bucket_policy(grant(R"({"AWS":"*"})"))), "allowed");
    EXPECT_EQ(answer(anonymous(), get(), bucket_policy(grant(R"({"AWS":"123456789012"})"))),
              "because no resource-based policy allows the s3:GetObject action");
}

TEST(evaluation, a_denial_to_everyone_but_spares_only_those_named) {
    auto on = bucket_policy(
        grant("\"*\"") + "," +
        R"({"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::123456789012:user/ann","123456789012"]},)"
        R"("Action":"s3:*","Resource":"*"})");
    EXPECT_EQ(answer(ann(), get(), on), "allowed");
    EXPECT_EQ(answer(root_of(kAccount), get(), on), "allowed");
    EXPECT_EQ(answer(reader(), get(), on), "with an explicit deny in a resource-based policy");
}

TEST(evaluation, a_service_may_do_what_the_resource_policy_allows_it) {
    auto on = policy(
        R"({"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction",)"
        R"("Resource":"arn:aws:lambda:us-east-1:123456789012:function:f","Condition":{"ArnLike":)"
        R"({"AWS:SourceArn":"arn:aws:s3:::photos"},"StringEquals":{"AWS:SourceAccount":"123456789012"}}})",
        PolicyKind::resource);
    ActionRequest request{"lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:f"};
    request.context = {{"aws:SourceArn", {"arn:aws:s3:::photos"}}, {"aws:SourceAccount", {kAccount}}};
    EXPECT_EQ(answer(service("s3.amazonaws.com"), request, on), "allowed");
    EXPECT_EQ(answer(service("sns.amazonaws.com"), request, on),
              "because no resource-based policy allows the lambda:InvokeFunction action");
    request.context["aws:SourceArn"] = {"arn:aws:s3:::others"};
    EXPECT_EQ(answer(service("s3.amazonaws.com"), request, on),
              "because no resource-based policy allows the lambda:InvokeFunction action");
}

TEST(evaluation, a_role_is_assumed_only_by_whom_it_trusts) {
    ActionRequest assume{"sts:AssumeRole", "arn:aws:iam::123456789012:role/reader"};
    auto may = ann(with(policy(allow("sts:*"))));
    EXPECT_EQ(answer(may, assume, trust(R"({"Service":"lambda.amazonaws.com"})")),
              "because no role trust policy allows the sts:AssumeRole action");
    EXPECT_EQ(answer(service("lambda.amazonaws.com"), assume, trust(R"({"Service":"lambda.amazonaws.com"})")),
              "allowed");
    EXPECT_EQ(answer(ann(), assume, trust(R"({"AWS":"arn:aws:iam::123456789012:user/ann"})")), "allowed");
    EXPECT_EQ(answer(ann(), assume, trust(R"({"AWS":"123456789012"})")),
              "because no identity-based policy allows the sts:AssumeRole action");
    EXPECT_EQ(answer(may, assume, trust(R"({"AWS":"123456789012"})")), "allowed");
    auto with_secret = trust(R"({"AWS":"123456789012"})", R"({"StringEquals":{"sts:ExternalId":"x"}})");
    EXPECT_EQ(answer(may, assume, with_secret),
              "because no role trust policy allows the sts:AssumeRole action");
    assume.context = {{"sts:ExternalId", {"x"}}};
    EXPECT_EQ(answer(may, assume, with_secret), "allowed");
}

TEST(evaluation, a_denial_reads_as_aws_writes_it) {
    ActionRequest request{"rekognition:IndexFaces",
                          "arn:aws:rekognition:us-east-1:123456789012:collection/c"};
    EXPECT_EQ(denial_message(reader(), request, evaluate(reader(), request)),
              "User: arn:aws:sts::123456789012:assumed-role/reader/s1 is not authorized to perform: "
              "rekognition:IndexFaces on resource: arn:aws:rekognition:us-east-1:123456789012:collection/c "
              "because no "
              "identity-based policy allows the rekognition:IndexFaces action");
}

}  // namespace
}  // namespace access_control
