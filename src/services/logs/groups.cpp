// Groups: CreateLogGroup, DeleteLogGroup, DescribeLogGroups, PutRetentionPolicy, DeleteRetentionPolicy,
// ListTagsForResource, TagResource, UntagResource, ListTagsLogGroup.
#include <algorithm>
#include <array>

#include "services/logs/shapes.h"

namespace services::logs {
namespace {

using Tags = std::map<std::string, std::string>;

Error invalid(std::string message) {
    return Error::refusal(::logs::Refusal::invalid_parameter, std::move(message));
}

template <class Owner>
auto tagged(std::string Owner::*member) {
    return wire::required("resourceArn", member, wire::length(1, 1011), wire::pattern(R"([\w+=/:,.@\-#*]*)"));
}

Result<std::string> group_at(const std::string& arn) {
    if (arn.find(":log-group:") == arn.npos) return invalid("The resource is not a log group.");
    return group_of("", arn);
}

struct CreateLogGroup {
    static constexpr std::string_view name = "CreateLogGroup";
    struct Input {
        std::string group, group_class, kms_key;
        Tags tags;
        static auto members() {
            return wire::members(group_name(&Input::group), wire::optional("tags", &Input::tags),
                                 wire::optional("kmsKeyId", &Input::kms_key),
                                 wire::optional("logGroupClass", &Input::group_class,
                                                wire::one_of({"STANDARD", "INFREQUENT_ACCESS", "DELIVERY"})));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return group_arn(call, input.group);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        if (!input.kms_key.empty()) return invalid("not implemented: kmsKeyId");
        TRY(rooms.logs.create_group(place_of(call), input.group, input.tags));
        return wire::Reply();
    }
};

struct GroupInput {
    std::string group;
    static auto members() { return wire::members(group_name(&GroupInput::group)); }
};

struct DeleteLogGroup {
    static constexpr std::string_view name = "DeleteLogGroup";
    using Input = GroupInput;
    static std::string resource(const Input& input, const wire::Call& call) {
        return group_arn(call, input.group);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(rooms.logs.delete_group(place_of(call), input.group));
        return wire::Reply();
    }
};

struct DescribeLogGroups {
    static constexpr std::string_view name = "DescribeLogGroups";
    struct Input {
        std::string prefix, containing, token;
        int limit = ::logs::kListMax;
        static auto members() {
            return wire::members(
                wire::optional("logGroupNamePrefix", &Input::prefix, wire::length(1, 512),
                               wire::pattern(kGroupPattern)),
                wire::optional("logGroupNamePattern", &Input::containing, wire::length(0, 512),
                               wire::pattern(R"([\.\-_/#A-Za-z0-9]*)")),
                next_token(&Input::token), logs::limit(&Input::limit, ::logs::kListMax));
        }
    };
    static std::string resource(const Input&, const wire::Call& call) { return group_arn(call, "") + "*"; }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        if (!input.prefix.empty() && !input.containing.empty())
            return invalid(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
        auto page = TRY(rooms.logs.list_groups(place_of(call), input.prefix, input.containing, input.token,
                                               static_cast<std::size_t>(input.limit)));
        json::array groups;
        for (const auto& group : page.items) {
            auto arn = group_arn(call, group.name);
            json::object one = {{"logGroupName", group.name}, {"creationTime", milliseconds(group.created)},
                                {"metricFilterCount", 0},     {"arn", arn + ":*"},
                                {"logGroupArn", arn},         {"storedBytes", group.stored_bytes},
                                {"logGroupClass", "STANDARD"}};
            if (group.retention_days) one["retentionInDays"] = *group.retention_days;
            groups.push_back(std::move(one));
        }
        json::object out = {{"logGroups", std::move(groups)}};
        if (!page.next_token.empty()) out["nextToken"] = page.next_token;
        return wire::Reply(std::move(out));
    }
};

struct PutRetentionPolicy {
    static constexpr std::string_view name = "PutRetentionPolicy";
    struct Input {
        std::string group;
        int days = 0;
        static auto members() {
            return wire::members(group_name(&Input::group), wire::required("retentionInDays", &Input::days));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return group_arn(call, input.group);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        constexpr std::array kDays = {1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
                                      365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};
        if (std::find(kDays.begin(), kDays.end(), input.days) == kDays.end())
            return invalid(
                "1 validation error detected: Value '" + std::to_string(input.days) +
                "' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: "
                "[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, "
                "2922, 3288, 3653]");
        TRY(rooms.logs.set_retention(place_of(call), input.group, input.days));
        return wire::Reply();
    }
};

struct DeleteRetentionPolicy {
    static constexpr std::string_view name = "DeleteRetentionPolicy";
    using Input = GroupInput;
    static std::string resource(const Input& input, const wire::Call& call) {
        return group_arn(call, input.group);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(rooms.logs.set_retention(place_of(call), input.group, std::nullopt));
        return wire::Reply();
    }
};

struct ListTagsForResource {
    static constexpr std::string_view name = "ListTagsForResource";
    struct Input {
        std::string arn;
        static auto members() { return wire::members(tagged(&Input::arn)); }
    };
    static std::string resource(const Input& input, const wire::Call&) { return input.arn; }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto group = TRY(rooms.logs.group(place_of(call), TRY(group_at(input.arn))));
        return wire::Reply({{"tags", json::value_from(group.tags)}});
    }
};

struct ListTagsLogGroup {
    static constexpr std::string_view name = "ListTagsLogGroup";
    using Input = GroupInput;
    static std::string resource(const Input& input, const wire::Call& call) {
        return group_arn(call, input.group);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto group = TRY(rooms.logs.group(place_of(call), input.group));
        return wire::Reply({{"tags", json::value_from(group.tags)}});
    }
};

struct TagResource {
    static constexpr std::string_view name = "TagResource";
    struct Input {
        std::string arn;
        Tags tags;
        static auto members() {
            return wire::members(tagged(&Input::arn), wire::required("tags", &Input::tags));
        }
    };
    static std::string resource(const Input& input, const wire::Call&) { return input.arn; }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(rooms.logs.change_tags(place_of(call), TRY(group_at(input.arn)), input.tags, {}));
        return wire::Reply();
    }
};

struct UntagResource {
    static constexpr std::string_view name = "UntagResource";
    struct Input {
        std::string arn;
        std::vector<std::string> keys;
        static auto members() {
            return wire::members(tagged(&Input::arn),
                                 wire::required("tagKeys", &Input::keys, wire::items(0, 50)));
        }
    };
    static std::string resource(const Input& input, const wire::Call&) { return input.arn; }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(rooms.logs.change_tags(place_of(call), TRY(group_at(input.arn)), {}, input.keys));
        return wire::Reply();
    }
};

}  // namespace

void add_group_operations(wire::Service& service, Rooms& rooms) {
    service.add<CreateLogGroup>(rooms);
    service.add<DeleteLogGroup>(rooms);
    service.add<DescribeLogGroups>(rooms);
    service.add<PutRetentionPolicy>(rooms);
    service.add<DeleteRetentionPolicy>(rooms);
    service.add<ListTagsForResource>(rooms);
    service.add<ListTagsLogGroup>(rooms);
    service.add<TagResource>(rooms);
    service.add<UntagResource>(rooms);
}

}  // namespace services::logs
