#include "vision/confidence.h"

#include <algorithm>
#include <cmath>

namespace vision {
namespace {

constexpr float kEven = 0.55f;   // the score that counts 50
constexpr float kSteep = 17.7f;  // ln(499) / 0.35
constexpr float kConfidenceLeast = 0.1f;

}  // namespace

float confidence_of_score(float score) {
    return 100 / (1 + std::exp(-kSteep * (score - kEven)));
}

float score_of_confidence(float confidence) {
    float share = std::clamp(confidence, kConfidenceLeast, 100 - kConfidenceLeast) / 100;
    return std::clamp(kEven + std::log(share / (1 - share)) / kSteep, 0.0f, 1.0f);
}

}  // namespace vision
