// Which faces of a picture are good enough, and why others are not.
//
// AWS publishes the names of the filters and reasons, not the bars; docs/rekognition.md prints ours.
// LOW_FACE_QUALITY is a face whose embedding cannot be relied on: as the pack's own network judges it, with
// bars that the pack states; with a pack that has no such network, one that the picture's edge cuts, or that
// is small and blurred together.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "vision/face.h"

namespace faces {

enum class QualityFilter : std::uint8_t { none, automatic, low, medium, high };  // automatic is medium

// In the order in which several are reported.
enum class Reason : std::uint8_t {
    low_confidence,
    small_bounding_box,
    extreme_pose,
    low_brightness,
    low_sharpness,
    low_face_quality,
    exceeds_max_faces,
};

struct QualityBars {
    float confidence_min;    // 0 to 100
    float side_px_min;       // of the shorter side of the box
    float side_ratio_min;    // of the box's sides to the picture's
    float yaw_max;           // degrees, either way
    float pitch_up_max;      // degrees
    float pitch_down_max;    // degrees
    float brightness_min;    // 0 to 100
    float sharpness_min;     // 0 to 100
    float completeness_min;  // 0 to 100
    vision::Recognisability::Grade grade_min;
};
// Nothing for QualityFilter::none.
std::optional<QualityBars> quality_bars(QualityFilter filter);

std::vector<Reason> reasons_against(const vision::Face& face, QualityFilter filter);

struct Rejected {
    vision::Face face;
    std::vector<Reason> reasons;
};

struct Choice {
    std::vector<vision::Face> kept;  // the largest first
    std::vector<Rejected> rejected;  // the largest first
};
// Faces that the filter rejects do not count towards `faces_max`; of the rest, the largest are kept.
Choice choose(std::vector<vision::Face> faces, QualityFilter filter,
              std::optional<std::size_t> faces_max = std::nullopt);

// As choose(), for faces that are to be enrolled. With AUTO, a picture of one person enrols that person
// alone, and not those who only stand beside: whoever enrols a picture says who that person is. The subject
// is the face that covers the picture's middle, unless another is much larger. Bystanders are much smaller
// than the subject (small_bounding_box), out of focus where the subject is sharp (low_sharpness), or at the
// picture's very edge (low_face_quality). A picture without a subject, as of a group, keeps everybody.
// docs/decisions/0004 has the figures.
Choice choose_to_enrol(std::vector<vision::Face> faces, QualityFilter filter,
                       std::optional<std::size_t> faces_max = std::nullopt);

}  // namespace faces
