#include "services/rekognition/rooms.h"

namespace services::rekognition {

Sight sight_of(const vision::Pipeline& pipeline) {
    return {[&](const image::Picture& picture) { return pipeline.detect(picture); },
            [&](const image::Picture& picture, const vision::Face& face) {
                return pipeline.embed(picture, face);
            },
            [&](const image::Picture& picture, const vision::Face& face,
                const vision::AttributeChoice& choice) { return pipeline.describe(picture, face, choice); }};
}

}  // namespace services::rekognition
