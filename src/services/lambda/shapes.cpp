#include "services/lambda/shapes.h"

#include <algorithm>

namespace services::lambda {

std::size_t page_size(int max_items) {
    return std::min<std::size_t>(static_cast<std::size_t>(std::max(max_items, 1)), kPageMax);
}

Error invalid(std::string message) {
    return Error::refusal(functions::Refusal::invalid_parameter, std::move(message));
}

Result<functions::Reference> reference_of(const std::string& name, const wire::Call& call,
                                          const std::string& qualifier) {
    auto reference = TRY(functions::parse_reference(name, call.caller.account, call.region));
    if (qualifier.empty()) return reference;
    if (!reference.qualifier.empty() && reference.qualifier != qualifier)
        return invalid(
            "The derived qualifier from the function name does not match the specified qualifier.");
    reference.qualifier = qualifier;
    return reference;
}

Result<std::vector<wire::Permission>> on_function(std::string_view action, const std::string& name,
                                                  const wire::Call& call, const std::string& qualifier) {
    auto reference = TRY(reference_of(name, call, qualifier));
    auto arn = reference.id.arn();
    if (!reference.qualifier.empty()) arn += ":" + reference.qualifier;
    return std::vector{wire::Permission{.action = std::string(action), .resource = std::move(arn)}};
}

std::string lambda_time(base::Time time) {
    auto text = base::iso8601(time);
    text.pop_back();
    return text + "+0000";
}

json::object shape(const functions::Function& function) {
    const auto& config = function.config;
    bool published = function.version != functions::kLatest;
    json::object out = {
        {"FunctionName", function.id.name},
        {"FunctionArn", published ? function.arn() : function.id.arn()},
        {"Runtime", config.runtime},
        {"Role", config.role},
        {"Handler", config.handler},
        {"CodeSize", function.code.size},
        {"Description", config.description},
        {"Timeout", config.timeout_seconds},
        {"MemorySize", config.memory_mb},
        {"LastModified", lambda_time(function.last_modified)},
        {"CodeSha256", function.code.sha256_base64},
        {"Version", function.version},
        {"TracingConfig", {{"Mode", "PassThrough"}}},
        {"RevisionId", function.revision_id},
        {"State", "Active"},
        {"LastUpdateStatus", "Successful"},
        {"PackageType", "Zip"},
        {"Architectures", json::array{config.architecture}},
        {"EphemeralStorage", {{"Size", config.ephemeral_mb}}},
        {"SnapStart", {{"ApplyOn", "None"}, {"OptimizationStatus", "Off"}}},
        {"LoggingConfig", {{"LogFormat", "Text"}, {"LogGroup", function.log_group()}}},
    };
    if (!config.environment.empty())
        out["Environment"] = {{"Variables", json::value_from(config.environment)}};
    return out;
}

}  // namespace services::lambda
