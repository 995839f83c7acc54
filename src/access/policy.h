// A policy document: parsed and validated once, then matched any number of times.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/condition.h"
#include "access/pattern.h"
#include "base/result.h"

namespace access_control {

// Where a policy stands decides what it must and must not hold.
enum class PolicyKind {
    identity,  // of a user, group, role or session, or a boundary: no principal; resources
    trust,     // of a role, who may assume it: principals; no resources; only actions of STS
    resource,  // of a bucket, a function: principals and resources
};

// No document above this is looked at. AWS's largest (a bucket policy) has 20 KB; each use has its own quota
// below.
inline constexpr std::size_t kPolicyBytesMax = 20'480;

// Whom a statement of a trust or resource policy speaks of.
struct Principals {
    bool everyone = false;                // "*" or {"AWS": "*"}
    std::vector<std::string> accounts;    // twelve digits: the account as a whole
    std::vector<std::string> arns;        // users, roles, sessions of roles
    std::vector<std::string> unique_ids;  // AIDA..., AROA...
    std::vector<std::string> services;    // "lambda.amazonaws.com"
    std::vector<std::string> federated;   // kept and never met: nobody signs in from outside here
};

struct Statement {
    std::string sid;
    bool allows = false;  // otherwise it denies
    std::optional<Principals> principals;
    bool inverts_principals = false;
    std::vector<Wildcard> actions;  // in lower case
    bool inverts_actions = false;
    std::vector<Template> resources;  // none in a trust policy, which is about its own role
    bool inverts_resources = false;
    std::vector<Condition> conditions;

    // Whether it speaks of this action, on this resource, under these conditions; principals aside. The
    // action is in lower case.
    bool applies(std::string_view action, std::string_view resource, const ContextLookup& lookup) const;
};

// A value, immutable once parsed: share it freely between threads.
struct Policy {
    PolicyKind kind = PolicyKind::identity;
    std::string id;
    std::vector<Statement> statements;

    // The condition keys that it looks at, in conditions and in variables: as it writes them, each once
    // whatever its case, in order of their lower case.
    std::vector<std::string> condition_keys() const;
};

// Refusal::malformed_policy with AWS's sentence. Every element must be understood; unknown ones are refused.
Result<std::shared_ptr<const Policy>> parse_policy(std::string_view document, PolicyKind kind);

// Compiled policies by their text, so that a request costs no parsing. What is kept is bounded: when the
// texts reach `bytes_max`, all go. A text always means the same, so nothing is ever out of date. Callable
// from any thread.
class PolicyCache {
public:
    explicit PolicyCache(std::size_t bytes_max = 16 << 20);
    ~PolicyCache();
    PolicyCache(const PolicyCache&) = delete;
    PolicyCache& operator=(const PolicyCache&) = delete;
    Result<std::shared_ptr<const Policy>> compile(std::string_view document, PolicyKind kind);

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Characters without white space, as IAM counts them against its quotas.
std::size_t counted_size(std::string_view document);

}  // namespace access_control
