// Who the faces of a picture are: every person that a face could be, with a probability, from all reference
// faces of each person and what people said of faces. docs/identification.md says how it is computed and how
// well it is calibrated.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "faces/collections.h"
#include "faces/people.h"
#include "faces/posterior.h"
#include "vision/face.h"

namespace faces {

inline constexpr std::size_t kFacesIdentifiedMax = 100;  // of one picture
inline constexpr std::size_t kCandidatesMax = 100;       // of one face
inline constexpr std::size_t kReferencesMax = 100;       // of one person: the first by FaceId count
inline constexpr std::size_t kReferencesShownMax = 10;   // of one candidate, the most alike

struct IdentifyOptions {
    double unknown_prior = kUnknownPriorDefault;
    bool once_per_picture = true;    // one person is at most one of the faces
    std::size_t candidates_max = 5;  // of one face; at most kCandidatesMax
};

// A face that speaks for a person.
struct Reference {
    KnownFace face;
    vision::Similarity similarity;  // of the face in the picture to this one
};

// What people said of a face like the one in the picture.
struct Word {
    Correction correction;
    vision::Similarity similarity;  // of the face in the picture to the one that was spoken of
};

struct LikelyPerson {
    PersonId person;
    double probability = 0;
    vision::Similarity similarity;    // to all references of the person together
    double false_match_rate = 0;      // share of strangers who score so high against one person
    std::size_t references = 0;       // that the person has: enrolled, and confirmed
    std::vector<Reference> evidence;  // the most alike first; at most kReferencesShownMax
    std::vector<Word> words;          // about this person, the most alike first; at most kReferencesShownMax
};

// The probabilities of the candidates, of others and of a stranger sum to one.
struct IdentifiedFace {
    std::vector<LikelyPerson> candidates;  // the likeliest first
    double others = 0;                     // somebody of the collection who is not listed
    double stranger = 0;                   // nobody of the collection
    // Who it is by the best assignment of people to faces, by place in `candidates`; nothing where nobody is
    // likelier.
    std::optional<std::size_t> assigned;
};

struct IdentifiedPicture {
    std::size_t people = 0;             // in the collection
    std::vector<IdentifiedFace> faces;  // in the order given
};

// `faces` are embeddings of the faces of one picture, at most kFacesIdentifiedMax, of the
// collection's model. Refuses collection_missing, model_missing, model_absent, model_changed for embeddings
// of another model, and scores_absent where the model's calibration does not say how scores are spread.
// Callable from any thread.
Result<IdentifiedPicture> identify(const Registry& registry, const CollectionKey& key,
                                   std::span<const vision::Embedding> faces, const IdentifyOptions& options);

}  // namespace faces
