#include "vision/judgement.h"

#include <algorithm>
#include <cmath>

#include "base/result.h"

namespace vision {
namespace {

constexpr float kOldest = 120;

// The points' places in their order.
constexpr std::size_t kLeftEye = 36, kRightEye = 42, kEyePoints = 6;
constexpr std::size_t kMouthLeft = 48, kMouthRight = 54;
// The inner edges of the lips, each point of the upper one with that below it.
constexpr std::pair<std::size_t, std::size_t> kLipPairs[] = {{61, 67}, {62, 66}, {63, 65}};

float distance(Pixel a, Pixel b) {
    return std::hypot(a.x - b.x, a.y - b.y);
}
Pixel middle(Pixel a, Pixel b) {
    return {(a.x + b.x) / 2, (a.y + b.y) / 2};
}
Pixel middle_of_eye(const DensePoints& points, std::size_t first) {
    Pixel sum;
    for (std::size_t i = first; i < first + kEyePoints; ++i) {
        sum.x += points[i].x / static_cast<float>(kEyePoints);
        sum.y += points[i].y / static_cast<float>(kEyePoints);
    }
    return sum;
}

}  // namespace

AgeRange age_range(float age, const AgeSpread& spread) {
    const float middle = std::clamp(age, 0.0f, kOldest);
    const float reach = std::max(0.0f, spread.base + spread.slope * middle);
    const auto low = static_cast<int>(std::lround(std::max(0.0f, middle - reach)));
    return {low, std::max(low, static_cast<int>(std::lround(middle + reach)))};
}

Judgement judgement_of(float probability) {
    const float p = std::clamp(probability, 0.0f, 1.0f);
    const bool value = p >= 0.5f;
    return {value, 100 * (value ? p : 1 - p)};
}

Gender gender_of(float male) {
    const auto is_male = judgement_of(male);
    return {is_male.value ? Sex::male : Sex::female, is_male.confidence};
}

std::vector<EmotionConfidence> emotions_of(std::span<const float> probabilities) {
    constexpr Emotion kOrder[kEmotions] = {Emotion::calm,     Emotion::happy, Emotion::sad,
                                           Emotion::angry,    Emotion::fear,  Emotion::disgusted,
                                           Emotion::surprised};
    INVARIANT(probabilities.size() == kEmotions);
    std::vector<EmotionConfidence> emotions;
    for (std::size_t i = 0; i < kEmotions; ++i)
        emotions.push_back({kOrder[i], 100 * std::clamp(probabilities[i], 0.0f, 1.0f)});
    std::stable_sort(emotions.begin(), emotions.end(),
                     [](const auto& a, const auto& b) { return a.confidence > b.confidence; });
    return emotions;
}

Judgement judge_mouth(const DensePoints& points, float happy, const MouthMeasure& measure) {
    const float eyes = distance(middle_of_eye(points, kLeftEye), middle_of_eye(points, kRightEye));
    // Points that coincide say nothing of a mouth.
    const float unit = std::max(eyes, 1e-3f);
    float gap = 0;
    for (const auto& [above, below] : kLipPairs)
        gap += distance(points[above], points[below]) / static_cast<float>(std::size(kLipPairs));
    const float odds =
        std::log((std::clamp(happy, 0.0f, 1.0f) + 1e-6f) / (1 - std::clamp(happy, 0.0f, 1.0f) + 1e-6f));
    const float x = measure.bias + measure.happy * odds +
                    measure.width * distance(points[kMouthLeft], points[kMouthRight]) / unit +
                    measure.gap * gap / unit;
    return judgement_of(1 / (1 + std::exp(-x)));
}

std::array<Pixel, kOutlineLandmarks> outline_of(const DensePoints& points) {
    std::array<Pixel, kOutlineLandmarks> out;
    out[left_eyebrow_left] = points[17];
    out[left_eyebrow_right] = points[21];
    out[left_eyebrow_up] = points[19];
    out[right_eyebrow_left] = points[22];
    out[right_eyebrow_right] = points[26];
    out[right_eyebrow_up] = points[24];
    out[left_eye_left] = points[36];
    out[left_eye_right] = points[39];
    out[left_eye_up] = middle(points[37], points[38]);
    out[left_eye_down] = middle(points[40], points[41]);
    out[right_eye_left] = points[42];
    out[right_eye_right] = points[45];
    out[right_eye_up] = middle(points[43], points[44]);
    out[right_eye_down] = middle(points[46], points[47]);
    out[nose_left] = points[31];
    out[nose_right] = points[35];
    out[mouth_up] = points[51];
    out[mouth_down] = points[57];
    out[left_pupil] = middle_of_eye(points, kLeftEye);
    out[right_pupil] = middle_of_eye(points, kRightEye);
    out[upper_jawline_left] = points[0];
    out[mid_jawline_left] = points[4];
    out[chin_bottom] = points[8];
    out[mid_jawline_right] = points[12];
    out[upper_jawline_right] = points[16];
    return out;
}

}  // namespace vision
