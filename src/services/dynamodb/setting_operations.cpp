// Tags, time to live, limits, endpoints and backups.
#include <fmt/format.h>

#include "services/dynamodb/inputs.h"
#include "services/dynamodb/operations.h"
#include "tables/refusal.h"

namespace services::dynamodb {

namespace {

// What AWS allows a new account. Nothing here is throttled by them.
constexpr int kAccountUnitsMax = 80'000;
constexpr int kTableUnitsMax = 40'000;

Result<std::vector<wire::Permission>> arn_permission(std::string_view action, const std::string& arn,
                                                     const wire::Call& call) {
    auto table = TRY(table_of_arn(arn, call));
    std::vector<wire::Permission> out(1);
    out[0].action = fmt::format("dynamodb:{}", action);
    out[0].resource = table_arn(table);
    return out;
}

// AWS says which ARN is missing, in these words.
Error missing_arn(Error error, const std::string& arn) {
    if (!error.is(tables::Refusal::resource_missing)) return error;
    return Error::refusal(tables::Refusal::resource_missing,
                          fmt::format("Requested resource not found: ResourcArn: {} not found", arn));
}

// Of its operations DynamoDB answers only tagging and untagging with an empty body.
wire::Reply nothing() {
    wire::Reply out;
    out.raw = std::string();
    return out;
}

struct TagResource {
    static constexpr std::string_view name = "TagResource";

    struct Tag {
        std::string key, value;
        static auto members() {
            return wire::members(wire::required("Key", &Tag::key, wire::length(1, 128)),
                                 wire::required("Value", &Tag::value, wire::length(0, 256)));
        }
    };
    struct Input {
        std::string arn;
        std::vector<Tag> tags;
        static auto members() {
            return wire::members(wire::required("ResourceArn", &Input::arn, wire::length(1, 1283)),
                                 wire::required("Tags", &Input::tags));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return arn_permission(name, input.arn, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto table = TRY(table_of_arn(input.arn, call));
        if (input.tags.empty())
            return tables::invalid_parameter("Atleast one Tag needs to be provided as Input.");
        std::map<std::string, std::string> tags;
        for (const auto& tag : input.tags)
            if (!tags.emplace(tag.key, tag.value).second)
                return tables::invalid_parameter("Duplicate tag key: " + tag.key);
        auto done = rooms.tables.tag(table, tags);
        if (!done.ok()) return missing_arn(std::move(done).error(), input.arn);
        return nothing();
    }
};

struct UntagResource {
    static constexpr std::string_view name = "UntagResource";

    struct Input {
        std::string arn;
        std::vector<std::string> keys;
        static auto members() {
            return wire::members(wire::required("ResourceArn", &Input::arn, wire::length(1, 1283)),
                                 wire::required("TagKeys", &Input::keys, wire::each(wire::length(1, 128))));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return arn_permission(name, input.arn, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto table = TRY(table_of_arn(input.arn, call));
        if (input.keys.empty())
            return tables::invalid_parameter("Atleast one Tag Key needs to be provided as Input.");
        auto done = rooms.tables.untag(table, input.keys);
        if (!done.ok()) return missing_arn(std::move(done).error(), input.arn);
        return nothing();
    }
};

struct ListTagsOfResource {
    static constexpr std::string_view name = "ListTagsOfResource";

    struct Input {
        std::string arn;
        static auto members() {
            return wire::members(wire::required("ResourceArn", &Input::arn, wire::length(1, 1283)));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return arn_permission(name, input.arn, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto table = TRY(table_of_arn(input.arn, call));
        auto described = rooms.tables.describe(table);
        if (!described.ok()) return missing_arn(std::move(described).error(), input.arn);
        // A table has at most 50 tags, and AWS gives them all at once.
        json::array tags;
        for (const auto& [key, value] : described->schema.tags)
            tags.push_back(json::object{{"Key", key}, {"Value", value}});
        return wire::Reply({{"Tags", std::move(tags)}});
    }
};

struct TableInput {
    std::string table;
    static auto members() {
        return wire::members(wire::required("TableName", &TableInput::table, wire::length(1, 1024)));
    }
};

struct DescribeTimeToLive {
    static constexpr std::string_view name = "DescribeTimeToLive";
    using Input = TableInput;

    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return table_permission(name, input.table, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto described = TRY(rooms.tables.describe(TRY(table_at(input.table, call))));
        const auto& attribute = described.schema.expiry_attribute;
        json::object out{{"TimeToLiveStatus", attribute.empty() ? "DISABLED" : "ENABLED"}};
        if (!attribute.empty()) out["AttributeName"] = attribute;
        return wire::Reply({{"TimeToLiveDescription", std::move(out)}});
    }
};

struct UpdateTimeToLive {
    static constexpr std::string_view name = "UpdateTimeToLive";

    struct Specification {
        bool enabled = false;
        std::string attribute;
        static auto members() {
            return wire::members(
                wire::required("Enabled", &Specification::enabled),
                wire::required("AttributeName", &Specification::attribute, wire::length(1, 255)));
        }
    };
    struct Input {
        std::string table;
        Specification specification;
        static auto members() {
            return wire::members(wire::required("TableName", &Input::table, wire::length(1, 1024)),
                                 wire::required("TimeToLiveSpecification", &Input::specification));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return table_permission(name, input.table, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto& wanted = input.specification;
        TRY(rooms.tables.set_expiry(TRY(table_at(input.table, call)), wanted.attribute, wanted.enabled));
        return wire::Reply({{"TimeToLiveSpecification", json::object{{"Enabled", wanted.enabled},
                                                                     {"AttributeName", wanted.attribute}}}});
    }
};

struct NoInput {
    static auto members() { return wire::members(); }
};

struct DescribeLimits {
    static constexpr std::string_view name = "DescribeLimits";
    using Input = NoInput;

    static std::string resource(const Input&, const wire::Call&) { return "*"; }
    static Result<wire::Reply> run(Rooms&, wire::Call&, const Input&) {
        return wire::Reply({{"AccountMaxReadCapacityUnits", kAccountUnitsMax},
                            {"AccountMaxWriteCapacityUnits", kAccountUnitsMax},
                            {"TableMaxReadCapacityUnits", kTableUnitsMax},
                            {"TableMaxWriteCapacityUnits", kTableUnitsMax}});
    }
};

struct DescribeEndpoints {
    static constexpr std::string_view name = "DescribeEndpoints";
    using Input = NoInput;

    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input&, const wire::Call&) {
        return std::vector<wire::Permission>{};
    }
    static Result<wire::Reply> run(Rooms&, wire::Call& call, const Input&) {
        auto host = call.request.headers.get("host").value_or("");
        return wire::Reply(
            {{"Endpoints", json::array{json::object{{"Address", host}, {"CachePeriodInMinutes", 1440}}}}});
    }
};

struct DescribeContinuousBackups {
    static constexpr std::string_view name = "DescribeContinuousBackups";
    using Input = TableInput;

    static Result<std::vector<wire::Permission>> permissions(Rooms&, const Input& input,
                                                             const wire::Call& call) {
        return table_permission(name, input.table, call);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto described = rooms.tables.describe(TRY(table_at(input.table, call)));
        if (!described.ok() && described.error().is(tables::Refusal::resource_missing))
            return wire::Reply::refused({.status = 400,
                                         .code = "TableNotFoundException",
                                         .message = "Table not found: " + input.table});
        TRY(std::move(described));
        json::object point_in_time{{"PointInTimeRecoveryStatus", "DISABLED"}};
        return wire::Reply({{"ContinuousBackupsDescription",
                             json::object{{"ContinuousBackupsStatus", "DISABLED"},
                                          {"PointInTimeRecoveryDescription", std::move(point_in_time)}}}});
    }
};

}  // namespace

void add_setting_operations(wire::Service& service, Rooms& rooms) {
    service.add<TagResource>(rooms);
    service.add<UntagResource>(rooms);
    service.add<ListTagsOfResource>(rooms);
    service.add<DescribeTimeToLive>(rooms);
    service.add<UpdateTimeToLive>(rooms);
    service.add<DescribeLimits>(rooms);
    service.add<DescribeEndpoints>(rooms);
    service.add<DescribeContinuousBackups>(rooms);
}

}  // namespace services::dynamodb
