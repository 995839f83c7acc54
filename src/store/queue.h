// A durable queue on Records: at-least-once delivery, leases, delayed retries. Sending joins the sender's
// transaction.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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
// message.
class Queue {
public:
    Queue(Records& records, const base::Clock& clock, std::string name);

    // Visible from `at` on, once `transaction` has been committed.
    Result<void> send(Transaction& transaction, std::string_view payload, base::Time at);
    // Up to `count` visible messages, oldest first; each is hidden for `lease`, then delivered again.
    Result<std::vector<QueueMessage>> receive(std::size_t count, base::Duration lease);
    Result<void> acknowledge(const QueueMessage& message);
    // As above, inside a transaction that also records what came of the message.
    Result<void> acknowledge(Transaction& transaction, const QueueMessage& message);
    // Visible again from `at` on.
    Result<void> retry(const QueueMessage& message, base::Time at);
    Result<void> extend(const QueueMessage& message, base::Duration lease);

    // When the next message becomes visible; nothing if the queue is empty.
    Result<std::optional<base::Time>> next_visible() const;
    // Visible and hidden ones together; counts up to 10,000.
    Result<std::size_t> size() const;

private:
    Records& records_;
    const base::Clock& clock_;
    std::string name_;
};

}  // namespace store
