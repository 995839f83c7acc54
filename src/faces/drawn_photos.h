// For tests of measurements: labelled photographs of people who are directions in space.
#pragma once

#include <cmath>
#include <random>

#include "vision/calibration.h"
#include "vision/photo_folder.h"

namespace faces {

inline constexpr std::size_t kDrawnDimensions = 96;

// People as directions drawn by chance, photographs scattered about them.
inline vision::LabelledPhotos drawn_people(std::size_t people, std::size_t photos, double scatter,
                                           unsigned seed = 4) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    vision::LabelledPhotos out;
    for (std::size_t person = 0; person < people; ++person) {
        std::vector<double> own(kDrawnDimensions);
        for (auto& x : own)
            x = normal(random);
        out.people.push_back({std::to_string(person), std::vector<std::filesystem::path>(photos)});
        for (std::size_t photo = 0; photo < photos; ++photo) {
            vision::Embedding face{vision::ModelId("drawn"), std::vector<float>(kDrawnDimensions)};
            double squares = 0;
            std::vector<double> values(kDrawnDimensions);
            for (std::size_t i = 0; i < kDrawnDimensions; ++i) {
                values[i] = own[i] + scatter * normal(random);
                squares += values[i] * values[i];
            }
            for (std::size_t i = 0; i < kDrawnDimensions; ++i)
                face.values[i] = static_cast<float>(values[i] / std::sqrt(squares));
            out.owners.push_back(person);
            out.photos.embeddings.push_back(std::move(face));
        }
    }
    return out;
}

// A scatter of 0.9 makes pairs of one person score about 0.55 with a deviation of 0.07.
inline vision::Calibration calibration() {
    return *vision::Calibration::create(
        {{0, 0}, {1, 100}},
        *vision::ScoreModel::create({.mean = 0, .deviation = 0.102},
                                    {.mode = 0.55, .below = 0.075, .above = 0.075, .outliers = 0.001}));
}

}  // namespace faces
