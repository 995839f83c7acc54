// Decisions and simulation; what is kept of them.
#include <thread>

#include "access/directory_bench.h"
#include "access/records.h"

namespace access_control {
namespace {

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
