// Versions and aliases: PublishVersion, ListVersionsByFunction, CreateAlias, GetAlias, ListAliases,
// UpdateAlias, DeleteAlias.
#include "services/lambda/service.h"
#include "services/lambda/shapes.h"

namespace services::lambda {
namespace {

template <class Owner>
auto alias_name(std::string Owner::*member) {
    return wire::required("Name", member, wire::length(1, 128), wire::pattern(kAliasPattern));
}
template <class Owner, class Type>
auto description(Type Owner::*member) {
    return wire::optional("Description", member, wire::length(0, 256));
}

json::object shape(const functions::FunctionId& id, const functions::Alias& alias) {
    return {{"AliasArn", id.arn() + ":" + alias.name},
            {"Name", alias.name},
            {"FunctionVersion", alias.version},
            {"Description", alias.description},
            {"RevisionId", alias.revision_id}};
}

Result<void> check_routing(const std::optional<json::object>& routing) {
    const auto* weights = routing ? routing->if_contains("AdditionalVersionWeights") : nullptr;
    if (!weights || weights->is_null() || (weights->is_object() && weights->get_object().empty())) return {};
    return invalid("not implemented: RoutingConfig");
}

struct PublishVersion {
    static constexpr std::string_view name = "PublishVersion";
    static constexpr wire::Route route{"POST", "/2015-03-31/functions/{FunctionName}/versions"};
    struct Input {
        std::string function, sha256, description, revision;
        static auto members() {
            return wire::members(
                function_name(&Input::function), wire::optional("CodeSha256", &Input::sha256),
                lambda::description(&Input::description), wire::optional("RevisionId", &Input::revision));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:PublishVersion", input.function, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call));
        auto version =
            TRY(rooms.functions.publish(reference.id, input.description, input.sha256, input.revision));
        wire::Reply reply(lambda::shape(version));
        reply.status = 201;
        return reply;
    }
};

struct ListVersionsByFunction {
    static constexpr std::string_view name = "ListVersionsByFunction";
    static constexpr wire::Route route{"GET", "/2015-03-31/functions/{FunctionName}/versions"};
    struct Input {
        std::string function, marker;
        int max_items = kPageMax;
        static auto members() {
            return wire::members(function_name(&Input::function), lambda::marker(&Input::marker),
                                 lambda::max_items(&Input::max_items));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:ListVersionsByFunction", input.function, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call));
        auto page = TRY(rooms.functions.versions(reference.id, input.marker, page_size(input.max_items)));
        json::array list;
        for (const auto& version : page.items) {
            auto one = lambda::shape(version);
            one["FunctionArn"] = reference.id.arn() + ":" + version.version;
            list.push_back(std::move(one));
        }
        json::object out = {{"Versions", std::move(list)}};
        if (!page.next.empty()) out["NextMarker"] = page.next;
        return wire::Reply(std::move(out));
    }
};

struct CreateAlias {
    static constexpr std::string_view name = "CreateAlias";
    static constexpr wire::Route route{"POST", "/2015-03-31/functions/{FunctionName}/aliases"};
    struct Input {
        std::string function, alias, version, description;
        std::optional<json::object> routing;
        static auto members() {
            return wire::members(function_name(&Input::function), alias_name(&Input::alias),
                                 wire::required("FunctionVersion", &Input::version, wire::length(1, 1024),
                                                wire::pattern(R"((\$LATEST|[0-9]+))")),
                                 lambda::description(&Input::description),
                                 wire::optional("RoutingConfig", &Input::routing));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:CreateAlias", input.function, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call));
        TRY(check_routing(input.routing));
        auto alias = TRY(
            rooms.functions.create_alias(reference.id, {input.alias, input.version, input.description, ""}));
        wire::Reply reply(shape(reference.id, alias));
        reply.status = 201;
        return reply;
    }
};

struct AliasInput {
    std::string function, alias;
    static auto members() {
        return wire::members(function_name(&AliasInput::function), alias_name(&AliasInput::alias));
    }
};

struct GetAlias {
    static constexpr std::string_view name = "GetAlias";
    static constexpr wire::Route route{"GET", "/2015-03-31/functions/{FunctionName}/aliases/{Name}"};
    using Input = AliasInput;
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:GetAlias", input.function, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call));
        return wire::Reply(shape(reference.id, TRY(rooms.functions.alias(reference.id, input.alias))));
    }
};

struct ListAliases {
    static constexpr std::string_view name = "ListAliases";
    static constexpr wire::Route route{"GET", "/2015-03-31/functions/{FunctionName}/aliases"};
    struct Input {
        std::string function, marker, version;
        int max_items = kPageMax;
        static auto members() {
            return wire::members(
                function_name(&Input::function), lambda::marker(&Input::marker),
                lambda::max_items(&Input::max_items),
                wire::optional("FunctionVersion", &Input::version, wire::in_query("FunctionVersion")));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:ListAliases", input.function, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call));
        auto page = TRY(rooms.functions.aliases(reference.id, input.marker, page_size(input.max_items)));
        json::array list;
        for (const auto& alias : page.items)
            if (input.version.empty() || alias.version == input.version)
                list.push_back(shape(reference.id, alias));
        json::object out = {{"Aliases", std::move(list)}};
        if (!page.next.empty()) out["NextMarker"] = page.next;
        return wire::Reply(std::move(out));
    }
};

struct UpdateAlias {
    static constexpr std::string_view name = "UpdateAlias";
    static constexpr wire::Route route{"PUT", "/2015-03-31/functions/{FunctionName}/aliases/{Name}"};
    struct Input {
        std::string function, alias, revision;
        std::optional<std::string> version, description;
        std::optional<json::object> routing;
        static auto members() {
            return wire::members(function_name(&Input::function), alias_name(&Input::alias),
                                 wire::optional("FunctionVersion", &Input::version, wire::length(1, 1024),
                                                wire::pattern(R"((\$LATEST|[0-9]+))")),
                                 lambda::description(&Input::description),
                                 wire::optional("RoutingConfig", &Input::routing),
                                 wire::optional("RevisionId", &Input::revision));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:UpdateAlias", input.function, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call));
        TRY(check_routing(input.routing));
        auto alias = TRY(rooms.functions.update_alias(reference.id, input.alias, input.version,
                                                      input.description, input.revision));
        return wire::Reply(shape(reference.id, alias));
    }
};

struct DeleteAlias {
    static constexpr std::string_view name = "DeleteAlias";
    static constexpr wire::Route route{"DELETE", "/2015-03-31/functions/{FunctionName}/aliases/{Name}"};
    using Input = AliasInput;
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return on_function("lambda:DeleteAlias", input.function, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto reference = TRY(reference_of(input.function, call));
        TRY(rooms.functions.remove_alias(reference.id, input.alias));
        wire::Reply reply;
        reply.status = 204;
        return reply;
    }
};

}  // namespace

void add_version_operations(wire::Service& service, Rooms& rooms) {
    service.add<PublishVersion>(rooms);
    service.add<ListVersionsByFunction>(rooms);
    service.add<CreateAlias>(rooms);
    service.add<GetAlias>(rooms);
    service.add<ListAliases>(rooms);
    service.add<UpdateAlias>(rooms);
    service.add<DeleteAlias>(rooms);
}

}  // namespace services::lambda
