#include "vision/detector.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "image/matrix.h"
#include "vision/passes.h"
#include "vision/second_look.h"
#include "vision/yunet.h"

namespace vision {
namespace {

// Of recent picture shapes; a network and its session take up to about 60 MB.
constexpr std::size_t kSizesMax = 12;

// The sizes, in pixels of the input, at which the network sees a face best. Beyond them its boxes and
// landmarks grow coarse before its scores fall.
constexpr float kSuitableMin = 24;
constexpr float kSuitableMax = 200;

// The longer side, in pixels of the picture, of the smallest box that is believed: what is smaller is mostly
// pattern.
constexpr float kSidePxMin = 18;

float suitability_of(const PixelBox& box) {
    float size = std::sqrt(box.area());
    return std::min({1.0f, size / kSuitableMin, kSuitableMax / size});
}

// In a second look a face is expected, so that less is enough.
constexpr float kSecondLookScoreMin = 0.3f;

// From the input's pixels to those of the picture. YuNet's whole numbers are the pixels' corners, ours their
// centres.
Detection unscaled(Detection found, float factor) {
    auto place = [&](float& coordinate) { coordinate = coordinate / factor - 0.5f; };
    place(found.box.left);
    place(found.box.top);
    place(found.box.right);
    place(found.box.bottom);
    for (auto& landmark : found.landmarks) {
        place(landmark.x);
        place(landmark.y);
    }
    return found;
}

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
            auto placed = unscaled(detection, pass.factor);
            if (std::max(placed.box.width(), placed.box.height()) >= kSidePxMin) all.push_back(placed);
        }
    }
    return suppress(std::move(all));
}

Result<Detection> Detector::look_again(const image::Picture& picture, const Detection& seen) const {
    std::array<std::vector<Detection>, kSecondLooks> looks;
    auto look = looks.begin();
    for (float margin : kSecondLookMargins) {
        auto cut_out = second_look_at(seen.box, margin);
        auto input = image::crop_resized(picture, cut_out, kSecondLookPx, kSecondLookPx);
        for (auto& found : TRY(run(input, kSecondLookScoreMin)))
            look->push_back(placed_in_picture(found, cut_out));
        ++look;
        for (auto& found : TRY(run(image::mirror(input), kSecondLookScoreMin)))
            look->push_back(placed_in_picture(mirrored(found), cut_out));
        ++look;
    }
    return combine(seen, looks);
}

Result<std::vector<Detection>> Detector::run(const image::Picture& input, float score_min) const {
    auto session = TRY(networks_.lease(input.width, input.height));
    session->load(input.rgb, static_cast<std::size_t>(input.width) * 3, normalisation_);
    TRY(session->run());
    std::vector<Detection> found;
    for (int stride : kYunetStrides) {
        auto head = [&](const char* name) { return session->output(fmt::format("{}_{}", name, stride)); };
        YunetHeads heads{.stride = stride, .columns = input.width / stride, .rows = input.height / stride};
        heads.cls = TRY(head("cls"));
        heads.obj = TRY(head("obj"));
        heads.bbox = TRY(head("bbox"));
        heads.kps = TRY(head("kps"));
        auto cells = static_cast<std::size_t>(heads.columns) * static_cast<std::size_t>(heads.rows);
        if (heads.cls.size() != cells || heads.obj.size() != cells || heads.bbox.size() != 4 * cells ||
            heads.kps.size() != 2 * kLandmarks * cells)
            return Error::failure(fmt::format("the detector's outputs of stride {} have odd sizes", stride));
        decode_yunet(heads, score_min, found);
    }
    return found;
}

}  // namespace vision
