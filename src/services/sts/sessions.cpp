// GetCallerIdentity, AssumeRole, GetSessionToken, GetAccessKeyInfo.
#include "access/refusal.h"
#include "services/sts/service.h"
#include "wire/trouble.h"

namespace services::sts {
namespace {

namespace json = boost::json;
using access_control::Directory;

constexpr std::size_t kPolicyLengthMax = 131'072;
constexpr std::string_view kDocumentPattern = R"([\x{09}\x{0A}\x{0D}\x{20}-\x{FF}]+)";
constexpr std::string_view kTagKeyPattern = R"([\p{L}\p{Z}\p{N}_.:/=+\-@]+)";
constexpr std::string_view kTagValuePattern = R"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)";

// The caller with the policies that bind it. Its signature has been checked before, or need not be (open
// access): the root user, which has no policies, is taken as it comes.
Result<access_control::Principal> whole_caller(Directory& directory, const wire::Call& call) {
    auto root = access_control::root_of(call.caller.account);
    root.temporary = !call.caller.session_token.empty();
    if (call.caller.arn == root.arn) return root;
    auto known = TRY(directory.resolve(call.caller.access_key_id, call.caller.session_token));
    return known->principal;
}

json::object credentials_json(const access_control::Session& session) {
    return {{"AccessKeyId", session.access_key_id},
            {"SecretAccessKey", session.secret_key},
            {"SessionToken", session.token},
            {"Expiration", base::iso8601_seconds(session.expires)}};
}

// Even a policy that denies it is not asked: AWS gives this to whoever signs.
struct GetCallerIdentity {
    static constexpr std::string_view name = "GetCallerIdentity";
    struct Input {
        static auto members() { return wire::members(); }
    };
    static Result<std::vector<wire::Permission>> permissions(Directory&, const Input&, const wire::Call&) {
        return std::vector<wire::Permission>{};
    }
    static Result<wire::Reply> run(Directory&, wire::Call& call, const Input&) {
        return wire::Reply(
            {{"UserId", call.caller.user_id}, {"Account", call.caller.account}, {"Arn", call.caller.arn}});
    }
};

struct Tag {
    std::string key, value;
    static auto members() {
        return wire::members(
            wire::required("Key", &Tag::key, wire::length(1, 128), wire::pattern(kTagKeyPattern)),
            wire::required("Value", &Tag::value, wire::length(0, 256), wire::pattern(kTagValuePattern)));
    }
};

struct PolicyDescriptor {
    std::string arn;
    static auto members() {
        return wire::members(wire::optional("arn", &PolicyDescriptor::arn, wire::length(20, 2048)));
    }
};

// Both sides are judged in the directory: the role's trust policy there is a resource policy that must allow.
struct AssumeRole {
    static constexpr std::string_view name = "AssumeRole";
    struct Input {
        std::string role_arn, session_name;
        std::optional<int> seconds;
        std::string policy;
        std::vector<PolicyDescriptor> policy_arns;
        std::vector<Tag> tags;
        std::optional<std::string> external_id, serial_number, source_identity;
        std::vector<std::string> transitive_tag_keys;
        static auto members() {
            return wire::members(
                wire::required("RoleArn", &Input::role_arn, wire::length(20, 2048)),
                wire::required("RoleSessionName", &Input::session_name, wire::length(2, 64),
                               wire::pattern(R"([\w+=,.@-]*)")),
                wire::optional("PolicyArns", &Input::policy_arns, wire::items(0, 10)),
                wire::optional("Policy", &Input::policy, wire::length(1, kPolicyLengthMax),
                               wire::pattern(kDocumentPattern)),
                wire::optional("DurationSeconds", &Input::seconds, wire::range(900, 43'200)),
                wire::optional("Tags", &Input::tags, wire::items(0, access_control::kTagsMax)),
                wire::optional("TransitiveTagKeys", &Input::transitive_tag_keys, wire::items(0, 50)),
                wire::optional("ExternalId", &Input::external_id, wire::length(2, 1224),
                               wire::pattern(R"([\w+=,.@:\/-]*)")),
                wire::optional("SerialNumber", &Input::serial_number, wire::length(9, 256)),
                wire::optional("SourceIdentity", &Input::source_identity, wire::length(2, 64)));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Directory&, const Input&, const wire::Call&) {
        return std::vector<wire::Permission>{};
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        if (input.serial_number)
            return Error::refusal(wire::Trouble::not_implemented,
                                  "not implemented: AssumeRole with SerialNumber");
        if (input.source_identity)
            return Error::refusal(wire::Trouble::not_implemented,
                                  "not implemented: AssumeRole with SourceIdentity");
        if (!input.transitive_tag_keys.empty())
            return Error::refusal(wire::Trouble::not_implemented,
                                  "not implemented: AssumeRole with TransitiveTagKeys");
        auto caller = TRY(whole_caller(directory, call));
        access_control::AssumeRole request{.role_arn = input.role_arn,
                                           .session_name = input.session_name,
                                           .seconds = input.seconds,
                                           .policy = input.policy};
        for (const auto& policy : input.policy_arns)
            request.policy_arns.push_back(policy.arn);
        for (const auto& tag : input.tags)
            if (!request.tags.emplace(tag.key, tag.value).second)
                return Error::refusal(
                    access_control::Refusal::invalid_input,
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
        request.context["aws:SourceIp"] = {call.request.remote_address};
        request.context["aws:SecureTransport"] = {call.request.secure ? "true" : "false"};
        request.context["aws:RequestedRegion"] = {call.region};
        if (auto agent = call.request.headers.get("user-agent"))
            request.context["aws:UserAgent"] = {std::string(*agent)};
        if (input.external_id) request.context["sts:ExternalId"] = {*input.external_id};
        auto session = TRY(directory.assume_role(caller, request));
        json::object reply{{"Credentials", credentials_json(session)},
                           {"AssumedRoleUser", {{"AssumedRoleId", session.user_id}, {"Arn", session.arn}}}};
        if (!input.policy.empty() || !input.policy_arns.empty() || !input.tags.empty())
            reply["PackedPolicySize"] = session.packed_policy_percent;
        return wire::Reply(std::move(reply));
    }
};

// Needs no permission, says AWS's page.
struct GetSessionToken {
    static constexpr std::string_view name = "GetSessionToken";
    struct Input {
        std::optional<int> seconds;
        std::optional<std::string> serial_number;
        static auto members() {
            return wire::members(
                wire::optional("DurationSeconds", &Input::seconds, wire::range(900, 129'600)),
                wire::optional("SerialNumber", &Input::serial_number, wire::length(9, 256)));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Directory&, const Input&, const wire::Call&) {
        return std::vector<wire::Permission>{};
    }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        if (input.serial_number)
            return Error::refusal(wire::Trouble::not_implemented,
                                  "not implemented: GetSessionToken with SerialNumber");
        auto caller = TRY(whole_caller(directory, call));
        auto session = TRY(directory.session_of(caller, input.seconds));
        return wire::Reply({{"Credentials", credentials_json(session)}});
    }
};

struct GetAccessKeyInfo {
    static constexpr std::string_view name = "GetAccessKeyInfo";
    struct Input {
        std::string access_key_id;
        static auto members() {
            return wire::members(wire::required("AccessKeyId", &Input::access_key_id, wire::length(16, 128),
                                                wire::pattern(R"([\w]*)")));
        }
    };
    static std::string resource(const Input&, const wire::Call&) { return "*"; }
    static Result<wire::Reply> run(Directory& directory, wire::Call&, const Input& input) {
        auto account = TRY(directory.account_of_key(input.access_key_id));
        return wire::Reply({{"Account", account}});
    }
};

}  // namespace

void add_session_operations(wire::Service& service, Directory& directory) {
    service.add<GetCallerIdentity>(directory);
    service.add<AssumeRole>(directory);
    service.add<GetSessionToken>(directory);
    service.add<GetAccessKeyInfo>(directory);
}

}  // namespace services::sts
