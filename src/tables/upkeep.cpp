// Store: what runs beside requests. Each step is a transaction of its own and may be done again, so that it
// can be cut off at any moment.
#include <algorithm>

#include "tables/catalogue.h"
#include "tables/plan.h"
#include "tables/record.h"
#include "tables/rows.h"

namespace tables {

namespace {

constexpr std::size_t kRowsAtOnce = 64;
constexpr std::size_t kTokensAtOnce = 1000;
constexpr base::Duration kExpiryInterval{60 * 1000};
constexpr base::Duration kCountInterval{6 * 60 * 60 * 1000};
// An expiry time further back than this is not one, but another use of the attribute.
constexpr std::int64_t kExpirySecondsMax = 5LL * 365 * 24 * 60 * 60;

bool has_expired(const Item& item, const std::string& attribute, base::Time now) {
    auto found = item.find(attribute);
    const auto* second = found == item.end() ? nullptr : found->second.get_if<Number>();
    if (!second) return false;
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    return *second <= Number(seconds) && *second > Number(seconds - kExpirySecondsMax);
}

// Calls `use` with the rows of the range, some at a time.
Result<void> each_rows(const store::Records& records, store::Range range,
                       const std::function<bool()>& stopping,
                       const std::function<Result<void>(const std::vector<store::Row>&)>& use) {
    range.limit = kRowsAtOnce;
    while (!stopping()) {
        auto rows = TRY(records.scan(range));
        TRY(use(rows));
        if (rows.size() < range.limit) return {};
        range.from = rows.back().key + '\0';
    }
    return {};
}

}  // namespace

std::uint64_t Store::InFlight::enter() {
    std::lock_guard lock(mutex_);
    auto ticket = next_++;
    inside_.insert(ticket);
    return ticket;
}

void Store::InFlight::leave(std::uint64_t ticket) {
    std::lock_guard lock(mutex_);
    inside_.erase(ticket);
    left_.notify_all();
}

void Store::InFlight::wait_for_earlier() {
    std::unique_lock lock(mutex_);
    auto border = next_;
    left_.wait(lock, [&] { return inside_.empty() || *inside_.begin() >= border; });
}

void Store::wake() {
    std::lock_guard lock(work_mutex_);
    has_work_ = true;
    work_.notify_all();
}

void Store::wait_for_work(base::Duration longest) {
    std::unique_lock lock(work_mutex_);
    work_.wait_for(lock, longest, [&] { return has_work_; });
    has_work_ = false;
}

Result<void> Store::upkeep(const std::function<bool()>& stopping) {
    TRY(drop_rows());
    TRY(forget_tokens());
    std::vector<Schema> schemas;
    TRY(each_rows(records_, schemas_key().range(), stopping, [&](const auto& rows) -> Result<void> {
        for (const auto& row : rows)
            schemas.push_back(TRY(decode_schema(row.value)));
        return {};
    }));
    for (const auto& schema : schemas) {
        if (stopping()) return {};
        TRY(fill_indexes(schema, stopping));
        bool known = counts_.with([&](const auto& counts) {
            auto found = counts.find(schema.id);
            return found != counts.end() && found->second.known;
        });
        auto now = clock_.now();
        auto interval = schema.expiry_attribute.empty() ? kCountInterval : kExpiryInterval;
        bool due = swept_.with([&](auto& swept) {
            auto last = swept.find(schema.id);
            if (known && last != swept.end() && now - last->second < interval) return false;
            bool first = last == swept.end();
            swept[schema.id] = now;
            // A table made since the start has been counted from its first item.
            return !known || !first || !schema.expiry_attribute.empty();
        });
        if (due) TRY(sweep(schema, stopping));
    }
    return {};
}

// Puts the items that were there before an index into it. Writers that know the index keep it up meanwhile.
Result<void> Store::fill_indexes(const Schema& schema, const std::function<bool()>& stopping) {
    for (const auto& index : schema.indexes) {
        if (index.status != Index::Status::creating) continue;
        in_flight_.wait_for_earlier();
        TRY(each_rows(records_, all_rows(schema, nullptr), stopping, [&](const auto& rows) -> Result<void> {
            return records_.commit([&](store::Transaction& transaction) -> Result<void> {
                for (const auto& row : rows) {
                    auto record = TRY(transaction.get_for_update(row.key));
                    if (!record) continue;
                    auto item = TRY(decode(*record));
                    auto place = index_row(schema, index, item);
                    if (place) TRY(transaction.put(*place, encode(index_item(schema, index, item))));
                }
                return {};
            });
        }));
        if (stopping()) return {};
        auto done = alter(schema.name, [&](Schema& now) -> Result<void> {
            for (auto& one : now.indexes)
                if (one.id == index.id) one.status = Index::Status::active;
            return {};
        });
        if (!done.ok() && !done.error().is(Refusal::resource_missing)) return done;
        counts_.with([&](auto& counts) { counts[schema.id].known = false; });
    }
    return {};
}

// Removes expired items, and counts what stays.
Result<void> Store::sweep(const Schema& schema, const std::function<bool()>& stopping) {
    Counts counted;
    auto add = [](Size& size, const Item& item) {
        ++size.items;
        size.bytes += static_cast<std::int64_t>(size_bytes(item));
    };
    auto now = clock_.now();
    TRY(each_rows(records_, all_rows(schema, nullptr), stopping, [&](const auto& rows) -> Result<void> {
        for (const auto& row : rows) {
            auto item = TRY(decode(row.value));
            if (!schema.expiry_attribute.empty() && has_expired(item, schema.expiry_attribute, now)) {
                // The item may have been given a new time since it was read.
                Delete expired{schema.name, key_of(schema, nullptr, item)};
                Comparison unchanged{
                    Comparator::equal, {Path{schema.expiry_attribute}}, {item.at(schema.expiry_attribute)}};
                expired.condition = Condition{std::move(unchanged)};
                auto done = write(expired);
                if (!done.ok() && done.error().is_failure()) return std::move(done).error();
                continue;
            }
            add(counted.table, item);
            for (const auto& index : schema.indexes)
                if (index_row(schema, index, item))
                    add(counted.indexes[index.id], index_item(schema, index, item));
        }
        return {};
    }));
    if (stopping()) return {};
    counted.known = true;
    counts_.with([&](auto& counts) { counts[schema.id] = std::move(counted); });
    return {};
}

// Erases the rows of tables and indexes that are gone, once no write that could still add to them is under
// way.
Result<void> Store::drop_rows() {
    auto rows = TRY(records_.scan(dropped_key().range()));
    if (rows.empty()) return {};
    in_flight_.wait_for_earlier();
    for (const auto& row : rows) {
        store::KeyReader reader(row.key);
        reader.text();
        auto table = reader.text();
        auto range = store::KeyBuilder(table).text(reader.text()).range();
        TRY(records_.erase_range(range.from, range.to));
        TRY(records_.commit([&](store::Transaction& transaction) { return transaction.erase(row.key); }));
    }
    return {};
}

Result<void> Store::forget_tokens() {
    auto range = tokens_key().range();
    range.limit = kTokensAtOnce;
    auto now = Number(static_cast<std::int64_t>(clock_.now().time_since_epoch().count()));
    for (;;) {
        auto rows = TRY(records_.scan(range));
        TRY(records_.commit([&](store::Transaction& transaction) -> Result<void> {
            for (const auto& row : rows) {
                auto record = TRY(transaction.get_for_update(row.key));
                auto token = record ? TRY(decode(*record)) : Item{};
                const auto* expires = token["expires"].get_if<Number>();
                if (expires && *expires <= now) TRY(transaction.erase(row.key));
            }
            return {};
        }));
        if (rows.size() < range.limit) return {};
        range.from = rows.back().key + '\0';
    }
}

}  // namespace tables
