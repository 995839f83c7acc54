#include "faces/collections.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "faces/identity.h"
#include "faces/tables.h"

namespace faces {
namespace {

// Listings of everything and of one user's faces have tokens of their own.
std::string listing_of(const CollectionRecord& collection, const std::optional<UserId>& user) {
    if (!user) return fmt::format("faces|{:016x}", collection.incarnation);
    return fmt::format("faces|{:016x}|{}", collection.incarnation, user->str());
}

// A face to be enrolled as its records will be.
struct NewRecord {
    FaceRecord face;
    const Crop* crop;  // borrowed; null for none
    bool unmoved;      // the model that the collection is being moved to does not find it
};

NewRecord new_record(const Enrolment& enrolment, const search::Key& id, const NewFace& face, base::Time now) {
    NewRecord out{{.image = enrolment.image,
                   .box = face.face.box,
                   .confidence = face.face.confidence,
                   .quality = face.face.quality,
                   .embedding = face.embedding,
                   .external_image_id = enrolment.external_image_id,
                   .indexed = now,
                   .picture_digest = enrolment.picture_digest,
                   .original = enrolment.original},
                  face.crop ? &*face.crop : nullptr,
                  enrolment.next && !face.next};
    if (face.next) see(out.face, id, *face.next);
    return out;
}

// Puts the face, or leaves the one that is there, under this name or the one before the collection was moved.
Result<KnownFace> keep(store::Transaction& transaction, const CollectionRecord& collection,
                       const search::Key& id, const NewRecord& wanted) {
    const auto incarnation = collection.incarnation;
    auto name = id;
    auto there = TRY(transaction.get_for_update(record_key(kFaceTable, incarnation, name)));
    if (!there) {
        if (const auto alias = TRY(transaction.get(record_key(kAliasTable, incarnation, id)))) {
            name = name_in_value(*alias);
            there = TRY(transaction.get_for_update(record_key(kFaceTable, incarnation, name)));
            if (!there) name = id;
        }
    }
    const auto at = record_key(kFaceTable, incarnation, name),
               crop_at = record_key(kCropTable, incarnation, name);
    if (there) {
        auto record = TRY(decode_face(*there, collection.model));
        const bool learns = wanted.face.original && !record.original;
        if (learns) {
            record.original = wanted.face.original;
            record.picture_digest = wanted.face.picture_digest;
            TRY(transaction.put(at, encode(record)));
        }
        if (wanted.crop && !TRY(transaction.get(crop_at)))
            TRY(transaction.put(crop_at, encode(*wanted.crop)));
        return KnownFace{face_of(name), std::move(record)};
    }
    TRY(transaction.put(at, encode(wanted.face)));
    TRY(put_alias(transaction, incarnation, wanted.face, name));
    if (wanted.crop) TRY(transaction.put(crop_at, encode(*wanted.crop)));
    if (wanted.unmoved) TRY(put_unmoved(transaction, incarnation, name, Unmoved::face_not_found));
    return KnownFace{face_of(name), wanted.face};
}

}  // namespace

Result<std::unique_ptr<Collections>> Collections::open(store::Records& records, const base::Clock& clock,
                                                       base::Random& random, Models models,
                                                       const Bounds& bounds) {
    auto registry = TRY(Registry::open(records, clock, random, std::move(models), bounds));
    return std::unique_ptr<Collections>(new Collections(std::move(registry)));
}

Result<CollectionFacts> Collections::describe(const CollectionKey& key) const {
    const auto found = TRY(registry_->find(key));
    const auto faces = TRY(registry_->gallery(found)->count());
    const auto users = TRY(registry_->users(found)->count());
    return CollectionFacts{found.model, found.created, faces, users};
}

Result<Tags> Collections::tags(const CollectionKey& key) const {
    return TRY(registry_->find(key)).tags;
}

Result<Lookers> Collections::lookers(const CollectionKey& key) const {
    const auto found = TRY(registry_->find_with_model(key));
    Lookers out{found.model, nullptr};
    if (const auto next = next_of(found.record)) out.next = TRY(models().of(*next));
    return out;
}

Result<std::vector<EnrolledFace>> Collections::enrol(const CollectionKey& key, const Enrolment& enrolment) {
    const auto found = TRY(registry_->find_with_model(key));
    const auto& collection = found.record;
    const auto its_gallery = registry_->gallery(collection);
    if (enrolment.next != next_of(collection)) return model_changed();
    const auto most = registry_->bounds().faces_per_collection;
    if (TRY(its_gallery->count()) + enrolment.faces.size() > most)
        return Error::refusal(
            Refusal::collection_full,
            fmt::format("The collection id: {} has its maximum of {} faces", key.name.str(), most));

    // In ascending order of their keys, as transactions take their locks.
    std::map<search::Key, NewRecord> wanted;
    std::vector<search::Key> order;
    std::vector<EnrolledFace> out;
    const base::Time now = registry_->clock().now();
    for (const auto& face : enrolment.faces) {
        if (face.embedding.model != collection.model) return model_changed();
        INVARIANT(face.embedding.values.size() == collection.dimensions);
        const auto id = key_of(
            face_id_of(enrolment.image, face.face.box, enrolment.external_image_id.value_or(std::string())));
        if (!wanted.try_emplace(id, new_record(enrolment, id, face, now)).second) continue;
        order.push_back(id);
        out.push_back({{face_of(id), {}}, face.face});
    }
    if (order.empty()) return out;

    using Kept = std::map<search::Key, KnownFace>;  // by the name that this picture gives
    auto kept = TRY(registry_->records().transact([&](store::Transaction& transaction) -> Result<Kept> {
        TRY(Registry::hold(transaction, key, collection));
        Kept now_there;
        for (const auto& [id, face] : wanted)
            now_there[id] = TRY(keep(transaction, collection, id, face));
        return now_there;
    }));
    std::vector<search::Key> changed;
    for (const auto& [id, face] : kept)
        changed.push_back(key_of(face.id));
    TRY(registry_->follow_faces(collection, changed));

    for (std::size_t i = 0; i < order.size(); ++i)
        out[i].face = std::move(kept.at(order[i]));
    return out;
}

Result<Page<KnownFace>> Collections::list_faces(const CollectionKey& key, const PageRequest& page,
                                                const FaceFilter& filter) const {
    const auto collection = TRY(registry_->find(key));
    const auto listing = listing_of(collection, filter.user);
    std::optional<search::Key> last;
    if (!page.token.empty()) {
        const auto position = registry_->tokens().open(listing, page.token);
        if (!position || position->size() != sizeof(search::Key::bytes)) return invalid_token();
        std::copy(position->begin(), position->end(), last.emplace().bytes.begin());
    }
    const std::size_t size = page_size(page);
    Page<KnownFace> out;
    // False when the page was already full, so that there is a next one.
    auto add = [&](const search::Key& id, FaceRecord face) {
        if (out.items.size() == size) {
            const auto end = key_of(out.items.back().id).bytes;
            out.next_token = registry_->tokens().seal(listing, base::text(end));
            return false;
        }
        out.items.push_back({face_of(id), std::move(face)});
        return true;
    };

    if (const auto only = TRY(chosen(collection, filter))) {
        for (auto at = last ? only->upper_bound(*last) : only->begin(); at != only->end(); ++at) {
            auto found = TRY(face(collection, *at));
            if (found && !add(*at, std::move(found->record))) break;
        }
        return out;
    }
    auto range = records_of(kFaceTable, collection.incarnation);
    if (last) range.from = after(record_key(kFaceTable, collection.incarnation, *last));
    range.limit = size + 1;
    for (const auto& row : TRY(registry_->records().scan(range)))
        if (!add(name_of_record_key(row.key), TRY(decode_face(row.value, collection.model)))) break;
    return out;
}

// The names of the faces that a filter lets through; nothing where it lets all.
Result<std::optional<std::set<search::Key>>> Collections::chosen(const CollectionRecord& collection,
                                                                 const FaceFilter& filter) const {
    std::optional<std::set<search::Key>> out;
    if (filter.ids) {
        out.emplace();
        for (const auto& id : *filter.ids)
            out->insert(key_of(id));
    }
    if (filter.user) {
        const auto user = TRY(users_.find(collection, *filter.user));
        std::set<search::Key> its(user.faces.begin(), user.faces.end());
        if (out) std::erase_if(its, [&](const search::Key& face) { return !out->contains(face); });
        out = std::move(its);
    }
    return out;
}

Result<Erasure> Collections::erase_faces(const CollectionKey& key, const std::vector<FaceId>& ids) {
    const auto collection = TRY(registry_->find(key));
    std::set<search::Key> wanted;
    for (const auto& id : ids)
        wanted.insert(key_of(id));
    struct Found {
        std::set<search::Key> erased;
        std::map<search::Key, UserId> held;
        std::vector<search::Key> corrections;
    };
    const auto found =
        TRY(registry_->records().transact([&](store::Transaction& transaction) -> Result<Found> {
            Found there;
            for (const auto& id : wanted) {
                const auto at = record_key(kFaceTable, collection.incarnation, id);
                const auto bytes = TRY(transaction.get_for_update(at));
                if (!bytes) continue;
                const auto record = TRY(decode_face(*bytes, collection.model));
                if (record.user) {
                    there.held[id] = UserId(*record.user);
                    continue;
                }
                TRY(transaction.erase(at));
                TRY(erase_beside(transaction, collection.incarnation, id, record));
                there.erased.insert(id);
                const auto said = TRY(Corrections::forget(transaction, collection.incarnation, face_of(id)));
                there.corrections.insert(there.corrections.end(), said.begin(), said.end());
            }
            return there;
        }));
    const std::vector<search::Key> gone(found.erased.begin(), found.erased.end());
    TRY(registry_->follow_faces(collection, gone));
    TRY(registry_->follow_corrections(collection, found.corrections));

    Erasure out;
    for (const auto& id : ids) {
        const auto name = key_of(id);
        if (wanted.erase(name) == 0) continue;  // said twice
        if (const auto held = found.held.find(name); held != found.held.end())
            out.held.push_back({id, held->second});
        else
            (found.erased.contains(name) ? out.erased : out.missing).push_back(id);
    }
    return out;
}

Result<std::vector<PersonId>> Collections::people(const CollectionKey& key,
                                                  const std::optional<PersonId>& last,
                                                  std::size_t limit) const {
    const auto collection = TRY(registry_->find(key));
    return registry_->gallery(collection)->with_roster([&](const Roster& roster) {
        return roster.people(last, limit);
    });
}

Result<std::vector<KnownFace>> Collections::faces_of(const CollectionKey& key, const PersonId& person) const {
    const auto collection = TRY(registry_->find(key));
    const auto names = TRY(registry_->gallery(collection)->with_roster([&](const Roster& roster) {
        return roster.faces_of(person);
    }));
    std::vector<KnownFace> out;
    for (const auto& name : names) {
        auto found = TRY(face(collection, name));
        if (found && person_of(found->record) == person) out.push_back(*std::move(found));
    }
    return out;
}

Result<std::vector<Match>> Collections::search(const CollectionKey& key, const vision::Embedding& probe,
                                               vision::Similarity floor, std::size_t limit) const {
    const auto found = TRY(registry_->find_with_model(key));
    if (probe.model != found.record.model) return model_changed();
    return matches(found, probe.values, floor, std::min(limit, kMatchesMax));
}

Result<std::vector<Match>> Collections::search(const CollectionKey& key, const FaceId& face_id,
                                               vision::Similarity floor, std::size_t limit) const {
    const auto collection = TRY(registry_->find_with_model(key));
    const auto probe = TRY(face(collection.record, key_of(face_id)));
    if (!probe) return Error::refusal(Refusal::face_missing, "faceId was not found in the collection");
    if (probe->record.embedding.values.empty()) return unseen();
    limit = std::min(limit, kMatchesMax);
    auto found = TRY(matches(collection, probe->record.embedding.values, floor, limit + 1));
    std::erase_if(found, [&](const Match& match) { return match.face.id == face_id; });
    if (found.size() > limit) found.pop_back();
    return found;
}

Result<std::vector<Match>> Collections::matches(const Registry::Found& collection,
                                                std::span<const float> probe, vision::Similarity floor,
                                                std::size_t limit) const {
    const auto& recognition = collection.model->recognition;
    const auto its_gallery = registry_->gallery(collection.record);
    const auto* index = TRY(its_gallery->index());
    const auto hits = TRY(index->search({probe, limit, recognition.cosine_floor(floor)}));
    std::vector<Match> found;
    for (const auto& hit : hits) {
        const auto similarity = recognition.calibration.similarity(hit.score);
        if (similarity < floor) continue;
        auto known = TRY(face(collection.record, hit.key));
        if (known) found.push_back({*std::move(known), similarity});
    }
    // Cosines that differ can be equally alike.
    std::sort(found.begin(), found.end(), [](const Match& a, const Match& b) {
        if (a.similarity != b.similarity) return a.similarity > b.similarity;
        return a.face.id < b.face.id;
    });
    return found;
}

Result<std::optional<KnownFace>> Collections::face(const CollectionRecord& record,
                                                   const search::Key& key) const {
    const auto bytes = TRY(registry_->records().get(record_key(kFaceTable, record.incarnation, key)));
    if (!bytes) return std::optional<KnownFace>();
    auto known = TRY(decode_face(*bytes, record.model));
    return std::optional(KnownFace{face_of(key), std::move(known)});
}

}  // namespace faces
