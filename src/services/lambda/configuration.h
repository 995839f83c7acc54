// The part of a function that callers write: members of CreateFunction and UpdateFunctionConfiguration, and
// their way into functions::Config.
#pragma once

#include "services/lambda/shapes.h"

namespace services::lambda {

struct EnvironmentInput {
    std::map<std::string, std::string> variables;
    static auto members() { return wire::members(wire::optional("Variables", &EnvironmentInput::variables)); }
};

struct EphemeralStorageInput {
    int size = 512;
    static auto members() {
        return wire::members(wire::required("Size", &EphemeralStorageInput::size, wire::range(512, 10'240)));
    }
};

struct TracingInput {
    std::string mode;
    static auto members() {
        return wire::members(
            wire::optional("Mode", &TracingInput::mode, wire::one_of({"Active", "PassThrough"})));
    }
};

struct LoggingInput {
    std::string format, group;
    static auto members() {
        return wire::members(
            wire::optional("LogFormat", &LoggingInput::format, wire::one_of({"JSON", "Text"})),
            wire::optional("LogGroup", &LoggingInput::group, wire::length(1, 512),
                           wire::pattern(R"([\.\-_/#A-Za-z0-9]+)")));
    }
};

// What is not given stays as it is. Members that stand for features which are not here are taken as they
// come, so that they can be refused by name, unless they ask for nothing.
struct ConfigurationInput {
    std::optional<std::string> runtime, role, handler, description;
    std::optional<int> timeout, memory_size;
    std::optional<EnvironmentInput> environment;
    std::optional<EphemeralStorageInput> ephemeral_storage;
    std::optional<TracingInput> tracing;
    std::optional<LoggingInput> logging;
    std::optional<json::value> vpc, dead_letter, layers, file_systems, image, snap_start, kms_key, durable;
};

inline auto configuration_members() {
    using C = ConfigurationInput;
    return wire::members(
        wire::optional("Runtime", &C::runtime),
        wire::optional("Handler", &C::handler, wire::length(0, 128), wire::pattern(R"([^\s]+)")),
        wire::optional("Description", &C::description, wire::length(0, 256)),
        wire::optional("Timeout", &C::timeout, wire::range(1, 900)),
        wire::optional("MemorySize", &C::memory_size, wire::range(128, 10'240)),
        wire::optional("Environment", &C::environment),
        wire::optional("EphemeralStorage", &C::ephemeral_storage),
        wire::optional("TracingConfig", &C::tracing), wire::optional("LoggingConfig", &C::logging),
        wire::optional("VpcConfig", &C::vpc), wire::optional("DeadLetterConfig", &C::dead_letter),
        wire::optional("Layers", &C::layers), wire::optional("FileSystemConfigs", &C::file_systems),
        wire::optional("ImageConfig", &C::image), wire::optional("SnapStart", &C::snap_start),
        wire::optional("KMSKeyArn", &C::kms_key), wire::optional("DurableConfig", &C::durable));
}

// Puts what is given into `config`, and judges the whole.
Result<void> apply(const ConfigurationInput& input, functions::Config& config);

// lambda:CreateFunction and the like, and iam:PassRole on the role if one is given.
Result<std::vector<wire::Permission>> with_role(std::string_view action, const std::string& function,
                                                const std::optional<std::string>& role,
                                                const wire::Call& call);
// "The role defined for the function cannot be assumed by Lambda." unless it can.
Result<void> check_role(const Rooms& rooms, const std::string& role);

}  // namespace services::lambda
