// At which sizes a picture is searched for faces.
#pragma once

#include <vector>

namespace vision {

// One run of the detector: the picture scaled by `factor` into the top left of an input of width x height,
// the rest of which is black.
struct Pass {
    int width = 0;  // multiples of kYunetStep
    int height = 0;
    float factor = 1;
};

// Faces from about 20 pixels up to one that fills the picture; in pictures with sides longer than 1280 pixels
// the smallest face grows in proportion (1.6 % of the longer side; AWS states 2.1 %). The finest pass comes
// first. The longer side of an input comes from a short list and the shorter is a multiple of 32, so
// that few networks are compiled.
std::vector<Pass> plan_passes(int picture_width, int picture_height);

}  // namespace vision
