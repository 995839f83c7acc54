#include "vision/second_look.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

namespace vision {
namespace {

// A detection of a look is the same face if it overlaps the box that was seen first at least this much.
constexpr float kOverlapMin = 0.4f;

const Detection* nearest(std::span<const Detection> found, const PixelBox& box) {
    const Detection* best = nullptr;
    float best_overlap = kOverlapMin;
    for (const auto& detection : found) {
        float overlap = intersection_over_union(detection.box, box);
        if (overlap <= best_overlap) continue;
        best_overlap = overlap;
        best = &detection;
    }
    return best;
}

}  // namespace

image::Rectangle second_look_at(const PixelBox& box) {
    float side = std::max(box.width(), box.height()) * kSecondLookMargin;
    auto centre = box.centre();
    auto whole = [](float value) { return static_cast<int>(std::lround(value)); };
    int length = std::max(1, whole(side));
    return {whole(centre.x - side / 2), whole(centre.y - side / 2), length, length};
}

Detection placed_in_picture(Detection found, const image::Rectangle& cut_out) {
    float step = static_cast<float>(cut_out.width) / kSecondLookPx;
    auto place = [&](float& x, float& y) {
        x = static_cast<float>(cut_out.left) + x * step - 0.5f;
        y = static_cast<float>(cut_out.top) + y * step - 0.5f;
    };
    place(found.box.left, found.box.top);
    place(found.box.right, found.box.bottom);
    for (auto& landmark : found.landmarks)
        place(landmark.x, landmark.y);
    return found;
}

Detection mirrored(Detection found) {
    constexpr auto kWidth = static_cast<float>(kSecondLookPx);
    found.box = {kWidth - found.box.right, found.box.top, kWidth - found.box.left, found.box.bottom};
    for (auto& landmark : found.landmarks)
        landmark.x = kWidth - landmark.x;
    std::swap(found.landmarks[eye_left], found.landmarks[eye_right]);
    std::swap(found.landmarks[mouth_left], found.landmarks[mouth_right]);
    return found;
}

Detection combine(const Detection& seen, std::span<const std::vector<Detection>> looks) {
    Detection combined = seen;
    float score = seen.score;
    float confirmed = 0;
    PixelBox box;
    PixelLandmarks landmarks{};
    for (const auto& look : looks) {
        const auto* found = nearest(look, seen.box);
        if (found == nullptr) continue;
        ++confirmed;
        score += found->score;
        box = {box.left + found->box.left, box.top + found->box.top, box.right + found->box.right,
               box.bottom + found->box.bottom};
        for (std::size_t i = 0; i < kLandmarks; ++i)
            landmarks[i] = {landmarks[i].x + found->landmarks[i].x, landmarks[i].y + found->landmarks[i].y};
    }
    if (confirmed == 0) {
        combined.score = seen.score / 2;
        return combined;
    }
    combined.score = score / (1 + confirmed);
    combined.box = {box.left / confirmed, box.top / confirmed, box.right / confirmed, box.bottom / confirmed};
    for (std::size_t i = 0; i < kLandmarks; ++i)
        combined.landmarks[i] = {landmarks[i].x / confirmed, landmarks[i].y / confirmed};
    return combined;
}

}  // namespace vision
