#include "functions/policy.h"

#include <algorithm>
#include <boost/json.hpp>

namespace functions {

namespace json = boost::json;

namespace {

bool is_account(std::string_view text) {
    return text.size() == 12 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

json::value principal_of(const std::string& principal) {
    if (principal == "*") return "*";
    if (is_account(principal)) return {{"AWS", "arn:aws:iam::" + principal + ":root"}};
    if (principal.starts_with("arn:")) return {{"AWS", principal}};
    return {{"Service", principal}};
}

// `*` any run of characters, `?` any one.
bool like(std::string_view text, std::string_view pattern) {
    std::size_t t = 0, p = 0, star = std::string_view::npos, resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::string_view text_at(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

// A condition that this room does not write itself is not met.
bool conditions_met(const json::object& statement, std::string_view source_arn,
                    std::string_view source_account) {
    const auto* conditions = statement.if_contains("Condition");
    if (!conditions) return true;
    for (const auto& [kind, keys] : conditions->as_object()) {
        for (const auto& [key, wanted] : keys.as_object()) {
            if (!wanted.is_string()) return false;
            std::string_view value(wanted.get_string());
            bool arn = kind == "ArnLike" && key == "AWS:SourceArn" && like(source_arn, value);
            bool account = kind == "StringEquals" && key == "AWS:SourceAccount" && value == source_account;
            if (!arn && !account) return false;
        }
    }
    return true;
}

}  // namespace

json::object statement_of(const Grant& grant, const std::string& resource) {
    json::object conditions;
    if (!grant.source_account.empty())
        conditions["StringEquals"].emplace_object()["AWS:SourceAccount"] = grant.source_account;
    if (!grant.principal_org.empty()) {
        auto& equals = conditions["StringEquals"];
        if (!equals.is_object()) equals.emplace_object();
        equals.get_object()["aws:PrincipalOrgID"] = grant.principal_org;
    }
    if (!grant.source_arn.empty()) conditions["ArnLike"].emplace_object()["AWS:SourceArn"] = grant.source_arn;
    json::object statement = {{"Sid", grant.sid},
                              {"Effect", "Allow"},
                              {"Principal", principal_of(grant.principal)},
                              {"Action", grant.action},
                              {"Resource", resource}};
    if (!conditions.empty()) statement["Condition"] = std::move(conditions);
    return statement;
}

std::string policy_document(const std::map<std::string, json::object>& statements) {
    if (statements.empty()) return {};
    json::array list;
    for (const auto& [sid, statement] : statements)
        list.push_back(statement);
    return json::serialize(
        json::object{{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", std::move(list)}});
}

bool allows_service(std::string_view policy, std::string_view service, std::string_view source_arn,
                    std::string_view source_account) {
    boost::system::error_code error;
    auto document = json::parse(policy, error);
    if (error || !document.is_object()) return false;
    for (const auto& item : document.get_object().at("Statement").as_array()) {
        const auto& statement = item.as_object();
        auto action = text_at(statement, "Action");
        if (action != "lambda:InvokeFunction" && action != "lambda:*") continue;
        const auto& principal = statement.at("Principal");
        bool everyone = principal.is_string() && principal.get_string() == "*";
        bool named = principal.is_object() && text_at(principal.get_object(), "Service") == service;
        if ((everyone || named) && conditions_met(statement, source_arn, source_account)) return true;
    }
    return false;
}

}  // namespace functions
