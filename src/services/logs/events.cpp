// Events: PutLogEvents, GetLogEvents, FilterLogEvents.
#include "services/logs/shapes.h"

namespace services::logs {
namespace {

std::optional<base::Time> moment(const std::optional<std::int64_t>& milliseconds) {
    if (!milliseconds) return std::nullopt;
    return from_milliseconds(*milliseconds);
}
// What the API names endTime is the last moment that counts for a filter, and the first that does not for a
// page.
std::optional<base::Time> moment_after(const std::optional<std::int64_t>& milliseconds) {
    if (!milliseconds) return std::nullopt;
    return from_milliseconds(*milliseconds) + base::Duration{1};
}

template <class Owner>
auto time_member(std::string_view name, std::optional<std::int64_t> Owner::*member) {
    // Up to the year 9999: what a time can hold with room to spare.
    return wire::optional(name, member, wire::range(0, 253'402'300'799'999));
}

struct InputEvent {
    std::int64_t timestamp = 0;
    std::string message;
    static auto members() {
        return wire::members(
            wire::required("timestamp", &InputEvent::timestamp, wire::range(0, 253'402'300'799'999)),
            wire::required("message", &InputEvent::message, wire::length_at_least(1)));
    }
};

struct PutLogEvents {
    static constexpr std::string_view name = "PutLogEvents";
    // A mebibyte of messages, in which every character may be written as \u0000.
    static constexpr std::size_t body_bytes_max = 8u << 20;
    struct Input {
        std::string group, stream, sequence_token;
        std::vector<InputEvent> events;
        static auto members() {
            return wire::members(
                group_name(&Input::group), stream_name(&Input::stream),
                wire::required("logEvents", &Input::events, wire::items(1, ::logs::kPutEventsMax)),
                wire::optional("sequenceToken", &Input::sequence_token));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return stream_arn(call, input.group, input.stream);
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        std::vector<::logs::NewEvent> events;
        for (const auto& event : input.events)
            events.push_back({from_milliseconds(event.timestamp), event.message});
        auto rejected = TRY(rooms.logs.put(place_of(call), input.group, input.stream, events));
        // Sequence tokens mean nothing any more; clients that still look for one find it.
        json::object out = {
            {"nextSequenceToken", "49590302938169312386484738839217483712345678901234567890"}};
        if (rejected.any()) {
            auto& info = out["rejectedLogEventsInfo"].emplace_object();
            if (rejected.too_new_from) info["tooNewLogEventStartIndex"] = *rejected.too_new_from;
            if (rejected.too_old_until) info["tooOldLogEventEndIndex"] = *rejected.too_old_until;
            if (rejected.expired_until) info["expiredLogEventEndIndex"] = *rejected.expired_until;
        }
        return wire::Reply(std::move(out));
    }
};

struct GetLogEvents {
    static constexpr std::string_view name = "GetLogEvents";
    struct Input {
        std::string group, identifier, stream, token;
        std::optional<std::int64_t> start, end;
        bool from_head = false;
        int limit = ::logs::kPageEventsMax;
        static auto members() {
            return wire::members(wire::optional("logGroupName", &Input::group, wire::length(1, 512),
                                                wire::pattern(kGroupPattern)),
                                 group_identifier(&Input::identifier), stream_name(&Input::stream),
                                 time_member("startTime", &Input::start), time_member("endTime", &Input::end),
                                 next_token(&Input::token),
                                 logs::limit(&Input::limit, ::logs::kPageEventsMax),
                                 wire::optional("startFromHead", &Input::from_head));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        auto group = TRY(group_of(input.group, input.identifier));
        return std::vector{wire::Permission{.action = "logs:GetLogEvents",
                                            .resource = stream_arn(call, group, input.stream)}};
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto group = TRY(group_of(input.group, input.identifier));
        auto page = TRY(rooms.logs.get(place_of(call), group, input.stream,
                                       {.from = moment(input.start),
                                        .until = moment(input.end),
                                        .token = input.token,
                                        .from_head = input.from_head,
                                        .limit = static_cast<std::size_t>(input.limit)}));
        json::array events;
        for (const auto& event : page.events)
            events.push_back({{"timestamp", milliseconds(event.time)},
                              {"message", event.message},
                              {"ingestionTime", milliseconds(event.ingestion)}});
        return wire::Reply({{"events", std::move(events)},
                            {"nextForwardToken", page.forward_token},
                            {"nextBackwardToken", page.backward_token}});
    }
};

struct FilterLogEvents {
    static constexpr std::string_view name = "FilterLogEvents";
    struct Input {
        std::string group, identifier, prefix, pattern, token;
        std::vector<std::string> streams;
        std::optional<std::int64_t> start, end;
        int limit = ::logs::kPageEventsMax;
        bool interleaved = true, unmask = false;
        static auto members() {
            return wire::members(
                wire::optional("logGroupName", &Input::group, wire::length(1, 512),
                               wire::pattern(kGroupPattern)),
                group_identifier(&Input::identifier),
                wire::optional("logStreamNames", &Input::streams, wire::items(1, 100),
                               wire::each(wire::length(1, 512), wire::pattern(kStreamPattern))),
                wire::optional("logStreamNamePrefix", &Input::prefix, wire::length(1, 512),
                               wire::pattern(kStreamPattern)),
                time_member("startTime", &Input::start), time_member("endTime", &Input::end),
                wire::optional("filterPattern", &Input::pattern, wire::length(0, 1024)),
                next_token(&Input::token), logs::limit(&Input::limit, ::logs::kPageEventsMax),
                wire::optional("interleaved", &Input::interleaved), wire::optional("unmask", &Input::unmask));
        }
    };
    static Result<std::vector<wire::Permission>> permissions(const Rooms&, const Input& input,
                                                             const wire::Call& call) {
        auto group = TRY(group_of(input.group, input.identifier));
        return std::vector{
            wire::Permission{.action = "logs:FilterLogEvents", .resource = group_arn(call, group)}};
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        auto group = TRY(group_of(input.group, input.identifier));
        if (!input.streams.empty() && !input.prefix.empty())
            return Error::refusal(::logs::Refusal::invalid_parameter,
                                  "logStreamNames and logStreamNamePrefix cannot both be given.");
        auto page = TRY(rooms.logs.filter(place_of(call), group,
                                          {.streams = input.streams,
                                           .stream_prefix = input.prefix,
                                           .from = moment(input.start),
                                           .until = moment_after(input.end),
                                           .pattern = input.pattern,
                                           .token = input.token,
                                           .limit = static_cast<std::size_t>(input.limit)}));
        json::array events;
        for (const auto& event : page.events)
            events.push_back({{"logStreamName", event.stream},
                              {"timestamp", milliseconds(event.time)},
                              {"message", event.message},
                              {"ingestionTime", milliseconds(event.ingestion)},
                              {"eventId", event.id}});
        json::object out = {{"events", std::move(events)}, {"searchedLogStreams", json::array{}}};
        if (!page.next_token.empty()) out["nextToken"] = page.next_token;
        return wire::Reply(std::move(out));
    }
};

}  // namespace

void add_event_operations(wire::Service& service, Rooms& rooms) {
    service.add<PutLogEvents>(rooms);
    service.add<GetLogEvents>(rooms);
    service.add<FilterLogEvents>(rooms);
}

}  // namespace services::logs
