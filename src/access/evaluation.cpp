#include "access/evaluation.h"

#include <fmt/format.h>

#include "base/ascii.h"

namespace access_control {
namespace {

// How a resource's policy names a principal, the weakest first.
enum class Naming {
    none,
    account,    // the principal's account as a whole: hands the decision to that account
    principal,  // everyone, or the role behind a session: bounded by boundary and session policy
    itself,     // the user, the session, the service: bounded by neither
};

bool contains(const std::vector<std::string>& list, const std::string& text) {
    return !text.empty() && std::ranges::find(list, text) != list.end();
}

Naming naming_of(const Principals& named, const Principal& principal) {
    if (principal.kind == PrincipalKind::service)
        return contains(named.services, principal.arn) ? Naming::itself
               : named.everyone                        ? Naming::principal
                                                       : Naming::none;
    if (principal.kind == PrincipalKind::anonymous) return named.everyone ? Naming::principal : Naming::none;
    // AROA...:session begins with the role's id.
    std::string unique_id = principal.user_id.substr(0, principal.user_id.find(':'));
    if (contains(named.arns, principal.arn)) return Naming::itself;
    if (principal.kind == PrincipalKind::user && contains(named.unique_ids, unique_id)) return Naming::itself;
    if (named.everyone || contains(named.arns, principal.role_arn) || contains(named.unique_ids, unique_id))
        return Naming::principal;
    if (contains(named.accounts, principal.account))
        return principal.kind == PrincipalKind::root ? Naming::itself : Naming::account;
    return Naming::none;
}

// Naming the account in NotPrincipal spares its root user only, so that a denial to "everyone but" is never
// looser than it reads.
bool speaks_of(const Statement& statement, Naming naming) {
    if (!statement.inverts_principals) return naming != Naming::none;
    return naming == Naming::none || naming == Naming::account;
}

class Question {
public:
    Question(const Principal& principal, const ActionRequest& request)
        : principal_(principal),
          request_(request),
          action_(base::lower_case(request.action)),
          lookup_(context_of(principal, request)) {}

    bool denies(const Policy& policy) const {
        return std::ranges::any_of(policy.statements, [&](const Statement& statement) {
            return !statement.allows && named_in(statement) && applies(statement);
        });
    }
    bool denies(const std::vector<std::shared_ptr<const Policy>>& policies) const {
        return std::ranges::any_of(policies, [&](const auto& policy) { return denies(*policy); });
    }
    bool allows(const Policy& policy) const {
        return std::ranges::any_of(policy.statements, [&](const Statement& statement) {
            return statement.allows && named_in(statement) && applies(statement);
        });
    }
    bool allows(const std::vector<std::shared_ptr<const Policy>>& policies) const {
        return std::ranges::any_of(policies, [&](const auto& policy) { return allows(*policy); });
    }
    // The strongest way in which an allowing statement names the principal.
    Naming granted(const Policy& policy) const {
        Naming best = Naming::none;
        for (const auto& statement : policy.statements)
            if (statement.allows && statement.principals)
                if (auto naming = naming_of(*statement.principals, principal_);
                    naming > best && applies(statement))
                    best = naming;
        return best;
    }

private:
    bool named_in(const Statement& statement) const {
        return !statement.principals || speaks_of(statement, naming_of(*statement.principals, principal_));
    }
    bool applies(const Statement& statement) const {
        return statement.applies(action_, request_.resource, lookup_);
    }

    const Principal& principal_;
    const ActionRequest& request_;
    std::string action_;
    ContextLookup lookup_;
};

constexpr Decision kAllowed{Outcome::allowed, DecidedBy::none};

Decision implicitly(DecidedBy by) {
    return {Outcome::implicitly_denied, by};
}
Decision explicitly(DecidedBy by) {
    return {Outcome::explicitly_denied, by};
}

const Rights& rights_of(const Principal& principal) {
    static const Rights none;
    return principal.rights ? *principal.rights : none;
}

DecidedBy explicit_denier(const Question& question, const Rights& rights, const Policy* resource_policy) {
    if (question.denies(rights.identity)) return DecidedBy::identity_policy;
    if (resource_policy && question.denies(*resource_policy))
        return resource_policy->kind == PolicyKind::trust ? DecidedBy::trust_policy
                                                          : DecidedBy::resource_policy;
    if (rights.boundary && question.denies(*rights.boundary)) return DecidedBy::permissions_boundary;
    if (rights.session && question.denies(*rights.session)) return DecidedBy::session_policy;
    return DecidedBy::none;
}

}  // namespace

Decision evaluate(const Principal& principal, const ActionRequest& request, const Policy* resource_policy) {
    const Rights& rights = rights_of(principal);
    Question question(principal, request);
    if (auto denier = explicit_denier(question, rights, resource_policy); denier != DecidedBy::none)
        return explicitly(denier);

    bool is_trust = resource_policy && resource_policy->kind == PolicyKind::trust;
    auto resource_side = is_trust ? DecidedBy::trust_policy : DecidedBy::resource_policy;
    Naming granted = resource_policy ? question.granted(*resource_policy) : Naming::none;
    if (principal.kind == PrincipalKind::service || principal.kind == PrincipalKind::anonymous)
        return granted == Naming::none ? implicitly(resource_side) : kAllowed;

    bool same_account = request.resource_account.empty() || request.resource_account == principal.account;
    if ((is_trust || !same_account) && granted == Naming::none) return implicitly(resource_side);
    bool is_root = principal.kind == PrincipalKind::root;
    bool needs_identity = !same_account || granted < Naming::principal;
    if (!is_root && needs_identity && !question.allows(rights.identity))
        return implicitly(DecidedBy::identity_policy);
    if (same_account && granted == Naming::itself) return kAllowed;
    if (rights.boundary && !question.allows(*rights.boundary))
        return implicitly(DecidedBy::permissions_boundary);
    if (rights.session && !question.allows(*rights.session)) return implicitly(DecidedBy::session_policy);
    return kAllowed;
}

std::string reason(const Decision& decision, const std::string& action) {
    struct Words {
        std::string_view none;
        std::string_view with;
    };
    auto words = [&]() -> Words {
        switch (decision.decided_by) {
            case DecidedBy::none:
                return {"policy", "a policy"};
            case DecidedBy::identity_policy:
                return {"identity-based policy", "an identity-based policy"};
            case DecidedBy::permissions_boundary:
                return {"permissions boundary", "a permissions boundary"};
            case DecidedBy::session_policy:
                return {"session policy", "a session policy"};
            case DecidedBy::resource_policy:
                return {"resource-based policy", "a resource-based policy"};
            case DecidedBy::trust_policy:
                return {"role trust policy", "the role trust policy"};
        }
        base::unreachable();
    }();
    if (decision.outcome == Outcome::explicitly_denied)
        return fmt::format("with an explicit deny in {}", words.with);
    return fmt::format("because no {} allows the {} action", words.none, action);
}

std::string denial_message(const Principal& principal, const ActionRequest& request,
                           const Decision& decision) {
    return fmt::format("User: {} is not authorized to perform: {} on resource: {} {}", principal.arn,
                       request.action, request.resource, reason(decision, request.action));
}

}  // namespace access_control
