// How faces are told apart: what makes embeddings, and what their cosines mean.
#pragma once

#include <cstddef>

#include "vision/calibration.h"
#include "vision/face.h"

namespace faces {

struct Recognition {
    vision::ModelId model;
    std::size_t dimensions = 0;
    vision::Calibration calibration;
    // A face whose embedding can be relied on less makes a poor reference. Nothing where the model cannot
    // tell.
    std::optional<float> reliability_min = std::nullopt;

    // Both of `model`.
    vision::Similarity similarity(const vision::Embedding& a, const vision::Embedding& b) const;
    // The cosine from which on pairs can reach `floor`; a little below it, since the way there and back is
    // rounded: whoever searches with it compares similarities once more.
    float cosine_floor(vision::Similarity floor) const;
};

}  // namespace faces
