#include "tables/store.h"

#include <algorithm>

#include "tables/catalogue.h"
#include "tables/rows.h"

namespace tables {

namespace {

constexpr std::size_t kTablesMax = 2500;  // of an account in a region

Result<void> drop(store::Transaction& transaction, std::string_view table, const std::string& id) {
    return transaction.put(dropped_key().text(table).text(id).str(), "");
}

}  // namespace

double Consumed::total() const {
    double sum = table;
    for (const auto* indexes : {&local, &global})
        for (const auto& [name, units] : *indexes)
            sum += units;
    return sum;
}

void Consumed::add(const Consumed& other) {
    table += other.table;
    for (const auto& [name, units] : other.local)
        local[name] += units;
    for (const auto& [name, units] : other.global)
        global[name] += units;
}

Result<Schema> Store::create(TableName name, TableDefinition definition) {
    auto schema = TRY(make_schema(std::move(name), std::move(definition), clock_.now(), random_));
    auto done = records_.commit([&](store::Transaction& transaction) -> Result<void> {
        auto key = schema_key(schema.name);
        if (TRY(transaction.get_for_update(key)))
            return Error::refusal(Refusal::resource_in_use, "Table already exists: " + schema.name.name);
        auto range = schemas_key().text(schema.name.account).text(schema.name.region).range();
        range.limit = kTablesMax;
        if (TRY(transaction.scan(range)).size() == kTablesMax)
            return Error::refusal(
                Refusal::limit_exceeded,
                "Subscriber limit exceeded: There is a limit of 2500 tables per subscriber");
        return transaction.put(key, encode(schema));
    });
    if (!done.ok()) return translated(std::move(done).error());
    counts_.with([&](auto& counts) { counts[schema.id].known = true; });
    return schema;
}

Description Store::description(Schema schema) const {
    Description out;
    counts_.with([&](const auto& counts) {
        auto found = counts.find(schema.id);
        if (found == counts.end()) return;
        out.table = found->second.table;
        for (const auto& index : schema.indexes)
            if (auto one = found->second.indexes.find(index.id); one != found->second.indexes.end())
                out.indexes[index.name] = one->second;
    });
    out.schema = std::move(schema);
    return out;
}

Result<Description> Store::describe(const TableName& name) const {
    auto record = TRY(records_.get(schema_key(name)));
    if (!record) return table_missing(name);
    return description(TRY(decode_schema(*record)));
}

Result<void> Store::alter(const TableName& name, const std::function<Result<void>(Schema&)>& change) {
    auto done = records_.commit([&](store::Transaction& transaction) -> Result<void> {
        auto key = schema_key(name);
        auto record = TRY(transaction.get_for_update(key));
        if (!record) return table_missing(name);
        auto schema = TRY(decode_schema(*record));
        auto before = schema;
        TRY(change(schema));
        for (const auto& index : before.indexes) {
            bool kept = std::any_of(schema.indexes.begin(), schema.indexes.end(),
                                    [&](const Index& one) { return one.id == index.id; });
            if (!kept) TRY(drop(transaction, "tables.index", index.id));
        }
        return transaction.put(key, encode(schema));
    });
    if (!done.ok()) return translated(std::move(done).error());
    return {};
}

Result<Schema> Store::update_table(const TableName& name, const TableChange& change) {
    Schema changed;
    TRY(alter(name, [&](Schema& schema) -> Result<void> {
        for (const auto& index : schema.indexes)
            if (index.status == Index::Status::creating)
                return Error::refusal(
                    Refusal::resource_in_use,
                    "Attempting to change a resource which is still in use: Table is being updated: " +
                        name.name);
        schema = TRY(change_schema(std::move(schema), change, clock_.now(), random_));
        changed = schema;
        return {};
    }));
    if (!change.indexes.empty()) wake();
    return changed;
}

Result<Description> Store::remove_table(const TableName& name) {
    Schema removed;
    auto done = records_.commit([&](store::Transaction& transaction) -> Result<void> {
        auto key = schema_key(name);
        auto record = TRY(transaction.get_for_update(key));
        if (!record) return table_missing(name);
        removed = TRY(decode_schema(*record));
        if (removed.deletion_protection)
            return invalid(
                "Resource cannot be deleted as it is currently protected against deletion. Disable deletion "
                "protection first.");
        TRY(drop(transaction, "tables.item", removed.id));
        for (const auto& index : removed.indexes)
            TRY(drop(transaction, "tables.index", index.id));
        return transaction.erase(key);
    });
    if (!done.ok()) return translated(std::move(done).error());
    auto out = description(std::move(removed));
    counts_.with([&](auto& counts) { counts.erase(out.schema.id); });
    wake();
    return out;
}

Result<Store::Names> Store::list(const std::string& account, const std::string& region,
                                 const std::string& after, std::size_t limit) const {
    auto prefix = schemas_key().text(account).text(region);
    auto range = prefix.range();
    if (!after.empty()) range.from = prefix.text(after).range().to;
    range.limit = limit + 1;
    Names out;
    for (const auto& row : TRY(records_.scan(range))) {
        if (out.names.size() == limit) {
            out.more = true;
            break;
        }
        store::KeyReader reader(row.key);
        for (int skipped = 0; skipped < 3; ++skipped)
            reader.text();
        out.names.push_back(reader.text());
    }
    return out;
}

Result<void> Store::tag(const TableName& name, const std::map<std::string, std::string>& tags) {
    return alter(name, [&](Schema& schema) -> Result<void> {
        for (const auto& [key, value] : tags)
            schema.tags.insert_or_assign(key, value);
        return check_tags(schema.tags);
    });
}

Result<void> Store::untag(const TableName& name, const std::vector<std::string>& keys) {
    return alter(name, [&](Schema& schema) -> Result<void> {
        for (const auto& key : keys)
            schema.tags.erase(key);
        return {};
    });
}

Result<void> Store::set_expiry(const TableName& name, const std::string& attribute, bool enabled) {
    auto done = alter(name, [&](Schema& schema) -> Result<void> {
        const auto& current = schema.expiry_attribute;
        if (!enabled && current.empty()) return invalid("TimeToLive is already disabled");
        if (!current.empty() && current != attribute)
            return invalid("TimeToLive is active on a different AttributeName: current AttributeName is " +
                           current);
        if (enabled && !current.empty()) return invalid("TimeToLive is already enabled");
        schema.expiry_attribute = enabled ? attribute : "";
        schema.expiry_changed = clock_.now();
        return {};
    });
    if (done.ok()) wake();
    return done;
}

}  // namespace tables
