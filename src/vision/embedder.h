// An aligned face to its embedding.
#pragma once

#include <memory>

#include "base/result.h"
#include "image/picture.h"
#include "neural/pack.h"
#include "vision/detection.h"
#include "vision/networks.h"

namespace vision {

// Callable from any thread.
class Embedder {
public:
    // Fails if the role states no alignment, or another input size than that of the alignment, or no
    // dimensions.
    static Result<std::unique_ptr<Embedder>> create(std::shared_ptr<const neural::Model> model,
                                                    const neural::Role& role);

    // Of length 1. With `mirrored` the mean of the face and its mirror image: twice the work.
    Result<std::vector<float>> embed(const image::Picture& picture, const PixelLandmarks& landmarks) const;

    std::size_t dimensions() const { return dimensions_; }

private:
    Embedder(std::shared_ptr<const neural::Model> model, const neural::Role& role);
    Result<std::vector<float>> run(const image::Picture& aligned) const;

    const neural::Normalisation normalisation_;
    const int size_px_;
    const std::size_t dimensions_;
    const bool mirrored_;
    PixelLandmarks template_;
    mutable Networks networks_;
};

}  // namespace vision
