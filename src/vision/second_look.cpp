#include "vision/second_look.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

namespace vision {
namespace {

// A detection of a look is the same face if it overlaps the box that was seen first at least this much.
constexpr float kOverlapMin = 0.4f;

// The network predicts one face from several cells; the one that is surest also knows the landmarks best.
const Detection* surest(std::span<const Detection> found, const PixelBox& box) {
    const Detection* best = nullptr;
    for (const auto& detection : found) {
        bool is_same = intersection_over_union(detection.box, box) >= kOverlapMin;
        if (is_same && (best == nullptr || detection.score > best->score)) best = &detection;
    }
    return best;
}

}  // namespace

image::Rectangle second_look_at(const PixelBox& box, float margin) {
    float side = std::max(box.width(), box.height()) * margin;
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
    PixelLandmarks landmarks{};
    for (const auto& look : looks) {
        const auto* found = surest(look, seen.box);
        if (found == nullptr) continue;
        ++confirmed;
        score += found->score;
        for (std::size_t i = 0; i < kLandmarks; ++i)
            landmarks[i] = {landmarks[i].x + found->landmarks[i].x, landmarks[i].y + found->landmarks[i].y};
    }
    combined.score = score / static_cast<float>(1 + looks.size());
    if (confirmed == 0) return combined;
    for (std::size_t i = 0; i < kLandmarks; ++i)
        combined.landmarks[i] = {landmarks[i].x / confirmed, landmarks[i].y / confirmed};
    return combined;
}

}  // namespace vision
