#include "vision/embedder.h"

#include <algorithm>
#include <cmath>

#include "image/resample.h"
#include "vision/alignment.h"

namespace vision {
namespace {

// The pack's name for whether the mirror image is embedded too: any value above 0.
constexpr const char* kMirrored = "mirrored";

bool is_mirrored(const neural::Role& role) {
    auto found = role.thresholds.find(kMirrored);
    return found != role.thresholds.end() && found->second > 0;
}

// False if the vector has no direction.
bool normalise(std::vector<float>& vector) {
    double square = 0;
    for (float value : vector)
        square += double(value) * value;
    if (!(square > 0) || !std::isfinite(square)) return false;
    auto factor = static_cast<float>(1 / std::sqrt(square));
    for (float& value : vector)
        value *= factor;
    return true;
}

}  // namespace

Embedder::Embedder(std::shared_ptr<const neural::Model> model, const neural::Role& role)
    : normalisation_(role.normalisation),
      size_px_(role.alignment->size_px),
      dimensions_(static_cast<std::size_t>(role.dimensions)),
      mirrored_(is_mirrored(role)),
      // The embedding is the first output; others describe the face (describer.h).
      networks_(model, 1, {model->outputs().front().name}) {
    for (std::size_t i = 0; i < kLandmarks; ++i)
        template_[i] = {role.alignment->points[i].x, role.alignment->points[i].y};
}

Result<std::unique_ptr<Embedder>> Embedder::create(std::shared_ptr<const neural::Model> model,
                                                   const neural::Role& role) {
    if (!role.alignment) return Error::failure("the embedder's role states no alignment");
    if (role.width != role.alignment->size_px || role.height != role.alignment->size_px)
        return Error::failure("the embedder's input has another size than its alignment");
    if (role.dimensions <= 0) return Error::failure("the embedder's role states no dimensions");
    return std::unique_ptr<Embedder>(new Embedder(std::move(model), role));
}

Result<std::vector<float>> Embedder::embed(const image::Picture& picture,
                                           const PixelLandmarks& landmarks) const {
    auto aligned = align(picture, similitude_between(landmarks, template_), size_px_);
    auto embedding = TRY(run(aligned));
    if (!normalise(embedding)) return Error::failure("the embedder gave a vector without direction");
    if (!mirrored_) return embedding;

    auto other = TRY(run(image::mirror(aligned)));
    if (!normalise(other)) return Error::failure("the embedder gave a vector without direction");
    std::transform(embedding.begin(), embedding.end(), other.begin(), embedding.begin(), std::plus<>());
    if (!normalise(embedding)) return Error::failure("a face and its mirror image cancel out");
    return embedding;
}

Result<std::vector<float>> Embedder::run(const image::Picture& aligned) const {
    auto session = TRY(networks_.lease(size_px_, size_px_));
    session->load(aligned.rgb, static_cast<std::size_t>(size_px_) * 3, normalisation_);
    TRY(session->run());
    auto output = session->output(0);
    if (output.size() != dimensions_)
        return Error::failure("the embedder's output has another size than its pack says");
    return std::vector<float>(output.begin(), output.end());
}

}  // namespace vision
