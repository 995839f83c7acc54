// A durable queue on Records: at-least-once delivery, leases, delayed retries. Sending joins the sender's
// transaction.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "base/time.h"
#include "store/records.h"

namespace store {

struct QueueMessage {
    std::string id;  // opaque: names this message and this lease
    std::string payload;
    std::uint32_t deliveries;  // 1 the first time
};

// One named queue. Callable from any thread; several may receive at once and none gets another's leased
// message. A message of one moment may be seen up to half a minute late when its transaction took more than a
// few seconds to commit.
class Queue {
public:
    Queue(Records& records, const base::Clock& clock, std::string name);

    // Visible from `at` on (from now on, if that is past), once `transaction` has been committed.
    Result<void> send(Transaction& transaction, std::string_view payload, base::Time at);
    // Up to `count` visible messages, oldest first; each is hidden for `lease`, then delivered again.
    Result<std::vector<QueueMessage>> receive(std::size_t count, base::Duration lease);
    // Refusal::lease_lost, here and below, once the message has been received again. A lease that has merely
    // run out still counts until then.
    Result<void> acknowledge(const QueueMessage& message);
    // As above, inside a transaction that also records what came of the message.
    Result<void> acknowledge(Transaction& transaction, const QueueMessage& message);
    // Visible again from `at` on.
    Result<void> retry(const QueueMessage& message, base::Time at);
    // Gives the message its new id.
    Result<void> extend(QueueMessage& message, base::Duration lease);

    // Makes every leased message visible at once: for the start of the only process that receives, so that
    // what a crash interrupted does not wait for its lease to end. Delayed retries keep their time.
    Result<std::size_t> release_leases();

    // When the next message becomes visible; nothing if the queue is empty.
    Result<std::optional<base::Time>> next_visible();
    // Visible and hidden ones together; counts up to 10,000.
    Result<std::size_t> size() const;

private:
    struct Stored;
    Result<std::string> put(Transaction& transaction, base::Time at, const Stored& message);
    Result<Stored> take(Transaction& transaction, const QueueMessage& message);
    KeyBuilder prefix() const { return std::move(KeyBuilder("queue.message").text(name_)); }
    Range from_low_water(base::Time until, std::size_t limit);

    // Messages that are gone leave tombstones which a scan would step over one by one, so a scan begins at
    // the time below which nothing was left; now and then it begins at the very start, for late commits.
    struct LowWater {
        base::Time mark{};
        base::Time full_scan{};
    };

    Records& records_;
    const base::Clock& clock_;
    std::string name_;
    std::atomic<std::uint64_t> serial_ = 0;
    base::Guarded<LowWater> low_water_;
};

}  // namespace store
