#include "store/queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <thread>

#include "store/memory.h"

namespace store {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class QueueTest : public testing::Test {
protected:
    std::unique_ptr<Records> records = memory_records();
    base::ManualClock clock;
    Queue queue{*records, clock, "work"};

    void send(std::string payload, base::Time at) {
        ASSERT_TRUE(records->commit([&](Transaction& t) { return queue.send(t, payload, at); }).ok());
    }
    std::vector<std::string> receive(std::size_t count) {
        std::vector<std::string> payloads;
        auto messages = *queue.receive(count, 30s);
        for (auto& message : messages)
            payloads.push_back(message.payload);
        return payloads;
    }
};

TEST_F(QueueTest, messages_come_oldest_first_and_once_per_lease) {
    for (auto payload : {"a", "b", "c"})
        send(payload, clock.now());
    EXPECT_THAT(receive(2), ElementsAre("a", "b"));
    EXPECT_THAT(receive(2), ElementsAre("c"));
    EXPECT_THAT(receive(2), IsEmpty());
    EXPECT_EQ(*queue.size(), 3u);
}

TEST_F(QueueTest, a_message_comes_again_when_its_lease_has_ended) {
    send("a", clock.now());
    EXPECT_EQ((*queue.receive(1, 30s))[0].deliveries, 1u);
    clock.advance(29s);
    EXPECT_THAT(receive(1), IsEmpty());
    clock.advance(1s);
    EXPECT_EQ((*queue.receive(1, 30s))[0].deliveries, 2u);
}

TEST_F(QueueTest, an_acknowledged_message_is_gone) {
    send("a", clock.now());
    auto message = (*queue.receive(1, 30s))[0];
    ASSERT_TRUE(queue.acknowledge(message).ok());
    clock.advance(60s);
    EXPECT_THAT(receive(1), IsEmpty());
    EXPECT_EQ(*queue.size(), 0u);
}

TEST_F(QueueTest, who_has_lost_the_lease_cannot_settle_the_message) {
    send("a", clock.now());
    auto first = (*queue.receive(1, 30s))[0];
    clock.advance(30s);
    auto second = (*queue.receive(1, 30s))[0];
    EXPECT_TRUE(queue.acknowledge(first).error().is(Refusal::lease_lost));
    EXPECT_TRUE(queue.retry(first, clock.now()).error().is(Refusal::lease_lost));
    EXPECT_TRUE(queue.acknowledge(second).ok());
}

TEST_F(QueueTest, a_retried_message_waits_for_its_time) {
    send("a", clock.now());
    auto message = (*queue.receive(1, 30s))[0];
    ASSERT_TRUE(queue.retry(message, clock.now() + 60s).ok());
    EXPECT_EQ(*queue.next_visible(), clock.now() + 60s);
    clock.advance(59s);
    EXPECT_THAT(receive(1), IsEmpty());
    clock.advance(1s);
    EXPECT_EQ((*queue.receive(1, 30s))[0].deliveries, 2u);
}

TEST_F(QueueTest, an_extended_lease_keeps_the_message_hidden) {
    send("a", clock.now());
    auto message = (*queue.receive(1, 30s))[0];
    clock.advance(20s);
    ASSERT_TRUE(queue.extend(message, 30s).ok());
    clock.advance(20s);
    EXPECT_THAT(receive(1), IsEmpty());
    EXPECT_TRUE(queue.acknowledge(message).ok());
}

TEST_F(QueueTest, after_a_crash_leased_messages_are_visible_at_once_and_delayed_ones_stay_delayed) {
    send("leased", clock.now());
    send("delayed", clock.now() + 60s);
    receive(1);
    Queue restarted(*records, clock, "work");
    EXPECT_EQ(*restarted.release_leases(), 1u);
    auto messages = *restarted.receive(5, 30s);
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(messages[0].payload, "leased");
}

TEST_F(QueueTest, a_rolled_back_sender_sends_nothing) {
    auto done = records->commit([&](Transaction& t) -> Result<void> {
        TRY(queue.send(t, "a", clock.now()));
        return Error::failure("changed its mind");
    });
    EXPECT_FALSE(done.ok());
    EXPECT_EQ(*queue.size(), 0u);
}

TEST_F(QueueTest, a_late_commit_is_found_by_the_next_full_scan) {
    Queue sender(*records, clock, "work");
    auto early = clock.now();
    receive(1);
    base::ManualClock behind(early);
    clock.advance(20s);
    receive(1);
    Queue slow(*records, behind, "work");
    ASSERT_TRUE(records->commit([&](Transaction& t) { return slow.send(t, "late", early); }).ok());
    EXPECT_THAT(receive(1), IsEmpty());
    clock.advance(30s);
    EXPECT_THAT(receive(1), ElementsAre("late"));
}

TEST_F(QueueTest, queues_do_not_see_each_other) {
    send("a", clock.now());
    Queue other(*records, clock, "work2");
    EXPECT_THAT(*other.receive(5, 30s), IsEmpty());
}

TEST_F(QueueTest, receivers_at_the_same_time_share_the_messages) {
    for (int i = 0; i < 60; ++i)
        send(std::to_string(i), clock.now());
    base::Guarded<std::multiset<std::string>> seen;
    std::vector<std::jthread> receivers;
    for (int i = 0; i < 3; ++i)
        receivers.emplace_back([&] {
            while (true) {
                auto messages = *queue.receive(4, 30s);
                if (messages.empty()) return;
                for (auto& message : messages)
                    seen.with([&](auto& all) { all.insert(message.payload); });
            }
        });
    receivers.clear();
    seen.with([&](auto& all) {
        EXPECT_EQ(all.size(), 60u);
        EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 60u);
    });
}

}  // namespace
}  // namespace store
