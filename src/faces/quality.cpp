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
                              .completeness_min = 60,
                              .grade_min = vision::Recognisability::low};
constexpr QualityBars kMedium = {.confidence_min = 80,
                                 .side_px_min = 40,
                                 .side_ratio_min = 0.01f,
                                 .yaw_max = 70,
                                 .pitch_up_max = 60,
                                 .pitch_down_max = 60,
                                 .brightness_min = 15,
                                 .sharpness_min = 14,
                                 .completeness_min = 80,
                                 .grade_min = vision::Recognisability::medium};
// The angles that AWS recommends for pictures to be recognised by.
constexpr QualityBars kHigh = {.confidence_min = 95,
                               .side_px_min = 64,
                               .side_ratio_min = 0.01f,
                               .yaw_max = 45,
                               .pitch_up_max = 45,
                               .pitch_down_max = 30,
                               .brightness_min = 30,
                               .sharpness_min = 30,
                               .completeness_min = 95,
                               .grade_min = vision::Recognisability::high};

// An embedder looks at 112 pixels, of which a face fills about 80.
constexpr float kFullDetailPx = 80;

bool larger(const vision::Face& a, const vision::Face& b) {
    return a.box.area() > b.box.area();
}

// What makes a bystander, measured on LFW (docs/decisions/0004-bystanders.md). A child's face beside a man's
// has 0.8 of its size, and stays.
constexpr float kBystanderSideRatio = 0.75f;      // of the boxes' sides
constexpr float kBystanderSharpnessRatio = 0.6f;  // of the sharpnesses
constexpr float kBystanderMargin = 0.1f;  // to the picture's edge, in widths of the bystander's own box

bool covers_the_middle(const vision::Box& box) {
    return box.left < 0.5f && box.left + box.width > 0.5f && box.top < 0.5f && box.top + box.height > 0.5f;
}

bool is_much_smaller(const vision::Box& a, const vision::Box& b) {
    return std::sqrt(a.area()) < kBystanderSideRatio * std::sqrt(b.area());
}

float margin_of(const vision::Box& box) {
    const float across = std::min(box.left, 1 - box.left - box.width) / box.width;
    const float down = std::min(box.top, 1 - box.top - box.height) / box.height;
    return std::min(across, down);
}

// What spoils an embedding, or is known to have spoilt it: the picture's edge; smallness and blur that
// neither bar alone would mind (a face that is blurred outright has its own reason); and whatever made the
// embedder itself unsure.
bool is_unreliable(const vision::Face& face, const QualityBars& bars) {
    const auto& quality = face.quality;
    return quality.completeness < bars.completeness_min ||
           (quality.sharpness >= bars.sharpness_min && detail_of(face) < bars.sharpness_min) ||
           (quality.recognisability && *quality.recognisability < bars.grade_min);
}

using Judged = std::pair<vision::Face, std::vector<Reason>>;

// Of those that nothing speaks against: the largest in the picture's middle. Nobody, where another is much
// larger.
Judged* subject_of(std::vector<Judged>& judged) {
    Judged *largest = nullptr, *middle = nullptr;
    for (auto& each : judged) {
        if (!each.second.empty()) continue;
        if (!largest) largest = &each;
        if (!middle && covers_the_middle(each.first.box)) middle = &each;
    }
    return middle && !is_much_smaller(middle->first.box, largest->first.box) ? middle : nullptr;
}

std::vector<Reason> reasons_beside(const vision::Face& subject, const vision::Face& face) {
    std::vector<Reason> reasons;
    if (is_much_smaller(face.box, subject.box)) reasons.push_back(Reason::small_bounding_box);
    if (face.quality.sharpness < kBystanderSharpnessRatio * subject.quality.sharpness)
        reasons.push_back(Reason::low_sharpness);
    if (margin_of(face.box) < kBystanderMargin) reasons.push_back(Reason::low_face_quality);
    return reasons;
}

// The largest first.
std::vector<Judged> judge(std::vector<vision::Face> faces, QualityFilter filter) {
    std::stable_sort(faces.begin(), faces.end(), larger);
    std::vector<Judged> judged;
    for (auto& face : faces) {
        auto reasons = reasons_against(face, filter);
        judged.emplace_back(std::move(face), std::move(reasons));
    }
    return judged;
}

// Adds the reason that only a closer look can give, if there is none yet.
Result<void> look_closer(Judged& judged, QualityFilter filter, const Examine& examine) {
    auto& [face, reasons] = judged;
    if (!reasons.empty() || !examine || filter == QualityFilter::none) return {};
    TRY(examine(face));
    reasons = reasons_against(face, filter);
    return {};
}

Result<Choice> first_of(std::vector<Judged> judged, QualityFilter filter,
                        std::optional<std::size_t> faces_max, const Examine& examine) {
    Choice choice;
    for (auto& each : judged) {
        auto& [face, reasons] = each;
        const bool is_full = faces_max && choice.kept.size() >= *faces_max;
        if (!is_full) TRY(look_closer(each, filter, examine));
        if (reasons.empty() && is_full) reasons.push_back(Reason::exceeds_max_faces);
        if (reasons.empty())
            choice.kept.push_back(std::move(face));
        else
            choice.rejected.push_back({std::move(face), std::move(reasons)});
    }
    return choice;
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

float detail_of(const vision::Face& face) {
    return face.quality.sharpness * std::min(1.0f, face.side_px / kFullDetailPx);
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
    reject_if(face.quality.sharpness < bars->sharpness_min, Reason::low_sharpness);
    reject_if(is_unreliable(face, *bars), Reason::low_face_quality);
    return reasons;
}

Result<Choice> choose(std::vector<vision::Face> faces, QualityFilter filter,
                      std::optional<std::size_t> faces_max, const Examine& examine) {
    return first_of(judge(std::move(faces), filter), filter, faces_max, examine);
}

Result<Choice> choose_to_enrol(std::vector<vision::Face> faces, QualityFilter filter,
                               std::optional<std::size_t> faces_max, const Examine& examine) {
    auto judged = judge(std::move(faces), filter);
    Judged* subject = nullptr;
    if (filter == QualityFilter::automatic) {
        // Who turns out not to be recognisable is nobody's subject.
        while ((subject = subject_of(judged))) {
            TRY(look_closer(*subject, filter, examine));
            if (subject->second.empty()) break;
        }
    }
    for (auto& each : judged) {
        auto& [face, reasons] = each;
        if (subject && &each != subject && reasons.empty()) reasons = reasons_beside(subject->first, face);
    }
    return first_of(std::move(judged), filter, faces_max, examine);
}

}  // namespace faces
