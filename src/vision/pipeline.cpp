#include "vision/pipeline.h"

#include <algorithm>
#include <cmath>

#include "neural/pack.h"
#include "vision/alignment.h"
#include "vision/confidence.h"
#include "vision/describer.h"
#include "vision/detector.h"
#include "vision/embedder.h"
#include "vision/pose.h"
#include "vision/quality.h"

namespace vision {
namespace {

// How many of the largest faces of one picture get a second look: bounds the time that a picture of noise can
// take.
constexpr std::size_t kLooksMax = 200;

PixelLandmarks pixels_of(const std::array<Point, kLandmarks>& landmarks, const image::Picture& picture) {
    PixelLandmarks pixels;
    std::transform(landmarks.begin(), landmarks.end(), pixels.begin(), [&](Point point) {
        return Pixel{point.x * static_cast<float>(picture.width) - 0.5f,
                     point.y * static_cast<float>(picture.height) - 0.5f};
    });
    return pixels;
}

// Ratios count from the picture's edge, pixels from the first pixel's centre.
Point ratios_of(Pixel pixel, const image::Picture& picture) {
    return {(pixel.x + 0.5f) / static_cast<float>(picture.width),
            (pixel.y + 0.5f) / static_cast<float>(picture.height)};
}

Face face_of(const image::Picture& picture, const Detection& detection) {
    Face face;
    auto first = ratios_of({detection.box.left, detection.box.top}, picture);
    auto last = ratios_of({detection.box.right, detection.box.bottom}, picture);
    face.box = {first.x, first.y, last.x - first.x, last.y - first.y};
    face.side_px = std::min(detection.box.width(), detection.box.height());
    face.confidence = confidence_of_score(detection.score);
    std::transform(detection.landmarks.begin(), detection.landmarks.end(), face.landmarks.begin(),
                   [&](Pixel pixel) { return ratios_of(pixel, picture); });
    face.pose = estimate_pose(detection.landmarks);
    face.quality = judge_quality(
        align(picture, similitude_between(detection.landmarks, kFaceTemplate), kFaceTemplatePx));
    return face;
}

}  // namespace

Result<Calibration> calibration_of(const neural::CalibrationDescription& description) {
    std::vector<CalibrationPoint> curve;
    for (const auto& point : description.curve)
        curve.push_back({static_cast<float>(point.cosine), static_cast<float>(point.similarity)});
    std::optional<ScoreModel> scores;
    if (const auto& spread = description.spread) {
        std::optional<GenuineByReliability> by_reliability;
        if (const auto& said = spread->by_reliability)
            by_reliability = GenuineByReliability{said->mode, said->below, said->above};
        scores =
            TRY(ScoreModel::create({.mean = spread->impostor_mean, .deviation = spread->impostor_deviation},
                                   {.mode = spread->genuine_mode,
                                    .below = spread->genuine_below,
                                    .above = spread->genuine_above,
                                    .outliers = spread->genuine_outliers},
                                   by_reliability));
    }
    return Calibration::create(std::move(curve), std::move(scores));
}

struct Pipeline::Parts {
    std::unique_ptr<Detector> detector;
    std::unique_ptr<Embedder> embedder;
    std::unique_ptr<Describer> describer;
    Calibration calibration;
    ModelId model;
};

Pipeline::Pipeline(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Pipeline::~Pipeline() = default;
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;

Result<Pipeline> Pipeline::create(const neural::Pack& pack) {
    const auto* detector_role = TRY(pack.role("detector"));
    const auto* embedder_role = TRY(pack.role("embedder"));
    auto detector = TRY(Detector::create(TRY(pack.model("detector")), detector_role->normalisation));
    auto embedder = TRY(Embedder::create(TRY(pack.model("embedder")), *embedder_role));
    auto describer = TRY(Describer::create(pack));
    if (!pack.description().calibration) return Error::failure("the pack has no calibration");
    auto calibration = TRY(calibration_of(*pack.description().calibration));
    const auto& description = pack.description();
    return Pipeline(std::make_unique<const Parts>(
        Parts{std::move(detector), std::move(embedder), std::move(describer), std::move(calibration),
              ModelId(description.name + "/" + description.engine_version)}));
}

Result<std::vector<Face>> Pipeline::detect(const image::Picture& picture,
                                           const DetectOptions& options) const {
    if (picture.width < 1 || picture.height < 1) return std::vector<Face>{};
    auto found = TRY(parts_->detector->find(picture, score_of_confidence(options.confidence_min)));
    std::stable_sort(found.begin(), found.end(),
                     [](const Detection& a, const Detection& b) { return a.box.area() > b.box.area(); });
    if (found.size() > kLooksMax) found.resize(kLooksMax);

    std::vector<Face> faces;
    std::vector<Detection> looked_at;
    for (const auto& seen : found) {
        if (faces.size() == options.faces_max) break;
        auto detection = TRY(parts_->detector->look_again(picture, seen));
        // Two boxes, one with the hair and one without, may turn out to be of one face only now.
        bool is_known = std::any_of(looked_at.begin(), looked_at.end(),
                                    [&](const Detection& other) { return is_same_face(other, detection); });
        if (is_known) continue;
        auto face = face_of(picture, detection);
        if (face.confidence < options.confidence_min) continue;
        faces.push_back(face);
        looked_at.push_back(detection);
    }
    return faces;
}

Result<void> Pipeline::examine(const image::Picture& picture, Face& face) const {
    if (face.embedding && face.embedding->model == parts_->model) return {};
    auto seen = TRY(parts_->embedder->embed(picture, pixels_of(face.landmarks, picture)));
    face.embedding = Embedding{parts_->model, std::move(seen.values), seen.reliability};
    face.quality.recognisability = seen.recognisability;
    return {};
}

Result<Embedding> Pipeline::embed(const image::Picture& picture, const Face& face) const {
    if (face.embedding && face.embedding->model == parts_->model) return *face.embedding;
    auto seen = TRY(parts_->embedder->embed(picture, pixels_of(face.landmarks, picture)));
    return Embedding{parts_->model, std::move(seen.values), seen.reliability};
}

Result<FaceAttributes> Pipeline::describe(const image::Picture& picture, const Face& face,
                                          const AttributeChoice& choice) const {
    return parts_->describer->describe(picture, pixels_of(face.landmarks, picture), choice);
}

Similarity Pipeline::similarity(const Embedding& a, const Embedding& b) const {
    INVARIANT(a.model == parts_->model);
    return parts_->calibration.similarity(cosine(a, b));
}

const ModelId& Pipeline::model() const {
    return parts_->model;
}

std::size_t Pipeline::dimensions() const {
    return parts_->embedder->dimensions();
}

std::optional<float> Pipeline::reliability_bar(Recognisability grade) const {
    const auto& scale = parts_->embedder->scale();
    return scale ? std::optional(scale->bar(grade)) : std::nullopt;
}

const Calibration& Pipeline::calibration() const {
    return parts_->calibration;
}

}  // namespace vision
