// Faces that people spoke of (corrections.h), as whoever scores faces reads them: each is a sighting of
// somebody, whose face it is if that is known, and whose it is not.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "faces/corrections.h"
#include "faces/people.h"
#include "faces/registry.h"

namespace faces {

inline constexpr std::size_t kSightingsNearMax = 16;  // of one face, the most alike

struct Sighting {
    FaceId face;
    vision::Embedding embedding;          // of the face
    std::vector<Correction> corrections;  // about the face, at least one; the first made first
    // Whose face it is: who it was confirmed to be, or else under whose name it is enrolled, unless that was
    // rejected.
    std::optional<PersonId> person;

    bool is_rejected(const PersonId& of) const;
};

struct NearSighting {
    Sighting sighting;
    double cosine = 0;  // of its face with the one that is looked at
};

// Confined to one call. Cheap where nothing was ever corrected.
class Sightings {
public:
    // `registry` outlives it.
    Sightings(const Registry& registry, const CollectionRecord& collection);

    // Nothing for a face that nobody spoke of.
    Result<std::optional<Sighting>> of(const FaceId& face) const;
    // The faces that were confirmed to be this person's, in the order in which they were; at most `limit`.
    Result<std::vector<Sighting>> confirmed_as(const PersonId& person, std::size_t limit) const;
    // Of each face those at least as like it as `floor`, the most alike first; at most kSightingsNearMax.
    Result<std::vector<std::vector<NearSighting>>> near(std::span<const vision::Embedding> faces,
                                                        float floor) const;

private:
    Result<std::vector<NearSighting>> sightings_of(std::span<const search::Hit> hits) const;

    const Registry& registry_;
    const CollectionRecord collection_;
    const std::shared_ptr<Gallery> gallery_;
    const std::shared_ptr<CorrectionGallery> corrections_;
};

}  // namespace faces
