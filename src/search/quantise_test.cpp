#include "search/quantise.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

#include "search/kernels.h"

namespace search {
namespace {

std::vector<float> drawn(std::size_t count, std::mt19937& random) {
    std::normal_distribution<float> normal;
    std::vector<float> vector(count);
    for (auto& x : vector)
        x = normal(random);
    return vector;
}

TEST(Quantise, AVectorIsScaledToLengthOneAndPaddedWithZeros) {
    std::vector<float> unit(4, 9.0f);
    ASSERT_TRUE(normalise(std::vector<float>{3, 0, 4}, unit));
    EXPECT_EQ(unit, (std::vector<float>{0.6f, 0, 0.8f, 0}));
}

TEST(Quantise, AVectorWithoutDirectionIsRefused) {
    std::vector<float> unit(2);
    EXPECT_FALSE(normalise(std::vector<float>{0, 0}, unit));
    EXPECT_FALSE(normalise(std::vector<float>{1, std::numeric_limits<float>::infinity()}, unit));
    EXPECT_FALSE(normalise(std::vector<float>{1, std::numeric_limits<float>::quiet_NaN()}, unit));
    EXPECT_FALSE(coded_query(std::vector<float>{0, 0}).has_value());
}

TEST(Quantise, TheTrueScoreIsNeverFurtherFromTheCodedOneThanTheBound) {
    std::mt19937 random(20240131);
    for (int round = 0; round < 2000; ++round) {
        auto query_vector = drawn(128, random);
        auto vector = drawn(128, random);
        if (round % 3 == 0) vector = query_vector;       // the largest score there is
        if (round % 5 == 0) vector[round % 128] = 1000;  // one dimension eats the scale
        auto query = coded_query(query_vector);
        ASSERT_TRUE(query.has_value());
        std::vector<float> unit(128);
        ASSERT_TRUE(normalise(vector, unit));
        std::vector<std::int8_t> codes(128);
        const Codes made = quantise(unit, codes);

        int dot = 0;
        for (std::size_t i = 0; i < codes.size(); ++i)
            dot += codes[i] * query->codes[i];
        const float coded = query->scale * made.scale * static_cast<float>(dot);
        const double exact = kPlainKernels.inner_product(query->unit.data(), unit.data(), 128);
        EXPECT_LE(std::fabs(exact - coded), query->error(made.residual));
    }
}

}  // namespace
}  // namespace search
