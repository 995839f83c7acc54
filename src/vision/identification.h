// Open-set identification: some people are enrolled with one photo each; who is named when they, and
// strangers, come?
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "vision/photo_folder.h"

namespace vision {

struct IdentificationOptions {
    std::size_t enrolled = 500;    // people, drawn from those with two photos or more
    std::size_t strangers = 1000;  // other people, searched with one photo each
    Similarity threshold{80};
    std::uint64_t seed = 1;
};

// The best match of one photo that was searched for.
struct Probe {
    bool is_stranger = false;
    bool best_is_right = false;
    float best_cosine = -1;
};

struct IdentificationReport {
    double named_rightly =
        0;  // of the enrolled people's other photos: best match right and over the threshold
    double strangers_named = 0;  // of the strangers: some match over the threshold
    double rank1 = 0;            // of the other photos: best match right, whatever it scores
    // Detection and identification rate: as named_rightly, at the threshold that names 1 % of the strangers.
    double dir_at_1pct = 0;
    std::size_t undetected = 0;  // photos without a face: never named
    std::size_t searches = 0;

    std::string json() const;
};

// Some people in an order drawn by chance, by place in LabelledPhotos::people.
std::vector<std::size_t> shuffled_people(std::size_t people, std::uint64_t seed);

IdentificationReport judge(std::span<const Probe> probes, float cosine_floor);

// Fails if there are not enough people.
Result<IdentificationReport> measure_identification(const Calibration& calibration,
                                                    const LabelledPhotos& photos,
                                                    const IdentificationOptions& options);

}  // namespace vision
