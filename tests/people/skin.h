// The skin of a head as pictures wrapped around it: colour, fine relief, how much of the sky each place sees.
#pragma once

#include <cstdint>
#include <vector>

#include "people/head.h"

namespace people {

// The grid that skin and head share: u around the head (0.5 is the front), v from the crown down, both 0 to
// 1; it is finest on the face.
float angle_at(float u);
float height_at(float v);
float u_of(float angle);
float v_of(float height);

struct SkinTexel {
    Vec colour;
    float slope_x = 0;  // of the fine relief, outward per mm to the right and up
    float slope_y = 0;
    float open = 1;  // 0 to 1: what of the surroundings' light arrives
    float shine = 0;
    float hair = 0;  // beard and brows: 1 where hair hides the skin
};

class SkinMap {
public:
    SkinMap(const Person& person, const Head& head, float age);
    SkinTexel at(float u, float v) const;

private:
    void paint(const Person& person, const Head& head, float age);
    void draw_hairs(const Person& person, const Head& head, float age);

    int width_ = 432;
    int height_ = 384;
    std::vector<SkinTexel> texels_;
};

// The colour of somebody's hair at an age.
Vec greyed(const Vec& colour, std::uint64_t seed, float age);

}  // namespace people
