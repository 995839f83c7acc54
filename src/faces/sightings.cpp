#include "faces/sightings.h"

#include <algorithm>
#include <set>

#include "faces/identity.h"
#include "faces/tables.h"

namespace faces {
namespace {

// Several corrections can be about one face, and all of them are hits.
constexpr std::size_t kHitsMax = kSightingsNearMax * 16;

}  // namespace

bool Sighting::is_rejected(const PersonId& of) const {
    return std::any_of(corrections.begin(), corrections.end(), [&](const Correction& correction) {
        return correction.verdict == Verdict::rejected && correction.person == of;
    });
}

Sightings::Sightings(const Registry& registry, const CollectionRecord& collection)
    : registry_(registry),
      collection_(collection),
      gallery_(registry.gallery(collection)),
      corrections_(registry.corrections(collection)) {}

Result<std::optional<Sighting>> Sightings::of(const FaceId& face) const {
    if (!TRY(corrections_->speaks_of(key_of(face)))) return std::optional<Sighting>();
    Sighting out{.face = face, .embedding = {}, .corrections = {}, .person = std::nullopt};
    auto range = correction_about_key(collection_.incarnation, face).range();
    range.limit = kCorrectionsPerFaceMax;
    for (const auto& row : TRY(registry_.records().scan(range))) {
        const auto key = record_key(kCorrectionTable, collection_.incarnation, name_of_record_key(row.key));
        const auto bytes = TRY(registry_.records().get(key));
        if (!bytes) continue;
        auto correction = TRY(decode_correction(*bytes, collection_.model));
        if (!correction.embedding.values.empty()) out.corrections.push_back(std::move(correction));
    }
    if (out.corrections.empty()) return std::optional<Sighting>();  // undone meanwhile
    out.embedding = out.corrections.front().embedding;
    for (const auto& correction : out.corrections)
        if (correction.verdict == Verdict::confirmed) out.person = correction.person;
    if (!out.person) {
        const auto enrolled =
            TRY(gallery_->with_roster([&](const Roster& roster) { return roster.person_of(key_of(face)); }));
        if (enrolled && !out.is_rejected(*enrolled)) out.person = enrolled;
    }
    return std::optional(std::move(out));
}

Result<std::vector<Sighting>> Sightings::confirmed_as(const PersonId& person, std::size_t limit) const {
    std::vector<Sighting> out;
    for (const auto& face : TRY(corrections_->confirmed_as(person, limit))) {
        auto sighting = TRY(of(face_of(face)));
        if (sighting && sighting->person == person) out.push_back(*std::move(sighting));
    }
    return out;
}

Result<std::vector<std::vector<NearSighting>>> Sightings::near(std::span<const vision::Embedding> faces,
                                                               float floor) const {
    std::vector<std::vector<NearSighting>> out(faces.size());
    const auto* index = TRY(corrections_->index());
    if (index->size() == 0) return out;
    std::vector<search::Query> queries;
    for (const auto& face : faces)
        queries.push_back({face.values, kHitsMax, floor});
    const auto hits = TRY(index->search(queries));
    for (std::size_t i = 0; i < faces.size(); ++i)
        out[i] = TRY(sightings_of(hits[i]));
    return out;
}

Result<std::vector<NearSighting>> Sightings::sightings_of(std::span<const search::Hit> hits) const {
    std::vector<NearSighting> out;
    std::set<search::Key> seen;
    for (const auto& hit : hits) {
        if (out.size() == kSightingsNearMax) break;
        const auto face = TRY(corrections_->face_of(hit.key));
        if (!face || !seen.insert(*face).second) continue;
        if (auto sighting = TRY(of(faces::face_of(*face))))
            out.push_back({*std::move(sighting), static_cast<double>(hit.score)});
    }
    return out;
}

}  // namespace faces
