// For tests: a directory of one account, started with an operator's key, and what its tests say again and
// again.
#pragma once

#include <gtest/gtest.h>

#include "access/directory.h"
#include "access/refusal.h"
#include "store/memory.h"

namespace access_control {

inline constexpr auto kAccount = "123456789012";
inline constexpr auto kRekognition = "arn:aws:iam::aws:policy/AmazonRekognitionFullAccess";
inline const std::string kAllowS3 =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})";
inline const std::string kTrustLambda =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},)"
    R"("Action":"sts:AssumeRole"}})";

inline std::string trust(const std::string& principal, const std::string& actions = R"("sts:AssumeRole")") {
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

}  // namespace access_control
