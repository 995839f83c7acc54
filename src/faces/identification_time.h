// How long IdentifyFaces takes for a group picture beside finding and embedding its faces, and what a large
// collection adds. On the caller's thread alone, as a server's picture thread works.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "vision/photo_folder.h"
#include "vision/pipeline.h"

namespace faces {

struct IdentificationTimeOptions {
    std::size_t faces = 30;          // of the picture: heads of so many people's photographs side by side
    std::size_t enrolled = 100'000;  // faces of the large collection, three each of a person
    std::size_t enrolled_small =
        90;                   // of the small one: three photographs' worth each of those in the picture
    std::size_t repeats = 7;  // of which the medians are taken
    std::uint64_t seed = 1;
};

struct IdentificationTimeReport {
    std::size_t faces = 0;     // found in the picture
    std::size_t enrolled = 0;  // in the large collection
    double seen_ms = 0;        // finding and embedding all of them
    double small_ms = 0;       // who they are, in the small collection
    double large_ms = 0;       // and in the large one
    double ratio() const { return (seen_ms + large_ms) / seen_ms; }

    std::string json() const;
};

// Fails if the folder holds fewer people than faces are wanted.
Result<IdentificationTimeReport> measure_identification_time(const vision::Pipeline& pipeline,
                                                             const vision::LabelledPhotos& photos,
                                                             const IdentificationTimeOptions& options);

}  // namespace faces
