// From the cosine of two embeddings to a similarity that means something: a stated false-match rate.
//
// A false-match rate (FMR) is the share of pairs of different people that score at least so high. The curve
// is part of the model pack, because it belongs to the embedder; docs/calibration.md prints it and says how
// it was fitted.
#pragma once

#include <vector>

#include "base/result.h"
#include "vision/face.h"

namespace vision {

struct CalibrationPoint {
    float cosine = 0;
    float similarity = 0;  // 0 to 100
};

// A value: a monotone curve, linear between its points.
class Calibration {
public:
    // Fails unless there are two points or more, both columns rise strictly, and the last has a similarity of
    // 100.
    static Result<Calibration> create(std::vector<CalibrationPoint> curve);

    Similarity similarity(float cosine) const;
    // The smallest cosine that reaches `similarity`: what a search in the space of embeddings asks for. -1,
    // which every pair reaches, where the curve begins no lower.
    float cosine_floor(Similarity similarity) const;

    const std::vector<CalibrationPoint>& curve() const { return curve_; }

private:
    explicit Calibration(std::vector<CalibrationPoint> curve) : curve_(std::move(curve)) {}
    std::vector<CalibrationPoint> curve_;
};

}  // namespace vision
