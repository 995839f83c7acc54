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

// The largest face of a picture. The collection is there before the picture is looked at.
// Refusals: faces::Refusal::collection_missing, no_model, and those of read_photo().
Result<Probe> read_probe(Rooms& rooms, wire::Call& call, const faces::CollectionKey& collection,
                         const ImageSource& image, const std::string& quality_filter);

}  // namespace services::rekognition
