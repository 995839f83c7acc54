#include "faces/quality.h"

#include <algorithm>
#include <cmath>

#include "base/result.h"

namespace faces {
namespace {

// Sharpness and completeness are measured on 2,000 news photographs of LFW: AUTO keeps 99.8 % of the persons
// whom they show, and rejects half of those who only stand beside them, cut by the picture's edge or out of
// focus. The angle that AWS names, 60 degrees, is widened by the ten that the estimate may err.
constexpr QualityBars kLow = {.confidence_min = 60,
                              .side_px_min = 24,
                              .side_ratio_min = 0.01f,
                              .yaw_max = 75,
                              .pitch_up_max = 75,
                              .pitch_down_max = 75,
                              .brightness_min = 5,
                              .sharpness_min = 5,
                              .completeness_min = 60};
constexpr QualityBars kMedium = {.confidence_min = 80,
                                 .side_px_min = 40,
                                 .side_ratio_min = 0.01f,
                                 .yaw_max = 70,
                                 .pitch_up_max = 60,
                                 .pitch_down_max = 60,
                                 .brightness_min = 15,
                                 .sharpness_min = 14,
                                 .completeness_min = 80};
// The angles that AWS recommends for pictures to be recognised by.
constexpr QualityBars kHigh = {.confidence_min = 95,
                               .side_px_min = 64,
                               .side_ratio_min = 0.01f,
                               .yaw_max = 45,
                               .pitch_up_max = 45,
                               .pitch_down_max = 30,
                               .brightness_min = 30,
                               .sharpness_min = 30,
                               .completeness_min = 95};

// An embedder looks at 112 pixels, of which a face fills about 80.
constexpr float kFullDetailPx = 80;

bool larger(const vision::Face& a, const vision::Face& b) {
    return a.box.area() > b.box.area();
}

}  // namespace

std::optional<QualityBars> quality_bars(QualityFilter filter) {
    switch (filter) {
        case QualityFilter::none:
            return std::nullopt;
        case QualityFilter::low:
            return kLow;
        case QualityFilter::automatic:
        case QualityFilter::medium:
            return kMedium;
        case QualityFilter::high:
            return kHigh;
    }
    base::unreachable();
}

std::vector<Reason> reasons_against(const vision::Face& face, QualityFilter filter) {
    const auto bars = quality_bars(filter);
    if (!bars) return {};
    std::vector<Reason> reasons;
    auto reject_if = [&](bool fails, Reason reason) {
        if (fails) reasons.push_back(reason);
    };
    const float ratio = std::min(face.box.width, face.box.height);
    reject_if(face.confidence < bars->confidence_min, Reason::low_confidence);
    reject_if(face.side_px < bars->side_px_min || ratio < bars->side_ratio_min, Reason::small_bounding_box);
    reject_if(std::fabs(face.pose.yaw) > bars->yaw_max || face.pose.pitch > bars->pitch_up_max ||
                  face.pose.pitch < -bars->pitch_down_max,
              Reason::extreme_pose);
    reject_if(face.quality.brightness < bars->brightness_min, Reason::low_brightness);
    const bool blurred = face.quality.sharpness < bars->sharpness_min;
    const float detail = face.quality.sharpness * std::min(1.0f, face.side_px / kFullDetailPx);
    reject_if(blurred, Reason::low_sharpness);
    reject_if(
        face.quality.completeness < bars->completeness_min || (!blurred && detail < bars->sharpness_min),
        Reason::low_face_quality);
    return reasons;
}

Choice choose(std::vector<vision::Face> faces, QualityFilter filter, std::optional<std::size_t> faces_max) {
    std::stable_sort(faces.begin(), faces.end(), larger);
    Choice choice;
    for (auto& face : faces) {
        auto reasons = reasons_against(face, filter);
        if (reasons.empty() && faces_max && choice.kept.size() >= *faces_max)
            reasons.push_back(Reason::exceeds_max_faces);
        if (reasons.empty())
            choice.kept.push_back(std::move(face));
        else
            choice.rejected.push_back({std::move(face), std::move(reasons)});
    }
    return choice;
}

}  // namespace faces
