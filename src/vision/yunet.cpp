#include "vision/yunet.h"

#include <algorithm>
#include <cmath>

namespace vision {
namespace {

// Larger than any picture; exp() of what is larger would overflow.
constexpr float kLogSizeMax = 10;

}  // namespace

void decode_yunet(const YunetHeads& heads, float score_min, std::vector<Detection>& out) {
    const auto stride = static_cast<float>(heads.stride);
    const float product_min = score_min * score_min;
    for (int row = 0; row < heads.rows; ++row) {
        for (int column = 0; column < heads.columns; ++column) {
            auto cell = static_cast<std::size_t>(row) * static_cast<std::size_t>(heads.columns) +
                        static_cast<std::size_t>(column);
            float product = std::clamp(heads.cls[cell], 0.0f, 1.0f) * std::clamp(heads.obj[cell], 0.0f, 1.0f);
            if (!(product >= product_min)) continue;
            const float* bbox = heads.bbox.data() + cell * 4;
            const float* kps = heads.kps.data() + cell * 2 * kLandmarks;
            auto at_x = [&](float offset) { return (static_cast<float>(column) + offset) * stride; };
            auto at_y = [&](float offset) { return (static_cast<float>(row) + offset) * stride; };
            Pixel centre{at_x(bbox[0]), at_y(bbox[1])};
            float half_width = std::exp(std::min(bbox[2], kLogSizeMax)) * stride / 2;
            float half_height = std::exp(std::min(bbox[3], kLogSizeMax)) * stride / 2;

            Detection detection;
            detection.score = std::sqrt(product);
            detection.box = {centre.x - half_width, centre.y - half_height, centre.x + half_width,
                             centre.y + half_height};
            bool is_finite = std::isfinite(detection.box.left) && std::isfinite(detection.box.top) &&
                             half_width > 0 && half_height > 0;
            for (std::size_t i = 0; i < kLandmarks; ++i) {
                detection.landmarks[i] = {at_x(kps[2 * i]), at_y(kps[2 * i + 1])};
                is_finite = is_finite && std::isfinite(kps[2 * i]) && std::isfinite(kps[2 * i + 1]);
            }
            if (is_finite) out.push_back(detection);
        }
    }
}

}  // namespace vision
