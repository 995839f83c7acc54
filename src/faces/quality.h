// Which faces of a picture are good enough, and why others are not.
//
// AWS publishes the names of the filters and reasons, not the bars; docs/rekognition.md prints ours.
// LOW_FACE_QUALITY is a face that the picture's edge cuts, or that is small and blurred together, or whose
// embedding is expected to be far from what it would be if the face were seen well: such faces would be found
// as somebody else, and not as who they are.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"
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
    vision::Recognisability grade_min;
};
// Nothing for QualityFilter::none.
std::optional<QualityBars> quality_bars(QualityFilter filter);

// The sharpness, less where the face is smaller than an embedder's picture of it: smallness and blur
// together.
float detail_of(const vision::Face& face);

// How far the embedding can be relied on counts where it was judged.
std::vector<Reason> reasons_against(const vision::Face& face, QualityFilter filter);

// Pipeline::examine() of the picture in question. It costs what embedding costs, so it is asked of faces that
// nothing else speaks against, and only of as many as are needed; those that are kept are then embedded.
using Examine = std::function<Result<void>(vision::Face&)>;

struct Rejected {
    vision::Face face;
    std::vector<Reason> reasons;
};

struct Choice {
    std::vector<vision::Face> kept;  // the largest first
    std::vector<Rejected> rejected;  // the largest first
};
// Faces that the filter rejects do not count towards `faces_max`; of the rest, the largest are kept. Fails as
// `examine` does; without it, or with QualityFilter::none, faces are judged by what detection says of them.
Result<Choice> choose(std::vector<vision::Face> faces, QualityFilter filter,
                      std::optional<std::size_t> faces_max = std::nullopt, const Examine& examine = {});

// As choose(), for faces that are to be enrolled. With AUTO, a picture of one person enrols that person
// alone, and not those who only stand beside: whoever enrols a picture says who that person is. The subject
// is the face that covers the picture's middle, unless another is much larger. Bystanders are much smaller
// than the subject (small_bounding_box), out of focus where the subject is sharp (low_sharpness), or at the
// picture's very edge (low_face_quality). A picture without a subject, as of a group, keeps everybody.
// docs/decisions/0004 has the figures.
Result<Choice> choose_to_enrol(std::vector<vision::Face> faces, QualityFilter filter,
                               std::optional<std::size_t> faces_max = std::nullopt,
                               const Examine& examine = {});

}  // namespace faces
