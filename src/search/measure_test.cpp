#include "search/measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace search {
namespace {

TEST(Measure, ASmallRunFindsEverythingAndTakesTime) {
    const auto measured =
        measure({.sizes = {2000}, .dimensions = {48}, .queries = 5, .peer_folder = "/none"});
    ASSERT_TRUE(measured.ok());
    ASSERT_EQ(measured->size(), 1u);
    const auto& one = measured->front();
    EXPECT_EQ(one.n, 2000u);
    EXPECT_EQ(one.dim, 48u);
    EXPECT_EQ(one.recall, 1.0);
    EXPECT_GT(one.ms, 0);
    EXPECT_GT(one.gb_per_s, 0);
    EXPECT_GT(one.memory_gb_per_s, 0);
    EXPECT_FALSE(one.faiss_ms.has_value());
}

TEST(Measure, WhatWasNotMeasuredIsNull) {
    const Measurement one{.n = 100, .dim = 128, .recall = 1, .ms = 0.25, .gb_per_s = 2, .memory_gb_per_s = 3};
    EXPECT_EQ(as_json({one}), R"([{"n":100,"dim":128,"recall":1,"ms":0.2500,"faiss_ms":null,"gb_per_s":2.00,)"
                              R"("memory_gb_per_s":3.00}])");
}

}  // namespace
}  // namespace search
