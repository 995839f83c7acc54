#include "vision/sight.h"

#include <algorithm>

namespace vision {

Sight sight_of(std::shared_ptr<const Pipeline> pipeline) {
    return {
        [pipeline](const image::Picture& picture) { return pipeline->detect(picture); },
        [pipeline](const image::Picture& picture, Face& face) { return pipeline->examine(picture, face); },
        [pipeline](const image::Picture& picture, const Face& face) {
            return pipeline->embed(picture, face);
        },
        [pipeline](const image::Picture& picture, const Face& face, const AttributeChoice& choice) {
            return pipeline->describe(picture, face, choice);
        }};
}

std::function<Result<void>(Face&)> examiner(const Sight& sight, const image::Picture& picture) {
    return [&](Face& face) { return sight.examine(picture, face); };
}

float overlap(const Box& a, const Box& b) {
    const float width = std::min(a.left + a.width, b.left + b.width) - std::max(a.left, b.left);
    const float height = std::min(a.top + a.height, b.top + b.height) - std::max(a.top, b.top);
    if (width <= 0 || height <= 0) return 0;
    const float common = width * height;
    return common / (a.area() + b.area() - common);
}

const Face* face_at(const std::vector<Face>& faces, const Box& box, float overlap_min) {
    const auto best = std::max_element(faces.begin(), faces.end(), [&](const Face& a, const Face& b) {
        return overlap(a.box, box) < overlap(b.box, box);
    });
    return best == faces.end() || overlap(best->box, box) < overlap_min ? nullptr : &*best;
}

}  // namespace vision
