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

}  // namespace

Result<std::unique_ptr<Collections>> Collections::open(store::Records& records, const base::Clock& clock,
                                                       base::Random& random,
                                                       std::optional<Recognition> recognition,
                                                       const Bounds& bounds) {
    auto registry = TRY(Registry::open(records, clock, random, std::move(recognition), bounds));
    return std::unique_ptr<Collections>(new Collections(std::move(registry)));
}

Result<CollectionFacts> Collections::describe(const CollectionKey& key) const {
    const auto found = TRY(registry_->find(key));
    const auto* index = TRY(registry_->gallery(found)->index());
    const auto users = TRY(registry_->users(found)->count());
    return CollectionFacts{found.model, found.created, index->size(), users};
}

Result<Tags> Collections::tags(const CollectionKey& key) const {
    return TRY(registry_->find(key)).tags;
}

Result<void> Collections::require(const CollectionKey& key) const {
    TRY(registry_->find_of_this_model(key));
    return {};
}

Result<std::vector<EnrolledFace>> Collections::enrol(const CollectionKey& key, const Enrolment& enrolment) {
    const auto collection = TRY(registry_->find_of_this_model(key));
    const auto its_gallery = registry_->gallery(collection);
    const auto* index = TRY(its_gallery->index());
    const auto most = registry_->bounds().faces_per_collection;
    if (index->size() + enrolment.faces.size() > most)
        return Error::refusal(
            Refusal::collection_full,
            fmt::format("The collection id: {} has its maximum of {} faces", key.name.str(), most));

    // In ascending order of their keys, as transactions take their locks.
    std::map<search::Key, FaceRecord> wanted;
    std::vector<search::Key> order;
    std::vector<EnrolledFace> out;
    const base::Time now = registry_->clock().now();
    for (const auto& [face, embedding] : enrolment.faces) {
        INVARIANT(embedding.model == recognition()->model &&
                  embedding.values.size() == recognition()->dimensions);
        const auto id = key_of(
            face_id_of(enrolment.image, face.box, enrolment.external_image_id.value_or(std::string())));
        const bool is_new = wanted
                                .try_emplace(id, FaceRecord{.image = enrolment.image,
                                                            .box = face.box,
                                                            .confidence = face.confidence,
                                                            .quality = face.quality,
                                                            .embedding = embedding,
                                                            .external_image_id = enrolment.external_image_id,
                                                            .indexed = now})
                                .second;
        if (!is_new) continue;
        order.push_back(id);
        out.push_back({{face_of(id), {}}, face});
    }
    if (order.empty()) return out;

    using Kept = std::map<search::Key, FaceRecord>;
    auto kept = TRY(registry_->records().transact([&](store::Transaction& transaction) -> Result<Kept> {
        Kept now_there;
        for (const auto& [id, record] : wanted) {
            const auto at = record_key(kFaceTable, collection.incarnation, id);
            if (const auto there = TRY(transaction.get_for_update(at))) {
                now_there[id] = TRY(decode_face(*there));
            } else {
                TRY(transaction.put(at, encode(record)));
                now_there[id] = record;
            }
        }
        return now_there;
    }));
    TRY(its_gallery->follow(order));

    for (std::size_t i = 0; i < order.size(); ++i)
        out[i].face.record = std::move(kept.at(order[i]));
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
        if (!add(name_of_record_key(row.key), TRY(decode_face(row.value)))) break;
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
                if (const auto user = TRY(decode_face(*bytes)).user) {
                    there.held[id] = UserId(*user);
                    continue;
                }
                TRY(transaction.erase(at));
                there.erased.insert(id);
                const auto said = TRY(Corrections::forget(transaction, collection.incarnation, face_of(id)));
                there.corrections.insert(there.corrections.end(), said.begin(), said.end());
            }
            return there;
        }));
    const std::vector<search::Key> gone(found.erased.begin(), found.erased.end());
    TRY(registry_->gallery(collection)->follow(gone));
    TRY(registry_->corrections(collection)->follow(found.corrections));

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
    const auto collection = TRY(registry_->find_of_this_model(key));
    INVARIANT(probe.model == recognition()->model);
    return matches(collection, probe.values, floor, std::min(limit, kMatchesMax));
}

Result<std::vector<Match>> Collections::search(const CollectionKey& key, const FaceId& face_id,
                                               vision::Similarity floor, std::size_t limit) const {
    const auto collection = TRY(registry_->find_of_this_model(key));
    const auto probe = TRY(face(collection, key_of(face_id)));
    if (!probe) return Error::refusal(Refusal::face_missing, "faceId was not found in the collection");
    limit = std::min(limit, kMatchesMax);
    auto found = TRY(matches(collection, probe->record.embedding.values, floor, limit + 1));
    std::erase_if(found, [&](const Match& match) { return match.face.id == face_id; });
    if (found.size() > limit) found.pop_back();
    return found;
}

Result<std::vector<Match>> Collections::matches(const CollectionRecord& record, std::span<const float> probe,
                                                vision::Similarity floor, std::size_t limit) const {
    const auto its_gallery = registry_->gallery(record);
    const auto* index = TRY(its_gallery->index());
    const auto hits = TRY(index->search({probe, limit, recognition()->cosine_floor(floor)}));
    std::vector<Match> found;
    for (const auto& hit : hits) {
        const auto similarity = recognition()->calibration.similarity(hit.score);
        if (similarity < floor) continue;
        auto known = TRY(face(record, hit.key));
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
    auto known = TRY(decode_face(*bytes));
    return std::optional(KnownFace{face_of(key), std::move(known)});
}

}  // namespace faces
