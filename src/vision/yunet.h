// What YuNet's output tensors mean.
//
// One prediction for each cell of three grids, 8, 16 and 32 pixels a cell. With g the cell's column and row
// and s the stride: score = sqrt(cls * obj), centre = (g + bbox[0:2]) * s, size = exp(bbox[2:4]) * s,
// landmark = (g + kps) * s. Source: Wu, Peng, Yu, "YuNet: A Tiny Millisecond-level Face Detector", 2023, and
// its training code (github.com/ShiqiYu/libfacedetection.train).
#pragma once

#include <span>
#include <vector>

#include "vision/detection.h"

namespace vision {

inline constexpr std::array<int, 3> kYunetStrides = {8, 16, 32};
// Input sides must be multiples of the largest stride.
inline constexpr int kYunetStep = 32;

// The four tensors of one stride, cell after cell in rows from the top.
struct YunetHeads {
    int stride = 8;
    int columns = 0;
    int rows = 0;
    std::span<const float> cls;   // 1 a cell
    std::span<const float> obj;   // 1 a cell
    std::span<const float> bbox;  // 4 a cell
    std::span<const float> kps;   // 10 a cell
};

// Appends the predictions that score at least `score_min`, in pixels of the network's input. Predictions that
// are not finite are left out.
void decode_yunet(const YunetHeads& heads, float score_min, std::vector<Detection>& out);

}  // namespace vision
