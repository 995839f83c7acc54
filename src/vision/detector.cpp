#include "vision/detector.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "image/matrix.h"
#include "vision/passes.h"
#include "vision/yunet.h"

namespace vision {
namespace {

// Of recent picture shapes; a network and its session take up to about 60 MB.
constexpr std::size_t kSizesMax = 12;

// The sizes, in pixels of the input, at which the network sees a face best. Beyond them its boxes and
// landmarks grow coarse before its scores fall.
constexpr float kSuitableMin = 24;
constexpr float kSuitableMax = 200;

float suitability_of(const PixelBox& box) {
    float size = std::sqrt(box.area());
    return std::min({1.0f, size / kSuitableMin, kSuitableMax / size});
}

// A second look: the face fills half of a square this large.
constexpr int kSecondLookPx = 160;
constexpr float kSecondLookMargin = 2.0f;
constexpr float kSecondLookScoreMin = 0.3f;
constexpr float kSecondLookOverlapMin = 0.5f;

// From the pixels of an input to those of the picture: a pixel's centre is where whole numbers are.
struct Placement {
    float left = 0;  // of the input's top left corner, in the picture
    float top = 0;
    float step = 1;  // pixels of the picture for one of the input

    // YuNet's own coordinates have whole numbers at the pixels' corners.
    Pixel point(Pixel p) const { return {left + p.x * step - 0.5f, top + p.y * step - 0.5f}; }
    Detection detection(Detection found) const {
        auto first = point({found.box.left, found.box.top});
        auto last = point({found.box.right, found.box.bottom});
        found.box = {first.x, first.y, last.x, last.y};
        for (auto& landmark : found.landmarks)
            landmark = point(landmark);
        return found;
    }
};

image::Picture input_of(const image::Picture& picture, const Pass& pass) {
    int width = std::clamp(static_cast<int>(std::lround(picture.width * pass.factor)), 1, pass.width);
    int height = std::clamp(static_cast<int>(std::lround(picture.height * pass.factor)), 1, pass.height);
    auto scaled = image::resize(picture, width, height);
    if (width == pass.width && height == pass.height) return scaled;
    auto input = image::blank(pass.width, pass.height, 0, 0, 0);
    image::matrix(scaled).copyTo(image::matrix(input)(cv::Rect(0, 0, width, height)));
    return input;
}

}  // namespace

Detector::Detector(std::shared_ptr<const neural::Model> model, neural::Normalisation normalisation)
    : normalisation_(normalisation), networks_(std::move(model), kSizesMax) {}

Result<std::unique_ptr<Detector>> Detector::create(std::shared_ptr<const neural::Model> model,
                                                   neural::Normalisation normalisation) {
    for (int stride : kYunetStrides) {
        for (const char* head : {"cls", "obj", "bbox", "kps"}) {
            auto name = fmt::format("{}_{}", head, stride);
            bool has = std::any_of(model->outputs().begin(), model->outputs().end(),
                                   [&](const neural::Port& port) { return port.name == name; });
            if (!has) return Error::failure("the detector has no output " + name);
        }
    }
    return std::unique_ptr<Detector>(new Detector(std::move(model), normalisation));
}

Result<std::vector<Detection>> Detector::find(const image::Picture& picture, float score_min) const {
    std::vector<Detection> all;
    for (const auto& pass : plan_passes(picture.width, picture.height)) {
        for (auto& detection : TRY(run(input_of(picture, pass), score_min))) {
            detection.suitability = suitability_of(detection.box);
            all.push_back(Placement{0, 0, 1 / pass.factor}.detection(detection));
        }
    }
    return suppress(std::move(all));
}

Result<Detection> Detector::refine(const image::Picture& picture, const Detection& seen) const {
    float side = std::max(seen.box.width(), seen.box.height()) * kSecondLookMargin;
    auto centre = seen.box.centre();
    image::Rectangle around;
    around.left = static_cast<int>(std::lround(centre.x - side / 2));
    around.top = static_cast<int>(std::lround(centre.y - side / 2));
    around.width = around.height = std::max(1, static_cast<int>(std::lround(side)));
    auto input = image::crop_resized(picture, around, kSecondLookPx, kSecondLookPx);
    Placement placement{static_cast<float>(around.left), static_cast<float>(around.top),
                        static_cast<float>(around.width) / kSecondLookPx};

    auto best = seen;
    float best_overlap = kSecondLookOverlapMin;
    for (const auto& found : TRY(run(input, kSecondLookScoreMin))) {
        auto placed = placement.detection(found);
        float overlap = intersection_over_union(placed.box, seen.box);
        if (overlap <= best_overlap) continue;
        best_overlap = overlap;
        best = placed;
    }
    best.score = std::max(best.score, seen.score);
    return best;
}

Result<std::vector<Detection>> Detector::run(const image::Picture& input, float score_min) const {
    auto session = TRY(networks_.lease(input.width, input.height));
    session->load(input.rgb, static_cast<std::size_t>(input.width) * 3, normalisation_);
    TRY(session->run());
    std::vector<Detection> found;
    for (int stride : kYunetStrides) {
        auto head = [&](const char* name) { return session->output(fmt::format("{}_{}", name, stride)); };
        YunetHeads heads{stride,           input.width / stride, input.height / stride, TRY(head("cls")),
                         TRY(head("obj")), TRY(head("bbox")),    TRY(head("kps"))};
        auto cells = static_cast<std::size_t>(heads.columns) * static_cast<std::size_t>(heads.rows);
        if (heads.cls.size() != cells || heads.obj.size() != cells || heads.bbox.size() != 4 * cells ||
            heads.kps.size() != 2 * kLandmarks * cells)
            return Error::failure(fmt::format("the detector's outputs of stride {} have odd sizes", stride));
        decode_yunet(heads, score_min, found);
    }
    return found;
}

}  // namespace vision
