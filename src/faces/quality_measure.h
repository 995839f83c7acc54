// What a score of a face's quality is worth, on labelled photographs: how many errors of recognition go when
// the photographs that it calls the worst are left out (the error-versus-discard characteristic of ISO/IEC
// 29794-1:2024; Grother and Tabassi, "Performance of Biometric Quality Measures", 2007), and whom the filters
// refuse.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "vision/photo_folder.h"

namespace faces {

inline constexpr std::array<double, 5> kDiscarded = {0, 0.01, 0.05, 0.1, 0.2};

struct QualityReport {
    std::size_t photos = 0;  // with a face
    std::size_t undetected = 0;
    std::size_t genuine_pairs = 0;
    double false_match_rate = 0;  // at the threshold, of all pairs of different people
    float threshold = 0;          // a cosine, the same whatever is left out
    // By score, after leaving out each share of kDiscarded: how many pairs of one person stay below the
    // threshold, each person counting once. The scores are `learned`, where the pack has it, `sharpness`
    // (with the face's size, as the filters judge it without a network), `brightness`, and `random` for
    // comparison.
    std::map<std::string, std::array<double, kDiscarded.size()>> false_non_match_rates;
    // The share of the photographs that a filter refuses: for LOW_FACE_QUALITY, and for anything.
    struct Refused {
        double low_face_quality = 0;
        double anything = 0;
    };
    std::map<std::string, Refused> refused;  // LOW, AUTO, HIGH

    std::string json() const;
};

// Fails without pairs of either kind.
Result<QualityReport> measure_quality(const vision::LabelledPhotos& photos, std::uint64_t seed);

}  // namespace faces
