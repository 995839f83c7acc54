// A search index of what a collection's records of one kind hold: built from them when it is first needed,
// and kept in step with them.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "faces/record.h"
#include "search/index.h"
#include "store/records.h"

namespace faces {

// Callable from any thread. `records` outlives it.
class LiveIndex {
public:
    // Of a table whose records have 16 bytes as their name (tables.h), as `model` sees them.
    LiveIndex(const store::Records& records, std::string_view table, Incarnation incarnation,
              vision::ModelId model, std::size_t dimensions)
        : records_(records),
          table_(table),
          incarnation_(incarnation),
          model_(std::move(model)),
          dimensions_(dimensions) {}
    virtual ~LiveIndex() = default;

    // The index, after building it if nobody has. A build that failed is tried again by the next caller.
    Result<const search::Index*> index();

    // To be called after every commit that wrote or erased these records: brings the index to what the store
    // says now. Which of two commits came later is thus the store's to say, not the order of these calls.
    Result<void> follow(std::span<const search::Key> names);

    // How many records there are, with those that no search finds.
    Result<std::size_t> count();

protected:
    const vision::ModelId& model() const { return model_; }

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
    const vision::ModelId model_;
    const std::size_t dimensions_;
    std::mutex changing_;  // held while the index is built, and while a change is read and applied
    std::unique_ptr<search::Index> index_;
    std::atomic<bool> built_ = false;  // index_ is set and stays
    base::Guarded<std::set<search::Key>> unsearchable_;
};

}  // namespace faces
