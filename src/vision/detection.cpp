#include "vision/detection.h"

#include <algorithm>
#include <cmath>

namespace vision {
namespace {

float intersection(const PixelBox& a, const PixelBox& b) {
    float width = std::min(a.right, b.right) - std::max(a.left, b.left);
    float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
    return width > 0 && height > 0 ? width * height : 0;
}

// Mean distance of the landmarks, of the smaller box's side.
float landmark_distance(const Detection& a, const Detection& b) {
    float sum = 0;
    for (std::size_t i = 0; i < kLandmarks; ++i)
        sum += std::hypot(a.landmarks[i].x - b.landmarks[i].x, a.landmarks[i].y - b.landmarks[i].y);
    return sum / (kLandmarks * std::sqrt(std::min(a.box.area(), b.box.area())));
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

bool is_same_face(const Detection& a, const Detection& b, const SameFace& same) {
    return intersection_over_union(a.box, b.box) > same.overlap ||
           intersection_over_smaller(a.box, b.box) > same.containment ||
           landmark_distance(a, b) < same.landmarks;
}

std::vector<Detection> suppress(std::vector<Detection> detections, const SameFace& same) {
    std::stable_sort(detections.begin(), detections.end(),
                     [](const Detection& a, const Detection& b) { return a.rank() > b.rank(); });
    std::vector<Detection> kept;
    for (const auto& detection : detections) {
        bool is_seen = std::any_of(kept.begin(), kept.end(), [&](const Detection& better) {
            return is_same_face(better, detection, same);
        });
        if (!is_seen) kept.push_back(detection);
    }
    return kept;
}

}  // namespace vision
