// The surface of a head: rings around an axis, one per height, and on them the features of a face.
//
// Places on it are named by a chart that moves with the skin: `height` t is the millimetres above the eyes on
// the average head, `angle` is around the axis from the front (to the picture's right is positive), and
// `across` is how far a place lies from the middle of the face before nose, lips and so on are modelled.
#pragma once

#include "people/curve.h"
#include "people/person.h"

namespace people {

inline constexpr float kBottom = -118;
inline constexpr float kTop = 122;

// What the muscles do; lengths in millimetres.
struct Expression {
    float smile = 0;     // 0 to 1
    float frown = 0;     // corners of the mouth down, 0 to 1
    float open = 0;      // the mouth
    float brows_up = 0;  // may be negative
    float furrow = 0;    // 0 to 1
    float lids = 1;      // 0 closed, 1 as usual, 1.3 wide
    float gaze_x = 0;    // degrees, to the picture's right
    float gaze_y = 0;    // up
    float pucker = 0;    // 0 to 1
};

// One height of the head.
struct Ring {
    float t = 0;
    float y = 0;
    float width = 0;  // half
    float front = 0;  // distance from the centre
    float back = 0;
    float centre = 0;
    float tilt = 0;  // by how much the back lies higher than the front
    // The nose at this height.
    float ridge = 0;
    float ridge_width = 1;
    float ridge_shift = 0;
};

class Head {
public:
    Head(const Person& person, float age);

    Ring ring(float t) const;
    // Before the features.
    Vec smooth_place(const Ring& ring, float sine, float cosine) const;
    // With them; the face at rest.
    Vec place(const Ring& ring, float sine, float cosine, float across) const;
    // How far an expression moves a place of the face.
    Vec moved(const Expression& expression, float across, float t) const;
    // The angle at which a place of the front lies.
    float angle_of(const Ring& ring, float across) const;

    // The line between the lips, the border of the red, all as heights.
    float mouth_line(float across) const;
    float upper_lip(float across) const;
    float lower_lip(float across) const;
    // How thick a beard stands, 0 to 1.
    float beard(float across, float t, float angle) const;

    static constexpr float kMouthGap = 1.0f;  // half the strip of the chart that an opening mouth stretches

private:
    float radius(const Ring& ring, float sine, float cosine) const;

    const Person& person_;
    float age_;
    Curve<18> width_, front_, back_, centre_, tilt_;
    Curve<9> ridge_;
    Curve<6> ridge_width_;
};

}  // namespace people
