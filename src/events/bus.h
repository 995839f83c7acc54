// Subscriptions and deliveries: durable from the event to the listener (docs/formats/events.md).
//
//   objects' transaction --publish--> store::Queue --dispatcher threads--> listener
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "events/event.h"
#include "events/notification.h"
#include "store/queue.h"
#include "store/records.h"

namespace events {

// One event for one target.
struct Delivery {
    std::string target;    // ARN, from the subscription
    std::string source;    // ARN of the bucket
    std::string account;   // that owns the bucket
    std::string document;  // what event_document() wrote
};

// A delivery that the listener has refused to the end.
struct DeadLetter {
    Delivery delivery;
    base::Time time{};
    std::string reason;
};

// Takes a delivery over: when it returns, the delivery is safe with the listener. An error brings it again
// later. Called from several threads at once.
using Listener = std::function<Result<void>(const Delivery&)>;

struct BusOptions {
    std::size_t threads = 2;
    std::uint32_t attempts_max = 8;
    base::Duration first_pause{1'000};  // before the second attempt; doubles each time
    base::Duration pause_max{5 * 60'000};
    base::Duration lease{60'000};  // the longest that a listener may take
};

// Callable from any thread.
class Bus {
public:
    Bus(store::Records& records, const base::Clock& clock, BusOptions options = {});
    ~Bus();  // stop()
    Bus(const Bus&) = delete;
    Bus& operator=(const Bus&) = delete;

    // Replaces all of the bucket's subscriptions. Refusal::invalid_argument as validate().
    Result<void> subscribe(const std::string& bucket, const std::vector<Subscription>& subscriptions);
    Result<std::vector<Subscription>> subscriptions(const std::string& bucket) const;
    // For the transaction that removes the bucket.
    Result<void> forget(store::Transaction& transaction, const std::string& bucket);

    // Enqueues a delivery for each subscription that matches, as part of `transaction`.
    Result<void> publish(store::Transaction& transaction, const ObjectEvent& event);

    // Begins to deliver; once.
    Result<void> start(Listener listener);
    // Lets deliveries in progress end. What waits stays in the queue for the next start.
    void stop();

    // Published, but not yet taken over; counts up to 10,000.
    Result<std::size_t> waiting() const { return queue_.size(); }
    Result<std::vector<DeadLetter>> dead_letters(std::size_t limit) const;  // oldest first

private:
    void run();
    void deliver(const store::QueueMessage& message);
    Result<void> settle(const store::QueueMessage& message, const Delivery& delivery,
                        const Result<void>& taken);
    bool pause(bool idle);

    store::Records& records_;
    const base::Clock& clock_;
    const BusOptions options_;
    store::Queue queue_;
    Listener listener_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::chrono::steady_clock::time_point busy_until_{};
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace events
