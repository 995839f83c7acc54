#include "store/queue.h"

#include <algorithm>

namespace store {
namespace {

// A sender's clock is read before its commit: what it sends may land this much below the newest mark.
constexpr base::Duration kCommitGrace{5'000};
constexpr base::Duration kFullScanEvery{30'000};
constexpr std::size_t kSizeCountedMax = 10'000;
constexpr std::size_t kReleasedAtOnce = 500;

constexpr char kVersion = 1;

std::uint64_t milliseconds(base::Time time) {
    return static_cast<std::uint64_t>(std::max<base::Duration::rep>(time.time_since_epoch().count(), 0));
}

base::Time visible_at(std::string_view key) {
    KeyReader reader(key);
    reader.text();
    reader.text();
    return base::Time{base::Duration{static_cast<base::Duration::rep>(reader.number())}};
}

}  // namespace

// The record: version, leased or not, deliveries (four bytes, big-endian), payload.
struct Queue::Stored {
    bool leased = false;
    std::uint32_t deliveries = 0;
    std::string payload;

    std::string encode() const {
        std::string out{kVersion, static_cast<char>(leased)};
        for (int shift = 24; shift >= 0; shift -= 8)
            out += static_cast<char>(deliveries >> shift & 0xff);
        return out + payload;
    }
    static Stored decode(std::string_view bytes) {
        INVARIANT(bytes.size() >= 6 && bytes[0] == kVersion);
        Stored stored{.leased = bytes[1] != 0, .deliveries = 0, .payload = std::string(bytes.substr(6))};
        for (char c : bytes.substr(2, 4))
            stored.deliveries = stored.deliveries << 8 | static_cast<unsigned char>(c);
        return stored;
    }
};

Queue::Queue(Records& records, const base::Clock& clock, std::string name)
    : records_(records), clock_(clock), name_(std::move(name)) {}

Result<void> Queue::send(Transaction& transaction, std::string_view payload, base::Time at) {
    TRY(put(transaction, std::max(at, clock_.now()), Stored{.payload = std::string(payload)}));
    return {};
}

// The serial keeps messages of one millisecond apart and in order; a serial that a former process has used is
// skipped.
Result<std::string> Queue::put(Transaction& transaction, base::Time at, const Stored& message) {
    while (true) {
        auto key = prefix().number(milliseconds(at)).number(serial_++).str();
        if (TRY(transaction.get_for_update(key)).has_value()) continue;
        TRY(transaction.put(key, message.encode()));
        return key;
    }
}

Range Queue::from_low_water(base::Time until, std::size_t limit) {
    auto now = clock_.now();
    auto mark = low_water_.with([&](LowWater& low) {
        if (now - low.full_scan < kFullScanEvery) return low.mark;
        low.full_scan = now;
        return base::Time{};
    });
    return {.from = prefix().number(milliseconds(mark)).str(),
            .to = prefix().number(milliseconds(until)).str(),
            .limit = limit};
}

Result<std::vector<QueueMessage>> Queue::receive(std::size_t count, base::Duration lease) {
    auto now = clock_.now();
    auto range = from_low_water(now + base::Duration(1), count);
    // A look without locks first, so that an idle queue costs no transaction.
    auto seen = TRY(records_.scan(range));
    auto lowest = seen.empty() ? now : visible_at(seen.front().key);
    low_water_.with([&](LowWater& low) { low.mark = std::min(lowest, now - kCommitGrace); });
    if (seen.empty()) return std::vector<QueueMessage>{};
    return records_.transact([&](Transaction& transaction) -> Result<std::vector<QueueMessage>> {
        std::vector<QueueMessage> received;
        // Another receiver may have taken what the scan shows by the time its lock is ours, so look again
        // until nothing new shows up.
        auto from = range.from;
        while (received.size() < count) {
            auto left = range;
            left.from = from;
            left.limit = count - received.size();
            auto rows = TRY(transaction.scan(left));
            for (const auto& row : rows) {
                from = row.key + '\0';
                auto value = TRY(transaction.get_for_update(row.key));
                if (!value) continue;
                auto stored = Stored::decode(*value);
                stored.leased = true;
                ++stored.deliveries;
                TRY(transaction.erase(row.key));
                auto id = TRY(put(transaction, now + lease, stored));
                received.push_back({std::move(id), std::move(stored.payload), stored.deliveries});
            }
            if (rows.empty()) break;
        }
        return received;
    });
}

Result<Queue::Stored> Queue::take(Transaction& transaction, const QueueMessage& message) {
    auto value = TRY(transaction.get_for_update(message.id));
    if (!value) return Error::refusal(Refusal::lease_lost);
    auto stored = Stored::decode(*value);
    TRY(transaction.erase(message.id));
    return stored;
}

Result<void> Queue::acknowledge(Transaction& transaction, const QueueMessage& message) {
    TRY(take(transaction, message));
    return {};
}

Result<void> Queue::acknowledge(const QueueMessage& message) {
    return records_.commit([&](Transaction& transaction) { return acknowledge(transaction, message); });
}

Result<void> Queue::retry(const QueueMessage& message, base::Time at) {
    return records_.commit([&](Transaction& transaction) -> Result<void> {
        auto stored = TRY(take(transaction, message));
        stored.leased = false;
        TRY(put(transaction, std::max(at, clock_.now()), stored));
        return {};
    });
}

Result<void> Queue::extend(QueueMessage& message, base::Duration lease) {
    message.id = TRY(records_.transact([&](Transaction& transaction) -> Result<std::string> {
        auto stored = TRY(take(transaction, message));
        return put(transaction, clock_.now() + lease, stored);
    }));
    return {};
}

Result<std::size_t> Queue::release_leases() {
    std::size_t released = 0;
    auto range = prefix().range();
    range.limit = kReleasedAtOnce;
    while (true) {
        auto rows = TRY(records_.scan(range));
        if (rows.empty()) return released;
        range.from = rows.back().key + '\0';
        auto now = clock_.now();
        TRY(records_.commit([&](Transaction& transaction) -> Result<void> {
            for (const auto& row : rows) {
                if (visible_at(row.key) <= now) continue;
                auto stored = Stored::decode(row.value);
                if (!stored.leased) continue;
                TRY(take(transaction, {row.key, {}, 0}));
                stored.leased = false;
                TRY(put(transaction, now, stored));
                ++released;
            }
            return {};
        }));
    }
}

Result<std::optional<base::Time>> Queue::next_visible() {
    auto range = prefix().range();
    range.from = from_low_water(clock_.now(), 1).from;
    range.limit = 1;
    auto rows = TRY(records_.scan(range));
    if (rows.empty()) return std::optional<base::Time>();
    return std::optional(visible_at(rows.front().key));
}

Result<std::size_t> Queue::size() const {
    auto range = prefix().range();
    range.limit = kSizeCountedMax;
    return TRY(records_.scan(range)).size();
}

}  // namespace store
