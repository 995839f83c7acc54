// Finds the faces of a picture with YuNet, at every size that matters.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "image/picture.h"
#include "vision/detection.h"
#include "vision/networks.h"

namespace vision {

// Callable from any thread.
class Detector {
public:
    // Fails if the model has not YuNet's outputs.
    static Result<std::unique_ptr<Detector>> create(std::shared_ptr<const neural::Model> model,
                                                    neural::Normalisation normalisation);

    // Every face that scores at least `score_min`, each once, in pixels of the picture.
    Result<std::vector<Detection>> find(const image::Picture& picture, float score_min) const;

    // The same face with better landmarks and a score that a second look has confirmed, or not.
    Result<Detection> look_again(const image::Picture& picture, const Detection& seen) const;

private:
    Detector(std::shared_ptr<const neural::Model> model, neural::Normalisation normalisation);
    Result<std::vector<Detection>> run(const image::Picture& input, float score_min) const;

    const neural::Normalisation normalisation_;
    mutable Networks networks_;
};

}  // namespace vision
