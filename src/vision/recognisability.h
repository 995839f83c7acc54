// How far an embedding can be relied on, from what the embedder says beside its direction.
//
// An embedder that was trained for this says it itself. Of any other the length of its vector tells, which is
// left unused by comparisons: faces that a network is unsure of come out short (Meng et al., "MagFace", 2021;
// Kim et al., "AdaFace", 2022). A logistic function that is part of the pack turns lengths into cosines.
#pragma once

#include <array>
#include <optional>

#include "base/result.h"
#include "neural/network.h"
#include "neural/pack.h"
#include "vision/face.h"

namespace vision {

// The output of an embedder that was trained for this: {1, 1}, a cosine from 0 to 1.
inline constexpr const char* kExpectedCosine = "expected_cosine";

// Immutable; any thread may use it.
class RecognisabilityScale {
public:
    // Of an embedder's role: the bars `expected_low`, `expected_medium` and `expected_high`, rising, and
    // `length_middle` and `length_spread` (above 0) where the model has no output for it. Nothing if the role
    // states none of them; fails if they make no scale.
    static Result<std::optional<RecognisabilityScale>> create(const neural::Role& role,
                                                              const neural::Model& model);

    // Whether reliability() wants the network's own word.
    bool asks_network() const { return asks_network_; }
    // Embedding::reliability. `length` is the vector's, `said` what the output says; the mean of both for a
    // face and its mirror image.
    float reliability(float length, float said) const;
    Recognisability grade(float reliability) const;
    // The least reliability of a grade.
    float bar(Recognisability grade) const;

private:
    bool asks_network_ = false;
    float length_middle_ = 0, length_spread_ = 1;
    std::array<float, 3> bars_{};  // of low, medium, high
};

}  // namespace vision
