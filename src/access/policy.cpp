#include "access/policy.h"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <map>
#include <set>
#include <unordered_map>

#include "access/refusal.h"
#include "base/ascii.h"
#include "base/guarded.h"

namespace access_control {
namespace {

namespace json = boost::json;

constexpr std::size_t kJsonDepthMax = 12;
constexpr std::size_t kStatementsMax = 256;
constexpr std::size_t kListMax = 1024;
constexpr std::string_view kSyntaxError = "Syntax errors in policy.";

Error malformed(std::string_view message) {
    return Error::refusal(Refusal::malformed_policy, std::string(message));
}

// One text or a list of texts.
Result<std::vector<std::string>> texts(const json::value& value) {
    std::vector<std::string> out;
    if (const auto* text = value.if_string()) {
        out.emplace_back(*text);
        return out;
    }
    const auto* list = value.if_array();
    if (!list || list->size() > kListMax) return malformed(kSyntaxError);
    for (const auto& item : *list) {
        if (!item.is_string()) return malformed(kSyntaxError);
        out.emplace_back(item.get_string());
    }
    return out;
}

bool is_alphanumeric(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
}

bool is_account(std::string_view text) {
    return text.size() == 12 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool only_known(const json::object& object, std::initializer_list<std::string_view> known) {
    return std::ranges::all_of(object, [&](const auto& member) {
        return std::ranges::find(known, std::string_view(member.key())) != known.end();
    });
}

Result<void> check_action(const std::string& action) {
    if (action == "*") return {};
    auto colon = action.find(':');
    if (colon == action.npos)
        return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    if (action.find(':', colon + 1) != action.npos)
        return malformed("Actions/Condition can contain only one colon.");
    std::string_view vendor = std::string_view(action).substr(0, colon);
    if (vendor == "*") return {};
    bool valid = !vendor.empty() && std::ranges::all_of(vendor, [](char c) {
        return is_alphanumeric({&c, 1}) || c == '-' || c == '.';
    });
    if (!valid) return malformed(fmt::format("Vendor {} is not valid", vendor));
    return {};
}

Result<void> check_resource(std::string_view resource) {
    if (resource == "*") return {};
    auto colon = resource.find(':');
    if (colon == resource.npos)
        return malformed(fmt::format("Resource {} must be in ARN format or \"*\".", resource));
    if (resource.substr(0, colon) != "arn" && resource.substr(0, colon) != "*")
        return malformed(kSyntaxError);
    auto partition = resource.substr(colon + 1);
    auto vendor_colon = partition.find(':');
    if (vendor_colon == partition.npos)
        return malformed("Resource vendor must be fully qualified and cannot contain regexes.");
    std::string_view name = partition.substr(0, vendor_colon);
    if (name != "aws" && name != "*" && name != "aws-cn" && name != "aws-us-gov")
        return malformed(fmt::format("Partition \"{}\" is not valid for resource \"{}\".", name, resource));
    return {};
}

Result<void> add_aws_principal(Principals& out, const std::string& text) {
    if (text == "*") {
        out.everyone = true;
    } else if (is_account(text)) {
        out.accounts.push_back(text);
    } else if (text.starts_with("arn:aws:iam::") || text.starts_with("arn:aws:sts::")) {
        // AWS allows no wildcard in a part of a principal.
        std::string_view account = std::string_view(text).substr(13, 12),
                         rest = std::string_view(text).substr(13);
        rest.remove_prefix(std::min<std::size_t>(12, rest.size()));
        if (!is_account(account) || !rest.starts_with(':') || rest.size() < 2 || rest.find('*') != rest.npos)
            return malformed(fmt::format("Invalid principal in policy: \"AWS\":\"{}\"", text));
        if (rest == ":root")
            out.accounts.emplace_back(account);
        else
            out.arns.push_back(text);
    } else if ((text.starts_with("AIDA") || text.starts_with("AROA")) && is_alphanumeric(text)) {
        out.unique_ids.push_back(text);
    } else {
        return malformed(fmt::format("Invalid principal in policy: \"AWS\":\"{}\"", text));
    }
    return {};
}

Result<void> add_service_principal(Principals& out, const std::string& text) {
    if (!text.ends_with(".amazonaws.com") && !text.ends_with(".amazonaws.com.cn"))
        return malformed(fmt::format("Invalid principal in policy: \"SERVICE\":\"{}\"", text));
    out.services.push_back(text);
    return {};
}

Result<Principals> parse_principals(const json::value& value) {
    Principals out;
    if (const auto* text = value.if_string()) {
        if (*text != "*")
            return malformed(fmt::format("Invalid principal in policy: \"{}\"", std::string_view(*text)));
        out.everyone = true;
        return out;
    }
    const auto* kinds = value.if_object();
    if (!kinds || kinds->empty()) return malformed(kSyntaxError);
    for (const auto& [kind, names] : *kinds)
        for (const auto& name : TRY(texts(names))) {
            if (kind == "AWS")
                TRY(add_aws_principal(out, name));
            else if (kind == "Service")
                TRY(add_service_principal(out, name));
            else if (kind == "Federated")
                out.federated.push_back(name);
            else
                return malformed(
                    fmt::format("Invalid principal in policy: \"{}\":\"{}\"", std::string_view(kind), name));
        }
    return out;
}

class StatementParser {
public:
    StatementParser(const json::object& source, PolicyKind kind, bool variables)
        : source_(source), kind_(kind), variables_(variables) {}

    Result<Statement> parse() {
        if (!only_known(source_, {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
                                  "Resource", "NotResource", "Condition"}))
            return malformed(kSyntaxError);
        TRY(parse_sid());
        TRY(parse_effect());
        TRY(parse_who());
        TRY(parse_actions());
        TRY(parse_resources());
        if (const auto* block = source_.if_contains("Condition"))
            out_.conditions = TRY(parse_conditions(*block, variables_));
        return std::move(out_);
    }

private:
    // The one of `name` and "Not"`name` that is there; both at once is an error.
    Result<const json::value*> either(const std::string& name, bool& inverts) const {
        const auto* plain = source_.if_contains(name);
        const auto* inverse = source_.if_contains("Not" + name);
        if (plain && inverse) return malformed(kSyntaxError);
        inverts = inverse != nullptr;
        return plain ? plain : inverse;
    }

    Result<void> parse_sid() {
        const auto* sid = source_.if_contains("Sid");
        if (!sid) return {};
        if (!sid->is_string()) return malformed(kSyntaxError);
        out_.sid = sid->get_string();
        // Bucket policies may hold any text here.
        if (kind_ == PolicyKind::identity && !is_alphanumeric(out_.sid))
            return malformed(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "
                "expression "
                "[A-Za-z0-9]*");
        return {};
    }

    Result<void> parse_effect() {
        const auto* effect = source_.if_contains("Effect");
        if (!effect || !effect->is_string()) return malformed(kSyntaxError);
        out_.allows = effect->get_string() == "Allow";
        if (!out_.allows && effect->get_string() != "Deny") return malformed(kSyntaxError);
        return {};
    }

    Result<void> parse_who() {
        const auto* who = TRY(either("Principal", out_.inverts_principals));
        if (kind_ == PolicyKind::identity) {
            if (who) return malformed("Policy document should not specify a principal.");
            return {};
        }
        if (!who)
            return malformed(kind_ == PolicyKind::trust
                                 ? std::string_view("AssumeRolepolicy must contain a principal.")
                                 : std::string_view("Missing required field Principal"));
        // AWS supports NotPrincipal only to deny, and in no trust policy.
        if (out_.inverts_principals && (out_.allows || kind_ == PolicyKind::trust))
            return malformed("Has prohibited field NotPrincipal");
        out_.principals = TRY(parse_principals(*who));
        return {};
    }

    Result<void> parse_actions() {
        const auto* actions = TRY(either("Action", out_.inverts_actions));
        auto names = actions ? TRY(texts(*actions)) : std::vector<std::string>();
        if (names.empty()) return malformed("Policy statement must contain actions.");
        for (const auto& name : names) {
            TRY(check_action(name));
            auto lower = base::lower_case(name);
            if (kind_ == PolicyKind::trust && (!lower.starts_with("sts:") || out_.inverts_actions))
                return malformed("AssumeRole policy may only specify STS AssumeRole actions.");
            out_.actions.emplace_back(lower);
        }
        return {};
    }

    Result<void> parse_resources() {
        const auto* resources = TRY(either("Resource", out_.inverts_resources));
        if (kind_ == PolicyKind::trust) {
            if (resources) return malformed("Has prohibited field Resource");
            return {};
        }
        auto names = resources ? TRY(texts(*resources)) : std::vector<std::string>();
        if (names.empty()) return malformed("Policy statement must contain resources.");
        for (const auto& name : names) {
            TRY(check_resource(name));
            auto pattern = Template::parse(name, variables_, true);
            if (!pattern) return malformed(kSyntaxError);
            out_.resources.push_back(std::move(*pattern));
        }
        return {};
    }

    const json::object& source_;
    PolicyKind kind_;
    bool variables_;
    Statement out_;
};

Result<json::value> parse_json(std::string_view document) {
    json::parse_options options;
    options.max_depth = kJsonDepthMax;
    json::error_code error;
    auto value = json::parse(document, error, {}, options);
    if (error) return malformed(kSyntaxError);
    return value;
}

}  // namespace

bool Statement::applies(std::string_view action, std::string_view resource,
                        const ContextLookup& lookup) const {
    bool names_action =
        std::ranges::any_of(actions, [&](const Wildcard& pattern) { return pattern.matches(action); });
    if (names_action == inverts_actions) return false;
    if (!resources.empty()) {
        bool names_resource = std::ranges::any_of(
            resources, [&](const Template& pattern) { return pattern.matches(resource, lookup); });
        if (names_resource == inverts_resources) return false;
    }
    return std::ranges::all_of(conditions,
                               [&](const Condition& condition) { return condition.holds(lookup); });
}

std::vector<std::string> Policy::condition_keys() const {
    std::map<std::string, std::string> keys;  // by lower case
    auto add = [&](const std::string& key) { keys.emplace(base::lower_case(key), key); };
    for (const auto& statement : statements) {
        for (const auto& resource : statement.resources)
            std::ranges::for_each(resource.variables(), add);
        for (const auto& condition : statement.conditions) {
            add(condition.written);
            for (const auto& value : condition.values)
                std::ranges::for_each(value.variables(), add);
        }
    }
    std::vector<std::string> out;
    for (auto& [lower, key] : keys)
        out.push_back(std::move(key));
    return out;
}

Result<std::shared_ptr<const Policy>> parse_policy(std::string_view document, PolicyKind kind) {
    if (document.size() > kPolicyBytesMax) return malformed(kSyntaxError);
    auto value = TRY(parse_json(document));
    const auto* source = value.if_object();
    if (!source || !only_known(*source, {"Version", "Id", "Statement"})) return malformed(kSyntaxError);

    auto policy = std::make_shared<Policy>();
    policy->kind = kind;
    // Without a version a policy has the older one, in which variables are plain text. New policies of
    // identities must have the newer one, says AWS's answer to the older.
    bool variables = false;
    if (const auto* version = source->if_contains("Version")) {
        if (!version->is_string()) return malformed(kSyntaxError);
        variables = version->get_string() == "2012-10-17";
        if (!variables && version->get_string() != "2008-10-17") return malformed(kSyntaxError);
    }
    if (!variables && kind == PolicyKind::identity)
        return malformed("Policy document must be version 2012-10-17 or greater.");
    if (const auto* id = source->if_contains("Id")) {
        if (!id->is_string()) return malformed(kSyntaxError);
        policy->id = id->get_string();
    }

    const auto* statements = source->if_contains("Statement");
    if (!statements) return malformed(kSyntaxError);
    json::array list = statements->is_array() ? statements->get_array() : json::array{*statements};
    if (list.empty() || list.size() > kStatementsMax) return malformed(kSyntaxError);
    std::set<std::string> sids;
    for (const auto& item : list) {
        if (!item.is_object()) return malformed(kSyntaxError);
        auto statement = TRY(StatementParser(item.get_object(), kind, variables).parse());
        if (!statement.sid.empty() && !sids.insert(statement.sid).second)
            return malformed("Statement IDs (SID) in a single policy must be unique.");
        policy->statements.push_back(std::move(statement));
    }
    return std::shared_ptr<const Policy>(std::move(policy));
}

struct PolicyCache::State {
    struct Kept {
        std::unordered_map<std::string, std::shared_ptr<const Policy>> by_text[3];
        std::size_t bytes = 0;
    };
    base::Guarded<Kept> kept;
    std::size_t bytes_max = 0;
};

PolicyCache::PolicyCache(std::size_t bytes_max) : state_(std::make_unique<State>()) {
    state_->bytes_max = bytes_max;
}
PolicyCache::~PolicyCache() = default;

Result<std::shared_ptr<const Policy>> PolicyCache::compile(std::string_view document, PolicyKind kind) {
    std::string text(document);
    auto slot = static_cast<std::size_t>(kind);
    auto known = state_->kept.with([&](const auto& kept) -> std::shared_ptr<const Policy> {
        auto found = kept.by_text[slot].find(text);
        return found == kept.by_text[slot].end() ? nullptr : found->second;
    });
    if (known) return known;
    auto policy = TRY(parse_policy(document, kind));
    state_->kept.with([&](auto& kept) {
        if (kept.bytes + text.size() > state_->bytes_max) kept = {};
        kept.bytes += text.size();
        kept.by_text[slot].emplace(std::move(text), policy);
    });
    return policy;
}

std::size_t counted_size(std::string_view document) {
    return static_cast<std::size_t>(std::ranges::count_if(
        document, [](char c) { return c != ' ' && c != '\t' && c != '\n' && c != '\r'; }));
}

}  // namespace access_control
