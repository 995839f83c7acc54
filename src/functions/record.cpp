#include "functions/record.h"

#include <fmt/format.h>

namespace functions {

namespace json = boost::json;

namespace {

Error lacks(std::string_view name) {
    return Error::failure(fmt::format("functions: a record lacks {}", name));
}

}  // namespace

std::string write_record(json::object record) {
    record["version"] = kRecordVersion;
    return json::serialize(record);
}

Result<json::object> read_record(std::string_view bytes) {
    boost::system::error_code error;
    auto value = json::parse(bytes, error);
    if (error || !value.is_object()) return Error::failure("functions: a record is not JSON");
    const auto* version = value.get_object().if_contains("version");
    if (!version || *version != kRecordVersion)
        return Error::failure("functions: a record of another version");
    return std::move(value.get_object());
}

Result<std::string> text_of(const json::object& record, std::string_view name) {
    const auto* value = record.if_contains(name);
    if (!value || !value->is_string()) return lacks(name);
    return std::string(value->get_string());
}

Result<std::int64_t> number_of(const json::object& record, std::string_view name) {
    const auto* value = record.if_contains(name);
    if (!value || !value->is_int64()) return lacks(name);
    return value->get_int64();
}

Result<std::map<std::string, std::string>> map_of(const json::object& record, std::string_view name) {
    const auto* value = record.if_contains(name);
    if (!value || !value->is_object()) return lacks(name);
    std::map<std::string, std::string> out;
    for (const auto& [key, item] : value->get_object()) {
        if (!item.is_string()) return lacks(name);
        out.emplace(key, item.get_string());
    }
    return out;
}

json::object to_record(const Function& function) {
    const auto& config = function.config;
    return {{"function_version", function.version},
            {"runtime", config.runtime},
            {"role", config.role},
            {"handler", config.handler},
            {"description", config.description},
            {"timeout_seconds", config.timeout_seconds},
            {"memory_mb", config.memory_mb},
            {"ephemeral_mb", config.ephemeral_mb},
            {"environment", json::value_from(config.environment)},
            {"architecture", config.architecture},
            {"log_group", config.log_group},
            {"code_blob", function.code.blob.str()},
            {"code_size", static_cast<std::int64_t>(function.code.size)},
            {"code_sha256", function.code.sha256_base64},
            {"revision", function.revision_id},
            {"modified", function.last_modified.time_since_epoch().count()}};
}

Result<Function> to_function(const FunctionId& id, const json::object& record) {
    Function out;
    out.id = id;
    out.version = TRY(text_of(record, "function_version"));
    auto& config = out.config;
    config.runtime = TRY(text_of(record, "runtime"));
    config.role = TRY(text_of(record, "role"));
    config.handler = TRY(text_of(record, "handler"));
    config.description = TRY(text_of(record, "description"));
    config.timeout_seconds = static_cast<int>(TRY(number_of(record, "timeout_seconds")));
    config.memory_mb = static_cast<int>(TRY(number_of(record, "memory_mb")));
    config.ephemeral_mb = static_cast<int>(TRY(number_of(record, "ephemeral_mb")));
    config.environment = TRY(map_of(record, "environment"));
    config.architecture = TRY(text_of(record, "architecture"));
    config.log_group = TRY(text_of(record, "log_group"));
    out.code.blob = store::BlobId(TRY(text_of(record, "code_blob")));
    out.code.size = static_cast<std::uint64_t>(TRY(number_of(record, "code_size")));
    out.code.sha256_base64 = TRY(text_of(record, "code_sha256"));
    out.revision_id = TRY(text_of(record, "revision"));
    out.last_modified = base::Time{base::Duration{TRY(number_of(record, "modified"))}};
    return out;
}

json::object to_record(const Alias& alias) {
    return {{"name", alias.name},
            {"function_version", alias.version},
            {"description", alias.description},
            {"revision", alias.revision_id}};
}

Result<Alias> to_alias(const json::object& record) {
    Alias out;
    out.name = TRY(text_of(record, "name"));
    out.version = TRY(text_of(record, "function_version"));
    out.description = TRY(text_of(record, "description"));
    out.revision_id = TRY(text_of(record, "revision"));
    return out;
}

}  // namespace functions
