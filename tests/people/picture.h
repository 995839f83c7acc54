// Finished pictures: a portrait, or several people before one background, as a camera would have taken them.
#pragma once

#include <vector>

#include "image/picture.h"
#include "people/render.h"

namespace people {

struct Portrait {
    image::Picture picture;
    Label label;
};

// `shot` says where in the square picture of `side` pixels the face is and how large.
Portrait portrait(const Sitter& sitter, const Shot& shot, int side);

struct Member {
    const Sitter* sitter = nullptr;
    Shot shot;
    Point middle;        // of the face, in pixels
    float face_px = 80;  // from hairline to chin
};

struct Group {
    image::Picture picture;
    std::vector<Label> labels;  // in the order of the members
};

// Those who come first stand further back. The camera and the background are the first member's.
Group group(const std::vector<Member>& members, int width, int height);

// A background without anybody.
image::Picture scenery(std::uint64_t seed, int width, int height);

}  // namespace people
