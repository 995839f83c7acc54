// Temporary credentials, and what would be allowed.
#include <fmt/format.h>

#include "access/aws_managed.h"
#include "access/directory.h"
#include "access/lookup.h"
#include "access/session_token.h"

namespace access_control {
namespace {

constexpr int kSessionSecondsDefault = 3600;
constexpr int kChainedSessionSecondsMax = 3600;
constexpr int kOwnSessionSecondsDefault = 43'200;
constexpr int kRootSessionSecondsMax = 3600;

Error not_authorised(const Principal& caller, std::string_view role_arn) {
    return Error::refusal(Refusal::access_denied,
                          fmt::format("User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
                                      caller.arn, role_arn));
}

// A role's own limit, and one hour for a role that is assumed by another's session.
Result<int> session_seconds(const Principal& caller, const Role& role, const AssumeRole& request) {
    int seconds = request.seconds.value_or(kSessionSecondsDefault);
    if (seconds > role.session_seconds_max)
        return Error::refusal(
            Refusal::invalid_parameter,
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    if (caller.kind == PrincipalKind::assumed_role && seconds > kChainedSessionSecondsMax)
        return Error::refusal(
            Refusal::invalid_parameter,
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
            "chaining.");
    return seconds;
}

Result<void> check_session_policies(const AssumeRole& request, const store::Records& records) {
    if (!request.policy.empty()) {
        if (counted_size(request.policy) > kSessionPolicySizeMax)
            return Error::refusal(Refusal::packed_policy_too_large,
                                  "Packed size of session tags consumes more than 100%.");
        TRY(parse_policy(request.policy, PolicyKind::identity));
    }
    for (const auto& arn : request.policy_arns)
        if (!find_aws_managed_policy(arn) && !TRY(find_own_policy(records, arn)))
            return Error::refusal(Refusal::invalid_parameter,
                                  fmt::format("Policy {} does not exist or is not attachable.", arn));
    return {};
}

}  // namespace

// The role, if it trusts the caller. That it is not there is told to nobody: the answer is the same denial.
Result<Role> Directory::trusting_role(const Principal& caller, const AssumeRole& request) const {
    auto named = parse_iam_arn(request.role_arn);
    if (!named || named->kind != "role")
        return Error::refusal(Refusal::invalid_parameter, fmt::format("{} is invalid", request.role_arn));
    auto role = find_role(std::as_const(records_), named->account, named->name);
    if (!role.ok() && !role.error().is(Refusal::no_such_entity)) return std::move(role).error();
    if (!role.ok() || arn_of(*role) != request.role_arn) return not_authorised(caller, request.role_arn);

    auto trust = TRY(compiled_.compile(role->trust_policy, PolicyKind::trust));
    ActionRequest assume{"sts:AssumeRole", request.role_arn, request.context, role->account, clock_.now()};
    assume.context["sts:RoleSessionName"] = {request.session_name};
    if (!evaluate(caller, assume, trust.get()).allowed()) return not_authorised(caller, request.role_arn);
    if (!request.tags.empty()) {
        assume.action = "sts:TagSession";
        for (const auto& [key, value] : request.tags) {
            assume.context["aws:RequestTag/" + key] = {value};
            assume.context["aws:TagKeys"].push_back(key);
        }
        if (!evaluate(caller, assume, trust.get()).allowed())
            return Error::refusal(
                Refusal::access_denied,
                fmt::format("User: {} is not authorized to perform: sts:TagSession on resource: {}",
                            caller.arn, request.role_arn));
    }
    return role;
}

Result<void> Directory::check_assumable(const Principal& caller, const std::string& role_arn) {
    TRY(trusting_role(caller, {.role_arn = role_arn, .session_name = "check"}));
    return {};
}

Result<Session> Directory::assume_role(const Principal& caller, const AssumeRole& request) {
    TRY(check_tags(request.tags));
    TRY(check_session_policies(request, records_));
    auto role = TRY(trusting_role(caller, request));
    int seconds = TRY(session_seconds(caller, role, request));

    SessionClaims claims;
    claims.access_key_id = new_id("ASIA").substr(0, 20);
    claims.account = role.account;
    claims.kind = PrincipalKind::assumed_role;
    claims.name = role.name;
    claims.id = role.id;
    claims.session_name = request.session_name;
    claims.issued = clock_.now();
    claims.expires = claims.issued + std::chrono::seconds(seconds);
    claims.has_policy = !request.policy.empty() || !request.policy_arns.empty();
    claims.policy = request.policy;
    claims.policy_arns = request.policy_arns;
    claims.tags = request.tags;

    Session out;
    out.access_key_id = claims.access_key_id;
    out.secret_key = session_secret(claims.access_key_id, session_key_);
    out.token = seal(claims, session_key_);
    if (out.token.size() > kSessionTokenBytesMax)
        return Error::refusal(Refusal::packed_policy_too_large,
                              "Packed size of session tags consumes more than 100%.");
    out.expires = claims.expires;
    auto principal = TRY(role_principal(role, request.session_name, request.tags));
    out.arn = principal.arn;
    out.user_id = principal.user_id;
    std::size_t packed = request.policy.size();
    for (const auto& arn : request.policy_arns)
        packed += arn.size();
    for (const auto& [key, value] : request.tags)
        packed += key.size() + value.size();
    out.packed_policy_percent = static_cast<int>(packed * 100 / kSessionTokenBytesMax);
    return out;
}

Result<Session> Directory::session_of(const Principal& caller, std::optional<int> seconds) {
    if (caller.kind != PrincipalKind::user && caller.kind != PrincipalKind::root)
        return Error::refusal(Refusal::access_denied, "Cannot call GetSessionToken with session credentials");
    if (caller.temporary)
        return Error::refusal(Refusal::access_denied, "Cannot call GetSessionToken with session credentials");
    bool is_root = caller.kind == PrincipalKind::root;
    int length = seconds.value_or(kOwnSessionSecondsDefault);
    if (is_root) length = std::min(length, kRootSessionSecondsMax);

    SessionClaims claims;
    claims.access_key_id = new_id("ASIA").substr(0, 20);
    claims.account = caller.account;
    claims.kind = caller.kind;
    claims.name = caller.user_name;
    claims.id = caller.user_id;
    claims.issued = clock_.now();
    claims.expires = claims.issued + std::chrono::seconds(length);

    Session out;
    out.access_key_id = claims.access_key_id;
    out.secret_key = session_secret(claims.access_key_id, session_key_);
    out.token = seal(claims, session_key_);
    out.expires = claims.expires;
    out.arn = caller.arn;
    out.user_id = caller.user_id;
    return out;
}

}  // namespace access_control
