// IAM through the wire: forms in, XML out, with the permissions that the server would ask for.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <pugixml.hpp>

#include "access/directory.h"
#include "services/iam/service.h"
#include "store/memory.h"
#include "wire/trouble.h"

namespace services::iam {
namespace {

constexpr auto kAccount = "123456789012";
constexpr auto kOperator = "AKIAOPERATOR00000001";
const std::string kTrustLambda =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},)"
    R"("Action":"sts:AssumeRole"}})";
std::string allow(const std::string& action, const std::string& resource = "*") {
    return R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":")" + action +
           R"(","Resource":")" + resource + R"("}})";
}

using Form = std::vector<std::pair<std::string, std::string>>;

struct Answer {
    int status = 0;
    std::string text;
    pugi::xml_document xml;
    // The text at this path below the document's root; "(none)" without such an element.
    std::string at(const std::string& path) const {
        auto found = xml.select_node(("/*/" + path).c_str());
        return found ? found.node().text().get() : "(none)";
    }
    std::size_t count(const std::string& path) const {
        return xml.select_nodes(("/*/" + path).c_str()).size();
    }
    // "NoSuchEntity: The role with name r cannot be found."
    std::string fault() const { return at("Error/Code") + ": " + at("Error/Message"); }
};

class Iam : public testing::Test {
protected:
    Answer call(const std::string& action, const Form& form = {}, const std::string& key = kOperator,
                const std::string& token = "") {
        std::string body = "Action=" + action + "&Version=2010-05-08";
        for (const auto& [name, value] : form)
            body += '&' + base::percent_encode(name) + '=' + base::percent_encode(value);
        http::Request request{.method = "POST", .target = "/"};
        auto caller = directory_->resolve(key, token);
        EXPECT_TRUE(caller.ok());
        const auto& principal = (*caller)->principal;
        wire::Call about{.caller = {principal.account, principal.arn, principal.user_id, key, token},
                         .region = "us-west-2",
                         .request_id = "id",
                         .now = clock_.now(),
                         .request = request};
        http::Response response;
        auto found = service_.find(request, {}, body);
        if (!found.ok()) {
            response = service_.write(request, "id", service_.fault_of(found.error()));
        } else {
            auto reply = answer(*found, request, body, principal, about);
            response = reply.ok() ? service_.write(*found->operation, request, "id", std::move(*reply))
                                  : service_.write(request, "id", service_.fault_of(reply.error()));
        }
        Answer out;
        out.status = response.status;
        out.text = std::get<std::string>(response.body);
        EXPECT_TRUE(out.xml.load_string(out.text.c_str())) << out.text;
        return out;
    }

    Result<wire::Reply> answer(const wire::Service::Found& found, const http::Request& request,
                               const std::string& body, const access_control::Principal& principal,
                               wire::Call& about) {
        auto prepared = TRY(service_.prepare(*found.operation, {request, {}, found.labels, body}));
        for (const auto& permission : TRY(prepared->permissions(about))) {
            access_control::ActionRequest wanted{permission.action, permission.resource, permission.context,
                                                 permission.resource_account};
            auto decision = TRY(directory_->decide(principal, wanted, permission.resource_policy));
            if (!decision.allowed())
                return Error::refusal(wire::Trouble::access_denied,
                                      access_control::denial_message(principal, wanted, decision));
        }
        return prepared->run(about);
    }

    // A user with this policy; gives back its access key.
    std::string user_with(const std::string& name, const std::string& policy) {
        EXPECT_TRUE(directory_->create_user({kAccount, name}).ok());
        access_control::IdentityRef ref{kAccount, access_control::IdentityKind::user, name};
        EXPECT_TRUE(directory_->put_inline_policy(ref, "p", policy).ok());
        return directory_->create_access_key(kAccount, name)->id;
    }
    void make_role(const std::string& name = "reader") {
        EXPECT_EQ(call("CreateRole", {{"RoleName", name}, {"AssumeRolePolicyDocument", kTrustLambda}}).status,
                  200);
    }
    std::string make_policy(const std::string& name = "p") {
        return call("CreatePolicy", {{"PolicyName", name}, {"PolicyDocument", allow("s3:*")}})
            .at("CreatePolicyResult/Policy/Arn");
    }

    std::unique_ptr<store::Records> records_ = store::memory_records();
    base::ManualClock clock_{*base::from_iso8601("2024-01-31T12:00:00Z")};
    base::SeededRandom random_{1};
    std::unique_ptr<access_control::Directory> directory_ =
        std::move(
            access_control::Directory::open(*records_, clock_, random_, {kAccount, kOperator, "secret"}))
            .value();
    wire::Service service_ = service(*directory_);
};

// --- roles ---

TEST_F(Iam, a_role_is_created_read_listed_and_deleted) {
    auto made = call("CreateRole", {{"RoleName", "reader"},
                                    {"Path", "/service/"},
                                    {"Description", "reads"},
                                    {"AssumeRolePolicyDocument", kTrustLambda},
                                    {"Tags.member.1.Key", "team"},
                                    {"Tags.member.1.Value", "red"}});
    EXPECT_EQ(made.status, 200) << made.text;
    EXPECT_EQ(made.at("CreateRoleResult/Role/Arn"), "arn:aws:iam::123456789012:role/service/reader");
    EXPECT_EQ(made.at("CreateRoleResult/Role/CreateDate"), "2024-01-31T12:00:00Z");
    auto got = call("GetRole", {{"RoleName", "reader"}});
    EXPECT_EQ(got.at("GetRoleResult/Role/Description"), "reads");
    EXPECT_EQ(got.at("GetRoleResult/Role/MaxSessionDuration"), "3600");
    EXPECT_EQ(got.at("GetRoleResult/Role/Tags/member/Key"), "team");
    EXPECT_EQ(got.at("GetRoleResult/Role/RoleId").substr(0, 4), "AROA");
    EXPECT_EQ(got.at("ResponseMetadata/RequestId"), "id");
    auto listed = call("ListRoles", {{"PathPrefix", "/service/"}});
    EXPECT_EQ(listed.count("ListRolesResult/Roles/member"), 1u);
    EXPECT_EQ(listed.at("ListRolesResult/IsTruncated"), "false");
    EXPECT_EQ(call("DeleteRole", {{"RoleName", "reader"}}).status, 200);
    EXPECT_EQ(call("GetRole", {{"RoleName", "reader"}}).fault(),
              "NoSuchEntity: The role with name reader cannot be found.");
}

TEST_F(Iam, a_document_leaves_percent_encoded) {
    make_role();
    auto got = call("GetRole", {{"RoleName", "reader"}});
    auto encoded = got.at("GetRoleResult/Role/AssumeRolePolicyDocument");
    EXPECT_EQ(encoded.substr(0, 14), "%7B%22Version%");
    EXPECT_EQ(base::percent_decode(encoded), kTrustLambda);
}

TEST_F(Iam, a_role_is_refused_as_aws_refuses_it) {
    make_role();
    auto again = call("CreateRole", {{"RoleName", "reader"}, {"AssumeRolePolicyDocument", kTrustLambda}});
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.fault(), "EntityAlreadyExists: Role with name reader already exists.");
    auto malformed = call("CreateRole", {{"RoleName", "x"}, {"AssumeRolePolicyDocument", "{}"}});
    EXPECT_EQ(malformed.status, 400);
    EXPECT_EQ(malformed.fault(), "MalformedPolicyDocument: Syntax errors in policy.");
    EXPECT_EQ(call("CreateRole", {{"RoleName", "a b"}, {"AssumeRolePolicyDocument", kTrustLambda}}).fault(),
              "ValidationError: 1 validation error detected: Value 'a b' at 'roleName' failed to satisfy "
              "constraint: "
              "Member must satisfy regular expression pattern: [\\w+=,.@-]+");
    EXPECT_EQ(call("CreateRole", {{"RoleName", "x"}}).at("Error/Code"), "ValidationError");
    EXPECT_EQ(
        call("CreateRole",
             {{"RoleName", "x"}, {"AssumeRolePolicyDocument", kTrustLambda}, {"MaxSessionDuration", "3599"}})
            .at("Error/Code"),
        "ValidationError");
    EXPECT_EQ(call("CreateRole", {{"RoleName", "x"},
                                  {"AssumeRolePolicyDocument", kTrustLambda},
                                  {"Tags.member.1.Key", "a"},
                                  {"Tags.member.1.Value", "1"},
                                  {"Tags.member.2.Key", "A"},
                                  {"Tags.member.2.Value", "2"}})
                  .fault(),
              "InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.");
}

TEST_F(Iam, a_role_with_policies_conflicts_with_its_deletion) {
    make_role();
    call("PutRolePolicy", {{"RoleName", "reader"}, {"PolicyName", "p"}, {"PolicyDocument", allow("s3:*")}});
    auto refused = call("DeleteRole", {{"RoleName", "reader"}});
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.fault(), "DeleteConflict: Cannot delete entity, must delete policies first.");
}

TEST_F(Iam, a_role_is_updated_piece_by_piece) {
    make_role();
    auto updated = call("UpdateRole", {{"RoleName", "reader"}, {"MaxSessionDuration", "7200"}});
    EXPECT_EQ(updated.status, 200);
    EXPECT_EQ(updated.at("UpdateRoleResult"), "");
    auto described = call("UpdateRoleDescription", {{"RoleName", "reader"}, {"Description", "new"}});
    EXPECT_EQ(described.at("UpdateRoleDescriptionResult/Role/Description"), "new");
    EXPECT_EQ(described.at("UpdateRoleDescriptionResult/Role/MaxSessionDuration"), "7200");
    EXPECT_EQ(call("UpdateAssumeRolePolicy", {{"RoleName", "reader"}, {"PolicyDocument", "x"}}).fault(),
              "MalformedPolicyDocument: Syntax errors in policy.");
    EXPECT_EQ(
        call("UpdateAssumeRolePolicy", {{"RoleName", "nobody"}, {"PolicyDocument", kTrustLambda}}).fault(),
        "NoSuchEntity: The role with name nobody cannot be found.");
    EXPECT_EQ(
        call("UpdateAssumeRolePolicy", {{"RoleName", "reader"}, {"PolicyDocument", kTrustLambda}}).status,
        200);
    EXPECT_EQ(call("UpdateRole", {{"RoleName", "nobody"}}).at("Error/Code"), "NoSuchEntity");
}

TEST_F(Iam, lists_come_in_pages) {
    for (auto name : {"a", "b", "c"})
        make_role(name);
    auto first = call("ListRoles", {{"MaxItems", "2"}});
    EXPECT_EQ(first.count("ListRolesResult/Roles/member"), 2u);
    EXPECT_EQ(first.at("ListRolesResult/IsTruncated"), "true");
    auto second = call("ListRoles", {{"MaxItems", "2"}, {"Marker", first.at("ListRolesResult/Marker")}});
    EXPECT_EQ(second.count("ListRolesResult/Roles/member"), 1u);
    EXPECT_EQ(second.at("ListRolesResult/Roles/member/RoleName"), "c");
    EXPECT_EQ(second.at("ListRolesResult/Marker"), "(none)");
    EXPECT_EQ(call("ListRoles", {{"Marker", "!"}}).fault(), "ValidationError: Invalid Marker.");
    EXPECT_EQ(call("ListRoles", {{"MaxItems", "1001"}}).at("Error/Code"), "ValidationError");
}

// --- policies of identities ---

TEST_F(Iam, each_kind_of_identity_carries_inline_policies) {
    make_role();
    call("CreateUser", {{"UserName", "ann"}});
    call("CreateGroup", {{"GroupName", "staff"}});
    struct Kind {
        std::string word, name, lower;
    };
    for (const auto& [word, name, lower] :
         {Kind{"User", "ann", "user"}, {"Group", "staff", "group"}, {"Role", "reader", "role"}}) {
        Form who{{word + "Name", name}};
        auto with = [&](Form more) {
            more.insert(more.begin(), who.begin(), who.end());
            return more;
        };
        EXPECT_EQ(
            call("Put" + word + "Policy", with({{"PolicyName", "p"}, {"PolicyDocument", allow("s3:*")}}))
                .status,
            200);
        EXPECT_EQ(call("Put" + word + "Policy", with({{"PolicyName", "q"}, {"PolicyDocument", "{"}})).fault(),
                  "MalformedPolicyDocument: Syntax errors in policy.");
        auto got = call("Get" + word + "Policy", with({{"PolicyName", "p"}}));
        EXPECT_EQ(got.at("Get" + word + "PolicyResult/" + word + "Name"), name);
        EXPECT_EQ(base::percent_decode(got.at("Get" + word + "PolicyResult/PolicyDocument")), allow("s3:*"));
        EXPECT_EQ(call("Get" + word + "Policy", with({{"PolicyName", "q"}})).fault(),
                  fmt::format("NoSuchEntity: The {} policy with name q cannot be found.", lower));
        auto listed = call("List" + word + "Policies", who);
        EXPECT_EQ(listed.at("List" + word + "PoliciesResult/PolicyNames/member"), "p");
        EXPECT_EQ(call("Delete" + word + "Policy", with({{"PolicyName", "p"}})).status, 200);
        EXPECT_EQ(call("Delete" + word + "Policy", with({{"PolicyName", "p"}})).status, 404);
        EXPECT_EQ(call("List" + word + "Policies", {{word + "Name", "nobody"}}).fault(),
                  fmt::format("NoSuchEntity: The {} with name nobody cannot be found.", lower));
    }
}

TEST_F(Iam, each_kind_of_identity_carries_attached_policies) {
    make_role();
    call("CreateUser", {{"UserName", "ann"}});
    call("CreateGroup", {{"GroupName", "staff"}});
    constexpr auto kRekognition = "arn:aws:iam::aws:policy/AmazonRekognitionFullAccess";
    for (const auto& [word, name] :
         {std::pair<std::string, std::string>{"User", "ann"}, {"Group", "staff"}, {"Role", "reader"}}) {
        Form attach{{word + "Name", name}, {"PolicyArn", kRekognition}};
        EXPECT_EQ(call("Attach" + word + "Policy", attach).status, 200);
        auto listed = call("ListAttached" + word + "Policies", {{word + "Name", name}});
        std::string at = "ListAttached" + word + "PoliciesResult/AttachedPolicies/member/";
        EXPECT_EQ(listed.at(at + "PolicyName"), "AmazonRekognitionFullAccess");
        EXPECT_EQ(listed.at(at + "PolicyArn"), kRekognition);
        EXPECT_EQ(
            call("Attach" + word + "Policy",
                 {{word + "Name", name}, {"PolicyArn", "arn:aws:iam::aws:policy/Nothing"}})
                .fault(),
            "NoSuchEntity: Policy arn:aws:iam::aws:policy/Nothing does not exist or is not attachable.");
    }
    auto entities = call("ListEntitiesForPolicy", {{"PolicyArn", kRekognition}});
    EXPECT_EQ(entities.at("ListEntitiesForPolicyResult/PolicyUsers/member/UserName"), "ann");
    EXPECT_EQ(entities.at("ListEntitiesForPolicyResult/PolicyGroups/member/GroupName"), "staff");
    EXPECT_EQ(entities.at("ListEntitiesForPolicyResult/PolicyRoles/member/RoleName"), "reader");
    EXPECT_EQ(call("GetPolicy", {{"PolicyArn", kRekognition}}).at("GetPolicyResult/Policy/AttachmentCount"),
              "3");
    for (const auto& [word, name] :
         {std::pair<std::string, std::string>{"User", "ann"}, {"Group", "staff"}, {"Role", "reader"}}) {
        Form detach{{word + "Name", name}, {"PolicyArn", kRekognition}};
        EXPECT_EQ(call("Detach" + word + "Policy", detach).status, 200);
        EXPECT_EQ(call("Detach" + word + "Policy", detach).fault(),
                  "NoSuchEntity: Policy arn:aws:iam::aws:policy/AmazonRekognitionFullAccess was not found.");
    }
}

TEST_F(Iam, users_and_roles_have_tags_and_boundaries) {
    make_role();
    call("CreateUser", {{"UserName", "ann"}});
    auto arn = make_policy();
    for (const auto& [word, name] :
         {std::pair<std::string, std::string>{"User", "ann"}, {"Role", "reader"}}) {
        std::string member = word + "Name";
        EXPECT_EQ(call("Tag" + word,
                       {{member, name}, {"Tags.member.1.Key", "team"}, {"Tags.member.1.Value", "red"}})
                      .status,
                  200);
        EXPECT_EQ(
            call("List" + word + "Tags", {{member, name}}).at("List" + word + "TagsResult/Tags/member/Value"),
            "red");
        EXPECT_EQ(call("Untag" + word, {{member, name}, {"TagKeys.member.1", "team"}}).status, 200);
        EXPECT_EQ(
            call("List" + word + "Tags", {{member, name}}).count("List" + word + "TagsResult/Tags/member"),
            0u);
        EXPECT_EQ(call("Delete" + word + "PermissionsBoundary", {{member, name}}).at("Error/Code"),
                  "NoSuchEntity");
        EXPECT_EQ(
            call("Put" + word + "PermissionsBoundary", {{member, name}, {"PermissionsBoundary", arn}}).status,
            200);
        EXPECT_EQ(call("Get" + word, {{member, name}})
                      .at("Get" + word + "Result/" + word + "/PermissionsBoundary/PermissionsBoundaryArn"),
                  arn);
        EXPECT_EQ(call("Delete" + word + "PermissionsBoundary", {{member, name}}).status, 200);
        EXPECT_EQ(call("Put" + word + "PermissionsBoundary",
                       {{member, name}, {"PermissionsBoundary", "arn:aws:iam::aws:policy/Nothing"}})
                      .at("Error/Code"),
                  "NoSuchEntity");
    }
}

// --- managed policies ---

TEST_F(Iam, a_policy_lives_through_its_versions) {
    auto arn = make_policy();
    EXPECT_EQ(arn, "arn:aws:iam::123456789012:policy/p");
    auto version = call("CreatePolicyVersion",
                        {{"PolicyArn", arn}, {"PolicyDocument", allow("logs:*")}, {"SetAsDefault", "true"}});
    EXPECT_EQ(version.at("CreatePolicyVersionResult/PolicyVersion/VersionId"), "v2");
    EXPECT_EQ(call("GetPolicy", {{"PolicyArn", arn}}).at("GetPolicyResult/Policy/DefaultVersionId"), "v2");
    auto got = call("GetPolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v2"}});
    EXPECT_EQ(base::percent_decode(got.at("GetPolicyVersionResult/PolicyVersion/Document")), allow("logs:*"));
    EXPECT_EQ(call("GetPolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v9"}}).fault(),
              "NoSuchEntity: Policy arn:aws:iam::123456789012:policy/p version v9 does not exist or is not "
              "attachable.");
    EXPECT_EQ(
        call("ListPolicyVersions", {{"PolicyArn", arn}}).count("ListPolicyVersionsResult/Versions/member"),
        2u);
    EXPECT_EQ(call("DeletePolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v2"}}).fault(),
              "DeleteConflict: Cannot delete the default version of a policy.");
    EXPECT_EQ(call("DeletePolicy", {{"PolicyArn", arn}}).at("Error/Code"), "DeleteConflict");
    EXPECT_EQ(call("SetDefaultPolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v1"}}).status, 200);
    EXPECT_EQ(call("DeletePolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v2"}}).status, 200);
    EXPECT_EQ(call("DeletePolicy", {{"PolicyArn", arn}}).status, 200);
    auto gone = call("GetPolicy", {{"PolicyArn", arn}});
    EXPECT_EQ(gone.status, 404);
    EXPECT_EQ(gone.fault(), "NoSuchEntity: Policy arn:aws:iam::123456789012:policy/p was not found.");
}

TEST_F(Iam, a_policy_is_refused_as_aws_refuses_it) {
    make_policy();
    EXPECT_EQ(call("CreatePolicy", {{"PolicyName", "p"}, {"PolicyDocument", allow("s3:*")}}).fault(),
              "EntityAlreadyExists: A policy called p already exists. Duplicate names are not allowed.");
    EXPECT_EQ(call("CreatePolicy", {{"PolicyName", "q"}, {"PolicyDocument", allow("GetObject")}}).fault(),
              "MalformedPolicyDocument: Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, "
              "ec2, etc.");
    auto large = call(
        "CreatePolicy",
        {{"PolicyName", "q"}, {"PolicyDocument", allow("s3:*", "arn:aws:s3:::" + std::string(6200, 'x'))}});
    EXPECT_EQ(large.status, 409);
    EXPECT_EQ(large.fault(), "LimitExceeded: Cannot exceed quota for PolicySize: 6144");
    auto aws = call("DeletePolicy", {{"PolicyArn", "arn:aws:iam::aws:policy/IAMFullAccess"}});
    EXPECT_EQ(aws.status, 403);
    EXPECT_EQ(aws.fault(),
              "AccessDenied: Policy arn:aws:iam::aws:policy/IAMFullAccess is outside your own account.");
    EXPECT_EQ(
        call("GetPolicyVersion", {{"PolicyArn", "arn:aws:iam::123456789012:policy/p"}, {"VersionId", "1"}})
            .at("Error/Code"),
        "ValidationError");
    EXPECT_EQ(call("GetPolicy", {{"PolicyArn", "arn:aws:iam::999999999999:policy/p"}}).at("Error/Code"),
              "AccessDenied");
}

TEST_F(Iam, policies_are_listed_by_scope_and_in_pages) {
    auto own = make_policy("mine");
    EXPECT_EQ(call("ListPolicies", {{"Scope", "Local"}}).at("ListPoliciesResult/Policies/member/Arn"), own);
    auto everything = call("ListPolicies", {{"MaxItems", "1000"}});
    auto of_aws = call("ListPolicies", {{"Scope", "AWS"}, {"MaxItems", "1000"}});
    auto count = of_aws.count("ListPoliciesResult/Policies/member");
    EXPECT_GT(count, 15u);
    EXPECT_EQ(everything.count("ListPoliciesResult/Policies/member"), count + 1);
    std::size_t seen = 0;
    std::string marker;
    do {
        Form form{{"MaxItems", "7"}};
        if (!marker.empty()) form.emplace_back("Marker", marker);
        auto part = call("ListPolicies", form);
        ASSERT_EQ(part.status, 200) << part.text;
        seen += part.count("ListPoliciesResult/Policies/member");
        marker =
            part.at("ListPoliciesResult/IsTruncated") == "true" ? part.at("ListPoliciesResult/Marker") : "";
    } while (!marker.empty());
    EXPECT_EQ(seen, count + 1);
    EXPECT_EQ(call("ListPolicies", {{"OnlyAttached", "true"}}).count("ListPoliciesResult/Policies/member"),
              0u);
    EXPECT_EQ(call("ListPolicies", {{"PathPrefix", "/service-role/"}})
                  .at("ListPoliciesResult/Policies/member[PolicyName='AWSLambdaBasicExecutionRole']/Path"),
              "/service-role/");
}

TEST_F(Iam, a_policy_has_tags) {
    auto arn = make_policy();
    EXPECT_EQ(
        call("TagPolicy", {{"PolicyArn", arn}, {"Tags.member.1.Key", "team"}, {"Tags.member.1.Value", "red"}})
            .status,
        200);
    EXPECT_EQ(call("ListPolicyTags", {{"PolicyArn", arn}}).at("ListPolicyTagsResult/Tags/member/Key"),
              "team");
    EXPECT_EQ(call("UntagPolicy", {{"PolicyArn", arn}, {"TagKeys.member.1", "team"}}).status, 200);
    EXPECT_EQ(call("ListPolicyTags", {{"PolicyArn", arn}}).count("ListPolicyTagsResult/Tags/member"), 0u);
}

// --- users, keys, groups ---

TEST_F(Iam, a_user_is_created_read_listed_and_deleted) {
    auto made = call("CreateUser", {{"UserName", "ann"}, {"Path", "/ops/"}});
    EXPECT_EQ(made.at("CreateUserResult/User/Arn"), "arn:aws:iam::123456789012:user/ops/ann");
    EXPECT_EQ(call("CreateUser", {{"UserName", "ann"}}).fault(),
              "EntityAlreadyExists: User with name ann already exists.");
    EXPECT_EQ(call("GetUser", {{"UserName", "ann"}}).at("GetUserResult/User/Path"), "/ops/");
    EXPECT_EQ(call("ListUsers").at("ListUsersResult/Users/member/UserName"), "ann");
    EXPECT_EQ(call("DeleteUser", {{"UserName", "ann"}}).status, 200);
    EXPECT_EQ(call("DeleteUser", {{"UserName", "ann"}}).fault(),
              "NoSuchEntity: The user with name ann cannot be found.");
}

TEST_F(Iam, get_user_without_a_name_is_the_caller) {
    EXPECT_EQ(call("GetUser").at("GetUserResult/User/Arn"), "arn:aws:iam::123456789012:root");
    auto key = user_with("ann", allow("iam:GetUser"));
    EXPECT_EQ(call("GetUser", {}, key).at("GetUserResult/User/UserName"), "ann");
}

TEST_F(Iam, an_access_key_is_shown_whole_only_once) {
    call("CreateUser", {{"UserName", "ann"}});
    auto made = call("CreateAccessKey", {{"UserName", "ann"}});
    auto id = made.at("CreateAccessKeyResult/AccessKey/AccessKeyId");
    EXPECT_EQ(made.at("CreateAccessKeyResult/AccessKey/SecretAccessKey").size(), 40u);
    EXPECT_EQ(made.at("CreateAccessKeyResult/AccessKey/Status"), "Active");
    auto listed = call("ListAccessKeys", {{"UserName", "ann"}});
    EXPECT_EQ(listed.at("ListAccessKeysResult/AccessKeyMetadata/member/AccessKeyId"), id);
    EXPECT_EQ(listed.text.find("Secret"), std::string::npos);
    EXPECT_EQ(
        call("UpdateAccessKey", {{"UserName", "ann"}, {"AccessKeyId", id}, {"Status", "Inactive"}}).status,
        200);
    EXPECT_EQ(call("ListAccessKeys", {{"UserName", "ann"}})
                  .at("ListAccessKeysResult/AccessKeyMetadata/member/Status"),
              "Inactive");
    EXPECT_EQ(call("UpdateAccessKey", {{"UserName", "ann"}, {"AccessKeyId", id}, {"Status", "Lost"}})
                  .at("Error/Code"),
              "ValidationError");
    call("CreateAccessKey", {{"UserName", "ann"}});
    auto third = call("CreateAccessKey", {{"UserName", "ann"}});
    EXPECT_EQ(third.status, 409);
    EXPECT_EQ(third.fault(), "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2");
    EXPECT_EQ(call("DeleteUser", {{"UserName", "ann"}}).fault(),
              "DeleteConflict: Cannot delete entity, must delete access keys first.");
    EXPECT_EQ(call("DeleteAccessKey", {{"UserName", "ann"}, {"AccessKeyId", id}}).status, 200);
    EXPECT_EQ(call("DeleteAccessKey", {{"UserName", "ann"}, {"AccessKeyId", id}}).fault(),
              "NoSuchEntity: The Access Key with id " + id + " cannot be found.");
}

TEST_F(Iam, keys_without_a_user_name_are_the_callers_own) {
    auto key = user_with("ann", allow("iam:*"));
    EXPECT_EQ(call("ListAccessKeys", {}, key).at("ListAccessKeysResult/AccessKeyMetadata/member/AccessKeyId"),
              key);
    EXPECT_EQ(call("ListAccessKeys").at("ListAccessKeysResult/AccessKeyMetadata/member/AccessKeyId"),
              kOperator);
}

TEST_F(Iam, a_roles_session_must_say_whom_it_means) {
    make_role();
    EXPECT_TRUE(directory_
                    ->attach_policy({kAccount, access_control::IdentityKind::role, "reader"},
                                    "arn:aws:iam::aws:policy/IAMFullAccess")
                    .ok());
    auto session =
        directory_->assume_role(access_control::service("lambda.amazonaws.com"),
                                {.role_arn = "arn:aws:iam::123456789012:role/reader", .session_name = "f"});
    ASSERT_TRUE(session.ok());
    for (auto action : {"GetUser", "ListAccessKeys", "CreateAccessKey"})
        EXPECT_EQ(call(action, {}, session->access_key_id, session->token).fault(),
                  "ValidationError: Must specify userName when calling with non-User credentials");
}

TEST_F(Iam, a_group_has_members) {
    call("CreateUser", {{"UserName", "ann"}});
    EXPECT_EQ(call("CreateGroup", {{"GroupName", "staff"}}).at("CreateGroupResult/Group/Arn"),
              "arn:aws:iam::123456789012:group/staff");
    EXPECT_EQ(call("CreateGroup", {{"GroupName", "staff"}}).fault(),
              "EntityAlreadyExists: Group with name staff already exists.");
    Form membership{{"GroupName", "staff"}, {"UserName", "ann"}};
    EXPECT_EQ(call("AddUserToGroup", membership).status, 200);
    EXPECT_EQ(call("AddUserToGroup", {{"GroupName", "staff"}, {"UserName", "eve"}}).fault(),
              "NoSuchEntity: The user with name eve cannot be found.");
    EXPECT_EQ(call("GetGroup", {{"GroupName", "staff"}}).at("GetGroupResult/Users/member/UserName"), "ann");
    EXPECT_EQ(call("ListGroupsForUser", {{"UserName", "ann"}})
                  .at("ListGroupsForUserResult/Groups/member/GroupName"),
              "staff");
    EXPECT_EQ(call("ListGroups").count("ListGroupsResult/Groups/member"), 1u);
    EXPECT_EQ(call("DeleteGroup", {{"GroupName", "staff"}}).fault(),
              "DeleteConflict: Cannot delete entity, must remove users from group first.");
    EXPECT_EQ(call("DeleteUser", {{"UserName", "ann"}}).fault(),
              "DeleteConflict: Cannot delete entity, must remove users from group first.");
    EXPECT_EQ(call("RemoveUserFromGroup", membership).status, 200);
    EXPECT_EQ(call("RemoveUserFromGroup", membership).at("Error/Code"), "NoSuchEntity");
    EXPECT_EQ(call("DeleteGroup", {{"GroupName", "staff"}}).status, 200);
    EXPECT_EQ(call("GetGroup", {{"GroupName", "staff"}}).fault(),
              "NoSuchEntity: The group with name staff cannot be found.");
}

TEST_F(Iam, users_and_groups_are_renamed_and_moved) {
    call("CreateUser", {{"UserName", "ann"}});
    call("CreateUser", {{"UserName", "eve"}});
    call("CreateGroup", {{"GroupName", "staff"}});
    EXPECT_EQ(
        call("UpdateUser", {{"UserName", "ann"}, {"NewUserName", "anna"}, {"NewPath", "/people/"}}).status,
        200);
    EXPECT_EQ(call("GetUser", {{"UserName", "anna"}}).at("GetUserResult/User/Arn"),
              "arn:aws:iam::123456789012:user/people/anna");
    EXPECT_EQ(call("UpdateUser", {{"UserName", "anna"}, {"NewUserName", "eve"}}).fault(),
              "EntityAlreadyExists: User with name eve already exists.");
    EXPECT_EQ(call("UpdateUser", {{"UserName", "ann"}, {"NewUserName", "bob"}}).fault(),
              "NoSuchEntity: The user with name ann cannot be found.");
    EXPECT_EQ(
        call("UpdateUser", {{"UserName", "eve"}, {"NewUserName", std::string(65, 'x')}}).at("Error/Code"),
        "ValidationError");
    EXPECT_EQ(call("UpdateGroup", {{"GroupName", "staff"}, {"NewGroupName", "crew"}}).status, 200);
    EXPECT_EQ(call("GetGroup", {{"GroupName", "crew"}}).at("GetGroupResult/Group/GroupName"), "crew");
}

// AWS asks for the right to both names: to what is renamed and to what it becomes.
TEST_F(Iam, a_renaming_is_authorised_on_the_old_and_the_new_name) {
    call("CreateUser", {{"UserName", "ann"}});
    auto key = user_with("eve", allow("iam:UpdateUser", "arn:aws:iam::123456789012:user/ann"));
    auto denied = call("UpdateUser", {{"UserName", "ann"}, {"NewUserName", "anna"}}, key);
    EXPECT_EQ(denied.status, 403);
    EXPECT_NE(denied.at("Error/Message").find("resource: arn:aws:iam::123456789012:user/anna"),
              std::string::npos);
    EXPECT_EQ(call("UpdateUser", {{"UserName", "ann"}}, key).status, 200);
    auto both = user_with("bob", allow("iam:UpdateUser", "arn:aws:iam::123456789012:user/an*"));
    EXPECT_EQ(call("UpdateUser", {{"UserName", "ann"}, {"NewUserName", "anna"}}, both).status, 200);
}

TEST_F(Iam, the_summary_counts_and_states_quotas) {
    call("CreateUser", {{"UserName", "ann"}});
    auto summary = call("GetAccountSummary");
    EXPECT_EQ(summary.at("GetAccountSummaryResult/SummaryMap/entry[key='Users']/value"), "1");
    EXPECT_EQ(summary.at("GetAccountSummaryResult/SummaryMap/entry[key='RolesQuota']/value"), "1000");
}

// --- authorisation ---

TEST_F(Iam, an_operation_is_authorised_on_the_arn_with_its_path) {
    call("CreateRole",
         {{"RoleName", "reader"}, {"Path", "/service/"}, {"AssumeRolePolicyDocument", kTrustLambda}});
    auto key = user_with("ann", allow("iam:GetRole", "arn:aws:iam::123456789012:role/service/*"));
    EXPECT_EQ(call("GetRole", {{"RoleName", "reader"}}, key).status, 200);
    auto denied = call("GetRole", {{"RoleName", "other"}}, key);
    EXPECT_EQ(denied.status, 403);
    EXPECT_EQ(
        denied.fault(),
        "AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: iam:GetRole on "
        "resource: arn:aws:iam::123456789012:role/other because no identity-based policy allows the "
        "iam:GetRole "
        "action");
    EXPECT_EQ(call("DeleteRole", {{"RoleName", "reader"}}, key).status, 403);
}

TEST_F(Iam, attaching_can_be_limited_to_certain_policies) {
    make_role();
    auto key = user_with(
        "ann",
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:AttachRolePolicy",)"
        R"("Resource":"*","Condition":{"ArnLike":{"iam:PolicyARN":"arn:aws:iam::aws:policy/AmazonS3*"}}}})");
    Form s3{{"RoleName", "reader"}, {"PolicyArn", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}};
    Form all{{"RoleName", "reader"}, {"PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess"}};
    EXPECT_EQ(call("AttachRolePolicy", s3, key).status, 200);
    EXPECT_EQ(call("AttachRolePolicy", all, key).status, 403);
}

TEST_F(Iam, tags_of_an_identity_and_of_a_request_are_condition_keys) {
    auto key = user_with(
        "ann", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:DeleteUser",)"
               R"("Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}},)"
               R"({"Effect":"Allow","Action":["iam:CreateUser","iam:TagUser"],"Resource":"*","Condition":)"
               R"({"StringEquals":{"aws:RequestTag/team":"red"}}}]})");
    Form red{{"UserName", "bob"}, {"Tags.member.1.Key", "team"}, {"Tags.member.1.Value", "red"}};
    EXPECT_EQ(call("CreateUser", {{"UserName", "bob"}}, key).status, 403);
    EXPECT_EQ(call("CreateUser", red, key).status, 200);
    call("CreateUser", {{"UserName", "cleo"}});
    EXPECT_EQ(call("DeleteUser", {{"UserName", "cleo"}}, key).status, 403);
    EXPECT_EQ(call("DeleteUser", {{"UserName", "bob"}}, key).status, 200);
}

// --- simulation ---

TEST_F(Iam, a_simulation_of_a_principal_answers_per_action_and_resource) {
    user_with("ann", allow("s3:Get*", "arn:aws:s3:::photos/*"));
    auto simulated =
        call("SimulatePrincipalPolicy", {{"PolicySourceArn", "arn:aws:iam::123456789012:user/ann"},
                                         {"ActionNames.member.1", "s3:GetObject"},
                                         {"ActionNames.member.2", "s3:PutObject"},
                                         {"ResourceArns.member.1", "arn:aws:s3:::photos/a.jpg"}});
    ASSERT_EQ(simulated.status, 200) << simulated.text;
    std::string results = "SimulatePrincipalPolicyResult/EvaluationResults/member";
    EXPECT_EQ(simulated.at(results + "[EvalActionName='s3:GetObject']/EvalDecision"), "allowed");
    EXPECT_EQ(
        simulated.at(results + "[EvalActionName='s3:GetObject']/MatchedStatements/member/SourcePolicyId"),
        "ann_p");
    EXPECT_EQ(simulated.at(results + "[EvalActionName='s3:PutObject']/EvalDecision"), "implicitDeny");
    EXPECT_EQ(call("SimulatePrincipalPolicy", {{"PolicySourceArn", "arn:aws:s3:::photos-of-ann"},
                                               {"ActionNames.member.1", "s3:GetObject"}})
                  .fault(),
              "InvalidInput: Invalid Entity Arn: arn:aws:s3:::photos-of-ann");
}

TEST_F(Iam, a_simulation_of_given_policies_takes_their_context) {
    std::string policy =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},)"
        R"({"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]})";
    Form form{{"PolicyInputList.member.1", policy}, {"ActionNames.member.1", "s3:GetObject"}};
    auto open = call("SimulateCustomPolicy", form);
    std::string result = "SimulateCustomPolicyResult/EvaluationResults/member/";
    EXPECT_EQ(open.at(result + "EvalDecision"), "allowed");
    EXPECT_EQ(open.at(result + "MissingContextValues/member"), "aws:SecureTransport");
    form.insert(form.end(), {{"ContextEntries.member.1.ContextKeyName", "aws:SecureTransport"},
                             {"ContextEntries.member.1.ContextKeyValues.member.1", "false"},
                             {"ContextEntries.member.1.ContextKeyType", "boolean"}});
    EXPECT_EQ(call("SimulateCustomPolicy", form).at(result + "EvalDecision"), "explicitDeny");
    EXPECT_EQ(call("GetContextKeysForCustomPolicy", {{"PolicyInputList.member.1", policy}})
                  .at("GetContextKeysForCustomPolicyResult/ContextKeyNames/member"),
              "aws:SecureTransport");
    std::string own_folder =
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*",)"
        R"("Resource":"arn:aws:s3:::photos/${aws:username}/*","Condition":{"StringLike":)"
        R"({"s3:Prefix":"${aws:UserName}/*"}}}})";
    auto keys = call("GetContextKeysForCustomPolicy", {{"PolicyInputList.member.1", own_folder}});
    std::string names = "GetContextKeysForCustomPolicyResult/ContextKeyNames/member";
    EXPECT_EQ(keys.at(names + "[1]"), "aws:username") << "of variables too, each once";
    EXPECT_EQ(keys.at(names + "[2]"), "s3:Prefix");
    EXPECT_EQ(keys.at(names + "[3]"), "(none)");
    Form with_resource{{"PolicyInputList.member.1", policy},
                       {"ActionNames.member.1", "s3:GetObject"},
                       {"ResourcePolicy", policy}};
    EXPECT_EQ(call("SimulateCustomPolicy", with_resource).fault(),
              "UnsupportedOperation: not implemented: ResourcePolicy in a policy simulation");
    Form two_boundaries{{"PolicyInputList.member.1", policy},
                        {"ActionNames.member.1", "s3:GetObject"},
                        {"PermissionsBoundaryPolicyInputList.member.1", policy},
                        {"PermissionsBoundaryPolicyInputList.member.2", policy}};
    EXPECT_EQ(call("SimulateCustomPolicy", two_boundaries).fault(),
              "InvalidInput: You can pass only one permissions boundary policy.");
    EXPECT_EQ(call("SimulateCustomPolicy",
                   {{"PolicyInputList.member.1", "{"}, {"ActionNames.member.1", "s3:GetObject"}})
                  .fault(),
              "MalformedPolicyDocument: Syntax errors in policy.");
}

// --- what is not there ---

TEST_F(Iam, of_what_cannot_be_made_here_the_lists_are_empty) {
    make_role();
    EXPECT_EQ(call("ListInstanceProfilesForRole", {{"RoleName", "reader"}})
                  .count("ListInstanceProfilesForRoleResult/InstanceProfiles/member"),
              0u);
    EXPECT_EQ(call("ListInstanceProfilesForRole", {{"RoleName", "nobody"}}).fault(),
              "NoSuchEntity: The role with name nobody cannot be found.");
    for (auto list : {"InstanceProfiles", "AccountAliases", "OpenIDConnectProviders", "SAMLProviders"})
        EXPECT_EQ(call(std::string("List") + list).status, 200) << list;
    EXPECT_EQ(call("ListSAMLProviders", {}, user_with("ann", allow("s3:*"))).status, 403);
}

TEST_F(Iam, what_aws_has_and_this_service_lacks_is_refused_by_name) {
    auto lacking = call("CreateInstanceProfile", {{"InstanceProfileName", "x"}});
    EXPECT_EQ(lacking.status, 400);
    EXPECT_EQ(lacking.at("Error/Message"), "not implemented: CreateInstanceProfile");
    EXPECT_EQ(call("CreateNonsense").at("Error/Code"), "InvalidAction");
    EXPECT_EQ(service_.operations().size(), 176u);
}

}  // namespace
}  // namespace services::iam
