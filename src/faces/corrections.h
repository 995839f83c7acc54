// What people say of faces: this one is Ann, this one is not Bob. Kept until it is undone, and heeded by
// whoever scores faces afterwards.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "faces/names.h"
#include "faces/page.h"
#include "faces/people.h"
#include "faces/record.h"
#include "faces/registry.h"

namespace faces {

inline constexpr std::size_t kCorrectionsPerCollectionMax = 100'000;
inline constexpr std::size_t kCorrectionsPerFaceMax = 100;

// A face that a correction is about: one of the collection, or one of a picture that is not enrolled, which
// is known by the name it would get (identity.h). Its embedding is kept, its picture is not.
struct CorrectedFace {
    FaceId id;
    vision::Embedding embedding;  // of the collection's model
    // Of the model that the collection is being moved to, which looked at the face too.
    std::optional<vision::ModelId> next = std::nullopt;
    OtherEmbeddings others = {};  // its embedding, if it found the face
};

// Which corrections are listed: those that keep both conditions.
struct CorrectionFilter {
    std::optional<PersonId> person = std::nullopt;
    std::optional<FaceId> face = std::nullopt;
};

// Callable from any thread. Every operation refuses collection_missing. Commits are durable when a call
// returns.
class Corrections {
public:
    // `registry` outlives it.
    explicit Corrections(Registry& registry) : registry_(registry) {}

    // A face can be confirmed to be one person, and rejected to be any number of others: a new correction
    // takes the place of those of the same face that it contradicts, and one that says the same again is the
    // old one. Refuses person_missing (a user that does not exist, an ExternalImageId that no face has),
    // too_many_corrections, model_missing, model_absent,
    // model_changed.
    Result<Correction> make(const CollectionKey& key, Verdict verdict, const CorrectedFace& face,
                            const PersonId& person);
    // About a face of the collection. Refuses face_missing and face_unseen too.
    Result<Correction> make(const CollectionKey& key, Verdict verdict, const FaceId& face,
                            const PersonId& person);
    // What was undone. Refuses correction_missing.
    Result<Correction> undo(const CollectionKey& key, const CorrectionId& id);
    // In the order in which they were made. Refuses token_invalid.
    Result<Page<Correction>> list(const CollectionKey& key, const PageRequest& page,
                                  const CorrectionFilter& filter = {}) const;

    // Erases what was said of a person or of a face, which is being erased itself in the same commit; gives
    // the names of the corrections, which the collection's CorrectionGallery is to follow.
    static Result<std::vector<search::Key>> forget(store::Transaction& transaction, Incarnation incarnation,
                                                   const PersonId& person);
    static Result<std::vector<search::Key>> forget(store::Transaction& transaction, Incarnation incarnation,
                                                   const FaceId& face);

private:
    Result<Correction> keep(const CollectionKey& key, const CollectionRecord& collection, Verdict verdict,
                            const CorrectedFace& face, const PersonId& person, bool enrolled);

    Registry& registry_;
};

}  // namespace faces
