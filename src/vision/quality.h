// How well a face can be seen, from its aligned picture.
#pragma once

#include "image/picture.h"
#include "vision/face.h"

namespace vision {

// `aligned` is the 112-pixel picture of align(): what is judged is what an embedder would see.
//
// Brightness is the mean luma (Rec. 601) of the face between brows and chin as a percentage of white.
// Sharpness compares the energy of fine detail (Laplacian) with that of all detail, on a logarithmic scale:
// 100 is as crisp as pictures get, and each halving of resolution costs about 30. It does not depend on the
// contrast of the light.
Quality judge_quality(const image::Picture& aligned);

}  // namespace vision
