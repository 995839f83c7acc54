// Who else may invoke a function: AddPermission, RemovePermission, GetPolicy.
#include "services/lambda/service.h"
#include "services/lambda/shapes.h"

namespace services::lambda {
namespace {

struct AddPermission {
    static constexpr std::string_view name = "AddPermission";
    static constexpr wire::Route route{"POST", "/2015-03-31/functions/{FunctionName}/policy"};
    struct Input {
        std::string function, qualifier, revision;
        std::string sid, action, principal, source_arn, source_account, principal_org;
        std::optional<std::string> event_source_token, url_auth_type;
        static auto members() {
            return wire::members(
                function_name(&Input::function), qualifier_in_query(&Input::qualifier),
                wire::required("StatementId", &Input::sid, wire::length(1, 100),
                               wire::pattern("[a-zA-Z0-9-_]+")),
                wire::required("Action", &Input::action,
                               wire::pattern(R"((lambda:[*]|lambda:[a-zA-Z]+|[*]))")),
                wire::required("Principal", &Input::principal, wire::pattern(R"([^\s]+)")),
                wire::optional(
                    "SourceArn", &Input::source_arn,
                    wire::pattern(
                        R"(arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*))")),
                wire::optional("SourceAccount", &Input::source_account, wire::pattern(R"(\d{12})")),
                wire::optional("PrincipalOrgID", &Input::principal_org, wire::pattern("o-[a-z0-9]{10,32}")),
                wire::optional("EventSourceToken", &Input::event_source_token),
                wire::optional("FunctionUrlAuthType", &Input::url_auth_type),
                wire::optional("RevisionId", &Input::revision));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:AddPermission", input.function, call, input.qualifier);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call, input.qualifier));
        if (reference.qualifier == functions::kLatest)
            return invalid("We currently do not support adding policies for $LATEST.");
        if (input.event_source_token) return invalid("not implemented: EventSourceToken");
        if (input.url_auth_type) return invalid("not implemented: FunctionUrlAuthType");
        functions::Grant grant{.sid = input.sid,
                               .action = input.action,
                               .principal = input.principal,
                               .source_arn = input.source_arn,
                               .source_account = input.source_account,
                               .principal_org = input.principal_org};
        auto statement =
            TRY(rooms.functions.add_permission(reference.id, reference.qualifier, grant, input.revision));
        wire::Reply reply(json::object{{"Statement", statement}});
        reply.status = 201;
        return reply;
    }
};

struct RemovePermission {
    static constexpr std::string_view name = "RemovePermission";
    static constexpr wire::Route route{"DELETE", "/2015-03-31/functions/{FunctionName}/policy/{StatementId}"};
    struct Input {
        std::string function, sid, qualifier, revision;
        static auto members() {
            return wire::members(
                function_name(&Input::function),
                wire::required("StatementId", &Input::sid, wire::length(1, 100),
                               wire::pattern("[a-zA-Z0-9-_.]+")),
                qualifier_in_query(&Input::qualifier),
                wire::optional("RevisionId", &Input::revision, wire::in_query("RevisionId")));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:RemovePermission", input.function, call, input.qualifier);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call, input.qualifier));
        TRY(rooms.functions.remove_permission(reference.id, reference.qualifier, input.sid, input.revision));
        wire::Reply reply;
        reply.status = 204;
        return reply;
    }
};

struct GetPolicy {
    static constexpr std::string_view name = "GetPolicy";
    static constexpr wire::Route route{"GET", "/2015-03-31/functions/{FunctionName}/policy"};
    struct Input {
        std::string function, qualifier;
        static auto members() {
            return wire::members(function_name(&Input::function), qualifier_in_query(&Input::qualifier));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:GetPolicy", input.function, call, input.qualifier);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call, input.qualifier));
        auto policy = TRY(rooms.functions.policy(reference.id, reference.qualifier));
        return wire::Reply({{"Policy", policy.document}, {"RevisionId", policy.revision_id}});
    }
};

}  // namespace

void add_permission_operations(wire::Service& service, Rooms& rooms) {
    service.add<AddPermission>(rooms);
    service.add<RemovePermission>(rooms);
    service.add<GetPolicy>(rooms);
}

}  // namespace services::lambda
