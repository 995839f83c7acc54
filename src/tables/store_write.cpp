// Store: writes of one item, batches and transactions.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

#include "tables/catalogue.h"
#include "tables/document.h"
#include "tables/plan.h"
#include "tables/record.h"
#include "tables/rows.h"

namespace tables {

namespace {

constexpr double kWriteUnitBytes = 1024;

double write_units(std::size_t bytes) {
    return std::max(1.0, std::ceil(static_cast<double>(bytes) / kWriteUnitBytes));
}

const TableName& table_of(const Write& write) {
    return std::visit([](const auto& one) -> const TableName& { return one.table; }, write);
}

const Item& key_source(const Write& write) {
    if (const auto* put = std::get_if<Put>(&write)) return put->item;
    if (const auto* update = std::get_if<UpdateItem>(&write)) return update->key;
    if (const auto* erase = std::get_if<Delete>(&write)) return erase->key;
    return std::get<Check>(write).key;
}

const Condition* condition_of(const Write& write) {
    if (const auto* check = std::get_if<Check>(&write)) return &check->condition;
    const auto& condition = std::visit(
        [](const auto& one) -> const std::optional<Condition>& {
            static const std::optional<Condition> none;
            if constexpr (std::is_same_v<std::remove_cvref_t<decltype(one)>, Check>)
                return none;
            else
                return one.condition;
        },
        write);
    return condition ? &*condition : nullptr;
}

// What can be said of a write before the item is read.
Result<void> check(const Schema& schema, const Write& write) {
    if (const auto* put = std::get_if<Put>(&write)) return check_item(schema, put->item, false);
    TRY(check_key(schema, key_source(write)));
    if (const auto* update = std::get_if<UpdateItem>(&write))
        for (const auto* path : paths_of(update->update))
            if (schema.key.contains(path->attribute))
                return invalid_parameter(fmt::format(
                    "Cannot update attribute {}. This attribute is part of the key", path->attribute));
    return {};
}

Result<std::optional<Item>> after(const Schema& schema, const Write& write,
                                  const std::optional<Item>& before) {
    if (const auto* put = std::get_if<Put>(&write)) return std::optional(put->item);
    if (const auto* update = std::get_if<UpdateItem>(&write)) {
        const auto& actions = update->update;
        auto item = TRY(apply(actions, before.value_or(Item{}), before.has_value()));
        // What only removes does not make an item; an update without any action does.
        bool removes = !actions.remove.empty() || !actions.erase.empty();
        if (!before && removes && actions.set.empty() && actions.add.empty()) return std::optional<Item>();
        if (!before) item.insert(update->key.begin(), update->key.end());
        TRY(check_item(schema, item, true));
        return std::optional(std::move(item));
    }
    return std::optional<Item>();
}

}  // namespace

Result<const Schema*> Store::schema_in(store::Transaction& transaction, Schemas& schemas,
                                       const TableName& name) const {
    auto found = schemas.find(name);
    if (found == schemas.end()) {
        auto record = TRY(transaction.get(schema_key(name)));
        if (!record) return table_missing();
        auto schema = TRY(decode_schema(*record));
        found = schemas.emplace(name, std::move(schema)).first;
    }
    return &found->second;
}

// `write` has passed check(). Locks the item.
Result<Store::Plan> Store::plan(store::Transaction& transaction, const Schema& schema,
                                const Write& write) const {
    Plan plan;
    plan.table_id = schema.id;
    auto row = item_row(schema, key_source(write));
    auto record = TRY(transaction.get_for_update(row));
    if (record) plan.before = TRY(decode(*record));
    auto bytes_before = plan.before ? size_bytes(*plan.before) : 0;
    plan.consumed.table = write_units(bytes_before);

    static const Item kNothing;
    const auto* condition = condition_of(write);
    plan.condition_held = !condition || holds(*condition, plan.before ? *plan.before : kNothing);
    if (!plan.condition_held) return plan;
    if (std::holds_alternative<Check>(write)) {
        plan.after = plan.before;
        return plan;
    }
    plan.after = TRY(after(schema, write, plan.before));
    if (!plan.before && !plan.after) return plan;
    if (plan.after)
        plan.changes.push_back({row, encode(*plan.after)});
    else
        plan.changes.push_back({row, std::nullopt});
    plan.consumed.table = write_units(std::max(bytes_before, plan.after ? size_bytes(*plan.after) : 0));

    for (const auto& index : schema.indexes) {
        auto old_row = plan.before ? index_row(schema, index, *plan.before) : std::nullopt;
        auto new_row = plan.after ? index_row(schema, index, *plan.after) : std::nullopt;
        if (!old_row && !new_row) continue;
        Item old_item = old_row ? index_item(schema, index, *plan.before) : Item{};
        Item new_item = new_row ? index_item(schema, index, *plan.after) : Item{};
        if (old_row == new_row && old_item == new_item) continue;
        auto old_bytes = size_bytes(old_item);
        auto new_bytes = size_bytes(new_item);
        double units = 0;
        if (old_row == new_row)
            units = write_units(std::max(old_bytes, new_bytes));
        else
            units = (old_row ? write_units(old_bytes) : 0) + (new_row ? write_units(new_bytes) : 0);
        (index.local ? plan.consumed.local : plan.consumed.global)[index.name] += units;
        if (old_row && old_row != new_row) plan.changes.push_back({*old_row, std::nullopt});
        if (new_row) plan.changes.push_back({*new_row, encode(new_item)});
        plan.index_deltas.push_back(
            {index.id, (new_row ? 1 : 0) - (old_row ? 1 : 0),
             static_cast<std::int64_t>(new_bytes) - static_cast<std::int64_t>(old_bytes)});
    }
    return plan;
}

Result<void> Store::perform(store::Transaction& transaction, const Plan& plan) {
    for (const auto& change : plan.changes) {
        if (change.value)
            TRY(transaction.put(change.row, *change.value));
        else
            TRY(transaction.erase(change.row));
    }
    return {};
}

void Store::count(const Plan& plan) {
    if (plan.changes.empty()) return;
    auto bytes = [](const std::optional<Item>& item) {
        return item ? static_cast<std::int64_t>(size_bytes(*item)) : std::int64_t{0};
    };
    counts_.with([&](auto& counts) {
        auto& table = counts[plan.table_id];
        table.table.items += (plan.after ? 1 : 0) - (plan.before ? 1 : 0);
        table.table.bytes += bytes(plan.after) - bytes(plan.before);
        for (const auto& delta : plan.index_deltas) {
            auto& index = table.indexes[delta.index_id];
            index.items += delta.items;
            index.bytes += delta.bytes;
        }
    });
}

Result<Written> Store::write(const Write& write) {
    auto written = TRY(write_batch({write}));
    return std::move(written.front());
}

Result<std::vector<Written>> Store::write_batch(const std::vector<Write>& writes) {
    InFlight::Pass pass(in_flight_);
    std::vector<Plan> plans;
    auto done = records_.commit([&](store::Transaction& transaction) -> Result<void> {
        plans.clear();
        Schemas schemas;
        std::vector<std::pair<std::string, std::size_t>> order;
        for (std::size_t i = 0; i < writes.size(); ++i) {
            const auto* schema = TRY(schema_in(transaction, schemas, table_of(writes[i])));
            TRY(check(*schema, writes[i]));
            order.emplace_back(item_row(*schema, key_source(writes[i])), i);
        }
        // Locks are taken in ascending order, so that two batches cannot wait for each other.
        std::sort(order.begin(), order.end());
        for (std::size_t i = 1; i < order.size(); ++i)
            if (order[i].first == order[i - 1].first)
                return invalid("Provided list of item keys contains duplicates");
        plans.resize(writes.size());
        for (const auto& [row, i] : order) {
            const auto* schema = TRY(schema_in(transaction, schemas, table_of(writes[i])));
            plans[i] = TRY(plan(transaction, *schema, writes[i]));
            TRY(perform(transaction, plans[i]));
        }
        return {};
    });
    if (!done.ok()) return translated(std::move(done).error());
    std::vector<Written> out;
    for (auto& plan : plans) {
        count(plan);
        out.push_back(
            {plan.condition_held, std::move(plan.before), std::move(plan.after), std::move(plan.consumed)});
    }
    return out;
}

// True if the token is new. Refusal::idempotent_mismatch if it was used for something else.
Result<bool> Store::remember(store::Transaction& transaction, const TableName& where,
                             const Token& token) const {
    auto key = tokens_key().text(where.account).text(where.region).text(token.name).str();
    auto now = clock_.now();
    if (auto record = TRY(transaction.get_for_update(key))) {
        auto known = TRY(decode(*record));
        auto expires = Number(static_cast<std::int64_t>(now.time_since_epoch().count()));
        const auto* digest = known["digest"].get_if<std::string>();
        const auto* until = known["expires"].get_if<Number>();
        if (!digest || !until) return Error::failure("tables: a token's record is malformed");
        if (*until > expires) {
            if (*digest == token.digest) return false;
            return Error::refusal(Refusal::idempotent_mismatch,
                                  "The request has a different body than an earlier one with the same token");
        }
    }
    TRY(transaction.put(key, encode(Item{{"digest", Value::of(token.digest)},
                                         {"expires", Value::of(static_cast<std::int64_t>(
                                                         (now + kTokenLife).time_since_epoch().count()))}})));
    return true;
}

Result<Transacted> Store::transact(const std::vector<Write>& writes, const std::optional<Token>& token) {
    INVARIANT(!writes.empty());
    InFlight::Pass pass(in_flight_);
    Transacted out;
    std::vector<Plan> plans;
    auto done = records_.commit([&](store::Transaction& transaction) -> Result<void> {
        out = {};
        plans.clear();
        Schemas schemas;
        std::vector<std::pair<std::string, std::size_t>> order;
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < writes.size(); ++i) {
            const auto* schema = TRY(schema_in(transaction, schemas, table_of(writes[i])));
            auto checked = check(*schema, writes[i]);
            if (!checked.ok()) {
                if (!checked.error().is(Refusal::validation)) return checked;
                out.reasons.resize(writes.size());
                out.reasons[i] = {Outcome::Code::invalid, checked.error().message()};
                return {};
            }
            bytes += size_bytes(key_source(writes[i]));
            order.emplace_back(item_row(*schema, key_source(writes[i])), i);
        }
        std::sort(order.begin(), order.end());
        for (std::size_t i = 1; i < order.size(); ++i)
            if (order[i].first == order[i - 1].first)
                return invalid("Transaction request cannot include multiple operations on one item");
        if (bytes > kTransactionBytesMax) return invalid("Transaction request size cannot exceed 4 MB");
        plans.resize(writes.size());
        std::vector<Outcome> reasons(writes.size());
        bool held = true;
        for (const auto& [row, i] : order) {
            const auto* schema = TRY(schema_in(transaction, schemas, table_of(writes[i])));
            auto planned = plan(transaction, *schema, writes[i]);
            if (!planned.ok() && planned.error().is(Refusal::validation)) {
                reasons[i] = {Outcome::Code::invalid, planned.error().message()};
                held = false;
                continue;
            }
            plans[i] = TRY(std::move(planned));
            if (plans[i].condition_held) continue;
            reasons[i] = {Outcome::Code::condition_failed, "The conditional request failed", plans[i].before};
            held = false;
        }
        for (std::size_t i = 0; i < writes.size(); ++i) {
            auto twice = plans[i].consumed;
            twice.add(plans[i].consumed);
            out.consumed[table_of(writes[i]).name].add(twice);
        }
        if (!held) {
            out.reasons = std::move(reasons);
            return {};
        }
        if (token) out.repeated = !TRY(remember(transaction, table_of(writes.front()), *token));
        if (out.repeated) return {};
        for (const auto& plan : plans)
            TRY(perform(transaction, plan));
        return {};
    });
    if (!done.ok() && done.error().is(store::Refusal::conflict)) {
        out.reasons.assign(writes.size(), {Outcome::Code::conflict, "Transaction is ongoing for the item"});
        return out;
    }
    if (!done.ok()) return std::move(done).error();
    if (out.reasons.empty() && !out.repeated)
        for (const auto& plan : plans)
            count(plan);
    return out;
}

}  // namespace tables
