// A face as the detector sees it, in pixels of the picture (or of the network's input, where a comment says
// so).
#pragma once

#include <array>
#include <vector>

#include "vision/face.h"

namespace vision {

// A place in pixels: whole numbers are the pixels' centres.
struct Pixel {
    float x = 0;
    float y = 0;
};

using PixelLandmarks = std::array<Pixel, kLandmarks>;  // in the order of Landmark

struct PixelBox {
    float left = 0;
    float top = 0;
    float right = 0;
    float bottom = 0;

    float width() const { return right - left; }
    float height() const { return bottom - top; }
    float area() const { return width() * height(); }
    Pixel centre() const { return {(left + right) / 2, (top + bottom) / 2}; }
};

struct Detection {
    PixelBox box;
    float score = 0;  // the network's, 0 to 1
    PixelLandmarks landmarks;
    // How well the network judges faces of this size, 0 to 1. Where several passes saw the same face, the
    // best product of both is kept.
    float suitability = 1;

    float rank() const { return score * suitability; }
};

float intersection_over_union(const PixelBox& a, const PixelBox& b);
// How much of the smaller box lies within the other.
float intersection_over_smaller(const PixelBox& a, const PixelBox& b);

// Which of two boxes are the same face.
struct SameFace {
    float overlap = 0.45f;      // intersection over union
    float containment = 0.75f;  // intersection over the smaller
    float landmarks = 0.15f;    // mean distance of the landmarks, of the smaller box's side
};

bool is_same_face(const Detection& a, const Detection& b, const SameFace& same = {});

// Non-maximum suppression: of detections that are the same face the one of the highest rank stays. The best
// first.
std::vector<Detection> suppress(std::vector<Detection> detections, const SameFace& same = {});

}  // namespace vision
