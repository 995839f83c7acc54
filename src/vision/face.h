// The values of this room: what is known about a face in a picture.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"

namespace vision {

// A place in a picture as ratios of its width and height, the origin at the top left. May lie outside [0, 1].
struct Point {
    float x = 0;
    float y = 0;
};

// As Point: a face that runs off the picture has a box that does too.
struct Box {
    float left = 0;
    float top = 0;
    float width = 0;
    float height = 0;

    float area() const { return width * height; }
};

// The five landmarks, named as the viewer of the picture sees them: left means the smaller x of an upright
// face.
enum Landmark : std::uint8_t { eye_left, eye_right, nose, mouth_left, mouth_right };
inline constexpr std::size_t kLandmarks = 5;

// Degrees. Roll is positive when the head leans clockwise in the picture, yaw when it turns to the picture's
// right, pitch when it looks up. Estimated from the five landmarks: roll is exact, yaw good to about
// ten degrees up to 45, pitch to tell extremes (docs/attributes.md).
struct Pose {
    float yaw = 0;
    float pitch = 0;
    float roll = 0;
};

// How far an embedding of the face can be relied on: the highest of the pack's bars that it reaches.
enum class Recognisability : std::uint8_t { poor, low, medium, high };

// 0 to 100 each, of the face alone.
struct Quality {
    float brightness = 0;
    float sharpness = 0;
    // How much of the face lies inside the picture, and not past its edge or in a black border.
    float completeness = 100;
    std::optional<Recognisability> recognisability;  // after Pipeline::examine(), where the pack can tell
};

// Names the network and the preprocessing that made an embedding: only embeddings of the same model compare.
using ModelId = base::Name<struct ModelTag>;

// What a face looks like, as a vector of length 1 (L2).
struct Embedding {
    ModelId model;
    std::vector<float> values;
    // The cosine that it is expected to have to that of the same face seen well, 0 to 1. Nothing where the
    // model cannot tell, and in what was kept before it was asked.
    std::optional<float> reliability = std::nullopt;
};

// Both must be of the same model.
float cosine(const Embedding& a, const Embedding& b);

struct Face {
    Box box;
    float confidence = 0;  // that this is a face, 0 to 100
    std::array<Point, kLandmarks> landmarks;
    Pose pose;
    Quality quality;
    float side_px = 0;                   // the shorter side of the box in pixels
    std::optional<Embedding> embedding;  // after Pipeline::examine()
};

// How alike two faces are, from 0 to 100. Only Calibration makes one.
struct Similarity {
    float percent = 0;
    auto operator<=>(const Similarity&) const = default;
};

}  // namespace vision
