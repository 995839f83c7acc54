#include "faces/live_index.h"

#include <fmt/format.h>

#include "faces/tables.h"

namespace faces {
namespace {

constexpr std::size_t kRowsPerStep = 1000;

}  // namespace

Result<const search::Index*> LiveIndex::index() {
    if (!built_.load(std::memory_order_acquire)) {
        std::lock_guard lock(changing_);
        if (!index_) index_ = TRY(build());
        built_.store(true, std::memory_order_release);
    }
    return static_cast<const search::Index*>(index_.get());
}

Result<void> LiveIndex::follow(std::span<const search::Key> names) {
    TRY(index());
    std::lock_guard lock(changing_);
    std::vector<search::Key> gone;
    for (const auto& name : names) {
        const auto bytes = TRY(records_.get(record_key(table_, incarnation_, name)));
        if (!bytes) forget(name);
        const auto vector = bytes ? TRY(read(name, *bytes)) : std::nullopt;
        unsearchable_.with([&](auto& unsearchable) {
            if (bytes && !vector)
                unsearchable.insert(name);
            else
                unsearchable.erase(name);
        });
        if (vector)
            TRY(index_->upsert(name, *vector));
        else
            gone.push_back(name);
    }
    index_->erase(gone);
    return {};
}

Result<std::size_t> LiveIndex::count() {
    const auto* searchable = TRY(index());
    return searchable->size() + unsearchable_.with([](const auto& names) { return names.size(); });
}

Result<std::unique_ptr<search::Index>> LiveIndex::build() {
    begin();
    unsearchable_.with([](auto& names) { names.clear(); });
    auto index = std::make_unique<search::Index>(dimensions_);
    const auto snapshot = records_.snapshot();
    auto range = records_of(table_, incarnation_);
    range.limit = kRowsPerStep;
    while (true) {
        const auto rows = TRY(snapshot->scan(range));
        std::vector<std::vector<float>> vectors;
        std::vector<search::Entry> entries;
        vectors.reserve(rows.size());
        for (const auto& row : rows) {
            const auto name = name_of_record_key(row.key);
            auto vector = TRY(read(name, row.value));
            if (!vector) {
                unsearchable_.with([&](auto& names) { names.insert(name); });
                continue;
            }
            vectors.push_back(*std::move(vector));
            entries.push_back({name, vectors.back()});
        }
        auto added = index->upsert(entries);
        if (!added.ok())
            return Error::failure(
                fmt::format("a record of {} {:016x} cannot be searched", table_, incarnation_));
        if (rows.size() < range.limit) return index;
        range.from = after(rows.back().key);
    }
}

}  // namespace faces
