// The store's contracts on this machine: records in RocksDB, blobs as files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "base/random.h"
#include "base/time.h"
#include "store/blobs.h"
#include "store/records.h"

namespace store::embedded {

enum class Refusal {
    folder_in_use,  // another process (or another part of this one) has it open
};

struct Options {
    std::size_t cache_bytes = 32u << 20;         // blocks read from disk, kept
    std::size_t write_buffer_bytes = 16u << 20;  // each; two at most
    base::Duration lock_wait{2'000};             // for another transaction, before a conflict
    std::size_t attempts_max = 12;               // of a transaction that meets conflicts
};

// Opens or creates the folder. Everything found in the log is restored; a record whose checksum is wrong is a
// failure, never an answer.
Result<std::unique_ptr<Records>> open_records(const std::filesystem::path& folder,
                                              const Options& options = {});

// Opens or creates the folder: FOLDER/ab/cd/<uuid>, unfinished writes under FOLDER/tmp. `random` names the
// blobs and outlives them.
Result<std::unique_ptr<Blobs>> open_blobs(const std::filesystem::path& folder, base::Random& random);

}  // namespace store::embedded
