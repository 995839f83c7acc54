// Would it be allowed? SimulatePrincipalPolicy, SimulateCustomPolicy, GetContextKeysForCustomPolicy,
// GetContextKeysForPrincipalPolicy.
#include <set>

#include "services/iam/common.h"
#include "services/iam/service.h"

namespace services::iam {
namespace {

using access_control::Principal;
using SourcePolicies = std::vector<Directory::SourcePolicy>;

constexpr std::size_t kSimulatedPoliciesMax = 100;
constexpr std::size_t kSimulatedActionsMax = 1000;
constexpr std::size_t kSimulatedResourcesMax = 100;

struct ContextEntry {
    std::string name;
    std::vector<std::string> values;
    std::string type = "string";
    static auto members() {
        return wire::members(wire::required("ContextKeyName", &ContextEntry::name, wire::length(5, 256)),
                             wire::optional("ContextKeyValues", &ContextEntry::values),
                             wire::optional("ContextKeyType", &ContextEntry::type,
                                            wire::one_of({"string", "stringList", "numeric", "numericList",
                                                          "boolean", "booleanList", "ip", "ipList", "binary",
                                                          "binaryList", "date", "dateList"})));
    }
};

template <class Owner>
auto documents(std::string_view name, std::vector<std::string> Owner::*member) {
    return wire::optional(name, member, wire::items(0, kSimulatedPoliciesMax),
                          wire::each(wire::length(1, kDocumentLengthMax), wire::pattern(kDocumentPattern)));
}

// What is asked, apart from whose policies answer.
struct Question {
    std::vector<std::string> actions, resources, boundaries;
    std::vector<ContextEntry> context;
    std::string caller_arn, resource_policy, marker;
    int max_items = 100;
};

// ResourcePolicy, ResourceOwner and ResourceHandlingOption would take the resource's side into account.
Result<void> check_supported(const Question& question) {
    if (!question.resource_policy.empty())
        return Error::refusal(wire::Trouble::not_implemented,
                              "not implemented: ResourcePolicy in a policy simulation");
    if (question.boundaries.size() > 1)
        return Error::refusal(access_control::Refusal::invalid_input,
                              "You can pass only one permissions boundary policy.");
    return {};
}

std::string_view decision_word(access_control::Outcome outcome) {
    switch (outcome) {
        case access_control::Outcome::allowed:
            return "allowed";
        case access_control::Outcome::implicitly_denied:
            return "implicitDeny";
        case access_control::Outcome::explicitly_denied:
            return "explicitDeny";
    }
    base::unreachable();
}

// One action on one resource.
Result<json::object> answer(const Directory& directory, const SourcePolicies& policies,
                            const std::string& boundary, const Principal& principal,
                            const access_control::ActionRequest& request) {
    auto simulated = TRY(directory.simulate(policies, boundary, principal, request));
    json::array matched;
    for (const auto& policy : simulated.matched_policies)
        matched.push_back({{"SourcePolicyId", policy}, {"SourcePolicyType", "IAM Policy"}});
    json::object out{{"EvalActionName", request.action},
                     {"EvalResourceName", request.resource},
                     {"EvalDecision", decision_word(simulated.decision.outcome)},
                     {"MatchedStatements", std::move(matched)},
                     {"MissingContextValues",
                      json::array(simulated.missing_context.begin(), simulated.missing_context.end())}};
    if (principal.rights && principal.rights->boundary) {
        using access_control::DecidedBy;
        bool by_boundary = simulated.decision.decided_by == DecidedBy::permissions_boundary;
        out["PermissionsBoundaryDecisionDetail"] = {{"AllowedByPermissionsBoundary", !by_boundary}};
    }
    return out;
}

Result<wire::Reply> simulate(const Directory& directory, const wire::Call& call,
                             const SourcePolicies& policies, const Principal& principal,
                             const Question& question) {
    TRY(check_supported(question));
    access_control::ActionRequest request;
    request.now = call.now;
    for (const auto& entry : question.context)
        request.context[entry.name] = entry.values;
    auto resources = question.resources.empty() ? std::vector<std::string>{"*"} : question.resources;
    std::string boundary = question.boundaries.empty() ? "" : question.boundaries[0];
    json::array results;
    for (const auto& action : question.actions)
        for (const auto& resource : resources) {
            request.action = action;
            request.resource = resource;
            results.push_back(TRY(answer(directory, policies, boundary, principal, request)));
        }
    return wire::Reply(TRY(page_of("EvaluationResults", results, question.marker, question.max_items)));
}

SourcePolicies numbered(const std::vector<std::string>& documents) {
    SourcePolicies out;
    for (const auto& document : documents)
        out.push_back({"PolicyInputList." + std::to_string(out.size() + 1), document});
    return out;
}

// "arn:aws:iam::123456789012:user/ann" as a reference. Refusal::invalid_input for any other ARN.
Result<IdentityRef> identity_of(const wire::Call& call, const std::string& arn) {
    auto parts = access_control::parse_iam_arn(arn);
    if (parts && parts->account == call.caller.account) {
        if (parts->kind == "user") return IdentityRef{parts->account, IdentityKind::user, parts->name};
        if (parts->kind == "group") return IdentityRef{parts->account, IdentityKind::group, parts->name};
        if (parts->kind == "role") return IdentityRef{parts->account, IdentityKind::role, parts->name};
    }
    return Error::refusal(access_control::Refusal::invalid_input, "Invalid Entity Arn: " + arn);
}

// Input is a Question and more; its members are named as Input's own.
template <class Input>
auto question_members() {
    using Texts = std::vector<std::string>;
    return std::make_tuple(
        documents<Input>("PermissionsBoundaryPolicyInputList", &Input::boundaries),
        wire::required<Input, Texts>("ActionNames", &Input::actions, wire::items(1, kSimulatedActionsMax),
                                     wire::each(wire::length(3, 128))),
        wire::optional<Input, Texts>("ResourceArns", &Input::resources,
                                     wire::items(0, kSimulatedResourcesMax),
                                     wire::each(wire::length(1, 2048))),
        wire::optional<Input, std::string>("ResourcePolicy", &Input::resource_policy,
                                           wire::length(1, kDocumentLengthMax)),
        wire::optional<Input, std::string>("CallerArn", &Input::caller_arn, wire::length(1, 2048)),
        wire::optional<Input, std::vector<ContextEntry>>("ContextEntries", &Input::context),
        iam::marker<Input>(&Input::marker), iam::max_items<Input>(&Input::max_items));
}

struct SimulateCustomPolicy {
    static constexpr std::string_view name = "SimulateCustomPolicy";
    struct Input : Question {
        std::vector<std::string> policies;
        static auto members() {
            return std::tuple_cat(
                wire::members(wire::required(
                    "PolicyInputList", &Input::policies, wire::items(0, kSimulatedPoliciesMax),
                    wire::each(wire::length(1, kDocumentLengthMax), wire::pattern(kDocumentPattern)))),
                question_members<Input>());
        }
    };
    static std::string resource(const Input&, const wire::Call&) { return "*"; }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        Principal principal;
        principal.kind = access_control::PrincipalKind::user;
        principal.account = call.caller.account;
        if (!input.caller_arn.empty())
            principal = TRY(directory.principal_of(TRY(identity_of(call, input.caller_arn))));
        return simulate(directory, call, numbered(input.policies), principal, input);
    }
};

struct SimulatePrincipalPolicy {
    static constexpr std::string_view name = "SimulatePrincipalPolicy";
    struct Input : Question {
        std::string source_arn;
        std::vector<std::string> policies;
        static auto members() {
            return std::tuple_cat(
                wire::members(wire::required("PolicySourceArn", &Input::source_arn, wire::length(20, 2048)),
                              documents("PolicyInputList", &Input::policies)),
                question_members<Input>());
        }
    };
    static std::string resource(const Input& input, const wire::Call&) { return input.source_arn; }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto source = TRY(identity_of(call, input.source_arn));
        auto policies = TRY(directory.policies_of(source));
        for (auto& further : numbered(input.policies))
            policies.push_back(std::move(further));
        auto caller = input.caller_arn.empty() ? source : TRY(identity_of(call, input.caller_arn));
        auto principal = TRY(directory.principal_of(caller));
        Question question = input;
        // The identity's own boundary bounds it here too, unless another is given to try.
        if (auto boundary = TRY(directory.identity(source)).boundary;
            !boundary.empty() && input.boundaries.empty())
            question.boundaries = {TRY(directory.policy(boundary)).current().document};
        return simulate(directory, call, policies, principal, question);
    }
};

Result<wire::Reply> context_keys(const SourcePolicies& policies) {
    std::set<std::string> keys;
    for (const auto& source : policies) {
        auto policy =
            TRY(access_control::parse_policy(source.document, access_control::PolicyKind::identity));
        for (auto& key : policy->condition_keys())
            keys.insert(std::move(key));
    }
    return wire::Reply({{"ContextKeyNames", json::array(keys.begin(), keys.end())}});
}

struct GetContextKeysForCustomPolicy {
    static constexpr std::string_view name = "GetContextKeysForCustomPolicy";
    struct Input {
        std::vector<std::string> policies;
        static auto members() {
            return wire::members(wire::required(
                "PolicyInputList", &Input::policies, wire::items(0, kSimulatedPoliciesMax),
                wire::each(wire::length(1, kDocumentLengthMax), wire::pattern(kDocumentPattern))));
        }
    };
    static std::string resource(const Input&, const wire::Call&) { return "*"; }
    static Result<wire::Reply> run(Directory&, wire::Call&, const Input& input) {
        return context_keys(numbered(input.policies));
    }
};

struct GetContextKeysForPrincipalPolicy {
    static constexpr std::string_view name = "GetContextKeysForPrincipalPolicy";
    struct Input {
        std::string source_arn;
        std::vector<std::string> policies;
        static auto members() {
            return wire::members(
                wire::required("PolicySourceArn", &Input::source_arn, wire::length(20, 2048)),
                documents("PolicyInputList", &Input::policies));
        }
    };
    static std::string resource(const Input& input, const wire::Call&) { return input.source_arn; }
    static Result<wire::Reply> run(Directory& directory, wire::Call& call, const Input& input) {
        auto policies = TRY(directory.policies_of(TRY(identity_of(call, input.source_arn))));
        for (auto& further : numbered(input.policies))
            policies.push_back(std::move(further));
        return context_keys(policies);
    }
};

}  // namespace

void add_simulation_operations(wire::Service& service, Directory& directory) {
    service.add<SimulateCustomPolicy>(directory);
    service.add<SimulatePrincipalPolicy>(directory);
    service.add<GetContextKeysForCustomPolicy>(directory);
    service.add<GetContextKeysForPrincipalPolicy>(directory);
}

}  // namespace services::iam
