#include "events/bus.h"

#include <boost/json.hpp>

#include "base/log.h"

namespace events {

namespace json = boost::json;

namespace {

constexpr int kVersion = 1;
constexpr std::size_t kReceivedAtOnce = 8;
// A publisher cannot wake the dispatcher when its transaction commits, so for a while after each publication
// the queue is looked at often.
constexpr std::chrono::milliseconds kBusyPause{10};
constexpr std::chrono::milliseconds kIdlePause{500};
constexpr std::chrono::seconds kBusyFor{2};

std::string subscription_key(const std::string& bucket) {
    return store::KeyBuilder("events.subscription").text(bucket).str();
}

std::string encode(const std::vector<Subscription>& subscriptions) {
    json::array list;
    for (const auto& subscription : subscriptions) {
        json::object one = {{"id", subscription.id},
                            {"target", subscription.target},
                            {"events", json::value_from(subscription.events)}};
        if (subscription.prefix) one["prefix"] = *subscription.prefix;
        if (subscription.suffix) one["suffix"] = *subscription.suffix;
        list.push_back(std::move(one));
    }
    return json::serialize(json::object{{"version", kVersion}, {"subscriptions", std::move(list)}});
}

// Records are ours: one that cannot be read is a broken disk or a bug, and nothing is delivered wrongly from
// it.
Result<json::object> read_record(const std::string& bytes) {
    boost::system::error_code error;
    auto value = json::parse(bytes, error);
    if (error || !value.is_object()) return Error::failure("events: a record is not JSON");
    const auto* version = value.get_object().if_contains("version");
    if (!version || *version != kVersion) return Error::failure("events: a record of another version");
    return std::move(value.get_object());
}

Result<std::string> text_of(const json::object& record, std::string_view name) {
    const auto* value = record.if_contains(name);
    if (!value || !value->is_string()) return Error::failure("events: a record lacks " + std::string(name));
    return std::string(value->get_string());
}

Result<std::vector<Subscription>> decode_subscriptions(const std::optional<std::string>& bytes) {
    std::vector<Subscription> out;
    if (!bytes) return out;
    auto record = TRY(read_record(*bytes));
    const auto* list = record.if_contains("subscriptions");
    if (!list || !list->is_array()) return Error::failure("events: a record lacks subscriptions");
    for (const auto& item : list->get_array()) {
        if (!item.is_object()) return Error::failure("events: a subscription is not an object");
        const auto& one = item.get_object();
        auto id = TRY(text_of(one, "id"));
        auto target = TRY(text_of(one, "target"));
        Subscription subscription{.id = std::move(id), .target = std::move(target)};
        if (const auto* events = one.if_contains("events"); events && events->is_array())
            for (const auto& event : events->get_array())
                if (event.is_string()) subscription.events.emplace_back(event.get_string());
        if (one.contains("prefix")) subscription.prefix = TRY(text_of(one, "prefix"));
        if (one.contains("suffix")) subscription.suffix = TRY(text_of(one, "suffix"));
        out.push_back(std::move(subscription));
    }
    return out;
}

json::object to_record(const Delivery& delivery) {
    return {{"version", kVersion},
            {"target", delivery.target},
            {"source", delivery.source},
            {"account", delivery.account},
            {"document", delivery.document}};
}

Result<Delivery> to_delivery(const json::object& record) {
    Delivery out;
    out.target = TRY(text_of(record, "target"));
    out.source = TRY(text_of(record, "source"));
    out.account = TRY(text_of(record, "account"));
    out.document = TRY(text_of(record, "document"));
    return out;
}

std::string reason_of(const Error& error) {
    return error.is_failure() ? error.detail() : error.message();
}

}  // namespace

Bus::Bus(store::Records& records, const base::Clock& clock, BusOptions options)
    : records_(records), clock_(clock), options_(options), queue_(records, clock, "events") {}

Bus::~Bus() {
    stop();
}

Result<void> Bus::subscribe(const std::string& bucket, const std::vector<Subscription>& subscriptions) {
    TRY(validate(subscriptions));
    return records_.commit([&](store::Transaction& transaction) -> Result<void> {
        if (subscriptions.empty()) return transaction.erase(subscription_key(bucket));
        return transaction.put(subscription_key(bucket), encode(subscriptions));
    });
}

Result<std::vector<Subscription>> Bus::subscriptions(const std::string& bucket) const {
    return decode_subscriptions(TRY(records_.get(subscription_key(bucket))));
}

Result<void> Bus::forget(store::Transaction& transaction, const std::string& bucket) {
    return transaction.erase(subscription_key(bucket));
}

Result<void> Bus::publish(store::Transaction& transaction, const ObjectEvent& event) {
    auto subscriptions = TRY(decode_subscriptions(TRY(transaction.get(subscription_key(event.bucket)))));
    for (const auto& subscription : subscriptions) {
        if (!matches(subscription, event.name, event.key)) continue;
        Delivery delivery{.target = subscription.target,
                          .source = "arn:aws:s3:::" + event.bucket,
                          .account = event.account,
                          .document = event_document(event, subscription.id)};
        TRY(queue_.send(transaction, json::serialize(to_record(delivery)), clock_.now()));
        std::lock_guard lock(mutex_);
        busy_until_ = std::chrono::steady_clock::now() + kBusyFor;
        changed_.notify_all();
    }
    return {};
}

Result<void> Bus::start(Listener listener) {
    listener_ = std::move(listener);
    TRY(queue_.release_leases());
    for (std::size_t i = 0; i < options_.threads; ++i)
        threads_.emplace_back([this] { run(); });
    return {};
}

void Bus::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }
    for (auto& thread : threads_)
        thread.join();
    threads_.clear();
}

void Bus::run() {
    bool idle = true;
    while (pause(idle)) {
        auto messages = queue_.receive(kReceivedAtOnce, options_.lease);
        if (!messages.ok()) base::log().error("events: receive failed: {}", reason_of(messages.error()));
        idle = !messages.ok() || messages->empty();
        if (idle) continue;
        for (const auto& message : *messages)
            deliver(message);
    }
}

// False when the bus stops.
bool Bus::pause(bool idle) {
    std::unique_lock lock(mutex_);
    if (stopping_ || !idle) return !stopping_;
    bool busy = std::chrono::steady_clock::now() < busy_until_;
    changed_.wait_for(lock, busy ? kBusyPause : kIdlePause);
    return !stopping_;
}

void Bus::deliver(const store::QueueMessage& message) {
    auto done = [&]() -> Result<void> {
        auto delivery = TRY(to_delivery(TRY(read_record(message.payload))));
        return settle(message, delivery, listener_(delivery));
    }();
    if (!done.ok()) base::log().error("events: delivery not settled: {}", reason_of(done.error()));
}

Result<void> Bus::settle(const store::QueueMessage& message, const Delivery& delivery,
                         const Result<void>& taken) {
    if (taken.ok()) return queue_.acknowledge(message);
    auto reason = reason_of(taken.error());
    if (message.deliveries < options_.attempts_max) {
        auto doublings = std::min<std::uint32_t>(message.deliveries - 1, 20);
        auto wait = std::min(options_.first_pause * (1 << doublings), options_.pause_max);
        base::log().warn("events: {} will be told again: {}", delivery.target, reason);
        return queue_.retry(message, clock_.now() + wait);
    }
    base::log().error("events: {} could not be told: {}", delivery.target, reason);
    auto now = static_cast<std::uint64_t>(clock_.now().time_since_epoch().count());
    return records_.commit([&](store::Transaction& transaction) -> Result<void> {
        TRY(queue_.acknowledge(transaction, message));
        auto record = to_record(delivery);
        record["reason"] = reason;
        auto key = store::KeyBuilder("events.dead").number(now).text(message.id).str();
        return transaction.put(key, json::serialize(record));
    });
}

Result<std::vector<DeadLetter>> Bus::dead_letters(std::size_t limit) const {
    auto range = store::KeyBuilder("events.dead").range();
    range.limit = limit;
    std::vector<DeadLetter> out;
    for (const auto& row : TRY(records_.scan(range))) {
        auto record = TRY(read_record(row.value));
        store::KeyReader key(row.key);
        key.text();
        const base::Time time{base::Duration{static_cast<base::Duration::rep>(key.number())}};
        auto delivery = TRY(to_delivery(record));
        auto reason = TRY(text_of(record, "reason"));
        out.push_back({std::move(delivery), time, std::move(reason)});
    }
    return out;
}

}  // namespace events
