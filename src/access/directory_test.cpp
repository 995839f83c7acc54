#include "access/directory.h"

#include <gtest/gtest.h>
#include <thread>

#include "access/aws_managed.h"
#include "access/records.h"
#include "access/refusal.h"
#include "store/memory.h"

namespace access_control {
namespace {

constexpr auto kAccount = "123456789012";
constexpr auto kRekognition = "arn:aws:iam::aws:policy/AmazonRekognitionFullAccess";
const std::string kAllowS3 =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})";
const std::string kTrustLambda =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},)"
    R"("Action":"sts:AssumeRole"}})";

std::string trust(const std::string& principal, const std::string& actions = R"("sts:AssumeRole")") {
    return R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":)" + principal +
           R"(,"Action":)" + actions + "}}";
}

template <class Value>
std::string refused(const Result<Value>& result, Refusal code) {
    if (result.ok()) return "not refused";
    if (!result.error().is(code))
        return "another refusal: " + result.error().message() + result.error().detail();
    return result.error().message();
}

class DirectoryTest : public testing::Test {
protected:
    DirectoryTest() { start("AKIAOPERATOR", "operator secret"); }
    // As after a restart with this operator's key.
    void start(const std::string& id, const std::string& secret) {
        auto opened = Directory::open(*records_, clock_, random_, {kAccount, id, secret});
        ASSERT_TRUE(opened.ok());
        directory_ = std::move(*opened);
    }
    IdentityRef ann() const { return {kAccount, IdentityKind::user, "ann"}; }
    IdentityRef reader() const { return {kAccount, IdentityKind::role, "reader"}; }
    IdentityRef staff() const { return {kAccount, IdentityKind::group, "staff"}; }
    void make_ann() { ASSERT_TRUE(directory_->create_user({kAccount, "ann"}).ok()); }
    void make_reader(const std::string& trust_policy = kTrustLambda) {
        ASSERT_TRUE(directory_->create_role({kAccount, "reader", trust_policy}).ok());
    }
    std::string own_policy(const std::string& name, const std::string& document = kAllowS3) {
        auto made = directory_->create_policy({kAccount, name, document});
        EXPECT_TRUE(made.ok());
        return arn_of(*made);
    }
    AccessKey key_of_ann() {
        auto key = directory_->create_access_key(kAccount, "ann");
        EXPECT_TRUE(key.ok());
        return *key;
    }
    bool may(const std::string& key, const std::string& action, const std::string& token = "") {
        auto caller = directory_->resolve(key, token);
        EXPECT_TRUE(caller.ok());
        if (!caller.ok()) return false;
        auto decision = directory_->decide((*caller)->principal, {action, "*"});
        return decision.ok() && decision->allowed();
    }

    std::unique_ptr<store::Records> records_ = store::memory_records();
    base::ManualClock clock_;
    base::SeededRandom random_{1};
    std::unique_ptr<Directory> directory_;
};

// --- keys and callers ---

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

// --- users, groups, roles ---

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

// --- policies ---

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

// --- temporary credentials ---

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

// --- decisions and simulation ---

TEST_F(DirectoryTest, a_stored_resource_policy_that_does_not_parse_never_allows) {
    auto decision = directory_->decide(root_of(kAccount), {"s3:GetObject", "*"}, "{broken");
    ASSERT_FALSE(decision.ok());
    EXPECT_TRUE(decision.error().is_failure());
}

TEST_F(DirectoryTest, a_simulation_says_what_would_be_allowed_and_why) {
    make_ann();
    ASSERT_TRUE(directory_->put_inline_policy(ann(), "p", kAllowS3).ok());
    ASSERT_TRUE(directory_
                    ->put_inline_policy(
                        ann(), "q",
                        R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:Delete*",)"
                        R"("Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":"v"}}}})")
                    .ok());
    auto policies = directory_->policies_of(ann());
    ASSERT_TRUE(policies.ok());
    auto principal = *directory_->principal_of(ann());
    auto simulated = directory_->simulate(*policies, "", principal, {"s3:DeleteObject", "*"});
    ASSERT_TRUE(simulated.ok());
    EXPECT_TRUE(simulated->decision.allowed());
    EXPECT_EQ(simulated->matched_policies, (std::vector<std::string>{"ann_p"}));
    EXPECT_EQ(simulated->missing_context, (std::vector<std::string>{"aws:SourceVpc"}));
    ActionRequest inside{"s3:DeleteObject", "*"};
    inside.context = {{"aws:SourceVpc", {"v"}}};
    simulated = directory_->simulate(*policies, "", principal, inside);
    ASSERT_TRUE(simulated.ok());
    EXPECT_EQ(simulated->decision.outcome, Outcome::explicitly_denied);
    EXPECT_EQ(simulated->matched_policies, (std::vector<std::string>{"ann_p", "ann_q"}));
}

TEST_F(DirectoryTest, requests_and_changes_meet_from_many_threads) {
    make_ann();
    auto key = key_of_ann();
    base::SystemRandom random;
    auto directory = *Directory::open(*records_, clock_, random, {kAccount, "AKIAOPERATOR", "s"});
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 200; ++i)
                EXPECT_TRUE(directory->resolve(key.id, "").ok());
        });
    for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(directory->attach_policy(ann(), kRekognition).ok());
        auto caller = directory->resolve(key.id, "");
        ASSERT_TRUE(caller.ok());
        EXPECT_TRUE(directory->decide((*caller)->principal, {"rekognition:DetectFaces", "*"})->allowed());
        EXPECT_TRUE(directory->detach_policy(ann(), kRekognition).ok());
        caller = directory->resolve(key.id, "");
        ASSERT_TRUE(caller.ok());
        EXPECT_FALSE(directory->decide((*caller)->principal, {"rekognition:DetectFaces", "*"})->allowed());
    }
}

TEST(access_records, a_record_that_is_cut_or_of_another_version_is_a_failure_and_not_a_user) {
    User user;
    user.name = "ann";
    auto bytes = encode(user);
    EXPECT_TRUE(decode<User>(bytes).ok());
    EXPECT_FALSE(decode<User>(bytes.substr(0, bytes.size() / 2)).ok());
    EXPECT_FALSE(decode<User>("\x02" + bytes.substr(1)).ok());
    EXPECT_FALSE(decode<User>("").ok());
    EXPECT_FALSE(decode<User>(std::string(1, '\x01') + "{}").ok());
}

}  // namespace
}  // namespace access_control
