// Group pictures for measurements, composed of the heads of photographs on a background without faces: every
// face and its place is known. Places and sizes are drawn from the chance that is given.
#pragma once

#include <filesystem>
#include <functional>
#include <random>
#include <vector>

#include "base/result.h"
#include "image/picture.h"
#include "vision/detection.h"
#include "vision/face.h"
#include "vision/pipeline.h"

namespace vision {

inline constexpr int kGroupWidth = 1600;
inline constexpr int kGroupHeight = 1200;
inline constexpr float kFaceWidthMin = 24;
inline constexpr float kFaceWidthMax = 300;

// A photograph and where in it the face is.
struct Head {
    std::filesystem::path photo;
    Box box;
};

struct GroupPicture {
    image::Picture picture;
    std::vector<PixelBox> faces;
    std::vector<std::size_t> heads;  // of each face, which of the widths and heads asked for it is
};

// The face nearest the centre; nothing without one.
const Face* central_face(const std::vector<Face>& faces);
PixelBox pixels_of(const Box& box, const image::Picture& picture);

image::Picture group_background(std::mt19937_64& random);
// Of faces, in pixels: from kFaceWidthMin to kFaceWidthMax, small ones as often as large ones on a scale of
// ratios; the largest first.
std::vector<float> face_widths(std::size_t count, std::mt19937_64& random);

// head(i) is asked for the head whose face gets the width i. Each stands at the first place tried that is
// free; one that fits nowhere is left out.
Result<GroupPicture> compose_group(image::Picture background, const std::vector<float>& widths,
                                   const std::function<Head(std::size_t)>& head, std::mt19937_64& random);

}  // namespace vision
