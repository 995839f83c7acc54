// A picture to its faces, and a face to its embedding and attributes: detect, align, embed, describe, judge
// quality, calibrate.
//
// Keeps nothing of any picture. Callable from any thread; every call runs on the caller's thread alone, so as
// many threads as there are cores make full use of the machine.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "image/picture.h"
#include "vision/attributes.h"
#include "vision/calibration.h"
#include "vision/face.h"

namespace neural {
class Pack;
struct CalibrationDescription;
}  // namespace neural

namespace vision {

struct DetectOptions {
    float confidence_min = 50;    // 0 to 100
    std::size_t faces_max = 100;  // the largest are kept
};

// Fails if the curve does not rise to 100, or the distributions contradict each other.
Result<Calibration> calibration_of(const neural::CalibrationDescription& description);

class Pipeline {
public:
    // Fails if the pack lacks the role `detector` or `embedder` or a calibration, or describes them so that
    // they do not fit.
    static Result<Pipeline> create(const neural::Pack& pack);
    ~Pipeline();
    Pipeline(Pipeline&&) noexcept;
    Pipeline& operator=(Pipeline&&) noexcept;

    // The faces of a picture by the area of their boxes, the largest first. None is an empty list, not an
    // error.
    Result<std::vector<Face>> detect(const image::Picture& picture, const DetectOptions& options = {}) const;

    // A closer look at a face that detect() found in this picture: embeds it, and judges how far that can be
    // relied on, if the pack tells. Both stay with the face; a second look does nothing.
    Result<void> examine(const image::Picture& picture, Face& face) const;

    // `face` is one that detect() found in this picture. Costs nothing after examine().
    Result<Embedding> embed(const image::Picture& picture, const Face& face) const;

    // What was asked for and the pack, or else `builtin`, has networks for, of a face that detect() found in
    // this picture. Nothing is computed that was not asked for.
    Result<FaceAttributes> describe(const image::Picture& picture, const Face& face,
                                    const AttributeChoice& choice) const;

    // Both must be of model(): comparing others is a broken invariant.
    Similarity similarity(const Embedding& a, const Embedding& b) const;

    const ModelId& model() const;
    std::size_t dimensions() const;  // of an embedding
    // The least Embedding::reliability of a grade, where the pack tells reliability.
    std::optional<float> reliability_bar(Recognisability grade) const;
    const Calibration& calibration() const;

private:
    struct Parts;
    explicit Pipeline(std::unique_ptr<const Parts> parts);
    std::unique_ptr<const Parts> parts_;
};

}  // namespace vision
