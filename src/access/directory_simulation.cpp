// What would be allowed: the questions behind SimulatePrincipalPolicy and SimulateCustomPolicy.
#include "access/aws_managed.h"
#include "access/directory.h"
#include "access/lookup.h"
#include "base/ascii.h"

namespace access_control {

Result<std::vector<Directory::SourcePolicy>> Directory::policies_of(const IdentityRef& ref) const {
    std::vector<SourcePolicy> out;
    auto add = [&](const Identity& identity) -> Result<void> {
        for (const auto& [name, document] : identity.inline_policies)
            out.push_back({identity.name + '_' + name, document});
        for (const auto& arn : identity.attached_policies) {
            auto attached = TRY(policy(arn));
            out.push_back({attached.name, attached.current().document});
        }
        return {};
    };
    TRY(add(TRY(identity(ref))));
    if (ref.kind == IdentityKind::user)
        for (const auto& name : TRY(user(ref.account, ref.name)).groups)
            TRY(add(TRY(group(ref.account, name))));
    return out;
}

Result<Principal> Directory::principal_of(const IdentityRef& ref) const {
    switch (ref.kind) {
        case IdentityKind::user:
            return user_principal(TRY(user(ref.account, ref.name)));
        case IdentityKind::role:
            return role_principal(TRY(role(ref.account, ref.name)), ref.name, {});
        case IdentityKind::group:
            break;
    }
    Principal out;
    out.kind = PrincipalKind::user;
    out.account = ref.account;
    out.arn = arn_of(TRY(group(ref.account, ref.name)));
    return out;
}

Result<Simulated> Directory::simulate(const std::vector<SourcePolicy>& policies, const std::string& boundary,
                                      const Principal& principal, const ActionRequest& request) const {
    Simulated out;
    auto lookup = context_of(principal, request);
    auto rights = std::make_shared<Rights>();
    for (const auto& source : policies) {
        auto policy = TRY(compiled_.compile(source.document, PolicyKind::identity));
        bool matched = std::ranges::any_of(policy->statements, [&](const Statement& statement) {
            return statement.applies(base::lower_case(request.action), request.resource, lookup);
        });
        if (matched) out.matched_policies.push_back(source.name);
        for (auto& key : policy->condition_keys())
            if (!lookup(base::lower_case(key)) &&
                std::ranges::find(out.missing_context, key) == out.missing_context.end())
                out.missing_context.push_back(std::move(key));
        rights->identity.push_back(std::move(policy));
    }
    if (!boundary.empty()) rights->boundary = TRY(compiled_.compile(boundary, PolicyKind::identity));
    Principal simulated = principal;
    simulated.rights = std::move(rights);
    out.decision = evaluate(simulated, request);
    return out;
}

}  // namespace access_control
