// From the cosine of two embeddings to a similarity that means something: a stated false-match rate.
//
// A false-match rate (FMR) is the share of pairs of different people that score at least so high. The curve
// is part of the model pack, because it belongs to the embedder; docs/calibration.md prints it and says how
// it was fitted. With it come the distributions that probabilities are made of (score_model.h).
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "vision/face.h"
#include "vision/score_model.h"

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
    static Result<Calibration> create(std::vector<CalibrationPoint> curve,
                                      std::optional<ScoreModel> scores = std::nullopt);

    Similarity similarity(float cosine) const;
    // The smallest cosine that reaches `similarity`: what a search in the space of embeddings asks for. -1,
    // which every pair reaches, where the curve begins no lower.
    float cosine_floor(Similarity similarity) const;

    const std::vector<CalibrationPoint>& curve() const { return curve_; }
    // Nothing where the pack does not say how the scores of one person are spread.
    const std::optional<ScoreModel>& scores() const { return scores_; }

private:
    Calibration(std::vector<CalibrationPoint> curve, std::optional<ScoreModel> scores)
        : curve_(std::move(curve)), scores_(std::move(scores)) {}
    std::vector<CalibrationPoint> curve_;
    std::optional<ScoreModel> scores_;
};

}  // namespace vision
