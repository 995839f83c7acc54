#include "faces/recognition.h"

#include "base/result.h"
#include "faces/posterior.h"

namespace faces {

vision::Similarity Recognition::similarity(const vision::Embedding& a, const vision::Embedding& b) const {
    INVARIANT(a.model == model && b.model == model);
    // In double, as precise as the searches'.
    return calibration.similarity(static_cast<float>(cosine_of(a.values, b.values)));
}

float Recognition::cosine_floor(vision::Similarity floor) const {
    constexpr float kRoundingRoom = 1e-5f;
    return floor.percent <= 0 ? -1.0f : calibration.cosine_floor(floor) - kRoundingRoom;
}

}  // namespace faces
