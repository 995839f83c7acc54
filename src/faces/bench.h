// For tests: collections over a store in memory, and people who are directions in space.
#pragma once

#include <cmath>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <string>

#include "faces/collections.h"
#include "faces/identity.h"
#include "store/memory.h"

namespace faces {

inline constexpr std::size_t kDimensions = 32;

// A store that outlives the server, and a server that can be started again on it.
struct Bench {
    std::unique_ptr<store::Records> records = store::memory_records();
    base::ManualClock clock;
    base::SeededRandom random{1};
    Bounds bounds;
    bool with_scores = true;
    std::unique_ptr<Collections> collections = opened("model-a");
    const CollectionKey staff = key("staff");

    static CollectionKey key(std::string name, std::string account = "111111111111",
                             std::string region = "us-east-1") {
        return {{std::move(account), std::move(region)}, CollectionName(std::move(name))};
    }
    // 80 stands at a cosine of 0.4.
    Recognition recognition(const std::string& model) const {
        std::optional<vision::ScoreModel> scores;
        if (with_scores)
            scores =
                *vision::ScoreModel::create({.mean = 0, .deviation = 0.177},
                                            {.mode = 0.92, .below = 0.04, .above = 0.03, .outliers = 0.005});
        auto calibration = *vision::Calibration::create(
            {{.cosine = 0, .similarity = 0}, {0.4f, 80}, {1, 100}}, std::move(scores));
        return {vision::ModelId(model), kDimensions, std::move(calibration)};
    }
    std::unique_ptr<Collections> opened(const std::string& model) {
        auto models = model.empty() ? Models() : Models(recognition(model));
        return *Collections::open(*records, clock, random, std::move(models), bounds);
    }
    void restart(const std::string& model = "model-a") { collections = opened(model); }

    // The same person always has the same direction; pictures differ a little.
    static vision::Embedding embedding(unsigned person, unsigned picture = 0) {
        std::mt19937 of_person(person), of_picture(picture + 1000 * person);
        std::normal_distribution<float> normal;
        vision::Embedding out{vision::ModelId("model-a"), std::vector<float>(kDimensions)};
        for (auto& x : out.values)
            x = normal(of_person);
        for (auto& x : out.values)
            x += 0.3f * normal(of_picture);
        float squares = 0;
        for (float x : out.values)
            squares += x * x;
        for (auto& x : out.values)
            x /= std::sqrt(squares);
        return out;
    }
    static NewFace face(unsigned person, float left = 0.1f, unsigned picture = 0) {
        NewFace out;
        out.face.box = {.left = left, .top = 0.1f, .width = 0.2f, .height = 0.3f};
        out.face.confidence = 99;
        out.face.quality = {.brightness = 50, .sharpness = 60};
        out.embedding = embedding(person, picture);
        return out;
    }
    static ImageId image(std::string_view bytes) {
        return image_id_of(base::view(bytes), vision::ModelId("model-a"));
    }
    // One person in one picture.
    KnownFace enrol(const CollectionKey& into, unsigned person, unsigned picture = 0) {
        auto faces = collections->enrol(
            into, {image("picture " + std::to_string(person) + " " + std::to_string(picture)),
                   std::nullopt,
                   {face(person, 0.1f, picture)}});
        EXPECT_TRUE(faces.ok());
        return faces->front().face;
    }
    std::vector<FaceId> found(const CollectionKey& in, unsigned person, float floor = 80) {
        std::vector<FaceId> ids;
        auto matches = collections->search(in, embedding(person, 99), {floor}, 100);
        EXPECT_TRUE(matches.ok());
        for (const auto& match : *matches)
            ids.push_back(match.face.id);
        return ids;
    }
};

}  // namespace faces
