// How pictures are looked at: by a pipeline in the server, by whoever recognises drawn faces in tests.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "image/picture.h"
#include "vision/attributes.h"
#include "vision/face.h"
#include "vision/pipeline.h"

namespace vision {

// Callable from any thread, as the pipeline is.
struct Sight {
    // By the area of their boxes, the largest first; at most 100.
    std::function<Result<std::vector<Face>>(const image::Picture&)> detect;
    // Pipeline::examine().
    std::function<Result<void>(const image::Picture&, Face&)> examine;
    std::function<Result<Embedding>(const image::Picture&, const Face&)> embed;
    std::function<Result<FaceAttributes>(const image::Picture&, const Face&, const AttributeChoice&)>
        describe;
};

Sight sight_of(std::shared_ptr<const Pipeline> pipeline);

// The closer look that the choice among a picture's faces may ask for. Both outlive it.
std::function<Result<void>(Face&)> examiner(const Sight& sight, const image::Picture& picture);

// Intersection over union: how much of two boxes together is their common part, 0 to 1.
float overlap(const Box& a, const Box& b);

// The face of the picture whose box `box` is, as another detector or a person drew it: the one that overlaps
// it most, if that is at least `overlap_min`. Null if there is none.
const Face* face_at(const std::vector<Face>& faces, const Box& box, float overlap_min);

}  // namespace vision
