// Keys, and who calls with them.
#include "access/directory_bench.h"

namespace access_control {
namespace {

TEST_F(DirectoryTest, the_operators_key_is_the_root_user_of_the_account) {
    auto caller = directory_->resolve("AKIAOPERATOR", "");
    ASSERT_TRUE(caller.ok());
    EXPECT_EQ((*caller)->secret_key, "operator secret");
    EXPECT_EQ((*caller)->principal.arn, "arn:aws:iam::123456789012:root");
    EXPECT_TRUE(may("AKIAOPERATOR", "iam:CreateUser"));
}

TEST_F(DirectoryTest, a_start_with_another_operators_key_ends_the_earlier_one) {
    start("AKIANEW", "new secret");
    EXPECT_TRUE(directory_->resolve("AKIANEW", "").ok());
    EXPECT_NE(refused(directory_->resolve("AKIAOPERATOR", ""), Refusal::unknown_key), "not refused");
}

TEST_F(DirectoryTest, an_operators_key_cannot_be_one_that_a_user_has) {
    make_ann();
    auto key = key_of_ann();
    auto opened = Directory::open(*records_, clock_, random_, {kAccount, key.id, "x"});
    EXPECT_EQ(refused(opened, Refusal::entity_exists), "The operator's access key belongs to somebody else.");
}

TEST_F(DirectoryTest, what_was_created_is_there_after_a_restart) {
    make_ann();
    auto key = key_of_ann();
    ASSERT_TRUE(directory_->put_inline_policy(ann(), "p", kAllowS3).ok());
    start("AKIAOPERATOR", "operator secret");
    EXPECT_TRUE(may(key.id, "s3:GetObject"));
}

TEST_F(DirectoryTest, an_access_key_has_awss_form) {
    make_ann();
    auto key = key_of_ann();
    EXPECT_EQ(key.id.size(), 20u);
    EXPECT_TRUE(key.id.starts_with("AKIA"));
    EXPECT_EQ(key.secret.size(), 40u);
    auto caller = directory_->resolve(key.id, "");
    ASSERT_TRUE(caller.ok());
    EXPECT_EQ((*caller)->secret_key, key.secret);
    EXPECT_EQ((*caller)->principal.arn, "arn:aws:iam::123456789012:user/ann");
    EXPECT_EQ((*caller)->principal.user_id.substr(0, 4), "AIDA");
    EXPECT_EQ((*caller)->principal.user_id.size(), 21u);
}

TEST_F(DirectoryTest, unknown_and_inactive_keys_are_told_apart) {
    make_ann();
    auto key = key_of_ann();
    EXPECT_NE(refused(directory_->resolve("AKIANOBODY", ""), Refusal::unknown_key), "not refused");
    EXPECT_NE(refused(directory_->resolve("ASIANOBODY", ""), Refusal::unknown_key), "not refused");
    ASSERT_TRUE(directory_->resolve(key.id, "").ok());
    ASSERT_TRUE(directory_->set_access_key_active(kAccount, "ann", key.id, false).ok());
    EXPECT_NE(refused(directory_->resolve(key.id, ""), Refusal::inactive_key), "not refused");
    ASSERT_TRUE(directory_->set_access_key_active(kAccount, "ann", key.id, true).ok());
    EXPECT_TRUE(directory_->resolve(key.id, "").ok());
    EXPECT_NE(refused(directory_->resolve(key.id, "token"), Refusal::invalid_token), "not refused");
    ASSERT_TRUE(directory_->delete_access_key(kAccount, "ann", key.id).ok());
    EXPECT_NE(refused(directory_->resolve(key.id, ""), Refusal::unknown_key), "not refused");
}

TEST_F(DirectoryTest, a_user_has_at_most_two_keys_and_only_its_own) {
    make_ann();
    ASSERT_TRUE(directory_->create_user({kAccount, "bob"}).ok());
    auto key = key_of_ann();
    key_of_ann();
    EXPECT_EQ(refused(directory_->create_access_key(kAccount, "ann"), Refusal::limit_exceeded),
              "Cannot exceed quota for AccessKeysPerUser: 2");
    EXPECT_EQ(refused(directory_->delete_access_key(kAccount, "bob", key.id), Refusal::no_such_entity),
              "The Access Key with id " + key.id + " cannot be found.");
    EXPECT_EQ(directory_->access_keys(kAccount, "ann")->size(), 2u);
    EXPECT_EQ(refused(directory_->create_access_key(kAccount, "eve"), Refusal::no_such_entity),
              "The user with name eve cannot be found.");
}

TEST_F(DirectoryTest, a_change_of_policies_counts_for_the_next_request) {
    make_ann();
    auto key = key_of_ann();
    EXPECT_FALSE(may(key.id, "rekognition:DetectFaces"));
    ASSERT_TRUE(directory_->attach_policy(ann(), kRekognition).ok());
    EXPECT_TRUE(may(key.id, "rekognition:DetectFaces"));
    ASSERT_TRUE(directory_->detach_policy(ann(), kRekognition).ok());
    EXPECT_FALSE(may(key.id, "rekognition:DetectFaces"));
}

TEST_F(DirectoryTest, a_new_default_version_of_a_policy_counts_for_the_next_request) {
    make_ann();
    auto key = key_of_ann();
    auto arn = own_policy("p");
    ASSERT_TRUE(directory_->attach_policy(ann(), arn).ok());
    EXPECT_TRUE(may(key.id, "s3:GetObject"));
    auto only_logs =
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"logs:*","Resource":"*"}})";
    ASSERT_TRUE(directory_->create_policy_version(arn, only_logs, true).ok());
    EXPECT_FALSE(may(key.id, "s3:GetObject"));
    EXPECT_TRUE(may(key.id, "logs:PutLogEvents"));
}

TEST_F(DirectoryTest, a_user_has_the_policies_of_its_groups) {
    make_ann();
    auto key = key_of_ann();
    ASSERT_TRUE(directory_->create_group(kAccount, "staff", "/").ok());
    ASSERT_TRUE(directory_->attach_policy(staff(), kRekognition).ok());
    EXPECT_FALSE(may(key.id, "rekognition:DetectFaces"));
    ASSERT_TRUE(directory_->add_to_group(kAccount, "staff", "ann").ok());
    EXPECT_TRUE(may(key.id, "rekognition:DetectFaces"));
    ASSERT_TRUE(directory_->remove_from_group(kAccount, "staff", "ann").ok());
    EXPECT_FALSE(may(key.id, "rekognition:DetectFaces"));
}

TEST_F(DirectoryTest, a_boundary_bounds_what_policies_allow) {
    make_ann();
    auto key = key_of_ann();
    ASSERT_TRUE(directory_->attach_policy(ann(), "arn:aws:iam::aws:policy/AdministratorAccess").ok());
    ASSERT_TRUE(directory_->set_boundary(ann(), kRekognition).ok());
    EXPECT_TRUE(may(key.id, "rekognition:DetectFaces"));
    EXPECT_FALSE(may(key.id, "s3:GetObject"));
    ASSERT_TRUE(directory_->set_boundary(ann(), "").ok());
    EXPECT_TRUE(may(key.id, "s3:GetObject"));
    EXPECT_EQ(refused(directory_->set_boundary(ann(), "arn:aws:iam::123456789012:policy/none"),
                      Refusal::no_such_entity),
              "Scope ARN: arn:aws:iam::123456789012:policy/none does not exist or is not attachable.");
}

TEST_F(DirectoryTest, a_second_account_sees_nothing_of_the_first) {
    make_ann();
    ASSERT_TRUE(directory_->create_account({"210987654321", "AKIASECOND", "s"}).ok());
    EXPECT_EQ((*directory_->resolve("AKIASECOND", ""))->principal.account, "210987654321");
    EXPECT_FALSE(directory_->user("210987654321", "ann").ok());
    EXPECT_TRUE(directory_->create_user({"210987654321", "ann"}).ok());
    auto foreign = own_policy("p");
    EXPECT_EQ(refused(directory_->attach_policy({"210987654321", IdentityKind::user, "ann"}, foreign),
                      Refusal::no_such_entity),
              "Policy " + foreign + " does not exist or is not attachable.");
    EXPECT_EQ(*directory_->account_of_key("AKIASECOND"), "210987654321");
    EXPECT_NE(refused(directory_->create_account({"210987654321", "AKIATHIRD", "s"}), Refusal::entity_exists),
              "not refused");
}

}  // namespace
}  // namespace access_control
