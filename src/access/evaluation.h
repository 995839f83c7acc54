// May this principal do that? AWS's evaluation of all policies that bear on one request.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
#pragma once

#include <string>

#include "access/policy.h"
#include "access/principal.h"

namespace access_control {

enum class Outcome { allowed, implicitly_denied, explicitly_denied };

// The kind of policy that decided against the request: it denies, or does not allow.
enum class DecidedBy {
    none,
    identity_policy,
    permissions_boundary,
    session_policy,
    resource_policy,
    trust_policy
};

struct Decision {
    Outcome outcome = Outcome::implicitly_denied;
    DecidedBy decided_by = DecidedBy::none;
    bool allowed() const { return outcome == Outcome::allowed; }
};

// `resource_policy`: what the resource itself carries, of kind resource or trust; null without one.
//   1. An explicit deny anywhere denies.
//   2. A service or an anonymous caller needs an allow in the resource's policy.
//   3. Same account: an allow in the resource's policy that names the principal is enough; otherwise its
//   identity
//      policies must allow. Boundary and session policy must allow too, unless the resource's policy names
//      the user or the session itself. The root user needs no allow. A trust policy must allow in any case;
//      if it names the account as a whole, the identity policies must allow as well.
//   4. Another account's resource: its policy must allow, and the principal's own policies too.
Decision evaluate(const Principal& principal, const ActionRequest& request,
                  const Policy* resource_policy = nullptr);

// "because no identity-based policy allows the s3:GetObject action", "with an explicit deny in a session
// policy".
std::string reason(const Decision& decision, const std::string& action);
// "User: ARN is not authorized to perform: ACTION on resource: RESOURCE because ..."
std::string denial_message(const Principal& principal, const ActionRequest& request,
                           const Decision& decision);

}  // namespace access_control
