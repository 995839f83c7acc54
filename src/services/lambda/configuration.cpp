#include "services/lambda/configuration.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace services::lambda {
namespace {

// Every name that Lambda has ever had.
constexpr std::array<std::string_view, 47> kRuntimes = {
    "nodejs",         "nodejs4.3",     "nodejs6.10",    "nodejs8.10",      "nodejs10.x", "nodejs12.x",
    "nodejs14.x",     "nodejs16.x",    "nodejs18.x",    "nodejs20.x",      "nodejs22.x", "nodejs24.x",
    "nodejs4.3-edge", "java8",         "java8.al2",     "java11",          "java17",     "java21",
    "java25",         "python2.7",     "python3.6",     "python3.7",       "python3.8",  "python3.9",
    "python3.10",     "python3.11",    "python3.12",    "python3.13",      "python3.14", "dotnetcore1.0",
    "dotnetcore2.0",  "dotnetcore2.1", "dotnetcore3.1", "dotnet6",         "dotnet8",    "dotnet10",
    "go1.x",          "ruby2.5",       "ruby2.7",       "ruby3.2",         "ruby3.3",    "ruby3.4",
    "ruby4.0",        "provided",      "provided.al2",  "provided.al2023", "byol"};

constexpr std::array<std::string_view, 21> kReservedVariables = {
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "AWS_LAMBDA_METADATA_API",
};

bool is_variable_name(std::string_view name) {
    auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return name.size() >= 2 && letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
               return letter(c) || (c >= '0' && c <= '9') || c == '_';
           });
}

Result<void> check_environment(const std::map<std::string, std::string>& variables) {
    std::vector<std::string_view> reserved;
    for (const auto& [name, value] : variables) {
        if (std::find(kReservedVariables.begin(), kReservedVariables.end(), name) !=
            kReservedVariables.end()) {
            reserved.push_back(name);
            continue;
        }
        if (!is_variable_name(name))
            return invalid(
                fmt::format("1 validation error detected: Value at 'environment.variables' failed to satisfy "
                            "constraint: Map keys must satisfy constraint: [Member must satisfy regular "
                            "expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]"));
        if (value.find('\0') != value.npos) return invalid("An environment variable holds a NUL character.");
    }
    if (reserved.empty()) return {};
    return invalid(
        fmt::format("Lambda was unable to configure your environment variables because the environment "
                    "variables you have provided contains reserved keys that are currently not supported "
                    "for modification. Reserved keys used in this request: {}",
                    fmt::join(reserved, ", ")));
}

Result<void> check_runtime(const std::string& runtime) {
    if (std::find(kRuntimes.begin(), kRuntimes.end(), runtime) == kRuntimes.end())
        return invalid(
            fmt::format("Value {} at 'runtime' failed to satisfy constraint: Member must satisfy enum value "
                        "set: [{}] or be a valid ARN",
                        runtime, fmt::join(kRuntimes, ", ")));
    if (functions::runtime_kind(runtime) != functions::RuntimeKind::unsupported) return {};
    return Error::refusal(
        functions::Refusal::runtime_unsupported,
        fmt::format("Likeness cannot run functions of the runtime {}: only python3.x, and provided.* "
                    "with a bootstrap program.",
                    runtime));
}

// Whether a member asks for nothing: null, "", [], {}, or an object of such.
bool is_empty(const json::value& value) {
    if (value.is_null()) return true;
    if (value.is_string()) return value.get_string().empty();
    if (value.is_array()) return value.get_array().empty();
    if (value.is_bool()) return !value.get_bool();
    if (!value.is_object()) return false;
    return std::all_of(value.get_object().begin(), value.get_object().end(),
                       [](const auto& member) { return is_empty(member.value()); });
}

Result<void> check_features(const ConfigurationInput& input) {
    auto lacks = [](std::string_view feature) {
        return invalid(fmt::format("not implemented: {}", feature));
    };
    auto asks = [](const std::optional<json::value>& member) { return member && !is_empty(*member); };
    if (asks(input.vpc)) return lacks("VpcConfig");
    if (asks(input.dead_letter)) return lacks("DeadLetterConfig");
    if (asks(input.layers)) return lacks("Layers");
    if (asks(input.file_systems)) return lacks("FileSystemConfigs");
    if (asks(input.image)) return lacks("ImageConfig");
    if (asks(input.kms_key)) return lacks("KMSKeyArn");
    if (asks(input.durable)) return lacks("DurableConfig");
    if (asks(input.snap_start) && *input.snap_start != json::value{{"ApplyOn", "None"}})
        return lacks("SnapStart");
    if (input.tracing && input.tracing->mode == "Active") return lacks("TracingConfig Active");
    if (input.logging && input.logging->format == "JSON") return lacks("LogFormat JSON");
    return {};
}

template <class Type>
void put(const std::optional<Type>& given, Type& place) {
    if (given) place = *given;
}

}  // namespace

Result<void> apply(const ConfigurationInput& input, functions::Config& config) {
    TRY(check_features(input));
    if (input.runtime) TRY(check_runtime(*input.runtime));
    if (input.environment) TRY(check_environment(input.environment->variables));
    put(input.runtime, config.runtime);
    put(input.role, config.role);
    put(input.handler, config.handler);
    put(input.description, config.description);
    put(input.timeout, config.timeout_seconds);
    put(input.memory_size, config.memory_mb);
    if (input.environment) config.environment = input.environment->variables;
    if (input.ephemeral_storage) config.ephemeral_mb = input.ephemeral_storage->size;
    if (input.logging) config.log_group = input.logging->group;
    return {};
}

Result<std::vector<wire::Permission>> with_role(std::string_view action, const std::string& function,
                                                const std::optional<std::string>& role,
                                                const wire::Call& call) {
    auto permissions = TRY(on_function(action, function, call));
    if (role)
        permissions.push_back({.action = "iam:PassRole",
                               .resource = *role,
                               .context = {{"iam:PassedToService", {"lambda.amazonaws.com"}}}});
    return permissions;
}

Result<void> check_role(const Rooms& rooms, const std::string& role) {
    if (TRY(rooms.role_is_assumable(role))) return {};
    return invalid("The role defined for the function cannot be assumed by Lambda.");
}

}  // namespace services::lambda
