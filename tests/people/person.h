// Who somebody is, in numbers: everything about a drawn person that stays from picture to picture.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "people/vec.h"

namespace people {

// Lengths are in millimetres on a head whose eyes lie on y = 0; factors multiply the average head's.
struct Skull {
    float width = 1;
    float depth = 1;
    float cranium = 1;     // from the eyes up
    float lower_face = 1;  // from the eyes down
    float temples = 1;
    float cheekbones = 1;
    float jaw = 1;   // width at the corners of the jaw
    float chin = 1;  // width
    float chin_forward = 0;
    float chin_ball = 3;
    float chin_cleft = 0;
    float jaw_slant = 1;       // how much higher the jaw is at the ears
    float forehead = 0;        // how far it stands forward
    float squareness = 2.35f;  // exponent of the cross-section: 2 is an ellipse
    float brow_ridge = 2;
    float cheek_bone = 3;  // how far the bone stands out
    float cheek_fat = 0;   // below the bone: hollow to plump
    float muzzle = 3;      // how far the mouth stands forward
    float double_chin = 0;
    float neck = 54;       // radius
    float crooked = 0.6f;  // height of the irregularities that no two halves share
};

struct Eyes {
    float apart = 31.5f;  // from the middle of the face to that of an eye
    float width = 14.5f;  // half of the opening
    float upper = 5.2f;   // height of the opening above and below the line between the corners
    float lower = 3.6f;
    float slant = 0.06f;       // outer corner up
    float outer_fullness = 0;  // where the upper lid is highest: inner (-1) to outer (1)
    float depth = 5;           // of the socket
    float bulge = 4;
    float crease = 4;  // height of the fold above the upper lid
    float crease_depth = 0.6f;
    float lashes = 0.5f;
    float iris = 5.9f;  // radius
    float bags = 0.3f;
    float dark_circles = 0.2f;
    Vec iris_colour;
};

struct Brows {
    float height = 19;
    float length = 25;
    float thickness = 4.5f;
    float arch = 3;
    float slant = 0.05f;
    float gap = 11;  // from the middle of the face to where a brow begins
    float density = 0.8f;
    Vec colour;
};

struct Nose {
    float length = 46;  // from the eyes to the upper lip
    float root = 4;     // how far the ridge stands out between the eyes
    float bridge = 11;  // and half-way
    float hump = 0;
    float tip = 20;
    float tip_width = 9;
    float bridge_width = 7;
    float wings = 15;  // from the middle to the middle of a wing
    float wing_size = 6;
    float tip_up = 0;
    float bend = 0;  // sideways
};

struct Mouth {
    float height = -66;  // of the line between the lips
    float width = 25;    // half
    float upper = 6.5f;
    float lower = 8.5f;
    float bow = 0.3f;    // depth of the dip in the middle
    float corners = 0;   // up or down
    float fullness = 3;  // how far the lips stand out
    float philtrum = 1;
    Vec colour;
};

struct Ears {
    float size = 1;
    float angle = 0.5f;  // radians from the head
    float lobe = 1;
    float height = -6;
};

struct Skin {
    Vec colour;
    float ruddy = 0.3f;
    float freckles = 0;
    float blotches = 0.3f;
    float moles = 3;
    float shine = 0.3f;
    float lines = 1;  // how much age shows
    float scar = 0;
    float pores = 0.5f;
    float birthmark = 0;
};

enum class HairKind : std::uint8_t { none, cropped, short_cut, long_cut, curls, tied };

struct Hair {
    HairKind kind = HairKind::short_cut;
    Vec colour;
    float line = 66;      // height of the hairline above the middle of the forehead
    float recession = 0;  // at the temples
    float peak = 0;       // a widow's peak
    float top = 14;       // thickness above the crown
    float sides = 7;      // thickness at the temples
    float length = -40;   // lowest height at the back
    float fringe = 0;     // how far it falls over the forehead
    float fringe_slant = 0;
    float curtain = 1.2f;  // angle from the front at which long hair begins
    float curl = 0;        // height of the curls
    float curl_size = 9;
    float parting = 0;   // angle
    float sweep = 0;     // slant of the strands
    float thinning = 0;  // on the crown
    float bun = 0;       // radius
    float shine = 0.5f;
    float streaks = 0.3f;
};

struct Beard {
    float cheeks = 0;  // densities, 0 to 1
    float chin = 0;
    float moustache = 0;
    float length = 0;
    float shadow = 0;  // of a shaved beard
    Vec colour;
};

struct Glasses {
    bool worn = false;
    float width = 24;  // half of a lens
    float height = 18;
    float squareness = 2.5f;
    float thickness = 2;
    float tint = 0;
    Vec colour;
};

struct MakeUp {
    float lips = 0;
    float lids = 0;
    float liner = 0;
    float cheeks = 0;
    Vec lip_colour;
    Vec lid_colour;
};

struct Person {
    std::uint64_t seed = 0;
    float age = 35;       // at which the person is usually drawn
    float sturdy = 0.5f;  // 0 to 1: what differs between the average woman and the average man
    Skull skull;
    Eyes eyes;
    Brows brows;
    Nose nose;
    Mouth mouth;
    Ears ears;
    Skin skin;
    Hair hair;
    Beard beard;
    Glasses glasses;
    MakeUp make_up;
};

// Everybody: each seed is somebody else.
Person person_of(std::uint64_t seed);

}  // namespace people
