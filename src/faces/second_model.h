// What a face's records hold while its collection is being moved to another model, and afterwards: the second
// embedding, the name that the face has for that model, and the faces that could not be moved. Pieces of the
// transactions of collections.cpp and reembedding.cpp.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "faces/names.h"
#include "faces/record.h"
#include "search/segment.h"
#include "store/records.h"
#include "vision/face.h"

namespace faces {

// Two detectors draw the box of one face a little differently; boxes of neighbours hardly overlap.
inline constexpr float kSameFaceOverlap = 0.3f;

// A face as the model sees it that its collection is being moved to.
struct NextSight {
    vision::Box box;
    vision::Embedding embedding;
};

// The other model that looks at the collection's pictures, while it is being moved to one.
std::optional<vision::ModelId> next_of(const CollectionRecord& collection);
// The collection as it will be, for what is searched of it.
CollectionRecord as_next(const CollectionRecord& collection);

// The record with what another model sees; at most one other embedding stays beside the first. `name` is the
// face's own.
void see(FaceRecord& record, const search::Key& name, const NextSight& sight);

// As above for a face that is kept, with the records beside it.
Result<void> see(store::Transaction& transaction, Incarnation incarnation, const search::Key& name,
                 FaceRecord& record, const NextSight& sight);
Result<void> put_alias(store::Transaction& transaction, Incarnation incarnation, const FaceRecord& record,
                       const search::Key& name);
// Erases what stands beside a face that is being erased: its crop, its alias, and that it could not be moved.
Result<void> erase_beside(store::Transaction& transaction, Incarnation incarnation, const search::Key& name,
                          const FaceRecord& record);

// Why a face could not be moved.
enum class Unmoved : std::uint8_t {
    no_original,          // neither is it known where its picture is, nor was a crop kept
    original_unreadable,  // it is gone, or whoever moves the collection may not read it
    original_changed,     // another picture is there now
    face_not_found,       // the other model does not see the face in it
};
// Says so of the collection's present reembedding, and counts it there; once.
Result<void> put_unmoved(store::Transaction& transaction, Incarnation incarnation, const search::Key& name,
                         Unmoved reason);

}  // namespace faces
