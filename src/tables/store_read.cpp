// Store: reads of single items, queries and scans.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tables/catalogue.h"
#include "tables/document.h"
#include "tables/key_condition.h"
#include "tables/plan.h"
#include "tables/record.h"
#include "tables/rows.h"

namespace tables {

namespace {

constexpr double kReadUnitBytes = 4096;
// Rows that are fetched at once: as many as fit into memory at the largest size of an item.
constexpr std::size_t kRowsAtOnce = 64;

double read_units(std::size_t bytes, bool consistent) {
    auto units = std::max(1.0, std::ceil(static_cast<double>(bytes) / kReadUnitBytes));
    return consistent ? units : units / 2;
}

Result<Schema> schema_at(const store::Snapshot& snapshot, const TableName& name) {
    auto record = TRY(snapshot.get(schema_key(name)));
    if (!record) return table_missing();
    return decode_schema(*record);
}

Result<const Index*> find_index(const Schema& schema, const std::optional<std::string>& name,
                                bool consistent) {
    if (!name) return nullptr;
    const auto* index = schema.find_index(*name);
    if (!index) return invalid("The table does not have the specified index: " + *name);
    if (index->status == Index::Status::creating)
        return invalid("Cannot read from backfilling global secondary index: " + *name);
    if (consistent && !index->local)
        return invalid("Consistent reads are not supported on global secondary indexes");
    return index;
}

// The attributes asked for that the index does not hold.
std::vector<std::string> not_projected(const Schema& schema, const Index& index,
                                       const Projection& projection) {
    std::vector<std::string> out;
    if (index.projected == Projected::all) return out;
    for (const auto& path : projection) {
        const auto& name = path.attribute;
        bool held = schema.key.contains(name) || index.key.contains(name) ||
                    std::find(index.included.begin(), index.included.end(), name) != index.included.end();
        if (!held) out.push_back(name);
    }
    return out;
}

// Whether a read through the index must fetch the items themselves, as only local indexes can.
Result<bool> must_fetch(const Schema& schema, const Index* index, Select select, bool select_given,
                        const Projection& projection) {
    if (!index || index->projected == Projected::all) return false;
    if (select_given && select == Select::all) {
        if (index->local) return true;
        return invalid_parameter(
            fmt::format("Select type ALL_ATTRIBUTES is not supported for global secondary index {} because "
                        "its projection type is not "
                        "ALL",
                        index->name));
    }
    auto lacking = not_projected(schema, *index, projection);
    if (lacking.empty()) return false;
    if (index->local) return true;
    return invalid_parameter(fmt::format("Global secondary index {} does not project [{}]", index->name,
                                         fmt::join(lacking, ", ")));
}

Result<void> check_select(Select select, bool given, bool has_index, const Projection& projection) {
    if (!given) return {};
    if (select == Select::projected && !has_index)
        return invalid_parameter(
            "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
    if (select == Select::specific && projection.empty())
        return invalid_parameter(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
            "SPECIFIC_ATTRIBUTES");
    if (select != Select::specific && !projection.empty())
        return invalid_parameter(
            fmt::format("Cannot specify the AttributesToGet or ProjectionExpression when choosing to get {}",
                        select == Select::count ? "only the Count"
                        : select == Select::all ? "ALL_ATTRIBUTES"
                                                : "ALL_PROJECTED_ATTRIBUTES"));
    return {};
}

// The row after which a read goes on.
Result<std::string> start_row(const Schema& schema, const Index* index, const Item& start) {
    auto invalid_start = [](std::string_view why) {
        return invalid(fmt::format("The provided starting key is invalid: {}", why));
    };
    auto key = key_of(schema, index, start);
    std::size_t expected = 0;
    std::set<std::string_view> counted;
    for (const auto* one : {&schema.key, index ? &index->key : nullptr}) {
        if (!one) continue;
        for (const auto* parts : {&one->partition, &one->sort})
            for (const auto& part : *parts) {
                expected += counted.insert(part.attribute).second;
                auto found = start.find(part.attribute);
                if (found == start.end() || found->second.type() != part.type)
                    return invalid_start("The provided key element does not match the schema");
                auto checked = check_key_value(part, found->second, parts == &one->sort);
                if (!checked.ok()) return invalid_start(checked.error().message());
            }
    }
    if (start.size() != expected) return invalid_start("The provided key element does not match the schema");
    if (!index) return item_row(schema, key);
    auto row = index_row(schema, *index, key);
    INVARIANT(row.has_value());
    return *row;
}

}  // namespace

// What a query or scan reads, and how.
struct Store::Target {
    const store::Snapshot& snapshot;
    const Schema& schema;
    const Index* index;
    store::Range range;
    const std::optional<Condition>& filter;
    const Projection& projection;
    Select select;
    bool fetch;  // the items themselves, not what the index holds of them
    bool consistent;
    std::optional<std::size_t> limit;
};

Result<Page> Store::read(const Target& target) const {
    Page page;
    auto range = target.range;
    std::size_t bytes = 0, fetched_bytes = 0;
    double fetched_units = 0;
    bool full = false;
    while (!full) {
        range.limit = kRowsAtOnce;
        if (target.limit) range.limit = std::min(range.limit, *target.limit - page.scanned);
        auto rows = TRY(target.snapshot.scan(range));
        for (const auto& row : rows) {
            auto item = TRY(decode(row.value));
            auto key = key_of(target.schema, target.index, item);
            bytes += size_bytes(item);
            if (target.fetch) {
                auto record = TRY(target.snapshot.get(item_row(target.schema, item)));
                if (!record) return Error::failure("tables: an index row without its item");
                item = TRY(decode(*record));
                fetched_bytes += size_bytes(item);
                fetched_units += read_units(size_bytes(item), target.consistent);
            }
            ++page.scanned;
            if (!target.filter || holds(*target.filter, item)) {
                ++page.count;
                if (target.select != Select::count)
                    page.items.push_back(target.projection.empty() ? std::move(item)
                                                                   : project(item, target.projection));
            }
            full = bytes + fetched_bytes > kPageBytesMax || (target.limit && page.scanned == *target.limit);
            if (!full) continue;
            page.last_key = std::move(key);
            break;
        }
        if (full || rows.size() < range.limit) break;
        if (range.reverse)
            range.to = rows.back().key;
        else
            range.from = rows.back().key + '\0';
    }
    auto units = read_units(bytes, target.consistent);
    if (!target.index)
        page.consumed.table = units;
    else
        (target.index->local ? page.consumed.local : page.consumed.global)[target.index->name] = units;
    page.consumed.table += fetched_units;
    return page;
}

Result<Page> Store::query(const Query& query) const {
    TRY(check_select(query.select, query.select_given, query.index.has_value(), query.projection));
    auto snapshot = records_.snapshot();
    auto schema = TRY(schema_at(*snapshot, query.table));
    const auto* index = TRY(find_index(schema, query.index, query.consistent));
    auto range = TRY(rows_of(schema, index, query.keys));
    auto fetch = TRY(must_fetch(schema, index, query.select, query.select_given, query.projection));
    const auto& key = index ? index->key : schema.key;
    if (query.filter) {
        std::string in_key;
        each_path(*query.filter, [&](const Path& path) {
            if (in_key.empty() && key.contains(path.attribute)) in_key = path.attribute;
        });
        if (!in_key.empty())
            return invalid(
                fmt::format("{} can only contain non-primary key attributes: Primary key attribute: {}",
                            query.filter_parameter, in_key));
    }
    range.reverse = !query.forward;
    // Such a query finds one item at most: there is nothing to go on with.
    bool single = !index && schema.key.sort.empty();
    if (query.start && single)
        return invalid("The provided exclusive start key is invalid: ExclusiveStartKey");
    if (query.start) {
        auto row = TRY(start_row(schema, index, *query.start));
        if (row < range.from || row >= range.to)
            return invalid(
                "The provided starting key is outside query boundaries based on provided conditions");
        if (query.forward)
            range.from = row + '\0';
        else
            range.to = row;
    }
    auto page = TRY(read({*snapshot, schema, index, std::move(range), query.filter, query.projection,
                          query.select, fetch, query.consistent, query.limit}));
    if (single) page.last_key.reset();
    return page;
}

Result<Page> Store::scan(const Scan& scan) const {
    TRY(check_select(scan.select, scan.select_given, scan.index.has_value(), scan.projection));
    auto snapshot = records_.snapshot();
    auto schema = TRY(schema_at(*snapshot, scan.table));
    const auto* index = TRY(find_index(schema, scan.index, scan.consistent));
    auto fetch = TRY(must_fetch(schema, index, scan.select, scan.select_given, scan.projection));
    auto range = segment_rows(schema, index, scan.segment, scan.segments);
    if (scan.start) {
        auto row = TRY(start_row(schema, index, *scan.start));
        if (row < range.from || row >= range.to)
            return invalid(
                fmt::format("The provided starting key is invalid: Invalid ExclusiveStartKey. Please use "
                            "ExclusiveStartKey with correct Segment. TotalSegments: {} Segment: {}",
                            scan.segments, scan.segment));
        range.from = row + '\0';
    }
    return read({*snapshot, schema, index, std::move(range), scan.filter, scan.projection, scan.select, fetch,
                 scan.consistent, scan.limit});
}

Result<Found> Store::get(const Get& get) const {
    auto found = TRY(get_batch({get}, kItemBytesMax * 2, false));
    return std::move(found.front());
}

Result<std::vector<Found>> Store::get_batch(const std::vector<Get>& gets, std::size_t bytes_max,
                                            bool transactional) const {
    auto snapshot = records_.snapshot();
    Schemas schemas;
    std::vector<std::string> rows;
    for (const auto& get : gets) {
        auto schema = schemas.find(get.table);
        if (schema == schemas.end()) {
            auto read = TRY(schema_at(*snapshot, get.table));
            schema = schemas.emplace(get.table, std::move(read)).first;
        }
        TRY(check_key(schema->second, get.key));
        rows.push_back(item_row(schema->second, get.key));
    }
    auto sorted = rows;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
        return invalid(transactional ? "Transaction request cannot include multiple operations on one item"
                                     : "Provided list of item keys contains duplicates");
    std::vector<Found> out;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < gets.size(); ++i) {
        auto record = TRY(snapshot->get(rows[i]));
        Found found;
        std::size_t size = 0;
        if (record) {
            found.item = TRY(decode(*record));
            size = size_bytes(*found.item);
        }
        bytes += size;
        if (bytes > bytes_max && !out.empty()) break;
        found.consumed.table =
            read_units(size, gets[i].consistent || transactional) * (transactional ? 2 : 1);
        if (found.item && !gets[i].projection.empty()) found.item = project(*found.item, gets[i].projection);
        out.push_back(std::move(found));
    }
    return out;
}

}  // namespace tables
