#include "faces/recognition.h"

#include "base/result.h"

namespace faces {

vision::Similarity Recognition::similarity(const vision::Embedding& a, const vision::Embedding& b) const {
    INVARIANT(a.model == model && b.model == model && a.values.size() == b.values.size());
    double cosine = 0;  // as precise as the searches'
    for (std::size_t i = 0; i < a.values.size(); ++i)
        cosine += static_cast<double>(a.values[i]) * static_cast<double>(b.values[i]);
    return calibration.similarity(static_cast<float>(cosine));
}

float Recognition::cosine_floor(vision::Similarity floor) const {
    constexpr float kRoundingRoom = 1e-5f;
    return floor.percent <= 0 ? -1.0f : calibration.cosine_floor(floor) - kRoundingRoom;
}

}  // namespace faces
