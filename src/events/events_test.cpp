#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/guarded.h"
#include "events/bus.h"
#include "store/memory.h"

namespace events {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

Subscription created(std::string id = "a", std::optional<std::string> prefix = {},
                     std::optional<std::string> suffix = {}) {
    return {std::move(id),
            "arn:aws:lambda:eu-west-1:123456789012:function:f",
            {"s3:ObjectCreated:*"},
            std::move(prefix),
            std::move(suffix)};
}

ObjectEvent put_of(std::string key) {
    return {.name = "ObjectCreated:Put",
            .time = base::Time{1ms},
            .region = "eu-west-1",
            .account = "123456789012",
            .bucket = "photos",
            .key = std::move(key),
            .size = 7,
            .etag = "e",
            .version_id = {},
            .sequencer = "0A",
            .principal_id = "AIDA1",
            .source_address = "127.0.0.1",
            .request_id = "r"};
}

TEST(Notification, a_wildcard_covers_every_way_of_creation_and_nothing_else) {
    EXPECT_TRUE(matches(created(), "ObjectCreated:Put", "k"));
    EXPECT_TRUE(matches(created(), "ObjectCreated:CompleteMultipartUpload", "k"));
    EXPECT_FALSE(matches(created(), "ObjectRemoved:Delete", "k"));
    auto put_only = created();
    put_only.events = {"s3:ObjectCreated:Put"};
    EXPECT_FALSE(matches(put_only, "ObjectCreated:CompleteMultipartUpload", "k"));
}

TEST(Notification, prefix_and_suffix_match_the_raw_key_with_its_case) {
    auto wanted = created("a", "index/", ".jpg");
    EXPECT_TRUE(matches(wanted, "ObjectCreated:Put", "index/a b.jpg"));
    EXPECT_FALSE(matches(wanted, "ObjectCreated:Put", "Index/a.jpg"));
    EXPECT_FALSE(matches(wanted, "ObjectCreated:Put", "index/a.JPG"));
}

TEST(Notification, filter_rules_are_prefix_and_suffix_once_each) {
    Subscription subscription;
    EXPECT_TRUE(add_filter_rule(subscription, "Prefix", "a").ok());
    EXPECT_TRUE(add_filter_rule(subscription, "SUFFIX", "b").ok());
    EXPECT_THAT(add_filter_rule(subscription, "prefix", "c").error().message(),
                HasSubstr("more than one prefix"));
    EXPECT_EQ(add_filter_rule(subscription, "infix", "c").error().message(),
              "filter rule name must be either prefix or suffix");
    EXPECT_FALSE(add_filter_rule(subscription, "infix", std::string(1025, 'x')).ok());
}

TEST(Notification, an_unknown_event_is_refused_by_name) {
    auto wrong = created();
    wrong.events = {"s3:ObjectEaten"};
    EXPECT_EQ(validate({wrong}).error().message(),
              "The event 's3:ObjectEaten' is not supported for notifications");
}

TEST(Notification, configurations_overlap_when_one_key_could_match_both) {
    EXPECT_TRUE(validate({created("a", "x/"), created("b", "y/")}).ok());
    EXPECT_TRUE(validate({created("a", "x/", ".jpg"), created("b", "x/", ".png")}).ok());
    EXPECT_THAT(validate({created("a", "x/"), created("b", "x/y")}).error().message(), HasSubstr("overlap"));
    EXPECT_THAT(validate({created("a"), created("b", {}, ".jpg")}).error().message(), HasSubstr("overlap"));
    auto removed = created("b");
    removed.events = {"s3:ObjectRemoved:Delete"};
    EXPECT_TRUE(validate({created("a"), removed}).ok());
}

TEST(Notification, two_configurations_need_two_ids) {
    EXPECT_THAT(validate({created("a", "x/"), created("a", "y/")}).error().message(), HasSubstr("Same ID"));
}

TEST(Event, keys_are_written_as_in_forms_but_slashes_stay) {
    EXPECT_EQ(encode_event_key("index/a b+c.jpg"), "index/a+b%2Bc.jpg");
    EXPECT_EQ(encode_event_key("\xc3\xa9"), "%C3%A9");
}

TEST(Event, the_document_has_the_object_and_its_bucket) {
    auto document = boost::json::parse(event_document(put_of("index/a b.jpg"), "id-1"));
    const auto& record = document.at("Records").at(0);
    EXPECT_EQ(record.at("eventVersion"), "2.1");
    EXPECT_EQ(record.at("eventName"), "ObjectCreated:Put");
    EXPECT_EQ(record.at("eventTime"), "1970-01-01T00:00:00.001Z");
    EXPECT_EQ(record.at("userIdentity").at("principalId"), "AWS:AIDA1");
    EXPECT_EQ(record.at("s3").at("configurationId"), "id-1");
    EXPECT_EQ(record.at("s3").at("bucket").at("arn"), "arn:aws:s3:::photos");
    EXPECT_EQ(record.at("s3").at("object").at("key"), "index/a+b.jpg");
    EXPECT_EQ(record.at("s3").at("object").at("size"), 7);
    EXPECT_FALSE(record.at("s3").at("object").as_object().contains("versionId"));
}

class BusTest : public testing::Test {
protected:
    std::unique_ptr<store::Records> records = store::memory_records();
    base::SystemClock clock;
    BusOptions options{.threads = 2, .attempts_max = 3, .first_pause = 1ms, .pause_max = 4ms};
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> told;

    void publish(Bus& bus, const ObjectEvent& event) {
        ASSERT_TRUE(records->commit([&](store::Transaction& t) { return bus.publish(t, event); }).ok());
    }
    Result<void> hear(const Delivery& delivery) {
        std::lock_guard lock(mutex);
        auto document = boost::json::parse(delivery.document);
        told.emplace_back(document.at("Records").at(0).at("s3").at("object").at("key").as_string());
        changed.notify_all();
        return {};
    }
    bool wait_for_told(std::size_t count) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, 10s, [&] { return told.size() >= count; });
    }
};

TEST_F(BusTest, an_event_reaches_the_listener_of_a_subscription_that_matches) {
    Bus bus(*records, clock, options);
    ASSERT_TRUE(bus.subscribe("photos", {created("a", "index/")}).ok());
    ASSERT_TRUE(bus.start([&](const Delivery& delivery) { return hear(delivery); }).ok());
    publish(bus, put_of("other/x"));
    publish(bus, put_of("index/y"));
    ASSERT_TRUE(wait_for_told(1));
    bus.stop();
    EXPECT_THAT(told, ElementsAre("index/y"));
    EXPECT_EQ(*bus.waiting(), 0u);
}

TEST_F(BusTest, an_undone_transaction_tells_nobody) {
    Bus bus(*records, clock, options);
    ASSERT_TRUE(bus.subscribe("photos", {created()}).ok());
    auto undone = records->commit([&](store::Transaction& t) -> Result<void> {
        TRY(bus.publish(t, put_of("x")));
        return Error::failure("undo");
    });
    EXPECT_FALSE(undone.ok());
    EXPECT_EQ(*bus.waiting(), 0u);
}

TEST_F(BusTest, what_a_former_process_left_is_delivered_by_the_next) {
    {
        Bus bus(*records, clock, options);
        ASSERT_TRUE(bus.subscribe("photos", {created()}).ok());
        publish(bus, put_of("x"));
    }
    Bus bus(*records, clock, options);
    ASSERT_TRUE(bus.start([&](const Delivery& delivery) { return hear(delivery); }).ok());
    EXPECT_TRUE(wait_for_told(1));
}

TEST_F(BusTest, a_listener_that_fails_is_asked_again) {
    Bus bus(*records, clock, options);
    ASSERT_TRUE(bus.subscribe("photos", {created()}).ok());
    std::atomic<int> calls = 0;
    ASSERT_TRUE(bus.start([&](const Delivery& delivery) -> Result<void> {
                       if (++calls < 3) return Error::failure("not now");
                       return hear(delivery);
                   })
                    .ok());
    publish(bus, put_of("x"));
    EXPECT_TRUE(wait_for_told(1));
    EXPECT_EQ(calls, 3);
}

TEST_F(BusTest, a_delivery_refused_to_the_end_becomes_a_dead_letter) {
    Bus bus(*records, clock, options);
    ASSERT_TRUE(bus.subscribe("photos", {created()}).ok());
    ASSERT_TRUE(bus.start([&](const Delivery&) -> Result<void> { return Error::failure("gone"); }).ok());
    publish(bus, put_of("x"));
    for (int i = 0; i < 1000 && bus.dead_letters(10)->empty(); ++i)
        std::this_thread::sleep_for(10ms);
    auto letters = *bus.dead_letters(10);
    ASSERT_EQ(letters.size(), 1u);
    EXPECT_EQ(letters[0].reason, "gone");
    EXPECT_EQ(letters[0].delivery.source, "arn:aws:s3:::photos");
    EXPECT_EQ(*bus.waiting(), 0u);
}

TEST_F(BusTest, subscriptions_are_replaced_whole_and_forgotten_with_their_bucket) {
    Bus bus(*records, clock, options);
    ASSERT_TRUE(bus.subscribe("photos", {created("a", "x/"), created("b", "y/", ".z")}).ok());
    EXPECT_THAT(*bus.subscriptions("photos"), ElementsAre(created("a", "x/"), created("b", "y/", ".z")));
    ASSERT_TRUE(bus.subscribe("photos", {created("c")}).ok());
    EXPECT_THAT(*bus.subscriptions("photos"), ElementsAre(created("c")));
    ASSERT_TRUE(records->commit([&](store::Transaction& t) { return bus.forget(t, "photos"); }).ok());
    EXPECT_TRUE(bus.subscriptions("photos")->empty());
}

}  // namespace
}  // namespace events
