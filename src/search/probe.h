// One query on its way through the segments: it gathers every row that could be among the best, then scores
// those in full precision.
//
// A coded score c with error bound e says that the true score is within c - e and c + e. The k-th largest c -
// e seen so far is a score that at least k rows reach, so a row whose c + e is below it can never be among
// the best k. All others are kept and scored; hence the answer is exact.
#pragma once

#include <cstdint>
#include <vector>

#include "search/index.h"
#include "search/quantise.h"
#include "search/segment.h"

namespace search {

// Confined to one search.
class Probe {
public:
    // Sees rows that are alive as of `change`.
    Probe(const Kernels& kernels, CodedQuery query, std::size_t hits_max, float floor, std::uint64_t change);

    void scan_block(const Segment& segment, std::size_t block);  // a full block
    void compare(const Segment& segment, std::size_t row);       // a row that has no codes yet
    std::vector<Hit> best();                                     // once

private:
    struct Candidate {
        float upper;  // no true score is above it
        std::uint32_t row;
        const Segment* segment;
    };

    void consider(const Segment& segment, std::size_t row, float lower, float upper);
    float score(const Segment& segment, std::size_t row) const;

    const Kernels& kernels_;
    const CodedQuery query_;
    const std::size_t hits_max_;
    const float floor_;
    const std::uint64_t change_;
    float least_;                // a candidate's upper bound must reach it
    std::vector<float> lowers_;  // a heap, smallest first: the hits_max_ largest lower bounds
    std::vector<Candidate> candidates_;
    std::size_t prune_at_;
};

}  // namespace search
