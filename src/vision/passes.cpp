#include "vision/passes.h"

#include <algorithm>
#include <cmath>

#include "vision/yunet.h"

namespace vision {
namespace {

// The longer side of an input. Passes a factor of four apart see every size twice, because the detector was
// trained on faces of about 10 to 300 pixels.
constexpr int kFinestSides[] = {320, 640, 1280};
constexpr int kBetweenPasses = 4;
constexpr int kCoarsestSideMin = 80;
// A picture is shrunk this much before a finer pass is worth its time.
constexpr float kFactorMin = 0.7f;

int finest_side(int longer_side) {
    for (int side : kFinestSides) {
        if (static_cast<float>(side) >= kFactorMin * static_cast<float>(longer_side)) return side;
    }
    return std::end(kFinestSides)[-1];
}

int up_to_step(float length) {
    int steps = static_cast<int>(std::ceil(length / kYunetStep));
    return std::max(1, steps) * kYunetStep;
}

}  // namespace

std::vector<Pass> plan_passes(int picture_width, int picture_height) {
    int longer = std::max(picture_width, picture_height);
    std::vector<Pass> passes;
    for (int side = finest_side(longer); side >= kCoarsestSideMin; side /= kBetweenPasses) {
        float factor = static_cast<float>(side) / static_cast<float>(longer);
        passes.push_back({up_to_step(static_cast<float>(picture_width) * factor),
                          up_to_step(static_cast<float>(picture_height) * factor), factor});
    }
    return passes;
}

}  // namespace vision
