// Operations on functions: CreateFunction, GetFunction, GetFunctionConfiguration, ListFunctions,
// UpdateFunctionCode, UpdateFunctionConfiguration, DeleteFunction.
#include <algorithm>

#include "services/lambda/configuration.h"
#include "services/lambda/service.h"

namespace services::lambda {
namespace {

// The zip of 50 MB in base64, and what is around it.
constexpr std::size_t kCodeBodyBytesMax = 70u << 20;

struct CodeInput {
    std::optional<base::Bytes> zip;
    std::string bucket, key, version;
    std::optional<std::string> image;
    static auto members() {
        return wire::members(wire::optional("ZipFile", &CodeInput::zip),
                             wire::optional("S3Bucket", &CodeInput::bucket, wire::length(3, 63)),
                             wire::optional("S3Key", &CodeInput::key, wire::length(1, 1024)),
                             wire::optional("S3ObjectVersion", &CodeInput::version, wire::length(1, 1024)),
                             wire::optional("ImageUri", &CodeInput::image));
    }
};

Result<base::Bytes> zip_of(const Rooms& rooms, wire::Call& call, const CodeInput& input) {
    if (input.image) return invalid("not implemented: ImageUri");
    if (input.zip && !input.bucket.empty())
        return invalid("Please do not provide other FunctionCode parameters when providing a ZipFile.");
    if (input.zip) {
        if (input.zip->empty()) return invalid("Uploaded file must be a non-empty zip");
        return *input.zip;
    }
    if (input.bucket.empty() || input.key.empty())
        return invalid("Please provide a source for function code.");
    return rooms.read_code(call, {input.bucket, input.key, input.version});
}

bool is_native(const std::string& architecture) {
#if defined(__aarch64__)
    return architecture == "arm64";
#else
    return architecture == "x86_64";
#endif
}

// Python code runs anywhere; programs only on the machine that they are made for.
Result<void> set_architecture(const std::vector<std::string>& architectures, functions::Config& config) {
    if (!architectures.empty()) config.architecture = architectures.front();
    if (functions::runtime_kind(config.runtime) == functions::RuntimeKind::executable &&
        !is_native(config.architecture))
        return invalid("This machine cannot run programs for " + config.architecture + ".");
    return {};
}

auto architecture_limits() {
    return wire::each(wire::one_of({"x86_64", "arm64"}));
}

struct CreateFunction {
    static constexpr std::string_view name = "CreateFunction";
    static constexpr wire::Route route{"POST", kFunctions};
    static constexpr std::size_t body_bytes_max = kCodeBodyBytesMax;
    struct Input : ConfigurationInput {
        std::string function;
        std::string role_arn;
        CodeInput code;
        bool publish = false;
        std::string package_type = "Zip";
        std::vector<std::string> architectures;
        std::map<std::string, std::string> tags;
        std::optional<std::string> signing;
        static auto members() {
            return std::tuple_cat(
                wire::members(
                    function_name(&Input::function),
                    wire::required("Role", &Input::role_arn, wire::pattern(kRolePattern)),
                    wire::required("Code", &Input::code), wire::optional("Publish", &Input::publish),
                    wire::optional("PackageType", &Input::package_type, wire::one_of({"Image", "Zip"})),
                    wire::optional("Architectures", &Input::architectures, wire::items(1, 1),
                                   architecture_limits()),
                    wire::optional("Tags", &Input::tags),
                    wire::optional("CodeSigningConfigArn", &Input::signing)),
                configuration_members());
        }
    };
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return with_role("lambda:CreateFunction", input.function, input.role_arn, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call));
        if (!reference.qualifier.empty()) return invalid("A function's name cannot hold a qualifier.");
        if (input.package_type == "Image") return invalid("not implemented: PackageType Image");
        if (input.signing) return invalid("not implemented: CodeSigningConfigArn");
        if (!input.runtime || !input.handler)
            return invalid(
                "Runtime and Handler are mandatory parameters for functions created with deployment "
                "packages.");
        if (input.tags.size() > functions::kTagsMax) return invalid("A function can have at most 50 tags.");
        functions::Config config;
        config.role = input.role_arn;
        TRY(apply(input, config));
        TRY(set_architecture(input.architectures, config));
        TRY(check_role(rooms, config.role));
        auto zip = TRY(zip_of(rooms, call, input.code));
        auto made = TRY(rooms.functions.create(reference.id, config, zip, input.tags));
        if (input.publish) made = TRY(rooms.functions.publish(reference.id, ""));
        wire::Reply reply(shape(made));
        reply.status = 201;
        return reply;
    }
};

struct GetFunction {
    static constexpr std::string_view name = "GetFunction";
    static constexpr wire::Route route{"GET", "/2015-03-31/functions/{FunctionName}"};
    struct Input {
        std::string function, qualifier;
        static auto members() {
            return wire::members(function_name(&Input::function), qualifier_in_query(&Input::qualifier));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:GetFunction", input.function, call, input.qualifier);
    }
    // AWS adds the address of a presigned download; there is none here.
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call, input.qualifier));
        auto function = TRY(rooms.functions.get(reference.id, reference.qualifier));
        json::object out = {{"Configuration", shape(function)}, {"Code", {{"RepositoryType", "S3"}}}};
        auto tags = TRY(rooms.functions.tags(reference.id));
        if (!tags.empty()) out["Tags"] = json::value_from(tags);
        if (auto reserved = TRY(rooms.functions.reserved_concurrency(reference.id)))
            out["Concurrency"] = {{"ReservedConcurrentExecutions", *reserved}};
        return wire::Reply(std::move(out));
    }
};

struct GetFunctionConfiguration {
    static constexpr std::string_view name = "GetFunctionConfiguration";
    static constexpr wire::Route route{"GET", "/2015-03-31/functions/{FunctionName}/configuration"};
    using Input = GetFunction::Input;
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:GetFunctionConfiguration", input.function, call, input.qualifier);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call, input.qualifier));
        return wire::Reply(shape(TRY(rooms.functions.get(reference.id, reference.qualifier))));
    }
};

struct ListFunctions {
    static constexpr std::string_view name = "ListFunctions";
    static constexpr wire::Route route{"GET", kFunctions};
    struct Input {
        std::string marker, function_version, master_region;
        int max_items = kPageMax;
        static auto members() {
            return wire::members(
                lambda::marker(&Input::marker), lambda::max_items(&Input::max_items),
                wire::optional("FunctionVersion", &Input::function_version, wire::one_of({"ALL"}),
                               wire::in_query("FunctionVersion")),
                wire::optional("MasterRegion", &Input::master_region, wire::in_query("MasterRegion")));
        }
    };
    static std::string resource(const Input&, const wire::Call&) { return "*"; }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto page = TRY(
            rooms.functions.list(call.caller.account, call.region, input.marker, page_size(input.max_items)));
        json::array list;
        for (const auto& function : page.items) {
            list.push_back(shape(function));
            if (input.function_version != "ALL") continue;
            auto versions = TRY(rooms.functions.versions(function.id, "1", functions::kVersionsMax));
            for (const auto& version : versions.items)
                list.push_back(shape(version));
        }
        json::object out = {{"Functions", std::move(list)}};
        if (!page.next.empty()) out["NextMarker"] = page.next;
        return wire::Reply(std::move(out));
    }
};

struct UpdateFunctionCode {
    static constexpr std::string_view name = "UpdateFunctionCode";
    static constexpr wire::Route route{"PUT", "/2015-03-31/functions/{FunctionName}/code"};
    static constexpr std::size_t body_bytes_max = kCodeBodyBytesMax;
    struct Input : CodeInput {
        std::string function, revision;
        bool publish = false, dry_run = false;
        std::vector<std::string> architectures;
        // The members of the code stand beside the others here.
        template <class Type>
        static Type Input::*code(Type CodeInput::*member) {
            return member;
        }
        static auto members() {
            return wire::members(
                function_name(&Input::function), wire::optional("RevisionId", &Input::revision),
                wire::optional("Publish", &Input::publish), wire::optional("DryRun", &Input::dry_run),
                wire::optional("Architectures", &Input::architectures, wire::items(1, 1),
                               architecture_limits()),
                wire::optional("ZipFile", code(&CodeInput::zip)),
                wire::optional("S3Bucket", code(&CodeInput::bucket), wire::length(3, 63)),
                wire::optional("S3Key", code(&CodeInput::key), wire::length(1, 1024)),
                wire::optional("S3ObjectVersion", code(&CodeInput::version), wire::length(1, 1024)),
                wire::optional("ImageUri", code(&CodeInput::image)));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:UpdateFunctionCode", input.function, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call));
        auto before = TRY(rooms.functions.get(reference.id));
        TRY(set_architecture(input.architectures, before.config));
        auto zip = TRY(zip_of(rooms, call, input));
        if (input.dry_run) return wire::Reply(shape(before));
        auto function = TRY(rooms.functions.update_code(reference.id, zip, input.revision));
        if (before.config.architecture != function.config.architecture)
            function = TRY(
                rooms.functions.update_config(reference.id, [&](functions::Config& config) -> Result<void> {
                    config.architecture = before.config.architecture;
                    return {};
                }));
        if (input.publish) function = TRY(rooms.functions.publish(reference.id, ""));
        return wire::Reply(shape(function));
    }
};

struct UpdateFunctionConfiguration {
    static constexpr std::string_view name = "UpdateFunctionConfiguration";
    static constexpr wire::Route route{"PUT", "/2015-03-31/functions/{FunctionName}/configuration"};
    struct Input : ConfigurationInput {
        std::string function, revision;
        static auto members() {
            return std::tuple_cat(
                wire::members(function_name(&Input::function), wire::optional("RevisionId", &Input::revision),
                              wire::optional("Role", &ConfigurationInput::role, wire::pattern(kRolePattern))),
                configuration_members());
        }
    };
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return with_role("lambda:UpdateFunctionConfiguration", input.function, input.role, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call));
        TRY(rooms.functions.get(reference.id));
        if (input.role) TRY(check_role(rooms, *input.role));
        auto change = [&](functions::Config& config) -> Result<void> {
            TRY(apply(input, config));
            return set_architecture({}, config);
        };
        return wire::Reply(shape(TRY(rooms.functions.update_config(reference.id, change, input.revision))));
    }
};

struct DeleteFunction {
    static constexpr std::string_view name = "DeleteFunction";
    static constexpr wire::Route route{"DELETE", "/2015-03-31/functions/{FunctionName}"};
    using Input = GetFunction::Input;
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:DeleteFunction", input.function, call, input.qualifier);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call, input.qualifier));
        if (reference.qualifier.empty())
            TRY(rooms.functions.remove(reference.id));
        else
            TRY(rooms.functions.remove_version(reference.id, reference.qualifier));
        wire::Reply reply;
        reply.status = 204;
        return reply;
    }
};

}  // namespace

void add_function_operations(wire::Service& service, Rooms& rooms) {
    service.add<CreateFunction>(rooms);
    service.add<GetFunction>(rooms);
    service.add<GetFunctionConfiguration>(rooms);
    service.add<ListFunctions>(rooms);
    service.add<UpdateFunctionCode>(rooms);
    service.add<UpdateFunctionConfiguration>(rooms);
    service.add<DeleteFunction>(rooms);
}

}  // namespace services::lambda
