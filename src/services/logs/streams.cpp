// Streams: CreateLogStream, DeleteLogStream, DescribeLogStreams.
#include "services/logs/shapes.h"

namespace services::logs {
namespace {

struct StreamInput {
    std::string group, stream;
    static auto members() {
        return wire::members(group_name(&StreamInput::group), stream_name(&StreamInput::stream));
    }
};

struct CreateLogStream {
    static constexpr std::string_view name = "CreateLogStream";
    using Input = StreamInput;
    static std::string resource(const Input& input, const wire::Call& call) {
        return stream_arn(call, input.group, input.stream);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(rooms.logs.create_stream(place_of(call), input.group, input.stream));
        return wire::Reply();
    }
};

struct DeleteLogStream {
    static constexpr std::string_view name = "DeleteLogStream";
    using Input = StreamInput;
    static std::string resource(const Input& input, const wire::Call& call) {
        return stream_arn(call, input.group, input.stream);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        TRY(rooms.logs.delete_stream(place_of(call), input.group, input.stream));
        return wire::Reply();
    }
};

struct DescribeLogStreams {
    static constexpr std::string_view name = "DescribeLogStreams";
    struct Input {
        std::string group, identifier, prefix, token;
        std::string order = "LogStreamName";
        bool descending = false;
        int limit = ::logs::kListMax;
        static auto members() {
            return wire::members(
                wire::optional("logGroupName", &Input::group, wire::length(1, 512),
                               wire::pattern(kGroupPattern)),
                group_identifier(&Input::identifier),
                wire::optional("logStreamNamePrefix", &Input::prefix, wire::length(1, 512),
                               wire::pattern(kStreamPattern)),
                wire::optional("orderBy", &Input::order, wire::one_of({"LogStreamName", "LastEventTime"})),
                wire::optional("descending", &Input::descending), next_token(&Input::token),
                logs::limit(&Input::limit, ::logs::kListMax));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        auto group = TRY(group_of(input.group, input.identifier));
        return std::vector{
            wire::Permission{.action = "logs:DescribeLogStreams", .resource = group_arn(call, group)}};
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto group = TRY(group_of(input.group, input.identifier));
        bool by_time = input.order == "LastEventTime";
        if (by_time && !input.prefix.empty())
            return Error::refusal(::logs::Refusal::invalid_parameter,
                                  "Cannot order by LastEventTime with a logStreamNamePrefix.");
        auto page = TRY(rooms.logs.list_streams(place_of(call), group,
                                                {.prefix = input.prefix,
                                                 .by_last_event = by_time,
                                                 .descending = input.descending,
                                                 .token = input.token,
                                                 .limit = static_cast<std::size_t>(input.limit)}));
        json::array streams;
        for (const auto& stream : page.items) {
            json::object one = {{"logStreamName", stream.name},
                                {"creationTime", milliseconds(stream.created)},
                                {"arn", stream_arn(call, group, stream.name)},
                                {"storedBytes", stream.stored_bytes}};
            if (stream.first_event) one["firstEventTimestamp"] = milliseconds(*stream.first_event);
            if (stream.last_event) one["lastEventTimestamp"] = milliseconds(*stream.last_event);
            if (stream.last_ingestion) one["lastIngestionTime"] = milliseconds(*stream.last_ingestion);
            streams.push_back(std::move(one));
        }
        json::object out = {{"logStreams", std::move(streams)}};
        if (!page.next_token.empty()) out["nextToken"] = page.next_token;
        return wire::Reply(std::move(out));
    }
};

}  // namespace

void add_stream_operations(wire::Service& service, Rooms& rooms) {
    service.add<CreateLogStream>(rooms);
    service.add<DeleteLogStream>(rooms);
    service.add<DescribeLogStreams>(rooms);
}

}  // namespace services::logs
