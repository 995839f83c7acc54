// What the numbers of the attribute networks say about a face. Pure functions; inside the room.
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>

#include "vision/attributes.h"
#include "vision/detection.h"

namespace vision {

// The 68 points of Sagonas et al., "300 Faces In-the-Wild" (2013), in their order: jaw, brows, nose, eyes,
// lips.
inline constexpr std::size_t kDensePoints = 68;
using DensePoints = std::array<Pixel, kDensePoints>;

// How far the estimate of an age may be off, each way: base + slope * age, in years.
struct AgeSpread {
    float base = 0;
    float slope = 0;
};
AgeRange age_range(float age, const AgeSpread& spread);

// `male` from 0 to 1.
Gender gender_of(float male);

// What is said with this probability, 0 to 1.
Judgement judgement_of(float probability);

// Seven probabilities in the order neutral, happy, sad, angry, fearful, disgusted, surprised, which is how
// networks of FER2013 (Goodfellow et al. 2013) name them; neutral is what AWS calls calm.
std::vector<EmotionConfidence> emotions_of(std::span<const float> probabilities);

// Logistic functions of what smiling and opening the mouth change: the log-odds of the expression happy, the
// mouth's width from corner to corner and the gap between the lips, both in distances between the eyes.
struct MouthMeasure {
    float bias = 0;
    float happy = 0;
    float width = 0;
    float gap = 0;
};
// `happy` is the probability, 0 to 1.
Judgement judge_mouth(const DensePoints& points, float happy, const MouthMeasure& measure);

// The same points as AWS names them.
std::array<Pixel, kOutlineLandmarks> outline_of(const DensePoints& points);

}  // namespace vision
