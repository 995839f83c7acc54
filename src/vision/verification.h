// Verification accuracy by the protocol of Labeled Faces in the Wild (Huang et al., 2007, View 2): are two
// photos of the same person?
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "vision/photo_folder.h"

namespace vision {

// Two photos, by their places in `photos` of LfwPairs.
struct LfwPair {
    std::size_t first = 0;
    std::size_t second = 0;
    bool is_same = false;
    std::size_t fold = 0;
};

struct LfwPairs {
    std::vector<std::string> photos;  // NAME/NAME_0001.jpg, each once
    std::vector<LfwPair> pairs;
    std::size_t folds = 0;
};

// The text of LFW's pairs.txt: "FOLDS<tab>N", then for each fold N lines "NAME<tab>I<tab>J" and N lines
// "NAME<tab>I<tab>OTHER<tab>J".
Result<LfwPairs> parse_lfw_pairs(std::string_view text);

// The cosine of a pair, and what is true about it.
struct ScoredPair {
    float score = 0;
    bool is_same = false;
    std::size_t fold = 0;
};

struct VerificationReport {
    double accuracy =
        0;           // mean over the folds; each is judged by the threshold that is best on all the others
    double std = 0;  // standard deviation over the folds
    // True accept rate at the lowest threshold that lets at most this share of different pairs pass.
    double tar_1e2 = 0;
    double tar_3e3 = 0;
    double tar_1e3 = 0;
    std::size_t undetected = 0;  // photos without a face; their pairs count as different
    double ms_per_image = 0;

    std::string json() const;
};

VerificationReport judge(std::span<const ScoredPair> pairs, std::size_t folds);

// `images` holds NAME/NAME_0001.jpg for every name of the pairs file.
Result<VerificationReport> measure_verification(const Pipeline& pipeline, const std::filesystem::path& images,
                                                const std::filesystem::path& pairs_file, std::size_t threads,
                                                const Progress& progress);

}  // namespace vision
