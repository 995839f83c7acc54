#include "faces/quality_measure.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

namespace faces {
namespace {

// People with directions of their own and four photographs each, of which one is so poor that its embedding
// is anybody's; only the learned score knows.
vision::LabelledPhotos people(std::size_t count) {
    std::mt19937_64 chance(3);
    std::normal_distribution<float> normal;
    auto direction = [&] {
        std::vector<float> values(64);
        float square = 0;
        for (float& value : values) {
            value = normal(chance);
            square += value * value;
        }
        for (float& value : values)
            value /= std::sqrt(square);
        return values;
    };
    vision::LabelledPhotos out;
    for (std::size_t person = 0; person < count; ++person) {
        out.people.push_back({std::to_string(person), {}});
        const auto own = direction();
        for (int photo = 0; photo < 4; ++photo) {
            const bool is_poor = photo == 1 && person % 2 == 0;
            vision::Face face;
            face.quality.sharpness = normal(chance) * 10 + 50;
            face.quality.brightness = normal(chance) * 10 + 50;
            face.quality.recognisability =
                is_poor ? vision::Recognisability::poor : vision::Recognisability::high;
            face.confidence = 99;
            face.side_px = 100;
            face.box = {.left = 0.3f, .top = 0.3f, .width = 0.4f, .height = 0.4f};
            out.owners.push_back(person);
            out.photos.faces.emplace_back(face);
            out.photos.embeddings.emplace_back(vision::Embedding{
                vision::ModelId("test/1"), is_poor ? direction() : own, is_poor ? 0.2f : 0.9f});
        }
    }
    return out;
}

TEST(QualityMeasure, WhatTheScoreKnowsToBePoorTakesTheErrorsWithIt) {
    const auto report = measure_quality(people(200), 1);
    ASSERT_TRUE(report.ok());
    const auto& rates = report->false_non_match_rates;
    EXPECT_EQ(report->genuine_pairs, 1200u);
    // Three of the six pairs of every second person.
    EXPECT_NEAR(rates.at("learned")[0], 0.25, 0.01);
    EXPECT_LT(rates.at("learned")[3], 0.1) << "10 % of 12.5 % that are poor";
    EXPECT_EQ(rates.at("learned")[4], 0);
    EXPECT_NEAR(rates.at("random")[4], 0.25, 0.03);
    EXPECT_NEAR(rates.at("sharpness")[4], 0.25, 0.06);
    EXPECT_NEAR(report->refused.at("AUTO").low_face_quality, 0.125, 0.001);
    EXPECT_NEAR(report->refused.at("AUTO").anything, 0.125, 0.001);
}

TEST(QualityMeasure, WithoutANetworkThereIsNoLearnedScore) {
    auto photos = people(20);
    for (auto& face : photos.photos.faces)
        face->quality.recognisability.reset();
    for (auto& embedding : photos.photos.embeddings)
        embedding->reliability.reset();
    const auto report = measure_quality(photos, 1);
    ASSERT_TRUE(report.ok());
    EXPECT_THAT(report->false_non_match_rates,
                testing::UnorderedElementsAre(testing::Key("sharpness"), testing::Key("brightness"),
                                              testing::Key("random")));
    EXPECT_EQ(report->refused.at("AUTO").low_face_quality, 0);
}

TEST(QualityMeasure, OnePersonAloneCannotBeMeasured) {
    EXPECT_FALSE(measure_quality(people(1), 1).ok());
}

}  // namespace
}  // namespace faces
