#include "faces/corrections.h"

#include <algorithm>
#include <fmt/format.h>

#include "faces/identity.h"
#include "faces/second_model.h"
#include "faces/tables.h"

namespace faces {
namespace {

CorrectionId id_of(const search::Key& name) {
    return CorrectionId(face_of(name).str());
}
search::Key name_of(const CorrectionId& id) {
    return key_of(FaceId(id.str()));
}

std::string listing_of(const CollectionRecord& collection, const CorrectionFilter& filter) {
    auto listing = fmt::format("corrections|{:016x}", collection.incarnation);
    if (filter.person)
        listing += fmt::format("|person|{}|{}", static_cast<int>(filter.person->kind), filter.person->name);
    if (filter.face) listing += "|face|" + filter.face->str();
    return listing;
}

// The names of the corrections about a person or a face, in the order of their making.
template <class Source>
Result<std::vector<search::Key>> about(Source& source, const store::KeyBuilder& what) {
    auto range = what.range();
    range.limit = kCorrectionsPerCollectionMax;
    std::vector<search::Key> out;
    for (const auto& row : TRY(source.scan(range)))
        out.push_back(name_of_record_key(row.key));
    return out;
}

Result<void> put(store::Transaction& transaction, Incarnation incarnation, const search::Key& name,
                 const Correction& correction) {
    TRY(transaction.put(record_key(kCorrectionTable, incarnation, name), encode(correction)));
    auto of_person = correction_about_key(incarnation, correction.person);
    TRY(transaction.put(add_name(of_person, name).str(), ""));
    auto of_face = correction_about_key(incarnation, correction.face);
    return transaction.put(add_name(of_face, name).str(), "");
}

Result<void> erase(store::Transaction& transaction, Incarnation incarnation, const search::Key& name,
                   const Correction& correction) {
    TRY(transaction.erase(record_key(kCorrectionTable, incarnation, name)));
    auto of_person = correction_about_key(incarnation, correction.person);
    TRY(transaction.erase(add_name(of_person, name).str()));
    auto of_face = correction_about_key(incarnation, correction.face);
    return transaction.erase(add_name(of_face, name).str());
}

Result<std::vector<search::Key>> forget_about(store::Transaction& transaction, Incarnation incarnation,
                                              const store::KeyBuilder& what) {
    const auto names = TRY(about(transaction, what));
    for (const auto& name : names)
        if (const auto bytes =
                TRY(transaction.get_for_update(record_key(kCorrectionTable, incarnation, name))))
            TRY(erase(transaction, incarnation, name, TRY(decode_correction(*bytes, {}))));
    return names;
}

Error missing(const PersonId& person) {
    return Error::refusal(Refusal::person_missing,
                          person.kind == PersonId::Kind::user
                              ? fmt::format("The user id: {} does not exist", person.name)
                              : fmt::format("No face has the external image id: {}", person.name));
}

// Whether the earlier word on a face falls when the new one is kept.
bool contradicts(const Correction& earlier, const Correction& now) {
    if (earlier.person == now.person) return earlier.verdict != now.verdict;
    return earlier.verdict == Verdict::confirmed && now.verdict == Verdict::confirmed;
}

}  // namespace

Result<Correction> Corrections::make(const CollectionKey& key, Verdict verdict, const CorrectedFace& face,
                                     const PersonId& person) {
    const auto collection = TRY(registry_.find_with_model(key)).record;
    if (face.embedding.model != collection.model || face.next != next_of(collection)) return model_changed();
    INVARIANT(face.embedding.values.size() == collection.dimensions);
    return keep(key, collection, verdict, face, person, false);
}

Result<Correction> Corrections::make(const CollectionKey& key, Verdict verdict, const FaceId& face,
                                     const PersonId& person) {
    const auto collection = TRY(registry_.find_with_model(key)).record;
    const auto bytes =
        TRY(registry_.records().get(record_key(kFaceTable, collection.incarnation, key_of(face))));
    if (!bytes) return Error::refusal(Refusal::face_missing, "faceId was not found in the collection");
    const auto record = TRY(decode_face(*bytes, collection.model));
    if (record.embedding.values.empty()) return unseen();
    return keep(key, collection, verdict, {face, record.embedding, std::nullopt, record.others}, person,
                true);
}

Result<Correction> Corrections::keep(const CollectionKey& key, const CollectionRecord& collection,
                                     Verdict verdict, const CorrectedFace& face, const PersonId& person,
                                     bool enrolled) {
    const auto incarnation = collection.incarnation;
    if (person.kind == PersonId::Kind::external_image_id &&
        TRY(registry_.gallery(collection)->with_roster([&](const Roster& roster) {
            return roster.faces_of(person).empty();
        })))
        return missing(person);
    const auto gallery = registry_.corrections(collection);
    const auto count = TRY(gallery->count());
    const auto chance = registry_.random().bytes(kChanceBytes);
    Correction made{.verdict = verdict,
                    .person = person,
                    .face = face.id,
                    .embedding = face.embedding,
                    .made = registry_.clock().now(),
                    .others = face.others};
    std::vector<search::Key> changed;
    auto kept = TRY(registry_.records().transact([&](store::Transaction& transaction) -> Result<Correction> {
        changed.clear();
        TRY(Registry::hold(transaction, key, collection));
        // Whoever erases the user or the face forgets what was said of it, and what is being said.
        if (person.kind == PersonId::Kind::user &&
            !TRY(transaction.get_for_share(user_name_key(incarnation, UserId(person.name)))))
            return missing(person);
        if (enrolled && !TRY(transaction.get_for_share(record_key(kFaceTable, incarnation, key_of(face.id)))))
            return Error::refusal(Refusal::face_missing, "faceId was not found in the collection");
        // One at a time about a face.
        const auto of_face = correction_about_key(incarnation, face.id);
        TRY(transaction.get_for_update(of_face.str()));
        const auto said = TRY(about(transaction, of_face));
        for (const auto& name : said) {
            const auto bytes =
                TRY(transaction.get_for_update(record_key(kCorrectionTable, incarnation, name)));
            if (!bytes) continue;
            const auto earlier = TRY(decode_correction(*bytes, collection.model));
            if (earlier.person == person && earlier.verdict == verdict) return earlier;
            if (!contradicts(earlier, made)) continue;
            TRY(erase(transaction, incarnation, name, earlier));
            changed.push_back(name);
        }
        if (said.size() >= kCorrectionsPerFaceMax && changed.empty())
            return Error::refusal(Refusal::too_many_corrections,
                                  fmt::format("A face can have {} corrections", kCorrectionsPerFaceMax));
        if (count >= kCorrectionsPerCollectionMax && changed.empty())
            return Error::refusal(
                Refusal::too_many_corrections,
                fmt::format("A collection can have {} corrections", kCorrectionsPerCollectionMax));
        const auto name = next_name(TRY(transaction.scan(last_of(kCorrectionTable, incarnation))), chance);
        made.id = id_of(name);
        TRY(put(transaction, incarnation, name, made));
        changed.push_back(name);
        return made;
    }));
    TRY(registry_.follow_corrections(collection, changed));
    return kept;
}

Result<Correction> Corrections::undo(const CollectionKey& key, const CorrectionId& id) {
    const auto collection = TRY(registry_.find(key));
    const auto name = name_of(id);
    auto undone =
        TRY(registry_.records().transact([&](store::Transaction& transaction) -> Result<Correction> {
            const auto bytes =
                TRY(transaction.get_for_update(record_key(kCorrectionTable, collection.incarnation, name)));
            if (!bytes)
                return Error::refusal(Refusal::correction_missing,
                                      fmt::format("The correction id: {} does not exist", id.str()));
            auto correction = TRY(decode_correction(*bytes, collection.model));
            TRY(erase(transaction, collection.incarnation, name, correction));
            return correction;
        }));
    TRY(registry_.follow_corrections(collection, std::span(&name, 1)));
    return undone;
}

Result<Page<Correction>> Corrections::list(const CollectionKey& key, const PageRequest& page,
                                           const CorrectionFilter& filter) const {
    const auto collection = TRY(registry_.find(key));
    const auto listing = listing_of(collection, filter);
    std::optional<search::Key> last;
    if (!page.token.empty()) {
        const auto position = registry_.tokens().open(listing, page.token);
        if (!position || position->size() != sizeof(search::Key::bytes)) return invalid_token();
        std::copy(position->begin(), position->end(), last.emplace().bytes.begin());
    }
    const std::size_t size = page_size(page);
    const auto snapshot = registry_.records().snapshot();
    std::vector<search::Key> names;
    if (filter.face) {
        names = TRY(about(*snapshot, correction_about_key(collection.incarnation, *filter.face)));
    } else if (filter.person) {
        names = TRY(about(*snapshot, correction_about_key(collection.incarnation, *filter.person)));
    } else {
        auto range = records_of(kCorrectionTable, collection.incarnation);
        if (last) range.from = after(record_key(kCorrectionTable, collection.incarnation, *last));
        range.limit = size + 1;
        for (const auto& row : TRY(snapshot->scan(range)))
            names.push_back(name_of_record_key(row.key));
    }
    Page<Correction> out;
    for (const auto& name : names) {
        if (last && name <= *last) continue;
        const auto bytes = TRY(snapshot->get(record_key(kCorrectionTable, collection.incarnation, name)));
        if (!bytes) continue;  // of a collection that is being deleted
        auto correction = TRY(decode_correction(*bytes, collection.model));
        if (filter.person && correction.person != *filter.person) continue;
        if (out.items.size() == size) {
            out.next_token = registry_.tokens().seal(listing, base::text(name_of(out.items.back().id).bytes));
            break;
        }
        out.items.push_back(std::move(correction));
    }
    return out;
}

Result<std::vector<search::Key>> Corrections::forget(store::Transaction& transaction, Incarnation incarnation,
                                                     const PersonId& person) {
    return forget_about(transaction, incarnation, correction_about_key(incarnation, person));
}

Result<std::vector<search::Key>> Corrections::forget(store::Transaction& transaction, Incarnation incarnation,
                                                     const FaceId& face) {
    return forget_about(transaction, incarnation, correction_about_key(incarnation, face));
}

}  // namespace faces
