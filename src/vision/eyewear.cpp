#include "vision/eyewear.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "vision/alignment.h"
#include "vision/eyewear_weights.h"

namespace vision {
namespace {

constexpr int kCell = 8;
constexpr int kTop = 24;  // of the first row of cells
// A row above and one below count as surroundings.
constexpr int kRowsSeen = kEyewearRows + 2;
// Keeps even skin from looking like structure.
constexpr float kNoise = 100;
// Of kFaceTemplate's pixels: the square that the aligned picture shows, centred on kCentre.
constexpr float kShown = 80;
constexpr float kCentre = 56;

PixelLandmarks eyewear_template() {
    PixelLandmarks out;
    const float scale = kEyewearPx / kShown;
    std::transform(kFaceTemplate.begin(), kFaceTemplate.end(), out.begin(), [&](Pixel p) {
        return Pixel{(p.x - kCentre) * scale + kEyewearPx / 2.0f - 0.5f,
                     (p.y - kCentre) * scale + kEyewearPx / 2.0f - 0.5f};
    });
    return out;
}

float luma(const image::Picture& picture, int x, int y) {
    const auto* pixel = picture.at(x, y);
    return 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
}

std::size_t place(int row, int column, int direction) {
    return static_cast<std::size_t>((row * kEyewearColumns + column) * kEyewearDirections + direction);
}

// Shares one pixel's gradient between the two directions next to its own; opposite ones are the same.
void add_gradient(std::vector<float>& histograms, int row, int column, float across, float down) {
    const float strength = std::hypot(across, down);
    float angle = std::fmod(std::atan2(down, across) + std::numbers::pi_v<float>, std::numbers::pi_v<float>);
    const float at = angle / std::numbers::pi_v<float> * kEyewearDirections - 0.5f;
    const float below = std::floor(at);
    const int first = (static_cast<int>(below) + kEyewearDirections) % kEyewearDirections;
    histograms[place(row, column, first)] += strength * (1 - (at - below));
    histograms[place(row, column, (first + 1) % kEyewearDirections)] += strength * (at - below);
}

// The sum of squares of one cell; 0 outside.
float energy(const std::vector<float>& histograms, int row, int column) {
    if (row < 0 || column < 0 || row >= kRowsSeen || column >= kEyewearColumns) return 0;
    float sum = 0;
    for (int direction = 0; direction < kEyewearDirections; ++direction)
        sum += histograms[place(row, column, direction)] * histograms[place(row, column, direction)];
    return sum;
}

float weight(int row, int column, int direction) {
    const bool is_right = column >= kEyewearColumns / 2;
    const int c = is_right ? kEyewearColumns - 1 - column : column;
    const int d = is_right ? kEyewearDirections - 1 - direction : direction;
    return kEyewearWeights[static_cast<std::size_t>((row * kEyewearColumns / 2 + c) * kEyewearDirections +
                                                    d)];
}

}  // namespace

std::vector<float> gradient_histograms(const image::Picture& aligned) {
    std::vector<float> raw(static_cast<std::size_t>(kRowsSeen * kEyewearColumns * kEyewearDirections));
    const int top = kTop - kCell;
    for (int y = top; y < top + kRowsSeen * kCell; ++y)
        for (int x = 1; x + 1 < kEyewearPx; ++x)
            add_gradient(raw, (y - top) / kCell, x / kCell, luma(aligned, x + 1, y) - luma(aligned, x - 1, y),
                         luma(aligned, x, y + 1) - luma(aligned, x, y - 1));
    std::vector<float> out(static_cast<std::size_t>(kEyewearRows * kEyewearColumns * kEyewearDirections));
    for (int row = 0; row < kEyewearRows; ++row)
        for (int column = 0; column < kEyewearColumns; ++column) {
            float around = kNoise;
            for (int r = row; r <= row + 2; ++r)
                for (int c = column - 1; c <= column + 1; ++c)
                    around += energy(raw, r, c);
            for (int direction = 0; direction < kEyewearDirections; ++direction)
                out[place(row, column, direction)] =
                    raw[place(row + 1, column, direction)] / std::sqrt(around);
        }
    return out;
}

Judgement judge_glasses(const image::Picture& picture, const PixelLandmarks& landmarks) {
    static const PixelLandmarks to = eyewear_template();
    const auto histograms =
        gradient_histograms(align(picture, similitude_between(landmarks, to), kEyewearPx));
    float sum = 0;
    for (int row = 0; row < kEyewearRows; ++row)
        for (int column = 0; column < kEyewearColumns; ++column)
            for (int direction = 0; direction < kEyewearDirections; ++direction)
                sum += weight(row, column, direction) * histograms[place(row, column, direction)];
    const float odds = kEyewearBias + kEyewearScale * sum;
    return {odds >= 0, 100 / (1 + std::exp(-std::abs(odds)))};
}

}  // namespace vision
