// What surrounds functions: ListTags, TagResource, UntagResource, PutFunctionConcurrency,
// GetFunctionConcurrency, DeleteFunctionConcurrency, GetAccountSettings, GetFunctionCodeSigningConfig,
// ListEventSourceMappings.
#include "services/lambda/service.h"
#include "services/lambda/shapes.h"

namespace services::lambda {
namespace {

template <class Owner>
auto tagged(std::string Owner::*member) {
    return wire::required("Resource", member, wire::length(1, 256), wire::pattern(kTagResourcePattern));
}

Result<functions::FunctionId> function_of(const std::string& arn, const wire::Call& call) {
    auto reference = TRY(reference_of(arn, call));
    if (!reference.qualifier.empty())
        return invalid(
            "Tags on function aliases and versions are not supported. Please specify either a function ARN.");
    return reference.id;
}

wire::Reply nothing(int status) {
    wire::Reply reply;
    reply.status = status;
    return reply;
}

struct ListTags {
    static constexpr std::string_view name = "ListTags";
    static constexpr wire::Route route{"GET", "/2017-03-31/tags/{Resource}"};
    struct Input {
        std::string arn;
        static auto members() { return wire::members(tagged(&Input::arn)); }
    };
    static std::string resource(const Input& input, const wire::Call&) { return input.arn; }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto tags = TRY(rooms.functions.tags(TRY(function_of(input.arn, call))));
        return wire::Reply({{"Tags", json::value_from(tags)}});
    }
};

struct TagResource {
    static constexpr std::string_view name = "TagResource";
    static constexpr wire::Route route{"POST", "/2017-03-31/tags/{Resource}"};
    struct Input {
        std::string arn;
        std::map<std::string, std::string> tags;
        static auto members() {
            return wire::members(tagged(&Input::arn), wire::required("Tags", &Input::tags));
        }
    };
    static std::string resource(const Input& input, const wire::Call&) { return input.arn; }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(rooms.functions.change_tags(TRY(function_of(input.arn, call)), input.tags, {}));
        return nothing(204);
    }
};

struct UntagResource {
    static constexpr std::string_view name = "UntagResource";
    static constexpr wire::Route route{"DELETE", "/2017-03-31/tags/{Resource}"};
    struct Input {
        std::string arn;
        std::vector<std::string> keys;
        static auto members() {
            return wire::members(tagged(&Input::arn),
                                 wire::required("TagKeys", &Input::keys, wire::in_query("tagKeys")));
        }
    };
    static std::string resource(const Input& input, const wire::Call&) { return input.arn; }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(rooms.functions.change_tags(TRY(function_of(input.arn, call)), {}, input.keys));
        return nothing(204);
    }
};

struct PutFunctionConcurrency {
    static constexpr std::string_view name = "PutFunctionConcurrency";
    static constexpr wire::Route route{"PUT", "/2017-10-31/functions/{FunctionName}/concurrency"};
    struct Input {
        std::string function;
        int reserved = 0;
        static auto members() {
            return wire::members(
                function_name(&Input::function),
                wire::required("ReservedConcurrentExecutions", &Input::reserved, wire::at_least(0)));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:PutFunctionConcurrency", input.function, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call));
        TRY(rooms.functions.set_reserved_concurrency(reference.id, input.reserved));
        return wire::Reply({{"ReservedConcurrentExecutions", input.reserved}});
    }
};

struct FunctionInput {
    std::string function;
    static auto members() { return wire::members(function_name(&FunctionInput::function)); }
};

struct GetFunctionConcurrency {
    static constexpr std::string_view name = "GetFunctionConcurrency";
    static constexpr wire::Route route{"GET", "/2019-09-30/functions/{FunctionName}/concurrency"};
    using Input = FunctionInput;
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:GetFunctionConcurrency", input.function, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call));
        json::object out;
        if (auto reserved = TRY(rooms.functions.reserved_concurrency(reference.id)))
            out["ReservedConcurrentExecutions"] = *reserved;
        return wire::Reply(std::move(out));
    }
};

struct DeleteFunctionConcurrency {
    static constexpr std::string_view name = "DeleteFunctionConcurrency";
    static constexpr wire::Route route{"DELETE", "/2017-10-31/functions/{FunctionName}/concurrency"};
    using Input = FunctionInput;
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:DeleteFunctionConcurrency", input.function, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call));
        TRY(rooms.functions.set_reserved_concurrency(reference.id, std::nullopt));
        return nothing(204);
    }
};

// Signing of code is not here, so no function has a configuration for it; Terraform asks nevertheless.
struct GetFunctionCodeSigningConfig {
    static constexpr std::string_view name = "GetFunctionCodeSigningConfig";
    static constexpr wire::Route route{"GET", "/2020-06-30/functions/{FunctionName}/code-signing-config"};
    using Input = FunctionInput;
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:GetFunctionCodeSigningConfig", input.function, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call));
        TRY(rooms.functions.get(reference.id));
        return wire::Reply(json::object{});
    }
};

struct GetAccountSettings {
    static constexpr std::string_view name = "GetAccountSettings";
    static constexpr wire::Route route{"GET", "/2016-08-19/account-settings"};
    struct Input {
        static auto members() { return wire::members(); }
    };
    static std::string resource(const Input&, const wire::Call&) { return "*"; }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input&) {
        std::uint64_t bytes = 0, count = 0, reserved = 0;
        std::string from;
        do {
            auto page = TRY(rooms.functions.list(call.caller.account, call.region, from, kPageMax));
            for (const auto& function : page.items) {
                bytes += function.code.size;
                ++count;
                reserved += static_cast<std::uint64_t>(
                    TRY(rooms.functions.reserved_concurrency(function.id)).value_or(0));
            }
            from = page.next;
        } while (!from.empty());
        auto most = rooms.invoker.processes_max();
        return wire::Reply(
            {{"AccountLimit",
              {{"CodeSizeUnzipped", functions::kUnpackedBytesMax},
               {"CodeSizeZipped", functions::kZipBytesMax},
               {"ConcurrentExecutions", most},
               {"UnreservedConcurrentExecutions", most - std::min<std::uint64_t>(reserved, most)}}},
             {"AccountUsage", {{"TotalCodeSize", bytes}, {"FunctionCount", count}}}});
    }
};

// Streams and queues are not here, so nothing can be mapped to a function.
struct ListEventSourceMappings {
    static constexpr std::string_view name = "ListEventSourceMappings";
    static constexpr wire::Route route{"GET", "/2015-03-31/event-source-mappings"};
    struct Input {
        static auto members() { return wire::members(); }
    };
    static std::string resource(const Input&, const wire::Call&) { return "*"; }
    static Result<wire::Reply> run(Rooms&, wire::Call&, const Input&) {
        return wire::Reply({{"EventSourceMappings", json::array{}}});
    }
};

}  // namespace

void add_setting_operations(wire::Service& service, Rooms& rooms) {
    service.add<ListTags>(rooms);
    service.add<TagResource>(rooms);
    service.add<UntagResource>(rooms);
    service.add<PutFunctionConcurrency>(rooms);
    service.add<GetFunctionConcurrency>(rooms);
    service.add<DeleteFunctionConcurrency>(rooms);
    service.add<GetFunctionCodeSigningConfig>(rooms);
    service.add<GetAccountSettings>(rooms);
    service.add<ListEventSourceMappings>(rooms);
}

}  // namespace services::lambda
