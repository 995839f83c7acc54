// How well a pipeline finds faces, beside another one.
//
// On photographs as they are: does it find the central face that the reference finds, and where? On composed
// group pictures, where every face and its place is known: the heads of those photographs, 4 to 30 a picture,
// their faces 24 to 300 pixels wide, on a background without faces.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "vision/photo_folder.h"

namespace vision {

struct DetectionOptions {
    std::size_t group_pictures = 500;
    std::uint64_t seed = 1;
};

struct DetectionReport {
    std::size_t photos = 0;     // in which the reference finds a face
    double agreement = 0;       // of them: a face with an intersection over union of at least 0.5 is found
    double landmark_error = 0;  // median distance of a landmark to the reference's, in eye distances
    std::size_t group_pictures = 0;
    std::size_t group_faces = 0;
    double recall = 0;     // of the composed faces
    double precision = 0;  // of what is found in the group pictures
    double ms_per_group_picture = 0;

    std::string json() const;
};

// `images` is a folder per person. As many pictures at a time as `threads`.
Result<DetectionReport> measure_detection(const Pipeline& pipeline, const Pipeline& reference,
                                          const std::filesystem::path& images,
                                          const DetectionOptions& options, std::size_t threads,
                                          const Progress& progress);

}  // namespace vision
