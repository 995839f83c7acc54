// Who asks: a principal with the policies that bind it, and what it asks for.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/policy.h"
#include "base/time.h"

namespace access_control {

using Tags = std::map<std::string, std::string>;

enum class PrincipalKind { anonymous, root, user, assumed_role, service };

// The policies of a principal, compiled. Immutable.
struct Rights {
    std::vector<std::shared_ptr<const Policy>> identity;  // the user's and its groups', or the role's
    std::shared_ptr<const Policy> boundary;               // nothing: unbounded
    std::optional<std::vector<std::shared_ptr<const Policy>>> session;  // nothing: a session without a policy
};

// A value.
struct Principal {
    PrincipalKind kind = PrincipalKind::anonymous;
    std::string account;  // twelve digits; empty for services and the anonymous
    // "arn:aws:iam::123456789012:user/ann", "arn:aws:sts::123456789012:assumed-role/reader/session"; of a
    // service its name ("lambda.amazonaws.com"); "anonymous".
    std::string arn;
    std::string user_id;    // AIDA..., AROA...:session; of the root user the account
    std::string user_name;  // of a user
    std::string role_arn;   // of an assumed role's session, with path
    Tags tags;              // the user's; of a session the role's, covered by the session's
    bool temporary = false;
    std::optional<base::Time> token_issued;
    std::shared_ptr<const Rights> rights;  // nothing: none
};

Principal anonymous();
Principal root_of(const std::string& account);
Principal service(const std::string& name);  // "lambda.amazonaws.com"

struct ActionRequest {
    std::string action;          // "s3:GetObject"
    std::string resource = "*";  // an ARN, or "*"
    std::map<std::string, std::vector<std::string>> context =
        {};                             // keys as AWS writes them, in any case: "s3:prefix"
    std::string resource_account = {};  // empty: the principal's own
    base::Time now{};
};

// The condition keys of a request: what the principal itself answers (aws:username, aws:PrincipalArn, ...),
// then the clock, then the request's own context. A caller's context cannot cover the first two. Borrows both
// arguments.
ContextLookup context_of(const Principal& principal, const ActionRequest& request);

}  // namespace access_control
