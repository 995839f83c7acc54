#include "faces/gallery.h"

#include <fmt/format.h>

namespace faces {
namespace {

constexpr std::string_view kFaceTable = "faces.face";
constexpr std::size_t kRowsPerStep = 1000;

std::uint64_t half(const search::Key& key, std::size_t from) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i)
        number = number << 8 | key.bytes[from + i];
    return number;
}

}  // namespace

std::string face_record_key(Incarnation incarnation, const search::Key& face) {
    return store::KeyBuilder(kFaceTable)
        .number(incarnation)
        .number(half(face, 0))
        .number(half(face, 8))
        .str();
}

search::Key face_of_record_key(std::string_view key) {
    search::Key face;
    INVARIANT(key.size() > face.bytes.size());
    key.remove_prefix(key.size() - face.bytes.size());
    std::copy(key.begin(), key.end(), face.bytes.begin());
    return face;
}

store::Range face_records(Incarnation incarnation) {
    return store::KeyBuilder(kFaceTable).number(incarnation).range();
}

store::Range all_face_records() {
    return store::KeyBuilder(kFaceTable).range();
}

Incarnation incarnation_of_record_key(std::string_view key) {
    store::KeyReader reader(key);
    reader.text();
    return reader.number();
}

Result<const search::Index*> Gallery::index() {
    if (!built_.load(std::memory_order_acquire)) {
        std::lock_guard lock(changing_);
        if (!index_) index_ = TRY(build());
        built_.store(true, std::memory_order_release);
    }
    return static_cast<const search::Index*>(index_.get());
}

Result<void> Gallery::follow(std::span<const search::Key> faces) {
    TRY(index());
    std::lock_guard lock(changing_);
    std::vector<search::Key> gone;
    for (const auto& face : faces) {
        const auto bytes = TRY(records_.get(face_record_key(incarnation_, face)));
        if (!bytes) {
            gone.push_back(face);
            continue;
        }
        const auto record = TRY(decode_face(*bytes));
        TRY(index_->upsert(face, record.embedding.values));
    }
    index_->erase(gone);
    return {};
}

Result<std::unique_ptr<search::Index>> Gallery::build() const {
    auto index = std::make_unique<search::Index>(dimensions_);
    const auto snapshot = records_.snapshot();
    auto range = face_records(incarnation_);
    range.limit = kRowsPerStep;
    while (true) {
        const auto rows = TRY(snapshot->scan(range));
        std::vector<FaceRecord> records;
        std::vector<search::Entry> entries;
        records.reserve(rows.size());
        for (const auto& row : rows) {
            records.push_back(TRY(decode_face(row.value)));
            entries.push_back({face_of_record_key(row.key), records.back().embedding.values});
        }
        auto added = index->upsert(entries);
        if (!added.ok())
            return Error::failure(fmt::format("a face of collection {:x} cannot be searched", incarnation_));
        if (rows.size() < range.limit) return index;
        range.from = rows.back().key + '\0';
    }
}

}  // namespace faces
