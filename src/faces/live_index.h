// A search index of what a collection's records of one kind hold: built from them when it is first needed,
// and kept in step with them.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "faces/record.h"
#include "search/index.h"
#include "store/records.h"

namespace faces {

// Callable from any thread. `records` outlives it.
class LiveIndex {
public:
    // Of a table whose records have 16 bytes as their name (tables.h).
    LiveIndex(const store::Records& records, std::string_view table, Incarnation incarnation,
              std::size_t dimensions)
        : records_(records), table_(table), incarnation_(incarnation), dimensions_(dimensions) {}
    virtual ~LiveIndex() = default;

    // The index, after building it if nobody has. A build that failed is tried again by the next caller.
    Result<const search::Index*> index();

    // To be called after every commit that wrote or erased these records: brings the index to what the store
    // says now. Which of two commits came later is thus the store's to say, not the order of these calls.
    Result<void> follow(std::span<const search::Key> names);

private:
    // What else is known of the records is forgotten: they are all about to be read.
    virtual void begin() = 0;
    // What is searched of a record; nothing for one that cannot be found yet.
    virtual Result<std::optional<std::vector<float>>> read(const search::Key& name,
                                                           std::string_view bytes) = 0;
    virtual void forget(const search::Key& name) = 0;

    Result<std::unique_ptr<search::Index>> build();

    const store::Records& records_;
    const std::string_view table_;
    const Incarnation incarnation_;
    const std::size_t dimensions_;
    std::mutex changing_;  // held while the index is built, and while a change is read and applied
    std::unique_ptr<search::Index> index_;
    std::atomic<bool> built_ = false;  // index_ is set and stays
};

}  // namespace faces
