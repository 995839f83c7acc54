// Policies and tags.
#include "access/aws_managed.h"
#include "access/directory_bench.h"

namespace access_control {
namespace {

TEST_F(DirectoryTest, an_inline_policy_is_kept_as_given_within_a_quota) {
    make_ann();
    std::string spaced = " " + kAllowS3 + "\n";
    ASSERT_TRUE(directory_->put_inline_policy(ann(), "p", spaced).ok());
    EXPECT_EQ(*directory_->inline_policy(ann(), "p"), spaced);
    EXPECT_EQ(refused(directory_->inline_policy(ann(), "q"), Refusal::no_such_entity),
              "The user policy with name q cannot be found.");
    EXPECT_EQ(refused(directory_->delete_inline_policy(ann(), "q"), Refusal::no_such_entity),
              "The user policy with name q cannot be found.");
    EXPECT_EQ(refused(directory_->put_inline_policy(ann(), "q", "{}"), Refusal::malformed_policy),
              "Policy document must be version 2012-10-17 or greater.");
    std::string large =
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::)" +
        std::string(2000, 'x') + "\"}}";
    EXPECT_EQ(refused(directory_->put_inline_policy(ann(), "q", large), Refusal::limit_exceeded),
              "Maximum policy size of 2048 bytes exceeded for user ann");
    EXPECT_TRUE(directory_->identity(ann())->inline_policies.contains("p"));
}

TEST_F(DirectoryTest, attaching_twice_is_attaching_once_and_ten_are_enough) {
    make_reader();
    ASSERT_TRUE(directory_->attach_policy(reader(), kRekognition).ok());
    ASSERT_TRUE(directory_->attach_policy(reader(), kRekognition).ok());
    EXPECT_EQ(directory_->identity(reader())->attached_policies.size(), 1u);
    for (int i = 0; i < 9; ++i)
        ASSERT_TRUE(directory_->attach_policy(reader(), own_policy("p" + std::to_string(i))).ok());
    EXPECT_EQ(refused(directory_->attach_policy(reader(), own_policy("p9")), Refusal::limit_exceeded),
              "Cannot exceed quota for PoliciesPerRole: 10");
    EXPECT_EQ(refused(directory_->attach_policy(reader(), "arn:aws:iam::aws:policy/Nothing"),
                      Refusal::no_such_entity),
              "Policy arn:aws:iam::aws:policy/Nothing does not exist or is not attachable.");
    EXPECT_EQ(refused(directory_->detach_policy(reader(), "arn:aws:iam::aws:policy/Nothing"),
                      Refusal::no_such_entity),
              "Policy arn:aws:iam::aws:policy/Nothing was not found.");
}

TEST_F(DirectoryTest, a_policy_knows_who_carries_it_and_is_not_deleted_meanwhile) {
    make_ann();
    make_reader();
    auto arn = own_policy("p");
    ASSERT_TRUE(directory_->attach_policy(ann(), arn).ok());
    ASSERT_TRUE(directory_->set_boundary(reader(), arn).ok());
    auto entities = directory_->attached_entities(kAccount, arn);
    ASSERT_TRUE(entities.ok());
    ASSERT_EQ(entities->size(), 2u);
    EXPECT_EQ((*entities)[0].name, "ann");
    EXPECT_FALSE((*entities)[0].as_boundary);
    EXPECT_EQ((*entities)[1].name, "reader");
    EXPECT_TRUE((*entities)[1].as_boundary);
    EXPECT_EQ(refused(directory_->delete_policy(arn), Refusal::delete_conflict),
              "Cannot delete a policy attached to entities.");
    ASSERT_TRUE(directory_->detach_policy(ann(), arn).ok());
    ASSERT_TRUE(directory_->delete_role(kAccount, "reader").ok());
    EXPECT_TRUE(directory_->delete_policy(arn).ok());
    EXPECT_EQ(refused(directory_->policy(arn), Refusal::no_such_entity), "Policy " + arn + " was not found.");
}

TEST_F(DirectoryTest, a_policy_has_up_to_five_versions) {
    auto arn = own_policy("p");
    for (int i = 2; i <= 5; ++i)
        EXPECT_EQ(directory_->create_policy_version(arn, kAllowS3, false)->number, i);
    EXPECT_EQ(refused(directory_->create_policy_version(arn, kAllowS3, false), Refusal::limit_exceeded),
              "A managed policy can have up to 5 versions. Before you create a new version, you must delete "
              "an existing "
              "version.");
    EXPECT_EQ(refused(directory_->delete_policy_version(arn, 1), Refusal::delete_conflict),
              "Cannot delete the default version of a policy.");
    EXPECT_EQ(refused(directory_->delete_policy(arn), Refusal::delete_conflict),
              "This policy has more than one version. Before you delete a policy, you must delete the "
              "policy's versions. "
              "The default version is deleted with the policy.");
    ASSERT_TRUE(directory_->set_default_policy_version(arn, 3).ok());
    ASSERT_TRUE(directory_->delete_policy_version(arn, 1).ok());
    EXPECT_EQ(directory_->create_policy_version(arn, kAllowS3, false)->number, 6);
    EXPECT_EQ(refused(directory_->set_default_policy_version(arn, 1), Refusal::no_such_entity),
              "Policy " + arn + " version v1 does not exist or is not attachable.");
}

TEST_F(DirectoryTest, a_policy_name_is_used_once_and_its_size_is_bounded) {
    own_policy("p");
    EXPECT_EQ(refused(directory_->create_policy({kAccount, "p", kAllowS3}), Refusal::entity_exists),
              "A policy called p already exists. Duplicate names are not allowed.");
    std::string large =
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::)" +
        std::string(6200, 'x') + "\"}}";
    EXPECT_EQ(refused(directory_->create_policy({kAccount, "q", large}), Refusal::limit_exceeded),
              "Cannot exceed quota for PolicySize: 6144");
    EXPECT_EQ(refused(directory_->create_policy({kAccount, "q", "x"}), Refusal::malformed_policy),
              "Syntax errors in policy.");
}

TEST_F(DirectoryTest, awss_own_policies_parse_and_cannot_be_changed) {
    for (const auto& policy : aws_managed_policies()) {
        auto parsed = parse_policy(policy.current().document, PolicyKind::identity);
        EXPECT_TRUE(parsed.ok()) << policy.name;
        EXPECT_EQ(find_aws_managed_policy(arn_of(policy)), &policy);
    }
    EXPECT_EQ(refused(directory_->delete_policy(kRekognition), Refusal::unmodifiable),
              "Policy arn:aws:iam::aws:policy/AmazonRekognitionFullAccess is outside your own account.");
    EXPECT_NE(refused(directory_->create_policy_version(kRekognition, kAllowS3, true), Refusal::unmodifiable),
              "not refused");
    EXPECT_TRUE(directory_->policy("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole").ok());
    EXPECT_FALSE(directory_->policy("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole").ok());
}

TEST_F(DirectoryTest, tag_keys_differ_in_more_than_case) {
    make_ann();
    ASSERT_TRUE(directory_->tag(ann(), {{"team", "red"}, {"site", "x"}}).ok());
    EXPECT_EQ(refused(directory_->tag(ann(), {{"Team", "blue"}}), Refusal::invalid_input),
              "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    ASSERT_TRUE(directory_->untag(ann(), {"site", "none"}).ok());
    EXPECT_EQ(directory_->user(kAccount, "ann")->tags, (Tags{{"team", "red"}}));
    Tags many;
    for (int i = 0; i < 51; ++i)
        many[std::to_string(i)] = "x";
    EXPECT_NE(refused(directory_->tag(ann(), many), Refusal::limit_exceeded), "not refused");
}

}  // namespace
}  // namespace access_control
