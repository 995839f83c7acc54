// Temporary credentials.
#include "access/directory_bench.h"

namespace access_control {
namespace {

TEST_F(DirectoryTest, a_service_assumes_a_role_that_trusts_it_and_has_its_policies) {
    make_reader();
    ASSERT_TRUE(directory_->attach_policy(reader(), kRekognition).ok());
    auto session =
        directory_->assume_role(service("lambda.amazonaws.com"),
                                {.role_arn = "arn:aws:iam::123456789012:role/reader", .session_name = "f"});
    ASSERT_TRUE(session.ok());
    EXPECT_TRUE(session->access_key_id.starts_with("ASIA"));
    EXPECT_EQ(session->access_key_id.size(), 20u);
    EXPECT_EQ(session->secret_key.size(), 40u);
    EXPECT_EQ(session->arn, "arn:aws:sts::123456789012:assumed-role/reader/f");
    EXPECT_TRUE(session->user_id.starts_with("AROA") && session->user_id.ends_with(":f"));
    auto caller = directory_->resolve(session->access_key_id, session->token);
    ASSERT_TRUE(caller.ok());
    EXPECT_EQ((*caller)->secret_key, session->secret_key);
    EXPECT_EQ((*caller)->principal.arn, session->arn);
    EXPECT_TRUE(may(session->access_key_id, "rekognition:DetectFaces", session->token));
    EXPECT_FALSE(may(session->access_key_id, "s3:GetObject", session->token));
}

TEST_F(DirectoryTest, a_role_that_does_not_trust_and_one_that_is_not_there_are_the_same_denial) {
    make_reader();
    make_ann();
    auto ann_is = *directory_->principal_of(ann());
    auto assume = [&](const std::string& role) {
        return refused(directory_->assume_role(ann_is, {.role_arn = "arn:aws:iam::123456789012:role/" + role,
                                                        .session_name = "s1"}),
                       Refusal::access_denied);
    };
    EXPECT_EQ(
        assume("reader"),
        "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: sts:AssumeRole on resource: "
        "arn:aws:iam::123456789012:role/reader");
    EXPECT_EQ(
        assume("nothing"),
        "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: sts:AssumeRole on resource: "
        "arn:aws:iam::123456789012:role/nothing");
    EXPECT_NE(refused(directory_->check_assumable(service("ec2.amazonaws.com"),
                                                  "arn:aws:iam::123456789012:role/reader"),
                      Refusal::access_denied),
              "not refused");
    EXPECT_TRUE(
        directory_->check_assumable(service("lambda.amazonaws.com"), "arn:aws:iam::123456789012:role/reader")
            .ok());
    EXPECT_EQ(refused(directory_->assume_role(ann_is, {.role_arn = "reader", .session_name = "s1"}),
                      Refusal::invalid_parameter),
              "reader is invalid");
}

TEST_F(DirectoryTest, a_session_ends_with_its_time_with_its_role_and_with_a_changed_token) {
    make_reader(trust(R"({"AWS":"123456789012"})"));
    auto session = directory_->assume_role(
        root_of(kAccount),
        {.role_arn = "arn:aws:iam::123456789012:role/reader", .session_name = "s1", .seconds = 900});
    ASSERT_TRUE(session.ok());
    const auto& id = session->access_key_id;
    EXPECT_TRUE(directory_->resolve(id, session->token).ok());

    auto changed = session->token;
    changed[20] = changed[20] == 'A' ? 'B' : 'A';
    EXPECT_NE(refused(directory_->resolve(id, changed), Refusal::invalid_token), "not refused");
    EXPECT_NE(refused(directory_->resolve("ASIAANOTHERKEY234567", session->token), Refusal::invalid_token),
              "not refused");
    EXPECT_NE(refused(directory_->resolve(id, ""), Refusal::unknown_key), "not refused");

    clock_.advance(std::chrono::seconds(899));
    EXPECT_TRUE(directory_->resolve(id, session->token).ok());
    ASSERT_TRUE(directory_->delete_role(kAccount, "reader").ok());
    EXPECT_NE(refused(directory_->resolve(id, session->token), Refusal::invalid_token), "not refused");
    make_reader();
    EXPECT_NE(refused(directory_->resolve(id, session->token), Refusal::invalid_token), "not refused");
    clock_.advance(std::chrono::seconds(1));
    EXPECT_EQ(refused(directory_->resolve(id, session->token), Refusal::expired_token),
              "The security token included in the request is expired");
}

TEST_F(DirectoryTest, a_session_outlives_a_restart) {
    make_reader();
    auto session =
        directory_->assume_role(service("lambda.amazonaws.com"),
                                {.role_arn = "arn:aws:iam::123456789012:role/reader", .session_name = "f"});
    ASSERT_TRUE(session.ok());
    start("AKIAOPERATOR", "operator secret");
    EXPECT_TRUE(directory_->resolve(session->access_key_id, session->token).ok());
}

TEST_F(DirectoryTest, a_session_policy_narrows_the_session) {
    make_reader();
    ASSERT_TRUE(directory_->attach_policy(reader(), "arn:aws:iam::aws:policy/AdministratorAccess").ok());
    AssumeRole request{
        .role_arn = "arn:aws:iam::123456789012:role/reader", .session_name = "f", .policy = kAllowS3};
    auto session = directory_->assume_role(service("lambda.amazonaws.com"), request);
    ASSERT_TRUE(session.ok());
    EXPECT_TRUE(may(session->access_key_id, "s3:GetObject", session->token));
    EXPECT_FALSE(may(session->access_key_id, "iam:CreateUser", session->token));
    request.policy.clear();
    request.policy_arns = {kRekognition};
    session = directory_->assume_role(service("lambda.amazonaws.com"), request);
    ASSERT_TRUE(session.ok());
    EXPECT_TRUE(may(session->access_key_id, "rekognition:DetectFaces", session->token));
    EXPECT_FALSE(may(session->access_key_id, "s3:GetObject", session->token));
    request.policy = "{";
    EXPECT_EQ(
        refused(directory_->assume_role(service("lambda.amazonaws.com"), request), Refusal::malformed_policy),
        "Syntax errors in policy.");
    request.policy = kAllowS3 + std::string(5, ' ');
    request.policy.insert(1, "\"Id\":\"" + std::string(2048, 'x') + "\",");
    EXPECT_NE(refused(directory_->assume_role(service("lambda.amazonaws.com"), request),
                      Refusal::packed_policy_too_large),
              "not refused");
}

TEST_F(DirectoryTest, a_session_lasts_no_longer_than_the_role_allows_and_a_chained_one_an_hour) {
    auto account_trust = trust(R"({"AWS":"123456789012"})");
    make_reader(account_trust);
    AssumeRole request{
        .role_arn = "arn:aws:iam::123456789012:role/reader", .session_name = "s1", .seconds = 3601};
    EXPECT_EQ(refused(directory_->assume_role(root_of(kAccount), request), Refusal::invalid_parameter),
              "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    ASSERT_TRUE(directory_->update_role(kAccount, "reader", std::nullopt, 43'200).ok());
    EXPECT_TRUE(directory_->assume_role(root_of(kAccount), request).ok());
    ASSERT_TRUE(directory_->attach_policy(reader(), "arn:aws:iam::aws:policy/AdministratorAccess").ok());
    auto chained = *directory_->principal_of(reader());
    EXPECT_EQ(
        refused(directory_->assume_role(chained, request), Refusal::invalid_parameter),
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");
}

TEST_F(DirectoryTest, session_tags_need_the_right_to_tag_and_become_principal_tags) {
    make_reader();
    AssumeRole request{
        .role_arn = "arn:aws:iam::123456789012:role/reader", .session_name = "s1", .tags = {{"team", "red"}}};
    EXPECT_EQ(
        refused(directory_->assume_role(service("lambda.amazonaws.com"), request), Refusal::access_denied),
        "User: lambda.amazonaws.com is not authorized to perform: sts:TagSession on resource: "
        "arn:aws:iam::123456789012:role/reader");
    ASSERT_TRUE(directory_
                    ->set_trust_policy(kAccount, "reader",
                                       trust(R"({"Service":"lambda.amazonaws.com"})",
                                             R"(["sts:AssumeRole","sts:TagSession"])"))
                    .ok());
    auto session = directory_->assume_role(service("lambda.amazonaws.com"), request);
    ASSERT_TRUE(session.ok());
    auto caller = directory_->resolve(session->access_key_id, session->token);
    ASSERT_TRUE(caller.ok());
    EXPECT_EQ((*caller)->principal.tags.at("team"), "red");
    for (int i = 0; i < 45; ++i)
        request.tags[std::to_string(i)] = std::string(256, 'x');
    EXPECT_NE(refused(directory_->assume_role(service("lambda.amazonaws.com"), request),
                      Refusal::packed_policy_too_large),
              "not refused");
}

TEST_F(DirectoryTest, a_user_gets_temporary_credentials_of_its_own) {
    make_ann();
    ASSERT_TRUE(directory_->attach_policy(ann(), kRekognition).ok());
    auto session = directory_->session_of(*directory_->principal_of(ann()), std::nullopt);
    ASSERT_TRUE(session.ok());
    EXPECT_EQ(session->expires, clock_.now() + std::chrono::hours(12));
    auto caller = directory_->resolve(session->access_key_id, session->token);
    ASSERT_TRUE(caller.ok());
    EXPECT_EQ((*caller)->principal.arn, "arn:aws:iam::123456789012:user/ann");
    EXPECT_TRUE(may(session->access_key_id, "rekognition:DetectFaces", session->token));
    EXPECT_EQ(refused(directory_->session_of((*caller)->principal, std::nullopt), Refusal::access_denied),
              "Cannot call GetSessionToken with session credentials");
    auto root = directory_->session_of(root_of(kAccount), std::nullopt);
    ASSERT_TRUE(root.ok());
    EXPECT_EQ(root->expires, clock_.now() + std::chrono::hours(1));
    EXPECT_TRUE(may(root->access_key_id, "iam:CreateUser", root->token));
}

}  // namespace
}  // namespace access_control
