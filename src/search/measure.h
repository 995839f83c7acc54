// What `likeness bench search` measures: exact search on one thread, against faiss::IndexFlatIP where its
// library stands beside the program, and against how fast this machine can read memory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace search {

struct MeasureOptions {
    std::vector<std::size_t> sizes = {100'000, 1'000'000};
    std::vector<std::size_t> dimensions = {128, 512};
    std::size_t queries = 20;
    std::size_t hits = 10;
    // The folder in which likeness_faiss.so is looked for; empty: that of the running program.
    std::filesystem::path peer_folder;
};

// Times are CPU time of the one thread, which other work on the machine disturbs least; medians over the
// queries.
struct Measurement {
    std::size_t n = 0;
    std::size_t dim = 0;
    double recall = 0;  // share of the true best hits that were found, against comparing all vectors in fp32
    double ms = 0;      // per search
    std::optional<double> faiss_ms;
    double gb_per_s = 0;         // bytes of codes and scales that a search reads, per second
    double memory_gb_per_s = 0;  // a loop that only reads, over as many bytes
};

// Vectors are drawn: people with five pictures each, as far apart as those of a face model; each query is one
// more picture of somebody. Needs about 9 bytes of memory per n * dim, 8 more for each with faiss.
Result<std::vector<Measurement>> measure(const MeasureOptions& options);
// A JSON list; numbers that were not measured are null.
std::string as_json(const std::vector<Measurement>& measurements);

}  // namespace search
