#include "access/directory.h"

#include <fmt/format.h>

#include "access/aws_managed.h"
#include "access/lookup.h"
#include "access/session_token.h"

namespace access_control {
namespace {

constexpr std::size_t kKnownCallersMax = 10'000;
constexpr std::size_t kServerKeyBytes = 32;

Error unknown_key() {
    return Error::refusal(Refusal::unknown_key, "The security token included in the request is invalid.");
}
Error invalid_token() {
    return Error::refusal(Refusal::invalid_token, "The security token included in the request is invalid.");
}

// The key that signs session tokens, made at the first start.
Result<base::Bytes> load_server_key(store::Records& records, base::Random& random) {
    auto fresh = random.bytes(kServerKeyBytes);
    return records.transact([&](store::Transaction& transaction) -> Result<base::Bytes> {
        auto known = TRY(transaction.get_for_update(server_key()));
        if (known) {
            if (known->size() != 1 + kServerKeyBytes || known->front() != 1)
                return Error::failure("the server's key has an unknown form");
            return base::Bytes(known->begin() + 1, known->end());
        }
        TRY(transaction.put(server_key(), '\x01' + std::string(base::text(fresh))));
        return fresh;
    });
}

// Makes `id` the operator's key for the account's root user. The key of an earlier start stops working.
Result<void> set_operator_key(store::Transaction& transaction, AccountRecord& record,
                              const DirectoryOptions& options, base::Time now) {
    const auto& id = options.root_access_key_id;
    if (auto known = TRY(transaction.get_for_update(access_key_key(id)))) {
        auto key = TRY(decode<AccessKey>(*known));
        if (key.account != options.account || !key.user.empty())
            return Error::refusal(Refusal::entity_exists,
                                  "The operator's access key belongs to somebody else.");
    }
    if (!record.operator_key.empty() && record.operator_key != id) {
        TRY(transaction.erase(access_key_key(record.operator_key)));
        std::erase(record.root_keys, record.operator_key);
    }
    record.operator_key = id;
    if (std::ranges::find(record.root_keys, id) == record.root_keys.end()) record.root_keys.push_back(id);
    AccessKey key{id, options.account, "", options.root_secret_key, true, now};
    TRY(transaction.put(access_key_key(id), encode(key)));
    return transaction.put(account_key(options.account), encode(record));
}

}  // namespace

Directory::Directory(store::Records& records, const base::Clock& clock, base::Random& random)
    : records_(records), clock_(clock), random_(random) {}
Directory::~Directory() = default;

Result<std::unique_ptr<Directory>> Directory::open(store::Records& records, const base::Clock& clock,
                                                   base::Random& random, const DirectoryOptions& options) {
    std::unique_ptr<Directory> out(new Directory(records, clock, random));
    out->session_key_ = TRY(load_server_key(records, random));
    TRY(records.commit([&](store::Transaction& transaction) -> Result<void> {
        auto known = TRY(transaction.get_for_update(account_key(options.account)));
        AccountRecord record;
        record.created = clock.now();
        if (known) record = TRY(decode<AccountRecord>(*known));
        return set_operator_key(transaction, record, options, clock.now());
    }));
    return out;
}

Result<void> Directory::create_account(const DirectoryOptions& options) {
    return write([&](store::Transaction& transaction) -> Result<void> {
        if (TRY(transaction.get_for_update(account_key(options.account))))
            return Error::refusal(Refusal::entity_exists,
                                  fmt::format("Account {} already exists.", options.account));
        AccountRecord record;
        record.created = clock_.now();
        return set_operator_key(transaction, record, options, clock_.now());
    });
}

Result<std::string> Directory::account_of_key(const std::string& access_key_id) {
    auto bytes = TRY(records_.get(access_key_key(access_key_id)));
    if (!bytes) return unknown_key();
    return TRY(decode<AccessKey>(*bytes)).account;
}

Result<base::Time> Directory::account_created(const std::string& account) const {
    return TRY(find_account(std::as_const(records_), account)).created;
}

Result<AccountSummary> Directory::summary(const std::string& account) {
    auto record = TRY(find_account(std::as_const(records_), account));
    AccountSummary out{record.users, record.groups, record.roles, record.policies, 0};
    ListQuery query;
    do {
        auto page = TRY(policies(account, query));
        for (const auto& policy : page.items)
            out.policy_versions += policy.versions.size();
        query.after = page.next;
    } while (!query.after.empty());
    return out;
}

Result<std::shared_ptr<const Caller>> Directory::resolve(std::string_view access_key_id,
                                                         std::string_view session_token) {
    std::string id(access_key_id);
    auto generation = generation_.load();
    auto known = known_callers_.with([&](auto& callers) -> std::shared_ptr<const Caller> {
        auto found = callers.find(id);
        if (found == callers.end() || found->second.generation != generation) return nullptr;
        if (!base::equal_in_constant_time(found->second.token, session_token)) return nullptr;
        return found->second.caller;
    });
    if (known && (!known->expires || *known->expires > clock_.now())) return known;
    auto caller = TRY(resolve_key(access_key_id, session_token));
    known_callers_.with([&](auto& callers) {
        if (callers.size() >= kKnownCallersMax) callers.clear();
        callers[id] = {caller, std::string(session_token), generation};
    });
    return caller;
}

Result<std::shared_ptr<const Caller>> Directory::resolve_key(std::string_view access_key_id,
                                                             std::string_view session_token) {
    std::string id(access_key_id);
    if (id.starts_with("ASIA")) return resolve_session(id, session_token);
    auto bytes = TRY(records_.get(access_key_key(id)));
    if (!bytes) return unknown_key();
    auto key = TRY(decode<AccessKey>(*bytes));
    // A permanent key needs no token, and one with a token is not what it claims to be.
    if (!session_token.empty()) return invalid_token();
    if (!key.active)
        return Error::refusal(Refusal::inactive_key,
                              "The security token included in the request is invalid.");
    auto caller = std::make_shared<Caller>();
    caller->access_key_id = id;
    caller->secret_key = key.secret;
    caller->principal = root_of(key.account);
    if (!key.user.empty()) {
        auto user = find_user(std::as_const(records_), key.account, key.user);
        if (!user.ok() && user.error().is(Refusal::no_such_entity)) return unknown_key();
        caller->principal = TRY(user_principal(TRY(std::move(user))));
    }
    return std::shared_ptr<const Caller>(std::move(caller));
}

Result<std::shared_ptr<const Caller>> Directory::resolve_session(const std::string& access_key_id,
                                                                 std::string_view token) {
    if (token.empty()) return unknown_key();
    auto claims = unseal(token, session_key_);
    if (!claims || claims->access_key_id != access_key_id) return invalid_token();
    if (claims->expires <= clock_.now())
        return Error::refusal(Refusal::expired_token,
                              "The security token included in the request is expired");

    auto caller = std::make_shared<Caller>();
    caller->access_key_id = access_key_id;
    caller->secret_key = session_secret(access_key_id, session_key_);
    caller->expires = claims->expires;
    Principal& principal = caller->principal;
    if (claims->kind == PrincipalKind::root) {
        principal = root_of(claims->account);
    } else if (claims->kind == PrincipalKind::user) {
        auto user = find_user(std::as_const(records_), claims->account, claims->name);
        if (!user.ok() && !user.error().is(Refusal::no_such_entity)) return std::move(user).error();
        if (!user.ok() || user->id != claims->id) return invalid_token();
        principal = TRY(user_principal(*user));
    } else {
        auto role = find_role(std::as_const(records_), claims->account, claims->name);
        if (!role.ok() && !role.error().is(Refusal::no_such_entity)) return std::move(role).error();
        if (!role.ok() || role->id != claims->id) return invalid_token();
        principal = TRY(role_principal(*role, claims->session_name, claims->tags));
    }
    principal.temporary = true;
    principal.token_issued = claims->issued;
    if (claims->has_policy) {
        Rights rights = *principal.rights;
        auto& narrowing = rights.session.emplace();
        if (!claims->policy.empty())
            narrowing.push_back(TRY(compiled_.compile(claims->policy, PolicyKind::identity)));
        for (const auto& arn : claims->policy_arns)
            if (auto policy = TRY(managed_rights(arn))) narrowing.push_back(std::move(policy));
        principal.rights = std::make_shared<Rights>(std::move(rights));
    }
    return std::shared_ptr<const Caller>(std::move(caller));
}

// The compiled default version; null if the policy is no more.
Result<std::shared_ptr<const Policy>> Directory::managed_rights(const std::string& arn) const {
    std::string document;
    if (const auto* built_in = find_aws_managed_policy(arn)) {
        document = built_in->current().document;
    } else {
        auto own = TRY(find_own_policy(std::as_const(records_), arn));
        if (!own) return std::shared_ptr<const Policy>();
        document = own->current().document;
    }
    return compiled_.compile(document, PolicyKind::identity);
}

Result<void> Directory::add_rights(const Identity& identity, Rights& rights) const {
    for (const auto& [name, document] : identity.inline_policies)
        rights.identity.push_back(TRY(compiled_.compile(document, PolicyKind::identity)));
    for (const auto& arn : identity.attached_policies)
        if (auto policy = TRY(managed_rights(arn))) rights.identity.push_back(std::move(policy));
    if (!identity.boundary.empty()) {
        rights.boundary = TRY(managed_rights(identity.boundary));
        // A boundary that cannot be found bounds everything.
        if (!rights.boundary) rights.boundary = std::make_shared<Policy>();
    }
    return {};
}

Result<Principal> Directory::user_principal(const User& user) const {
    Principal out;
    out.kind = PrincipalKind::user;
    out.account = user.account;
    out.arn = arn_of(user);
    out.user_id = user.id;
    out.user_name = user.name;
    out.tags = user.tags;
    auto rights = std::make_shared<Rights>();
    TRY(add_rights(user, *rights));
    for (const auto& name : user.groups)
        TRY(add_rights(TRY(find_group(std::as_const(records_), user.account, name)), *rights));
    out.rights = std::move(rights);
    return out;
}

Result<Principal> Directory::role_principal(const Role& role, const std::string& session_name,
                                            const Tags& session_tags) const {
    Principal out;
    out.kind = PrincipalKind::assumed_role;
    out.account = role.account;
    out.arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", role.account, role.name, session_name);
    out.user_id = role.id + ':' + session_name;
    out.role_arn = arn_of(role);
    out.tags = role.tags;
    for (const auto& [key, value] : session_tags)
        out.tags[key] = value;
    auto rights = std::make_shared<Rights>();
    TRY(add_rights(role, *rights));
    out.rights = std::move(rights);
    return out;
}

Result<Decision> Directory::decide(const Principal& principal, ActionRequest request,
                                   std::string_view resource_policy) {
    request.now = clock_.now();
    std::shared_ptr<const Policy> policy;
    if (!resource_policy.empty()) {
        auto compiled = compiled_.compile(resource_policy, PolicyKind::resource);
        if (!compiled.ok())
            return Error::failure("a stored resource policy does not parse: " + compiled.error().message());
        policy = *compiled;
    }
    return evaluate(principal, request, policy.get());
}

std::string Directory::new_id(std::string_view prefix) {
    constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    return std::string(prefix) + random_.text(17, kBase32);
}

}  // namespace access_control
