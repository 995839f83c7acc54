// What differs from picture to picture of one person: pose, expression, light, camera, background.
#pragma once

#include <cstdint>

#include "people/chance.h"
#include "people/head.h"
#include "people/vec.h"

namespace people {

// As seen in the picture: x to the right, y up, z towards the camera.
struct Light {
    Vec key_direction{0.4f, 0.5f, 0.76f};  // towards the lamp, length 1
    Vec key{1, 1, 1};
    Vec sky{0.35f, 0.36f, 0.4f};  // from above and from below, everywhere
    Vec ground{0.2f, 0.19f, 0.18f};
    Vec rim_direction{-0.8f, 0.3f, -0.5f};
    Vec rim;
    float exposure = 1;
};

struct Camera {
    float distance = 1100;  // mm from the head
    float blur = 0.4f;      // deviation in pixels of the finished picture
    float grain = 0.008f;   // deviation of the noise, of 1
    float contrast = 1;
    float saturation = 1;
    int jpeg_quality = 90;
};

struct Shot {
    // Degrees, signs as vision::Pose has them: to the picture's right, up, clockwise.
    float yaw = 0;
    float pitch = 0;
    float roll = 0;
    Expression expression;
    Light light;
    Camera camera;
    bool glasses = false;
    std::uint64_t background = 0;
    float face = 0.5f;  // from hairline to chin, of the picture's height
    float shift_x = 0;  // of the face's middle from the picture's, of its height
    float shift_y = 0;
};

// How far pictures of a person go apart.
enum class Variety : std::uint8_t {
    album,  // as people photograph each other: half-frontal, well lit
    wild,   // profiles, hard light, open mouths, strong noise
};

Shot shot_of(Chance& chance, Variety variety, bool wears_glasses);

// In words, for labels: neutral, smile, laugh, sad, angry, surprised, talking, eyes_closed.
const char* name_of(const Expression& expression);

}  // namespace people
