#include "faces/weighing.h"

#include <algorithm>

#include "faces/identification.h"
#include "faces/identity.h"
#include "faces/tables.h"

namespace faces {
namespace {

// The different people of these faces, in their order.
Result<std::vector<PersonId>> people_of(Gallery& gallery, std::span<const search::Hit> hits,
                                        std::size_t limit) {
    return gallery.with_roster([&](const Roster& roster) {
        std::vector<PersonId> out;
        for (const auto& hit : hits) {
            if (out.size() == limit) break;
            auto person = roster.person_of(hit.key);
            if (person && std::find(out.begin(), out.end(), *person) == out.end())
                out.push_back(*std::move(person));
        }
        return out;
    });
}

}  // namespace

Result<std::optional<std::size_t>> People::number_of(const PersonId& person) {
    if (const auto known = numbers_.find(person); known != numbers_.end()) return known->second;
    auto weighed = TRY(read(person));
    std::optional<std::size_t> number;
    if (!weighed.portrait.direction.empty()) {
        number = people_.size();
        people_.push_back(std::move(weighed));
    }
    numbers_.emplace(person, number);
    return number;
}

Result<Weighed> People::read(const PersonId& person) const {
    Weighed out{person, {}, {}, {}, {}};
    auto keys = TRY(gallery_.with_roster([&](const Roster& roster) { return roster.faces_of(person); }));
    if (keys.size() > kReferencesMax) keys.resize(kReferencesMax);
    for (const auto& key : keys) {
        const auto bytes = TRY(registry_.records().get(record_key(kFaceTable, collection_.incarnation, key)));
        if (!bytes) continue;
        auto record = TRY(decode_face(*bytes, collection_.model));
        if (record.embedding.values.empty()) continue;
        const auto sighting = TRY(sightings_.of(face_of(key)));
        auto& faces = sighting && sighting->person != person ? out.disowned : out.references;
        faces.push_back({face_of(key), std::move(record)});
    }
    for (auto& sighting : TRY(sightings_.confirmed_as(person, kReferencesMax)))
        if (std::find(keys.begin(), keys.end(), key_of(sighting.face)) == keys.end())
            out.confirmed.push_back(std::move(sighting));
    std::vector<const vision::Embedding*> seen;
    for (const auto& reference : out.references)
        seen.push_back(&reference.record.embedding);
    for (const auto& sighting : out.confirmed)
        seen.push_back(&sighting.embedding);
    if (seen.empty()) return out;
    if (auto portrait = portrait_of(seen)) out.portrait = *std::move(portrait);
    return out;
}

Result<std::vector<PersonId>> weighed_for(Gallery& gallery, const search::Index& index,
                                          std::span<const float> face, std::vector<search::Hit> hits,
                                          std::size_t limit, float floor) {
    auto people = TRY(people_of(gallery, hits, limit));
    for (std::size_t wanted = kHitsFirst;
         people.size() < limit && hits.size() == wanted && wanted < kMatchesMax;) {
        wanted = std::min(wanted * 8, kMatchesMax);
        hits = TRY(index.search({face, wanted, floor}));
        people = TRY(people_of(gallery, hits, limit));
    }
    return people;
}

}  // namespace faces
