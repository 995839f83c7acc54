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

// The embedding is the first output; others may describe the face (describer.h), and are not wanted here.
std::vector<std::string> outputs_for(const neural::Model& model,
                                     const std::optional<RecognisabilityScale>& scale) {
    std::vector<std::string> wanted = {model.outputs().front().name};
    if (scale && scale->asks_network()) wanted.push_back(kExpectedCosine);
    return wanted;
}

// The length that the vector had, 0 if it has no direction.
float normalise(std::vector<float>& vector) {
    double square = 0;
    for (float value : vector)
        square += double(value) * value;
    if (!(square > 0) || !std::isfinite(square)) return 0;
    auto factor = static_cast<float>(1 / std::sqrt(square));
    for (float& value : vector)
        value *= factor;
    return static_cast<float>(std::sqrt(square));
}

}  // namespace

Embedder::Embedder(std::shared_ptr<const neural::Model> model, const neural::Role& role,
                   std::optional<RecognisabilityScale> scale)
    : normalisation_(role.normalisation),
      size_px_(role.alignment->size_px),
      dimensions_(static_cast<std::size_t>(role.dimensions)),
      mirrored_(is_mirrored(role)),
      scale_(std::move(scale)),
      networks_(model, 1, outputs_for(*model, scale_)) {
    for (std::size_t i = 0; i < kLandmarks; ++i)
        template_[i] = {role.alignment->points[i].x, role.alignment->points[i].y};
}

Result<std::unique_ptr<Embedder>> Embedder::create(std::shared_ptr<const neural::Model> model,
                                                   const neural::Role& role) {
    if (!role.alignment) return Error::failure("the embedder's role states no alignment");
    if (role.width != role.alignment->size_px || role.height != role.alignment->size_px)
        return Error::failure("the embedder's input has another size than its alignment");
    if (role.dimensions <= 0) return Error::failure("the embedder's role states no dimensions");
    auto scale = TRY(RecognisabilityScale::create(role, *model));
    return std::unique_ptr<Embedder>(new Embedder(std::move(model), role, std::move(scale)));
}

Result<Embedder::Impression> Embedder::embed(const image::Picture& picture,
                                             const PixelLandmarks& landmarks) const {
    auto aligned = align(picture, similitude_between(landmarks, template_), size_px_);
    auto said = TRY(run(aligned));
    if (mirrored_) {
        const auto other = TRY(run(image::mirror(aligned)));
        std::transform(said.values.begin(), said.values.end(), other.values.begin(), said.values.begin(),
                       std::plus<>());
        if (normalise(said.values) == 0) return Error::failure("a face and its mirror image cancel out");
        said.length = (said.length + other.length) / 2;
        said.expected = (said.expected + other.expected) / 2;
    }
    Impression impression{std::move(said.values), std::nullopt, std::nullopt};
    if (!scale_) return impression;
    impression.reliability = scale_->reliability(said.length, said.expected);
    impression.recognisability = scale_->grade(*impression.reliability);
    return impression;
}

Result<Embedder::Said> Embedder::run(const image::Picture& aligned) const {
    auto session = TRY(networks_.lease(size_px_, size_px_));
    session->load(aligned.rgb, static_cast<std::size_t>(size_px_) * 3, normalisation_);
    TRY(session->run());
    auto output = session->output(0);
    if (output.size() != dimensions_)
        return Error::failure("the embedder's output has another size than its pack says");
    Said said;
    said.values.assign(output.begin(), output.end());
    said.length = normalise(said.values);
    if (said.length == 0) return Error::failure("the embedder gave a vector without direction");
    if (scale_ && scale_->asks_network()) {
        const auto expected = TRY(session->output(kExpectedCosine));
        if (expected.size() != 1) return Error::failure("the embedder expects more than one cosine");
        said.expected = expected[0];
    }
    return said;
}

}  // namespace vision
