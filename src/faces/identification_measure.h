// What the probabilities of IdentifyFaces are worth, on labelled photographs: how often they name the right
// person, whether they mean what they say, and what joint assignment saves in group pictures.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "vision/calibration.h"
#include "vision/photo_folder.h"

namespace faces {

// Probabilities in bins of equal width against how often they came true: the expected calibration error is
// the mean distance of both, weighted by the answers of each bin (Guo et al., "On Calibration of Modern
// Neural Networks", 2017).
class Reliability {
public:
    static constexpr std::size_t kBins = 15;
    struct Bin {
        std::size_t answers = 0;
        std::size_t right = 0;
        double probabilities = 0;  // their sum
    };

    void add(double probability, bool is_right);
    double expected_error() const;
    const std::vector<Bin>& bins() const { return bins_; }
    std::string json() const;  // [{"probability", "right", "answers"}]

private:
    std::vector<Bin> bins_ = std::vector<Bin>(kBins);
};

struct ProbabilityOptions {
    std::size_t references = 3;    // of each enrolled person, who has more photos than that
    std::size_t strangers = 1000;  // other people, searched with one photo each; as many as there are
    std::uint64_t seed = 1;
};

struct ProbabilityReport {
    std::size_t people = 0;  // enrolled
    std::size_t searches = 0;
    double rank1 = 0;        // of the enrolled people's other photos: the first candidate is right
    double dir_at_1pct = 0;  // and scores over the bar that 1 % of the strangers pass
    Reliability open;        // the answer given, nobody included, of all photos searched
    Reliability closed;      // of the enrolled people's only
};

// Fails without people enough, or if the calibration has no score distributions.
Result<ProbabilityReport> measure_probabilities(const vision::Calibration& calibration,
                                                const vision::LabelledPhotos& photos,
                                                const ProbabilityOptions& options);

// Each photo of everybody with two or more against all others of the folder, twice: with its person's other
// photos enrolled, and without that person.
Result<Reliability> measure_reliability(const vision::Calibration& calibration,
                                        const vision::LabelledPhotos& photos);

}  // namespace faces
