#include "faces/second_model.h"

#include "faces/identity.h"
#include "faces/reembedding.h"
#include "faces/tables.h"

namespace faces {
namespace {

// What the face would be called if the other model had enrolled it.
std::optional<search::Key> alias_of(const FaceRecord& record, const search::Key& name,
                                    const NextSight& sight) {
    if (record.picture_digest.empty()) return std::nullopt;
    const auto image = image_id_of(record.picture_digest, sight.embedding.model);
    const auto id = key_of(face_id_of(image, sight.box, record.external_image_id.value_or(std::string())));
    return id == name ? std::nullopt : std::optional(id);
}

Result<void> erase_unmoved(store::Transaction& transaction, Incarnation incarnation,
                           const search::Key& name) {
    const auto at = record_key(kUnmovedTable, incarnation, name);
    const auto bytes = TRY(transaction.get_for_update(at));
    if (!bytes) return {};
    TRY(transaction.erase(at));
    const auto job_at = reembedding_key(incarnation);
    const auto job_bytes = TRY(transaction.get_for_update(job_at));
    if (!job_bytes) return {};
    auto job = TRY(decode_reembedding(*job_bytes));
    if (TRY(decode_unmoved(*bytes)).job != job.number || job.unmoved == 0) return {};
    --job.unmoved;
    return transaction.put(job_at, encode(job));
}

}  // namespace

std::optional<vision::ModelId> next_of(const CollectionRecord& collection) {
    if (!collection.next || collection.next->model == collection.model) return std::nullopt;
    return collection.next->model;
}

CollectionRecord as_next(const CollectionRecord& collection) {
    auto out = collection;
    if (collection.next) {
        out.model = collection.next->model;
        out.dimensions = collection.next->dimensions;
    }
    return out;
}

void see(FaceRecord& record, const search::Key& name, const NextSight& sight) {
    record.alias = alias_of(record, name, sight);
    add_sight(record, sight.embedding);
}

Result<void> see(store::Transaction& transaction, Incarnation incarnation, const search::Key& name,
                 FaceRecord& record, const NextSight& sight) {
    if (record.alias) TRY(transaction.erase(record_key(kAliasTable, incarnation, *record.alias)));
    see(record, name, sight);
    TRY(transaction.put(record_key(kFaceTable, incarnation, name), encode(record)));
    TRY(put_alias(transaction, incarnation, record, name));
    return erase_unmoved(transaction, incarnation, name);
}

Result<void> put_alias(store::Transaction& transaction, Incarnation incarnation, const FaceRecord& record,
                       const search::Key& name) {
    if (!record.alias) return {};
    return transaction.put(record_key(kAliasTable, incarnation, *record.alias), base::text(name.bytes));
}

Result<void> erase_beside(store::Transaction& transaction, Incarnation incarnation, const search::Key& name,
                          const FaceRecord& record) {
    if (record.alias) TRY(transaction.erase(record_key(kAliasTable, incarnation, *record.alias)));
    const auto crop_at = record_key(kCropTable, incarnation, name);
    if (TRY(transaction.get(crop_at))) TRY(transaction.erase(crop_at));
    return erase_unmoved(transaction, incarnation, name);
}

Result<void> put_unmoved(store::Transaction& transaction, Incarnation incarnation, const search::Key& name,
                         Unmoved reason) {
    const auto at = record_key(kUnmovedTable, incarnation, name);
    const auto before = TRY(transaction.get_for_update(at));
    const auto job_at = reembedding_key(incarnation);
    const auto job_bytes = TRY(transaction.get_for_update(job_at));
    if (!job_bytes) return {};
    auto job = TRY(decode_reembedding(*job_bytes));
    TRY(transaction.put(at, encode(UnmovedRecord{reason, job.number})));
    if (before && TRY(decode_unmoved(*before)).job == job.number) return {};
    ++job.unmoved;
    return transaction.put(job_at, encode(job));
}

}  // namespace faces
