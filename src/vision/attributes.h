// The values that describe a face beyond whose it is and how well it is seen. What neither the pack nor
// `builtin` has a network for, or what was not asked for, is absent: nothing is ever made up.
// docs/attributes.md says how each is measured.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "vision/face.h"

namespace vision {

// What is asked for. Each costs the networks that it needs.
struct AttributeChoice {
    bool age_range = false;
    bool gender = false;
    bool emotions = false;
    bool smile = false;
    bool mouth_open = false;
    bool eyeglasses = false;
    bool outline = false;
    bool beard = false;
    bool mustache = false;
    bool eyes_open = false;
    bool sunglasses = false;
    bool face_occluded = false;

    static constexpr AttributeChoice all() {
        return {true, true, true, true, true, true, true, true, true, true, true, true};
    }
    bool any() const {
        return age_range || gender || emotions || smile || mouth_open || eyeglasses || outline || beard ||
               mustache || eyes_open || sunglasses || face_occluded;
    }
};

// Years. About eight of ten people are within.
struct AgeRange {
    int low = 0;
    int high = 0;
};

// Confidence is in the value given, 50 to 100.
enum class Sex : std::uint8_t { male, female };
struct Gender {
    Sex value = Sex::male;
    float confidence = 0;
};
struct Judgement {
    bool value = false;
    float confidence = 0;
};

enum class Emotion : std::uint8_t { calm, happy, sad, angry, fear, disgusted, surprised };
inline constexpr std::size_t kEmotions = 7;
struct EmotionConfidence {
    Emotion emotion = Emotion::calm;
    float confidence = 0;  // 0 to 100; those of a face sum to 100
};

// The landmarks beyond the five of Face, in AWS's order. As there, left is the smaller x of an upright face.
enum OutlineLandmark : std::uint8_t {
    left_eyebrow_left,
    left_eyebrow_right,
    left_eyebrow_up,
    right_eyebrow_left,
    right_eyebrow_right,
    right_eyebrow_up,
    left_eye_left,
    left_eye_right,
    left_eye_up,
    left_eye_down,
    right_eye_left,
    right_eye_right,
    right_eye_up,
    right_eye_down,
    nose_left,
    nose_right,
    mouth_up,
    mouth_down,
    left_pupil,   // the middle of the eye's contour
    right_pupil,  // likewise
    upper_jawline_left,
    mid_jawline_left,
    chin_bottom,
    mid_jawline_right,
    upper_jawline_right,
};
inline constexpr std::size_t kOutlineLandmarks = 25;
using Outline = std::array<Point, kOutlineLandmarks>;

struct FaceAttributes {
    std::optional<AgeRange> age_range;
    std::optional<float> age;  // the estimate that the range is about; with it
    std::optional<Gender> gender;
    std::vector<EmotionConfidence> emotions;  // the surest first; none or all
    std::optional<Judgement> smile;
    std::optional<Judgement> mouth_open;
    std::optional<Judgement> eyeglasses;  // dark ones too
    std::optional<Outline> outline;
    std::optional<Judgement> beard;     // hair on chin or jaw that is seen; more than a shadow
    std::optional<Judgement> mustache;  // likewise on the upper lip
    std::optional<Judgement> eyes_open;
    std::optional<Judgement> sunglasses;     // dark lenses
    std::optional<Judgement> face_occluded;  // an eye, the nose or the mouth is covered; by dark lenses too
};

}  // namespace vision
