#include "vision/detection.h"

#include <algorithm>

namespace vision {
namespace {

float intersection(const PixelBox& a, const PixelBox& b) {
    float width = std::min(a.right, b.right) - std::max(a.left, b.left);
    float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
    return width > 0 && height > 0 ? width * height : 0;
}

}  // namespace

float intersection_over_union(const PixelBox& a, const PixelBox& b) {
    float common = intersection(a, b);
    return common > 0 ? common / (a.area() + b.area() - common) : 0;
}

float intersection_over_smaller(const PixelBox& a, const PixelBox& b) {
    float common = intersection(a, b);
    return common > 0 ? common / std::min(a.area(), b.area()) : 0;
}

std::vector<Detection> suppress(std::vector<Detection> detections, const SameFace& same) {
    std::stable_sort(detections.begin(), detections.end(),
                     [](const Detection& a, const Detection& b) { return a.rank() > b.rank(); });
    std::vector<Detection> kept;
    for (const auto& detection : detections) {
        bool is_seen = std::any_of(kept.begin(), kept.end(), [&](const Detection& better) {
            return intersection_over_union(better.box, detection.box) > same.overlap ||
                   intersection_over_smaller(better.box, detection.box) > same.containment;
        });
        if (!is_seen) kept.push_back(detection);
    }
    return kept;
}

}  // namespace vision
