#include "faces/reembedding.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <functional>
#include <tuple>

#include "faces/codec.h"
#include "faces/identity.h"
#include "faces/tables.h"

namespace faces {
namespace {

constexpr std::uint8_t kReembeddingVersion = 1;
constexpr std::uint8_t kUnmovedVersion = 1;
constexpr std::size_t kRowsPerStep = 1000;

std::string listing_of(Incarnation incarnation) {
    return fmt::format("unmoved|{:016x}", incarnation);
}

Error not_running() {
    return Error::refusal(Refusal::reembedding_missing, "The collection is not being moved");
}

// Of a collection that is being moved by this job, in a transaction.
Result<CollectionRecord> hold(store::Transaction& transaction, const Reembeddings::Job& job) {
    const auto bytes = TRY(transaction.get_for_share(collection_key(job.record.key)));
    if (!bytes) return not_running();
    auto collection = TRY(decode_collection(*bytes));
    if (collection.incarnation != job.incarnation || !collection.next) return not_running();
    return collection;
}

Result<ReembeddingRecord> record_for_update(store::Transaction& transaction, const Reembeddings::Job& job) {
    const auto bytes = TRY(transaction.get_for_update(reembedding_key(job.incarnation)));
    if (!bytes) return not_running();
    auto record = TRY(decode_reembedding(*bytes));
    if (record.number != job.record.number || !record.is_running()) return not_running();
    return record;
}

// Whether the job's model has still to look at the face.
Result<bool> is_unseen(const store::Records& records, const Reembeddings::Job& job, const search::Key& name,
                       const FaceRecord& face) {
    if (seen_by(job.record.to, face)) return false;
    const auto bytes = TRY(records.get(record_key(kUnmovedTable, job.incarnation, name)));
    return !bytes || TRY(decode_unmoved(*bytes)).job != job.record.number;
}

}  // namespace

std::string encode(const ReembeddingRecord& record) {
    Writer writer;
    writer.number(kReembeddingVersion).number(record.number);
    writer.text(record.key.tenant.account).text(record.key.tenant.region).text(record.key.name.str());
    writer.text(record.from.str()).text(record.to.str());
    writer.number(static_cast<std::uint8_t>(record.status));
    writer.number(static_cast<std::uint8_t>(record.unmoved_faces));
    writer.time(record.started).time(record.ended).text(record.starter).text(record.reason);
    writer.number(record.moved).number(record.unmoved).number(record.corrections_left);
    return writer.take();
}

Result<ReembeddingRecord> decode_reembedding(std::string_view bytes) {
    Reader reader(bytes);
    const auto version = reader.number<std::uint8_t>();
    if (version != kReembeddingVersion)
        return Error::failure(fmt::format("a reembedding's record has the unknown version {}", version));
    ReembeddingRecord record;
    record.number = reader.number<std::uint64_t>();
    record.key.tenant.account = reader.text();
    record.key.tenant.region = reader.text();
    record.key.name = CollectionName(reader.text());
    record.from = vision::ModelId(reader.text());
    record.to = vision::ModelId(reader.text());
    const auto status = reader.number<std::uint8_t>(), unmoved_faces = reader.number<std::uint8_t>();
    record.status = static_cast<ReembeddingStatus>(status);
    record.unmoved_faces = static_cast<UnmovedFaces>(unmoved_faces);
    record.started = reader.time();
    record.ended = reader.time();
    record.starter = reader.text();
    record.reason = reader.text();
    record.moved = reader.number<std::uint64_t>();
    record.unmoved = reader.number<std::uint64_t>();
    record.corrections_left = reader.number<std::uint64_t>();
    if (!reader.whole() || status > static_cast<std::uint8_t>(ReembeddingStatus::stopped) ||
        unmoved_faces > static_cast<std::uint8_t>(UnmovedFaces::leave_out))
        return Error::failure("a reembedding's record is malformed");
    return record;
}

std::string encode(const UnmovedRecord& record) {
    Writer writer;
    writer.number(kUnmovedVersion).number(static_cast<std::uint8_t>(record.reason)).number(record.job);
    return writer.take();
}

Result<UnmovedRecord> decode_unmoved(std::string_view bytes) {
    Reader reader(bytes);
    const auto version = reader.number<std::uint8_t>();
    const auto reason = reader.number<std::uint8_t>();
    UnmovedRecord record;
    record.reason = static_cast<Unmoved>(reason);
    record.job = reader.number<std::uint64_t>();
    if (version != kUnmovedVersion || !reader.whole() ||
        reason > static_cast<std::uint8_t>(Unmoved::face_not_found))
        return Error::failure("the record of a face that could not be moved is malformed");
    return record;
}

Result<ReembeddingRecord> Reembeddings::start(const CollectionKey& key, const Recognition& to,
                                              UnmovedFaces unmoved_faces, const std::string& starter) {
    if (TRY(running()).size() >= kReembeddingsMax)
        return Error::refusal(
            Refusal::too_many_reembeddings,
            fmt::format("More than {} collections cannot be moved at a time", kReembeddingsMax));
    ReembeddingRecord made{.key = key,
                           .to = to.model,
                           .unmoved_faces = unmoved_faces,
                           .started = registry_.clock().now(),
                           .starter = starter};
    const auto number = registry_.random().bytes(sizeof made.number);
    std::memcpy(&made.number, number.data(), sizeof made.number);
    TRY(registry_.find(key));
    return registry_.records().transact([&](store::Transaction& transaction) -> Result<ReembeddingRecord> {
        const auto at = collection_key(key);
        const auto bytes = TRY(transaction.get_for_update(at));
        if (!bytes) return collection_missing(key);
        auto collection = TRY(decode_collection(*bytes));
        if (collection.next)
            return Error::refusal(
                Refusal::reembedding_running,
                fmt::format("The collection id: {} is being moved to another face model", key.name.str()));
        collection.next = NextModel{to.model, static_cast<std::uint32_t>(to.dimensions)};
        made.from = collection.model;
        TRY(transaction.put(at, encode(collection)));
        TRY(transaction.put(reembedding_key(collection.incarnation), encode(made)));
        return made;
    });
}

Result<ReembeddingFacts> Reembeddings::describe(const CollectionKey& key, const PageRequest& page) const {
    const auto collection = TRY(registry_.find(key));
    ReembeddingFacts out;
    out.model = collection.model;
    out.faces = TRY(registry_.gallery(collection)->count());
    const auto bytes = TRY(registry_.records().get(reembedding_key(collection.incarnation)));
    if (!bytes) return out;
    out.last = TRY(decode_reembedding(*bytes));
    if (collection.next) {
        const auto* moved = TRY(registry_.gallery(as_next(collection))->index());
        const auto looked_at = moved->size() + out.last->unmoved;
        out.left = out.faces - std::min(out.faces, looked_at);
    }
    const std::size_t size = page_size(page);
    auto range = records_of(kUnmovedTable, collection.incarnation);
    if (!page.token.empty()) {
        const auto position = registry_.tokens().open(listing_of(collection.incarnation), page.token);
        if (!position || position->size() != sizeof(search::Key::bytes)) return invalid_token();
        range.from = after(record_key(kUnmovedTable, collection.incarnation, name_in_value(*position)));
    }
    for (range.limit = kRowsPerStep;;) {
        const auto rows = TRY(registry_.records().scan(range));
        for (const auto& row : rows) {
            const auto unmoved = TRY(decode_unmoved(row.value));
            if (unmoved.job != out.last->number) continue;
            if (out.unmoved.items.size() == size) {
                const auto last = key_of(out.unmoved.items.back().face).bytes;
                out.unmoved.next_token =
                    registry_.tokens().seal(listing_of(collection.incarnation), base::text(last));
                return out;
            }
            out.unmoved.items.push_back({face_of(name_of_record_key(row.key)), unmoved.reason});
        }
        if (rows.size() < range.limit) return out;
        range.from = after(rows.back().key);
    }
}

Result<ReembeddingRecord> Reembeddings::change(const CollectionKey& key,
                                               const std::optional<std::uint64_t>& number,
                                               const Change& change) {
    return registry_.records().transact([&](store::Transaction& transaction) -> Result<ReembeddingRecord> {
        const auto at = collection_key(key);
        const auto bytes = TRY(transaction.get_for_update(at));
        if (!bytes) return not_running();
        auto collection = TRY(decode_collection(*bytes));
        const auto record_at = reembedding_key(collection.incarnation);
        const auto record_bytes = TRY(transaction.get_for_update(record_at));
        if (!record_bytes) return not_running();
        auto record = TRY(decode_reembedding(*record_bytes));
        if (!collection.next || !record.is_running() || (number && record.number != *number))
            return not_running();
        TRY(change(transaction, collection, record));
        if (!record.is_running()) {
            record.ended = registry_.clock().now();
            record.starter.clear();
            collection.next.reset();
            TRY(transaction.put(at, encode(collection)));
        }
        TRY(transaction.put(record_at, encode(record)));
        return record;
    });
}

Result<ReembeddingRecord> Reembeddings::stop(const CollectionKey& key) {
    const auto collection = TRY(registry_.find(key));
    auto stopped =
        TRY(change(key, std::nullopt,
                   [&](store::Transaction&, CollectionRecord&, ReembeddingRecord& record) -> Result<void> {
                       record.status = ReembeddingStatus::stopped;
                       return {};
                   }));
    if (stopped.to != stopped.from) registry_.let_go(collection.incarnation, stopped.to);
    return stopped;
}

Result<std::vector<Reembeddings::Job>> Reembeddings::running() const {
    std::vector<Job> out;
    auto range = records_of_all(kReembeddingTable);
    for (range.limit = kRowsPerStep;;) {
        const auto rows = TRY(registry_.records().scan(range));
        for (const auto& row : rows) {
            auto record = TRY(decode_reembedding(row.value));
            if (record.is_running()) out.push_back({incarnation_of_record_key(row.key), std::move(record)});
        }
        if (rows.size() < range.limit) break;
        range.from = after(rows.back().key);
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Job& a, const Job& b) { return a.record.started < b.record.started; });
    return out;
}

Result<CollectionRecord> Reembeddings::collection(const Job& job) const {
    auto found = registry_.find(job.record.key);
    if (!found.ok() && found.error().is(Refusal::collection_missing)) return not_running();
    if (found.ok() && (found->incarnation != job.incarnation || !found->next)) return not_running();
    return found;
}

Result<void> Reembeddings::begin(const Job& job) {
    TRY(change(job.record.key, job.record.number,
               [](store::Transaction&, CollectionRecord&, ReembeddingRecord& record) -> Result<void> {
                   record.status = ReembeddingStatus::in_progress;
                   return {};
               }));
    return {};
}

Result<std::vector<search::Key>> Reembeddings::unseen(const Job& job, std::size_t limit) const {
    const auto collection = TRY(this->collection(job));
    struct Unseen {
        std::size_t picture;  // equal for faces of one; seldom for others
        search::Key name;
    };
    std::vector<Unseen> found;
    auto range = records_of(kFaceTable, job.incarnation);
    for (range.limit = kRowsPerStep; found.size() < limit;) {
        const auto rows = TRY(registry_.records().scan(range));
        for (const auto& row : rows) {
            const auto name = name_of_record_key(row.key);
            const auto face = TRY(decode_face(row.value, collection.model));
            if (found.size() < limit && TRY(is_unseen(registry_.records(), job, name, face)))
                found.push_back({std::hash<std::string_view>()(face.image.str()), name});
        }
        if (rows.size() < range.limit) break;
        range.from = after(rows.back().key);
    }
    // FaceIds are as good as chance: the faces of one picture are anywhere in the collection.
    std::sort(found.begin(), found.end(), [](const Unseen& a, const Unseen& b) {
        return std::tie(a.picture, a.name) < std::tie(b.picture, b.name);
    });
    std::vector<search::Key> out;
    for (const auto& face : found)
        out.push_back(face.name);
    return out;
}

Result<std::optional<FaceRecord>> Reembeddings::unseen_face(const Job& job, const search::Key& name) const {
    const auto collection = TRY(this->collection(job));
    const auto bytes = TRY(registry_.records().get(record_key(kFaceTable, job.incarnation, name)));
    if (!bytes) return std::optional<FaceRecord>();
    auto face = TRY(decode_face(*bytes, collection.model));
    if (!TRY(is_unseen(registry_.records(), job, name, face))) return std::optional<FaceRecord>();
    return std::optional(std::move(face));
}

Result<void> Reembeddings::keep(const Job& job, std::span<const Looked> faces) {
    std::vector<search::Key> names;
    for (const auto& face : faces)
        names.push_back(face.name);
    const auto collection =
        TRY(registry_.records().transact([&](store::Transaction& transaction) -> Result<CollectionRecord> {
            auto held = TRY(hold(transaction, job));
            std::uint64_t moved = 0;
            for (const auto& looked : faces) {
                const auto at = record_key(kFaceTable, job.incarnation, looked.name);
                const auto bytes = TRY(transaction.get_for_update(at));
                if (!bytes) continue;
                auto face = TRY(decode_face(*bytes, held.model));
                if (seen_by(job.record.to, face)) continue;
                if (looked.sight) {
                    TRY(see(transaction, job.incarnation, looked.name, face, *looked.sight));
                    ++moved;
                } else {
                    TRY(put_unmoved(transaction, job.incarnation, looked.name, looked.reason));
                }
            }
            auto record = TRY(record_for_update(transaction, job));
            record.moved += moved;
            TRY(transaction.put(reembedding_key(job.incarnation), encode(record)));
            return held;
        }));
    return registry_.follow_faces(collection, names);
}

Result<std::uint64_t> Reembeddings::move_corrections(const Job& job) {
    std::uint64_t left = 0;
    auto range = records_of(kCorrectionTable, job.incarnation);
    for (range.limit = kRowsPerStep;;) {
        const auto collection = TRY(this->collection(job));
        const auto rows = TRY(registry_.records().scan(range));
        for (const auto& row : rows) {
            const auto name = name_of_record_key(row.key);
            const bool moved =
                TRY(registry_.records().transact([&](store::Transaction& transaction) -> Result<bool> {
                    TRY(hold(transaction, job));
                    const auto bytes = TRY(transaction.get_for_update(row.key));
                    if (!bytes) return true;  // undone meanwhile
                    auto correction = TRY(decode_correction(*bytes, collection.model));
                    if (seen_by(job.record.to, correction)) return true;
                    const auto face_at = record_key(kFaceTable, job.incarnation, key_of(correction.face));
                    const auto face_bytes = TRY(transaction.get_for_share(face_at));
                    if (!face_bytes) return false;
                    const auto face = TRY(decode_face(*face_bytes, collection.model));
                    const auto* seen = seen_by(job.record.to, face);
                    if (!seen) return false;
                    add_sight(correction, *seen);
                    TRY(transaction.put(row.key, encode(correction)));
                    return true;
                }));
            left += !moved;
            TRY(registry_.follow_corrections(collection, std::span(&name, 1)));
        }
        if (rows.size() < range.limit) return left;
        range.from = after(rows.back().key);
    }
}

Result<ReembeddingRecord> Reembeddings::finish(const Job& job, std::uint64_t corrections_left) {
    return change(
        job.record.key, job.record.number,
        [&](store::Transaction&, CollectionRecord& collection, ReembeddingRecord& record) -> Result<void> {
            record.corrections_left = corrections_left;
            if (record.unmoved > 0 && record.unmoved_faces == UnmovedFaces::keep_model) {
                record.status = ReembeddingStatus::failed;
                record.reason = fmt::format("{} faces could not be moved", record.unmoved);
                return {};
            }
            record.status = ReembeddingStatus::succeeded;
            collection.model = collection.next->model;
            collection.dimensions = collection.next->dimensions;
            return {};
        });
}

Result<void> Reembeddings::fail(const Job& job, const std::string& reason) {
    TRY(change(job.record.key, job.record.number,
               [&](store::Transaction&, CollectionRecord&, ReembeddingRecord& record) -> Result<void> {
                   record.status = ReembeddingStatus::failed;
                   record.reason = reason;
                   return {};
               }));
    if (job.record.to != job.record.from) registry_.let_go(job.incarnation, job.record.to);
    return {};
}

}  // namespace faces
