// Invoke, in its three ways: waiting for the answer, leaving an event, trying whether it would be allowed.
#include <boost/json.hpp>

#include "services/lambda/service.h"
#include "services/lambda/shapes.h"

namespace services::lambda {
namespace {

struct Invoke {
    static constexpr std::string_view name = "Invoke";
    static constexpr std::string_view action = "lambda:InvokeFunction";
    static constexpr wire::Route route{"POST", "/2015-03-31/functions/{FunctionName}/invocations"};
    static constexpr wire::Lane lane = wire::Lane::invocation;
    static constexpr std::size_t body_bytes_max = functions::kPayloadBytesMax;
    struct Input {
        std::string function, qualifier;
        std::string type = "RequestResponse";
        std::string log_type = "None";
        std::string client_context;
        std::string payload;
        static auto members() {
            return wire::members(function_name(&Input::function), qualifier_in_query(&Input::qualifier),
                                 wire::optional("InvocationType", &Input::type,
                                                wire::one_of({"DryRun", "Event", "RequestResponse"}),
                                                wire::in_header("X-Amz-Invocation-Type")),
                                 wire::optional("LogType", &Input::log_type, wire::one_of({"None", "Tail"}),
                                                wire::in_header("X-Amz-Log-Type")),
                                 wire::optional("ClientContext", &Input::client_context,
                                                wire::in_header("X-Amz-Client-Context")),
                                 wire::optional("Payload", &Input::payload, wire::whole_body()));
        }
    };

    static Result<std::vector<wire::Permission>> permissions(const Rooms& rooms, const Input& input,
                                                             const wire::Call& call) {
        auto permissions = TRY(on_function(action, input.function, call, input.qualifier));
        auto reference = TRY(reference_of(input.function, call, input.qualifier));
        auto policy = rooms.functions.policy(reference.id, reference.qualifier);
        if (policy.ok()) permissions[0].resource_policy = policy->document;
        return permissions;
    }

    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call, input.qualifier));
        auto function = TRY(rooms.functions.get(reference.id, reference.qualifier));
        auto client_context = TRY(client_context_of(input.client_context));
        functions::Invocation invocation{.request_id = call.request_id,
                                         .payload = input.payload,
                                         .client_context = std::move(client_context),
                                         .qualifier = reference.qualifier};
        wire::Reply reply;
        reply.raw = std::string();
        if (input.type == "DryRun") {
            reply.status = 204;
            return reply;
        }
        if (input.type == "Event") {
            TRY(rooms.invoker.invoke_async(reference.id, reference.qualifier, invocation));
            reply.status = 202;
            return reply;
        }
        auto invoked = TRY(rooms.invoker.invoke(function, invocation));
        reply.headers.set("Content-Type", "application/json");
        reply.headers.set("X-Amz-Executed-Version", invoked.executed_version);
        if (!invoked.function_error.empty())
            reply.headers.set("X-Amz-Function-Error", invoked.function_error);
        if (input.log_type == "Tail")
            reply.headers.set("X-Amz-Log-Result", base::base64(base::view(invoked.log_tail)));
        reply.raw = std::move(invoked.payload);
        return reply;
    }

    // JSON in base64, at most 3,583 bytes of it.
    static Result<std::string> client_context_of(const std::string& header) {
        if (header.empty()) return std::string();
        auto decoded = base::from_base64(header);
        boost::system::error_code error;
        if (decoded && decoded->size() <= 3583) {
            auto value = json::parse(json::string_view(base::text(*decoded)), error);
            if (!error) return json::serialize(value);
        }
        return Error::refusal(functions::Refusal::payload_not_json,
                              "Client context must be a valid Base64-encoded JSON object.");
    }
};

}  // namespace

void add_invocation_operations(wire::Service& service, Rooms& rooms) {
    service.add<Invoke>(rooms);
}

}  // namespace services::lambda
