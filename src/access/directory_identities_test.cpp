// Users, groups and roles.
#include "access/directory_bench.h"

namespace access_control {
namespace {

TEST_F(DirectoryTest, a_name_is_taken_whatever_its_case_and_found_only_as_written) {
    make_ann();
    EXPECT_EQ(refused(directory_->create_user({kAccount, "ANN"}), Refusal::entity_exists),
              "User with name ANN already exists.");
    EXPECT_EQ(refused(directory_->user(kAccount, "Ann"), Refusal::no_such_entity),
              "The user with name Ann cannot be found.");
    EXPECT_TRUE(directory_->user(kAccount, "ann").ok());
}

TEST_F(DirectoryTest, a_user_is_deleted_only_once_it_has_nothing_left) {
    make_ann();
    auto key = key_of_ann();
    ASSERT_TRUE(directory_->create_group(kAccount, "staff", "/").ok());
    ASSERT_TRUE(directory_->add_to_group(kAccount, "staff", "ann").ok());
    ASSERT_TRUE(directory_->put_inline_policy(ann(), "p", kAllowS3).ok());
    ASSERT_TRUE(directory_->attach_policy(ann(), kRekognition).ok());
    auto remove = [&] { return refused(directory_->delete_user(kAccount, "ann"), Refusal::delete_conflict); };
    EXPECT_EQ(remove(), "Cannot delete entity, must detach all policies first.");
    ASSERT_TRUE(directory_->detach_policy(ann(), kRekognition).ok());
    EXPECT_EQ(remove(), "Cannot delete entity, must delete policies first.");
    ASSERT_TRUE(directory_->delete_inline_policy(ann(), "p").ok());
    EXPECT_EQ(remove(), "Cannot delete entity, must delete access keys first.");
    ASSERT_TRUE(directory_->delete_access_key(kAccount, "ann", key.id).ok());
    EXPECT_EQ(remove(), "Cannot delete entity, must remove users from group first.");
    ASSERT_TRUE(directory_->remove_from_group(kAccount, "staff", "ann").ok());
    EXPECT_EQ(remove(), "not refused");
    EXPECT_FALSE(directory_->user(kAccount, "ann").ok());
}

TEST_F(DirectoryTest, a_renamed_user_keeps_all_it_had) {
    make_ann();
    auto key = key_of_ann();
    auto arn = own_policy("p");
    ASSERT_TRUE(directory_->create_group(kAccount, "staff", "/").ok());
    ASSERT_TRUE(directory_->add_to_group(kAccount, "staff", "ann").ok());
    ASSERT_TRUE(directory_->attach_policy(ann(), arn).ok());
    ASSERT_TRUE(directory_->set_boundary(ann(), arn).ok());
    ASSERT_TRUE(directory_->update_user(kAccount, "ann", "anna", "/people/").ok());
    EXPECT_EQ(refused(directory_->user(kAccount, "ann"), Refusal::no_such_entity),
              "The user with name ann cannot be found.");
    auto anna = directory_->user(kAccount, "anna");
    ASSERT_TRUE(anna.ok());
    EXPECT_EQ(arn_of(*anna), "arn:aws:iam::123456789012:user/people/anna");
    EXPECT_EQ((*directory_->resolve(key.id, ""))->principal.arn, arn_of(*anna));
    EXPECT_EQ(directory_->access_keys(kAccount, "anna")->at(0).user, "anna");
    EXPECT_EQ(directory_->members(kAccount, "staff", {})->items.at(0).name, "anna");
    auto carriers = *directory_->attached_entities(kAccount, arn);
    ASSERT_EQ(carriers.size(), 2u);
    EXPECT_EQ(carriers[0].name, "anna");
    EXPECT_EQ(carriers[1].name, "anna");
    // Nothing of the old name is in the way of a new user, nor of the end.
    make_ann();
    ASSERT_TRUE(directory_->delete_access_key(kAccount, "anna", key.id).ok());
    ASSERT_TRUE(directory_->detach_policy({kAccount, IdentityKind::user, "anna"}, arn).ok());
    ASSERT_TRUE(directory_->remove_from_group(kAccount, "staff", "anna").ok());
    ASSERT_TRUE(directory_->delete_user(kAccount, "anna").ok());
    ASSERT_TRUE(directory_->delete_policy(arn).ok());
    EXPECT_EQ(directory_->summary(kAccount)->users, 1u);
}

TEST_F(DirectoryTest, a_name_that_is_taken_cannot_be_taken_by_renaming_but_may_change_its_case) {
    make_ann();
    ASSERT_TRUE(directory_->create_user({kAccount, "eve"}).ok());
    EXPECT_EQ(refused(directory_->update_user(kAccount, "ann", "EVE", {}), Refusal::entity_exists),
              "User with name EVE already exists.");
    EXPECT_TRUE(directory_->user(kAccount, "ann").ok());
    ASSERT_TRUE(directory_->update_user(kAccount, "ann", "Ann", {}).ok());
    EXPECT_TRUE(directory_->user(kAccount, "Ann").ok());
    ASSERT_TRUE(directory_->update_user(kAccount, "Ann", "Ann", "/there/").ok());
    EXPECT_EQ(directory_->user(kAccount, "Ann")->path, "/there/");
    EXPECT_EQ(refused(directory_->update_user(kAccount, "ann", {}, {}), Refusal::no_such_entity),
              "The user with name ann cannot be found.");
}

TEST_F(DirectoryTest, a_renamed_group_keeps_its_members_and_policies) {
    make_ann();
    auto key = key_of_ann();
    ASSERT_TRUE(directory_->create_group(kAccount, "staff", "/").ok());
    ASSERT_TRUE(directory_->attach_policy(staff(), kRekognition).ok());
    ASSERT_TRUE(directory_->add_to_group(kAccount, "staff", "ann").ok());
    ASSERT_TRUE(directory_->update_group(kAccount, "staff", "crew", "/x/").ok());
    EXPECT_TRUE(may(key.id, "rekognition:DetectFaces"));
    EXPECT_EQ(directory_->user(kAccount, "ann")->groups, std::vector<std::string>{"crew"});
    EXPECT_EQ(directory_->members(kAccount, "crew", {})->items.size(), 1u);
    EXPECT_EQ(directory_->group(kAccount, "crew")->path, "/x/");
    EXPECT_FALSE(directory_->group(kAccount, "staff").ok());
    ASSERT_TRUE(directory_->create_group(kAccount, "staff", "/").ok());
    EXPECT_EQ(directory_->members(kAccount, "staff", {})->items.size(), 0u);
    EXPECT_EQ(refused(directory_->update_group(kAccount, "crew", "staff", {}), Refusal::entity_exists),
              "Group with name staff already exists.");
}

TEST_F(DirectoryTest, a_group_is_deleted_only_once_it_is_empty) {
    make_ann();
    ASSERT_TRUE(directory_->create_group(kAccount, "staff", "/").ok());
    EXPECT_EQ(refused(directory_->create_group(kAccount, "Staff", "/"), Refusal::entity_exists),
              "Group with name Staff already exists.");
    ASSERT_TRUE(directory_->add_to_group(kAccount, "staff", "ann").ok());
    ASSERT_TRUE(directory_->add_to_group(kAccount, "staff", "ann").ok());
    EXPECT_EQ(directory_->members(kAccount, "staff", {})->items.size(), 1u);
    EXPECT_EQ(refused(directory_->delete_group(kAccount, "staff"), Refusal::delete_conflict),
              "Cannot delete entity, must remove users from group first.");
    ASSERT_TRUE(directory_->remove_from_group(kAccount, "staff", "ann").ok());
    EXPECT_EQ(refused(directory_->remove_from_group(kAccount, "staff", "ann"), Refusal::no_such_entity),
              "User ann not in group staff");
    EXPECT_TRUE(directory_->delete_group(kAccount, "staff").ok());
    EXPECT_EQ(refused(directory_->delete_group(kAccount, "staff"), Refusal::no_such_entity),
              "The group with name staff cannot be found.");
}

TEST_F(DirectoryTest, a_role_keeps_what_it_was_given) {
    auto made = directory_->create_role({.account = kAccount,
                                         .name = "reader",
                                         .trust_policy = kTrustLambda,
                                         .path = "/service/",
                                         .description = "reads",
                                         .session_seconds_max = 7200,
                                         .tags = {{"team", "red"}}});
    ASSERT_TRUE(made.ok());
    EXPECT_EQ(arn_of(*made), "arn:aws:iam::123456789012:role/service/reader");
    auto updated = directory_->update_role(kAccount, "reader", "reads more", std::nullopt);
    ASSERT_TRUE(updated.ok());
    auto role = directory_->role(kAccount, "reader");
    ASSERT_TRUE(role.ok());
    EXPECT_EQ(role->description, "reads more");
    EXPECT_EQ(role->session_seconds_max, 7200);
    EXPECT_EQ(role->tags.at("team"), "red");
    EXPECT_EQ(role->trust_policy, kTrustLambda);
    EXPECT_TRUE(role->id.starts_with("AROA"));
    EXPECT_EQ(refused(directory_->create_role({kAccount, "reader", kTrustLambda}), Refusal::entity_exists),
              "Role with name reader already exists.");
}

TEST_F(DirectoryTest, a_role_with_policies_is_not_deleted) {
    make_reader();
    ASSERT_TRUE(directory_->attach_policy(reader(), kRekognition).ok());
    EXPECT_EQ(refused(directory_->delete_role(kAccount, "reader"), Refusal::delete_conflict),
              "Cannot delete entity, must detach all policies first.");
    ASSERT_TRUE(directory_->detach_policy(reader(), kRekognition).ok());
    ASSERT_TRUE(directory_->put_inline_policy(reader(), "p", kAllowS3).ok());
    EXPECT_EQ(refused(directory_->delete_role(kAccount, "reader"), Refusal::delete_conflict),
              "Cannot delete entity, must delete policies first.");
    ASSERT_TRUE(directory_->delete_inline_policy(reader(), "p").ok());
    EXPECT_TRUE(directory_->delete_role(kAccount, "reader").ok());
    EXPECT_EQ(refused(directory_->delete_role(kAccount, "reader"), Refusal::no_such_entity),
              "The role with name reader cannot be found.");
}

TEST_F(DirectoryTest, a_trust_policy_must_be_one_and_name_who_exists) {
    auto create = [&](const std::string& document) {
        return refused(directory_->create_role({kAccount, "reader", document}), Refusal::malformed_policy);
    };
    EXPECT_EQ(create("{"), "Syntax errors in policy.");
    EXPECT_EQ(create(kAllowS3), "AssumeRolepolicy must contain a principal.");
    EXPECT_EQ(create(trust(R"({"AWS":"arn:aws:iam::123456789012:user/ann"})")),
              R"(Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:user/ann")");
    make_ann();
    EXPECT_EQ(create(trust(R"({"AWS":"arn:aws:iam::123456789012:user/ann"})")), "not refused");
    EXPECT_EQ(refused(directory_->set_trust_policy(kAccount, "reader", "[]"), Refusal::malformed_policy),
              "Syntax errors in policy.");
    EXPECT_TRUE(directory_->set_trust_policy(kAccount, "reader", trust(R"({"AWS":"999999999999"})")).ok());
    EXPECT_EQ(
        refused(directory_->set_trust_policy(kAccount, "nobody", kTrustLambda), Refusal::no_such_entity),
        "The role with name nobody cannot be found.");
    auto long_trust = trust(R"({"AWS":"999999999999"})", "[\"sts:AssumeRole\"" + [] {
        std::string more;
        for (int i = 0; i < 200; ++i)
            more += ",\"sts:AssumeRole\"";
        return more;
    }() + "]");
    EXPECT_EQ(refused(directory_->set_trust_policy(kAccount, "reader", long_trust), Refusal::limit_exceeded),
              "Cannot exceed quota for ACLSizePerRole: 2048");
}

TEST_F(DirectoryTest, lists_come_in_pages_by_name_and_path) {
    for (auto name : {"cleo", "ann", "bob", "dan"})
        ASSERT_TRUE(
            directory_
                ->create_user(
                    {.account = kAccount, .name = name, .path = name == std::string("bob") ? "/ops/" : "/"})
                .ok());
    auto first = directory_->users(kAccount, {.limit = 3});
    ASSERT_TRUE(first.ok());
    ASSERT_EQ(first->items.size(), 3u);
    EXPECT_EQ(first->items[0].name, "ann");
    EXPECT_EQ(first->next, "cleo");
    auto second = directory_->users(kAccount, {.after = first->next, .limit = 3});
    ASSERT_TRUE(second.ok());
    ASSERT_EQ(second->items.size(), 1u);
    EXPECT_EQ(second->items[0].name, "dan");
    EXPECT_EQ(second->next, "");
    EXPECT_EQ(directory_->users(kAccount, {.path_prefix = "/ops/"})->items.size(), 1u);
}

TEST_F(DirectoryTest, an_account_and_a_user_have_quotas) {
    make_ann();
    auto create = [&](std::size_t i) {
        return refused(directory_->create_group(kAccount, "g" + std::to_string(i), "/"),
                       Refusal::limit_exceeded);
    };
    for (std::size_t i = 0; i < kGroupsMax; ++i)
        ASSERT_EQ(create(i), "not refused");
    EXPECT_EQ(create(kGroupsMax), "Cannot exceed quota for GroupsPerAccount: 300");
    auto join = [&](std::size_t i) {
        return refused(directory_->add_to_group(kAccount, "g" + std::to_string(i), "ann"),
                       Refusal::limit_exceeded);
    };
    for (std::size_t i = 0; i < kGroupsPerUserMax; ++i)
        ASSERT_EQ(join(i), "not refused");
    EXPECT_EQ(join(kGroupsPerUserMax), "Cannot exceed quota for GroupsPerUser: 10");
    ASSERT_TRUE(directory_->delete_group(kAccount, "g200").ok());
    EXPECT_EQ(create(kGroupsMax), "not refused");
}

TEST_F(DirectoryTest, the_root_user_has_keys_of_its_own_beside_the_operators) {
    auto key = directory_->create_access_key(kAccount, "");
    ASSERT_TRUE(key.ok());
    EXPECT_EQ((*directory_->resolve(key->id, ""))->principal.kind, PrincipalKind::root);
    ASSERT_TRUE(directory_->create_access_key(kAccount, "").ok());
    EXPECT_EQ(refused(directory_->create_access_key(kAccount, ""), Refusal::limit_exceeded),
              "Cannot exceed quota for AccessKeysPerUser: 2");
    ASSERT_TRUE(directory_->delete_access_key(kAccount, "", key->id).ok());
    EXPECT_EQ(directory_->access_keys(kAccount, "")->size(), 2u);
}

TEST_F(DirectoryTest, the_summary_counts_what_is_there) {
    make_ann();
    make_reader();
    auto arn = own_policy("p");
    ASSERT_TRUE(directory_->create_policy_version(arn, kAllowS3, false).ok());
    auto summary = directory_->summary(kAccount);
    ASSERT_TRUE(summary.ok());
    EXPECT_EQ(summary->users, 1u);
    EXPECT_EQ(summary->roles, 1u);
    EXPECT_EQ(summary->policies, 1u);
    EXPECT_EQ(summary->policy_versions, 2u);
    ASSERT_TRUE(directory_->delete_user(kAccount, "ann").ok());
    EXPECT_EQ(directory_->summary(kAccount)->users, 0u);
}

}  // namespace
}  // namespace access_control
