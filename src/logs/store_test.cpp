#include "logs/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/memory.h"

namespace logs {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class LogsStoreTest : public testing::Test {
protected:
    std::unique_ptr<store::Records> records = store::memory_records();
    base::ManualClock clock;
    Store logs{*records, clock};
    Place place{"123456789012", "eu-west-1"};

    void SetUp() override {
        ASSERT_TRUE(logs.create_group(place, "g").ok());
        ASSERT_TRUE(logs.create_stream(place, "g", "s").ok());
    }
    Rejected put(const std::vector<NewEvent>& events, const std::string& stream = "s") {
        auto done = logs.put(place, "g", stream, events);
        EXPECT_TRUE(done.ok());
        return done.ok() ? *done : Rejected{};
    }
    NewEvent event(base::Duration after, std::string message) {
        return {clock.now() + after, std::move(message)};
    }
    EventPage get(GetQuery query) {
        auto page = logs.get(place, "g", "s", query);
        EXPECT_TRUE(page.ok());
        return page.ok() ? *page : EventPage{};
    }
    static std::vector<std::string> messages(const std::vector<Event>& events) {
        std::vector<std::string> out;
        for (const auto& event : events)
            out.push_back(event.message);
        return out;
    }
    std::vector<std::string> filter(const std::string& pattern) {
        auto page = logs.filter(place, "g", {.pattern = pattern});
        EXPECT_TRUE(page.ok());
        return messages(page->events);
    }
};

TEST_F(LogsStoreTest, groups_and_streams_exist_once_and_per_place) {
    EXPECT_TRUE(logs.create_group(place, "g").error().is(Refusal::group_exists));
    EXPECT_TRUE(logs.create_stream(place, "g", "s").error().is(Refusal::stream_exists));
    EXPECT_TRUE(logs.create_stream(place, "x", "s").error().is(Refusal::group_missing));
    Place elsewhere{place.account, "us-east-1"};
    EXPECT_TRUE(logs.create_stream(elsewhere, "g", "s").error().is(Refusal::group_missing));
}

TEST_F(LogsStoreTest, groups_are_listed_by_prefix_in_pages) {
    for (auto name : {"a/1", "a/2", "a/3", "b"})
        ASSERT_TRUE(logs.create_group(place, name).ok());
    auto first = *logs.list_groups(place, "a/", "", "", 2);
    ASSERT_EQ(first.items.size(), 2u);
    EXPECT_EQ(first.items[1].name, "a/2");
    auto second = *logs.list_groups(place, "a/", "", first.next_token, 2);
    ASSERT_EQ(second.items.size(), 1u);
    EXPECT_EQ(second.items[0].name, "a/3");
    EXPECT_EQ(second.next_token, "");
}

TEST_F(LogsStoreTest, a_deleted_group_takes_its_streams_and_events_with_it) {
    put({event(0s, "old")});
    ASSERT_TRUE(logs.delete_group(place, "g").ok());
    ASSERT_TRUE(logs.create_group(place, "g").ok());
    EXPECT_TRUE(logs.get(place, "g", "s", {}).error().is(Refusal::stream_missing));
    ASSERT_TRUE(logs.create_stream(place, "g", "s").ok());
    EXPECT_THAT(get({}).events, IsEmpty());
}

TEST_F(LogsStoreTest, events_of_one_moment_keep_the_order_of_their_arrival) {
    put({event(0s, "a"), event(0s, "b")});
    put({event(0s, "c")});
    EXPECT_THAT(messages(get({}).events), ElementsAre("a", "b", "c"));
}

TEST_F(LogsStoreTest, reading_forward_by_tokens_sees_each_event_once_and_then_repeats_the_token) {
    put({event(0s, "a"), event(1s, "b"), event(2s, "c")});
    auto page = get({.from_head = true, .limit = 2});
    EXPECT_THAT(messages(page.events), ElementsAre("a", "b"));
    page = get({.token = page.forward_token, .limit = 2});
    EXPECT_THAT(messages(page.events), ElementsAre("c"));
    auto end = get({.token = page.forward_token});
    EXPECT_THAT(end.events, IsEmpty());
    EXPECT_EQ(end.forward_token, page.forward_token);
    put({event(2s, "d")});
    EXPECT_THAT(messages(get({.token = end.forward_token}).events), ElementsAre("d"));
}

TEST_F(LogsStoreTest, reading_backward_starts_at_the_newest_and_pages_stay_in_order) {
    put({event(0s, "a"), event(1s, "b"), event(2s, "c")});
    auto page = get({.limit = 2});
    EXPECT_THAT(messages(page.events), ElementsAre("b", "c"));
    page = get({.token = page.backward_token, .limit = 2});
    EXPECT_THAT(messages(page.events), ElementsAre("a"));
    auto end = get({.token = page.backward_token});
    EXPECT_THAT(end.events, IsEmpty());
    EXPECT_EQ(end.backward_token, page.backward_token);
}

TEST_F(LogsStoreTest, a_span_of_time_includes_its_start_and_excludes_its_end) {
    put({event(0s, "a"), event(1s, "b"), event(2s, "c")});
    EXPECT_THAT(messages(get({.from = clock.now() + 1s, .until = clock.now() + 2s}).events),
                ElementsAre("b"));
}

TEST_F(LogsStoreTest, a_token_that_is_none_is_refused) {
    for (auto token : {"x", "f/1/s", "q/0000000000000000000000000000000000000000/s"})
        EXPECT_TRUE(logs.get(place, "g", "s", {.token = token}).error().is(Refusal::invalid_parameter))
            << token;
    EXPECT_TRUE(logs.filter(place, "g", {.token = "x"}).error().is(Refusal::invalid_parameter));
}

TEST_F(LogsStoreTest, a_put_out_of_order_or_too_wide_is_refused) {
    EXPECT_TRUE(
        logs.put(place, "g", "s", {event(1s, "a"), event(0s, "b")}).error().is(Refusal::invalid_parameter));
    EXPECT_TRUE(
        logs.put(place, "g", "s", {event(-25h, "a"), event(0s, "b")}).error().is(Refusal::invalid_parameter));
    EXPECT_TRUE(logs.put(place, "g", "s", {}).error().is(Refusal::invalid_parameter));
    EXPECT_TRUE(logs.put(place, "g", "s", {event(0s, std::string(kPutBytesMax, 'x'))})
                    .error()
                    .is(Refusal::invalid_parameter));
    EXPECT_THAT(get({}).events, IsEmpty());
}

TEST_F(LogsStoreTest, events_too_old_or_too_new_are_reported_and_the_others_kept) {
    auto rejected = put({event(0s, "now"), event(3h, "later")});
    EXPECT_EQ(rejected.too_new_from, 1u);
    rejected = put({event(-24h * 14 - 1min, "older"), event(-24h * 14 + 1min, "old")});
    EXPECT_EQ(rejected.too_old_until, 1u);
    EXPECT_THAT(messages(get({}).events), ElementsAre("old", "now"));
}

TEST_F(LogsStoreTest, what_retention_expires_is_not_shown_and_can_be_removed) {
    put({event(0s, "old")});
    clock.advance(24h * 2);
    put({event(0s, "new")});
    ASSERT_TRUE(logs.set_retention(place, "g", 1).ok());
    EXPECT_EQ(put({event(-24h * 2, "late")}).expired_until, 1u);
    EXPECT_THAT(messages(get({}).events), ElementsAre("new"));
    EXPECT_THAT(filter(""), ElementsAre("new"));
    EXPECT_EQ(*logs.remove_expired(), 1u);
    ASSERT_TRUE(logs.set_retention(place, "g", std::nullopt).ok());
    EXPECT_THAT(messages(get({}).events), ElementsAre("new"));
    EXPECT_EQ((*logs.list_streams(place, "g", {})).items[0].first_event, clock.now());
}

TEST_F(LogsStoreTest, a_filter_merges_the_streams_by_time_and_pages_see_each_event_once) {
    ASSERT_TRUE(logs.create_stream(place, "g", "t").ok());
    put({event(0s, "s0"), event(2s, "s2"), event(2s, "s2b")});
    put({event(1s, "t1"), event(2s, "t2"), event(3s, "t3")}, "t");
    std::vector<std::string> seen;
    FilterQuery query{.limit = 1};
    do {
        auto page = *logs.filter(place, "g", query);
        for (auto& event : page.events)
            seen.push_back(event.message);
        query.token = page.next_token;
    } while (!query.token.empty());
    EXPECT_THAT(seen, ElementsAre("s0", "t1", "s2", "s2b", "t2", "t3"));
}

TEST_F(LogsStoreTest, a_filter_can_name_streams_or_their_prefix) {
    ASSERT_TRUE(logs.create_stream(place, "g", "t").ok());
    put({event(0s, "in s")});
    put({event(0s, "in t")}, "t");
    EXPECT_THAT(messages((*logs.filter(place, "g", {.streams = {"t"}})).events), ElementsAre("in t"));
    EXPECT_THAT(messages((*logs.filter(place, "g", {.stream_prefix = "s"})).events), ElementsAre("in s"));
    EXPECT_TRUE(logs.filter(place, "g", {.streams = {"u"}}).error().is(Refusal::stream_missing));
}

TEST_F(LogsStoreTest, terms_must_all_stand_in_the_line_and_excluded_ones_must_not) {
    put({event(0s, "ERROR disk full"), event(1s, "ERROR timeout"), event(2s, "INFO disk ok")});
    EXPECT_THAT(filter("ERROR"), ElementsAre("ERROR disk full", "ERROR timeout"));
    EXPECT_THAT(filter("ERROR disk"), ElementsAre("ERROR disk full"));
    EXPECT_THAT(filter("\"disk full\""), ElementsAre("ERROR disk full"));
    EXPECT_THAT(filter("ERROR -timeout"), ElementsAre("ERROR disk full"));
    EXPECT_THAT(filter("?timeout ?INFO"), ElementsAre("ERROR timeout", "INFO disk ok"));
    EXPECT_THAT(filter("error"), IsEmpty());
}

TEST_F(LogsStoreTest, a_json_pattern_looks_into_fields) {
    put({event(0s, R"({"status": 500, "path": "/a/b", "in": {"x": null}, "list": [7]})"),
         event(1s, R"({"status": 200, "path": "/c", "ok": true})"), event(2s, "status 500")});
    EXPECT_EQ(filter("{ $.status = 500 }").size(), 1u);
    EXPECT_EQ(filter("{ $.status >= 200 && $.path = \"/a*\" }").size(), 1u);
    EXPECT_EQ(filter("{ ($.status = 500) || ($.ok IS TRUE) }").size(), 2u);
    EXPECT_EQ(filter("{ $.in.x IS NULL }").size(), 1u);
    EXPECT_EQ(filter("{ $.ok NOT EXISTS }").size(), 1u);
    EXPECT_EQ(filter("{ $.list[0] < 8 }").size(), 1u);
    EXPECT_EQ(filter("{ $.path != \"/c\" }").size(), 1u);
}

TEST_F(LogsStoreTest, a_pattern_that_cannot_be_read_is_refused) {
    for (auto pattern :
         {"\"open", "[a, b]", "a-b", "{ $.a = }", "{ a = 1 }", "{ $.a = 1", "{ $.a < x }", "-", "%a%"})
        EXPECT_TRUE(logs.filter(place, "g", {.pattern = pattern}).error().is(Refusal::invalid_parameter))
            << pattern;
}

TEST_F(LogsStoreTest, append_makes_what_is_missing_and_cuts_long_lists) {
    std::vector<NewEvent> events(kPutEventsMax + 1, event(0s, "x"));
    ASSERT_TRUE(logs.append(place, "new", "stream", events).ok());
    auto streams = *logs.list_streams(place, "new", {});
    ASSERT_EQ(streams.items.size(), 1u);
    EXPECT_EQ(streams.items[0].stored_bytes, events.size() * (1 + kEventOverhead));
    EXPECT_EQ((*logs.list_groups(place, "new", "", "", 1)).items[0].stored_bytes,
              streams.items[0].stored_bytes);
}

TEST_F(LogsStoreTest, streams_are_listed_by_name_or_by_their_last_event) {
    ASSERT_TRUE(logs.create_stream(place, "g", "t").ok());
    put({event(1s, "x")});
    put({event(0s, "y")}, "t");
    auto names = [&](StreamQuery query) {
        std::vector<std::string> out;
        do {
            auto page = *logs.list_streams(place, "g", query);
            for (auto& stream : page.items)
                out.push_back(stream.name);
            query.token = page.next_token;
        } while (!query.token.empty());
        return out;
    };
    EXPECT_THAT(names({.limit = 1}), ElementsAre("s", "t"));
    EXPECT_THAT(names({.by_last_event = true}), ElementsAre("t", "s"));
    EXPECT_THAT(names({.by_last_event = true, .descending = true, .limit = 1}), ElementsAre("s", "t"));
}

}  // namespace
}  // namespace logs
