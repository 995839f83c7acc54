#include "vision/calibration.h"

#include <algorithm>

namespace vision {
namespace {

// The value at `x` of the curve that `points` draw; flat beyond its ends.
float along(const std::vector<CalibrationPoint>& points, float CalibrationPoint::*in,
            float CalibrationPoint::*out, float x) {
    if (x <= points.front().*in) return points.front().*out;
    if (x >= points.back().*in) return points.back().*out;
    auto after =
        std::upper_bound(points.begin(), points.end(), x,
                         [&](float value, const CalibrationPoint& point) { return value < point.*in; });
    const auto& high = *after;
    const auto& low = *std::prev(after);
    float share = (x - low.*in) / (high.*in - low.*in);
    return low.*out + share * (high.*out - low.*out);
}

}  // namespace

Result<Calibration> Calibration::create(std::vector<CalibrationPoint> curve,
                                        std::optional<ScoreModel> scores) {
    if (curve.size() < 2) return Error::failure("a calibration curve needs two points");
    for (std::size_t i = 1; i < curve.size(); ++i) {
        if (!(curve[i].cosine > curve[i - 1].cosine && curve[i].similarity > curve[i - 1].similarity))
            return Error::failure("a calibration curve must rise");
    }
    if (curve.front().similarity < 0 || curve.back().similarity != 100 || curve.back().cosine > 1)
        return Error::failure(
            "a calibration curve must end at a similarity of 100 and a cosine of at most 1");
    return Calibration(std::move(curve), std::move(scores));
}

Similarity Calibration::similarity(float cosine) const {
    return {along(curve_, &CalibrationPoint::cosine, &CalibrationPoint::similarity, cosine)};
}

float Calibration::cosine_floor(Similarity similarity) const {
    if (similarity.percent <= curve_.front().similarity) return -1;
    return along(curve_, &CalibrationPoint::similarity, &CalibrationPoint::cosine, similarity.percent);
}

}  // namespace vision
