// An aligned face to its embedding.
#pragma once

#include <memory>

#include "base/result.h"
#include "image/picture.h"
#include "neural/pack.h"
#include "vision/detection.h"
#include "vision/face.h"
#include "vision/networks.h"
#include "vision/recognisability.h"

namespace vision {

// Callable from any thread.
class Embedder {
public:
    // Fails if the role states no alignment, or another input size than that of the alignment, or no
    // dimensions, or bars of recognisability that make no scale.
    static Result<std::unique_ptr<Embedder>> create(std::shared_ptr<const neural::Model> model,
                                                    const neural::Role& role);

    struct Impression {
        std::vector<float> values;  // of length 1
        std::optional<float> reliability;
        std::optional<Recognisability> recognisability;
    };
    // Where the role's threshold `mirrored` is above 0, the mean of the face and its mirror image: twice the
    // work.
    Result<Impression> embed(const image::Picture& picture, const PixelLandmarks& landmarks) const;

    std::size_t dimensions() const { return dimensions_; }
    const std::optional<RecognisabilityScale>& scale() const { return scale_; }

private:
    struct Said {
        std::vector<float> values;  // of length 1
        float length = 0;           // that the network gave them
        float expected = 0;         // the network's own word of how far they can be relied on, if it has one
    };
    Embedder(std::shared_ptr<const neural::Model> model, const neural::Role& role,
             std::optional<RecognisabilityScale> scale);
    Result<Said> run(const image::Picture& aligned) const;

    const neural::Normalisation normalisation_;
    const int size_px_;
    const std::size_t dimensions_;
    const bool mirrored_;
    const std::optional<RecognisabilityScale> scale_;
    PixelLandmarks template_;
    mutable Networks networks_;
};

}  // namespace vision
