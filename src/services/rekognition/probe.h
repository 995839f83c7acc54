// What the operations that search by a picture search with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "faces/quality.h"
#include "services/rekognition/images.h"

namespace services::rekognition {

struct Probe {
    struct Largest {
        vision::Face face;
        vision::Embedding embedding;
    };
    std::optional<Largest> largest;  // nothing where the filter leaves no face
    std::vector<faces::Rejected> rejected;
};

// The largest face of a picture, as the model sees it. Refusals: those of read_photo().
Result<Probe> read_probe(Rooms& rooms, wire::Call& call, const faces::Model& model, const ImageSource& image,
                         const std::string& quality_filter);

}  // namespace services::rekognition
