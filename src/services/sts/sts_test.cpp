// STS through the wire.
#include <gtest/gtest.h>
#include <pugixml.hpp>

#include "access/directory.h"
#include "services/sts/service.h"
#include "store/memory.h"
#include "wire/trouble.h"

namespace services::sts {
namespace {

constexpr auto kAccount = "123456789012";
constexpr auto kOperator = "AKIAOPERATOR00000001";
constexpr auto kReader = "arn:aws:iam::123456789012:role/reader";

std::string trust(const std::string& principal, const std::string& condition = "{}") {
    return R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":)" + principal +
           R"(,"Action":"sts:AssumeRole","Condition":)" + condition + "}}";
}

using Form = std::vector<std::pair<std::string, std::string>>;

class Sts : public testing::Test {
protected:
    // The answer as "member" texts, or "Code: message".
    std::string call(const std::string& action, const Form& form, const std::string& path,
                     const std::string& key = kOperator, const std::string& token = "") {
        std::string body = "Action=" + action + "&Version=2011-06-15";
        for (const auto& [name, value] : form)
            body += '&' + base::percent_encode(name) + '=' + base::percent_encode(value);
        http::Request request{.method = "POST", .target = "/", .remote_address = "10.0.0.1"};
        auto caller = directory_->resolve(key, token);
        EXPECT_TRUE(caller.ok());
        const auto& principal = (*caller)->principal;
        wire::Call about{.caller = {principal.account, principal.arn, principal.user_id, key, token},
                         .region = "us-west-2",
                         .request_id = "id",
                         .now = clock_.now(),
                         .request = request};
        auto reply = answer(request, body, principal, about);
        if (!reply.ok()) {
            auto fault = service_.fault_of(reply.error());
            return std::to_string(fault.status) + ' ' + fault.code + ": " + fault.message;
        }
        auto found = service_.find(request, {}, body);
        auto response = service_.write(*found->operation, request, "id", std::move(*reply));
        EXPECT_TRUE(xml_.load_string(std::get<std::string>(response.body).c_str()));
        return at(action + "Result/" + path);
    }
    std::string at(const std::string& path) const {
        auto found = xml_.select_node(("/*/" + path).c_str());
        return found ? found.node().text().get() : "(none)";
    }
    Result<wire::Reply> answer(const http::Request& request, const std::string& body,
                               const access_control::Principal& principal, wire::Call& about) {
        auto found = TRY(service_.find(request, {}, body));
        auto prepared = TRY(service_.prepare(*found.operation, {request, {}, found.labels, body}));
        for (const auto& permission : TRY(prepared->permissions(about)))
            if (!TRY(directory_->decide(principal, {permission.action, permission.resource})).allowed())
                return Error::refusal(wire::Trouble::access_denied);
        return prepared->run(about);
    }
    std::string key_of(const std::string& user) {
        EXPECT_TRUE(directory_->create_user({kAccount, user}).ok());
        return directory_->create_access_key(kAccount, user)->id;
    }
    void make_reader(const std::string& trust_policy) {
        EXPECT_TRUE(directory_->create_role({kAccount, "reader", trust_policy}).ok());
    }

    std::unique_ptr<store::Records> records_ = store::memory_records();
    base::ManualClock clock_{*base::from_iso8601("2024-01-31T12:00:00Z")};
    base::SeededRandom random_{1};
    std::unique_ptr<access_control::Directory> directory_ =
        std::move(
            access_control::Directory::open(*records_, clock_, random_, {kAccount, kOperator, "secret"}))
            .value();
    wire::Service service_ = service(*directory_);
    pugi::xml_document xml_;
};

TEST_F(Sts, everybody_may_ask_who_they_are) {
    EXPECT_EQ(call("GetCallerIdentity", {}, "Arn"), "arn:aws:iam::123456789012:root");
    EXPECT_EQ(at("GetCallerIdentityResult/Account"), kAccount);
    EXPECT_EQ(at("GetCallerIdentityResult/UserId"), kAccount);
    EXPECT_EQ(call("GetCallerIdentity", {}, "Arn", key_of("ann")), "arn:aws:iam::123456789012:user/ann");
}

TEST_F(Sts, an_assumed_role_gives_credentials_that_work_until_they_expire) {
    make_reader(trust(R"({"AWS":"123456789012"})"));
    Form form{{"RoleArn", kReader}, {"RoleSessionName", "s1"}, {"DurationSeconds", "900"}};
    EXPECT_EQ(call("AssumeRole", form, "AssumedRoleUser/Arn"),
              "arn:aws:sts::123456789012:assumed-role/reader/s1");
    EXPECT_EQ(at("AssumeRoleResult/Credentials/Expiration"), "2024-01-31T12:15:00Z");
    auto id = at("AssumeRoleResult/Credentials/AccessKeyId"),
         token = at("AssumeRoleResult/Credentials/SessionToken");
    EXPECT_EQ(call("GetCallerIdentity", {}, "Arn", id, token),
              "arn:aws:sts::123456789012:assumed-role/reader/s1");
    clock_.advance(std::chrono::minutes(15));
    EXPECT_FALSE(directory_->resolve(id, token).ok());
}

TEST_F(Sts, whom_a_role_does_not_trust_is_denied) {
    make_reader(trust(R"({"Service":"lambda.amazonaws.com"})"));
    auto key = key_of("ann");
    EXPECT_EQ(call("AssumeRole", {{"RoleArn", kReader}, {"RoleSessionName", "s1"}}, "", key),
              "403 AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: "
              "sts:AssumeRole "
              "on resource: arn:aws:iam::123456789012:role/reader");
}

TEST_F(Sts, an_external_id_and_the_callers_address_are_condition_keys) {
    make_reader(
        trust(R"({"AWS":"123456789012"})",
              R"({"StringEquals":{"sts:ExternalId":"secret"},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}})"));
    Form form{{"RoleArn", kReader}, {"RoleSessionName", "s1"}};
    EXPECT_EQ(call("AssumeRole", form, "").substr(0, 16), "403 AccessDenied");
    form.emplace_back("ExternalId", "secret");
    EXPECT_EQ(call("AssumeRole", form, "AssumedRoleUser/Arn"),
              "arn:aws:sts::123456789012:assumed-role/reader/s1");
}

TEST_F(Sts, assume_role_checks_its_input) {
    make_reader(trust(R"({"AWS":"123456789012"})"));
    auto with = [&](Form more) {
        Form form{{"RoleArn", kReader}, {"RoleSessionName", "s1"}};
        form.insert(form.end(), more.begin(), more.end());
        return call("AssumeRole", form, "");
    };
    EXPECT_EQ(call("AssumeRole", {{"RoleArn", kReader}, {"RoleSessionName", "a b"}}, ""),
              "400 ValidationError: 1 validation error detected: Value 'a b' at 'roleSessionName' failed to "
              "satisfy "
              "constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*");
    EXPECT_EQ(call("AssumeRole", {{"RoleArn", "arn:aws:s3:::a-bucket-name"}, {"RoleSessionName", "s1"}}, ""),
              "400 ValidationError: arn:aws:s3:::a-bucket-name is invalid");
    EXPECT_EQ(with({{"DurationSeconds", "899"}}).substr(0, 19), "400 ValidationError");
    EXPECT_EQ(with({{"DurationSeconds", "3601"}}),
              "400 ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for "
              "this role.");
    EXPECT_EQ(with({{"Policy", "{"}}), "400 MalformedPolicyDocument: Syntax errors in policy.");
    std::string large = R"({"Version":"2012-10-17","Id":")" + std::string(2048, 'x') +
                        R"(","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";
    EXPECT_EQ(with({{"Policy", large}}).substr(0, 24), "400 PackedPolicyTooLarge");
    EXPECT_EQ(with({{"PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/Nothing"}}).substr(0, 19),
              "400 ValidationError");
    EXPECT_EQ(with({{"SourceIdentity", "ann"}}),
              "400 UnsupportedOperation: not implemented: AssumeRole with SourceIdentity");
    EXPECT_EQ(with({{"SerialNumber", "123456789"}}),
              "400 UnsupportedOperation: not implemented: AssumeRole with SerialNumber");
    EXPECT_EQ(with({{"TransitiveTagKeys.member.1", "a"}}),
              "400 UnsupportedOperation: not implemented: AssumeRole with TransitiveTagKeys");
}

TEST_F(Sts, a_session_policy_is_packed_into_the_token) {
    make_reader(trust(R"({"AWS":"123456789012"})"));
    Form form{{"RoleArn", kReader},
              {"RoleSessionName", "s1"},
              {"Policy",
               R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})"}};
    EXPECT_EQ(call("AssumeRole", form, "PackedPolicySize"), "1");
}

TEST_F(Sts, a_user_gets_a_session_token_and_a_session_does_not) {
    auto key = key_of("ann");
    auto id = call("GetSessionToken", {}, "Credentials/AccessKeyId", key);
    EXPECT_EQ(id.substr(0, 4), "ASIA");
    auto token = at("GetSessionTokenResult/Credentials/SessionToken");
    EXPECT_EQ(call("GetCallerIdentity", {}, "Arn", id, token), "arn:aws:iam::123456789012:user/ann");
    EXPECT_EQ(call("GetSessionToken", {}, "", id, token),
              "403 AccessDenied: Cannot call GetSessionToken with session credentials");
    EXPECT_EQ(call("GetSessionToken", {{"DurationSeconds", "899"}}, "", key).substr(0, 19),
              "400 ValidationError");
    EXPECT_EQ(call("GetSessionToken", {{"SerialNumber", "123456789"}}, "", key),
              "400 UnsupportedOperation: not implemented: GetSessionToken with SerialNumber");
}

TEST_F(Sts, a_root_users_session_gets_no_session_token_either) {
    auto id = call("GetSessionToken", {}, "Credentials/AccessKeyId");
    auto token = at("GetSessionTokenResult/Credentials/SessionToken");
    EXPECT_EQ(call("GetSessionToken", {}, "", id, token),
              "403 AccessDenied: Cannot call GetSessionToken with session credentials");
}

TEST_F(Sts, an_access_key_tells_its_account) {
    EXPECT_EQ(call("GetAccessKeyInfo", {{"AccessKeyId", kOperator}}, "Account"), kAccount);
    EXPECT_EQ(call("GetAccessKeyInfo", {{"AccessKeyId", "AKIANOBODY0000000001"}}, "").substr(0, 24),
              "403 InvalidClientTokenId");
}

TEST_F(Sts, what_aws_has_and_this_service_lacks_is_refused_by_name) {
    EXPECT_EQ(call("GetFederationToken", {}, ""),
              "400 UnsupportedOperation: not implemented: GetFederationToken");
    EXPECT_EQ(call("Nonsense", {}, "").substr(0, 17), "400 InvalidAction");
    EXPECT_EQ(service_.operations().size(), 11u);
}

}  // namespace
}  // namespace services::sts
