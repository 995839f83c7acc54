// From a face anywhere in a picture to the small upright picture that an embedder was trained on.
#pragma once

#include <span>

#include "image/picture.h"
#include "vision/detection.h"

namespace vision {

// Where the landmarks of an upright face lie in the 112-pixel picture that most embedders are trained on
// (Deng et al., "ArcFace", 2019). Quality is judged there whatever the pack's own alignment is.
inline constexpr int kFaceTemplatePx = 112;
inline constexpr PixelLandmarks kFaceTemplate = {Pixel{38.2946f, 51.6963f}, Pixel{73.5318f, 51.5014f},
                                                 Pixel{56.0252f, 71.7366f}, Pixel{41.5493f, 92.3655f},
                                                 Pixel{70.7299f, 92.2041f}};

// Turns, scales evenly and shifts: (x, y) -> (a x - b y + dx, b x + a y + dy).
struct Similitude {
    float a = 1;
    float b = 0;
    float dx = 0;
    float dy = 0;

    Pixel operator()(Pixel p) const { return {a * p.x - b * p.y + dx, b * p.x + a * p.y + dy}; }
    float scale() const;
    Similitude inverse() const;
};

// The similarity transform that moves `from` onto `to` with the least sum of squared distances (Umeyama 1991;
// in the plane it has a closed form). Both have the same number of points, two or more. Points that all
// coincide give the shift alone.
Similitude similitude_between(std::span<const Pixel> from, std::span<const Pixel> to);

// The `size` x `size` picture whose pixel p shows the picture at to_aligned^-1(p). Where the transform
// shrinks, each pixel averages the area that it covers, so that fine detail does not alias. Outside the
// picture is black.
image::Picture align(const image::Picture& picture, const Similitude& to_aligned, int size);

}  // namespace vision
