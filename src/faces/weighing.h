// People on the scales: whose reference faces a face is compared with, each person read once.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "faces/collections.h"
#include "faces/people.h"
#include "faces/posterior.h"
#include "faces/sightings.h"
#include "search/index.h"

namespace faces {

inline constexpr std::size_t kHitsFirst = 64;  // faces that are looked at in search of people
// Two faces of one person at this cosine are one photograph twice.
inline constexpr double kDuplicateCosine = 0.985;
// Faces that so many strangers resemble are no reason to weigh a person.
inline constexpr double kWeighedRate = 0.02;

// A person who is weighed for some face.
struct Weighed {
    PersonId person;
    std::vector<KnownFace> references;  // at most kReferencesMax of the enrolled
    std::vector<Sighting> confirmed;    // faces that people said are this person's; at most as many
    std::vector<KnownFace> disowned;    // enrolled as this person's, and people said they are not
    Portrait portrait;                  // of the references and the confirmed

    bool is_enrolled() const { return !references.empty() || !disowned.empty(); }
};

// Confined to one call.
class People {
public:
    // All outlive it.
    People(const Registry& registry, const CollectionRecord& collection, Gallery& gallery,
           const Sightings& sightings)
        : registry_(registry), collection_(collection), gallery_(gallery), sightings_(sightings) {}

    // The person's number; nothing for one who has no faces any more, or whose faces cancel out.
    Result<std::optional<std::size_t>> number_of(const PersonId& person);
    const Weighed& operator[](std::size_t number) const { return people_[number]; }
    // The person as the records say now; without a direction for one who has no number.
    Result<Weighed> read(const PersonId& person) const;

private:
    const Registry& registry_;
    const CollectionRecord& collection_;
    Gallery& gallery_;
    const Sightings& sightings_;
    std::map<PersonId, std::optional<std::size_t>> numbers_;
    std::vector<Weighed> people_;
};

// The people of the faces most like this one, each once, in the order of their best face; at most `limit`.
// `hits` are the best kHitsFirst at or above `floor`; a person with very many faces can fill them all: then
// more are asked for.
Result<std::vector<PersonId>> weighed_for(Gallery& gallery, const search::Index& index,
                                          std::span<const float> face, std::vector<search::Hit> hits,
                                          std::size_t limit, float floor);

}  // namespace faces
