// One collection's search index: built from its records when it is first needed, and kept in step with them.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>

#include "base/result.h"
#include "faces/names.h"
#include "faces/record.h"
#include "search/index.h"
#include "store/records.h"

namespace faces {

// Where the records of a collection's faces are kept; FaceIds in ascending order.
std::string face_record_key(Incarnation incarnation, const search::Key& face);
search::Key face_of_record_key(std::string_view key);
store::Range face_records(Incarnation incarnation);
// All faces of all collections, by incarnation.
store::Range all_face_records();
Incarnation incarnation_of_record_key(std::string_view key);

// Callable from any thread. `records` outlives it.
class Gallery {
public:
    Gallery(const store::Records& records, Incarnation incarnation, std::size_t dimensions)
        : records_(records), incarnation_(incarnation), dimensions_(dimensions) {}

    // The index, after building it if nobody has. A build that failed is tried again by the next caller.
    Result<const search::Index*> index();

    // To be called after every commit that wrote or erased these faces: brings the index to what the store
    // says now. Which of two commits came later is thus the store's to say, not the order of these calls.
    Result<void> follow(std::span<const search::Key> faces);

private:
    Result<std::unique_ptr<search::Index>> build() const;

    const store::Records& records_;
    const Incarnation incarnation_;
    const std::size_t dimensions_;
    std::mutex changing_;  // held while the index is built, and while a change is read and applied
    std::unique_ptr<search::Index> index_;
    std::atomic<bool> built_ = false;  // index_ is set and stays
};

}  // namespace faces
