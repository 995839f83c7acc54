// A sitter and a shot to pixels: a rasteriser with a depth buffer and a shadow map, and what skin, eyes, hair
// and cloth do with light.
#pragma once

#include <array>
#include <vector>

#include "people/shot.h"
#include "people/sitter.h"

namespace people {

struct Point {
    float x = 0;
    float y = 0;
};
struct Box {
    float left = 0;
    float top = 0;
    float width = 0;
    float height = 0;
};

// What is true of a face in a picture, in pixels.
struct Label {
    // Eyes, tip of the nose, corners of the mouth; left means the smaller x of an upright face.
    std::array<Point, 5> landmarks;
    Box box;  // from above the brows to the chin, from cheek to cheek
};

// One person, cut out: linear light, multiplied by the cover.
struct Layer {
    int width = 0;
    int height = 0;
    std::vector<Vec> colour;
    std::vector<float> cover;
    Label label;
};

struct Framing {
    int width = 256;
    int height = 256;
    Point middle{128, 128};  // where the middle of the face comes
    float face_px = 128;     // from hairline to chin
};

Layer render(const Sitter& sitter, const Shot& shot, const Framing& framing);

}  // namespace people
