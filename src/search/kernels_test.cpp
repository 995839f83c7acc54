#include "search/kernels.h"

#include <cstring>
#include <gtest/gtest.h>
#include <random>

namespace search {
namespace {

struct Block {
    alignas(64) std::array<std::uint8_t, kBlockRows * 512> codes;
    alignas(64) std::array<float, kBlockRows> scales;
    std::vector<std::int8_t> query;
    BlockScan scan;

    Block(std::size_t dimensions, std::mt19937& random) : query(dimensions) {
        std::uniform_int_distribution<int> code(-127, 127);
        std::uniform_real_distribution<float> scale(0.0001f, 0.01f);
        for (auto& byte : codes)
            byte = static_cast<std::uint8_t>(code(random) + kCodeOffset);
        for (auto& value : scales)
            value = scale(random);
        for (auto& value : query) {
            value = static_cast<std::int8_t>(code(random));
            scan.query_offset += kCodeOffset * value;
        }
        scan.codes = codes.data();
        scan.groups = dimensions / kGroupDimensions;
        scan.scales = scales.data();
        scan.query = query.data();
        scan.query_scale = scale(random);
    }
};

class EveryKernel : public testing::TestWithParam<const Kernels*> {};

TEST_P(EveryKernel, ScoresABlockAsThePlainOneDoesBitForBit) {
    std::mt19937 random(7);
    for (std::size_t dimensions : {16, 48, 128, 256, 512}) {
        Block block(dimensions, random);
        std::array<float, kBlockRows> expected{}, scores{};
        kPlainKernels.score_block(block.scan, expected.data());
        block.scan.least = expected[11];
        const auto expected_rows = kPlainKernels.score_block(block.scan, expected.data());
        EXPECT_EQ(GetParam()->score_block(block.scan, scores.data()), expected_rows);
        EXPECT_EQ(std::memcmp(scores.data(), expected.data(), sizeof expected), 0) << dimensions;
        EXPECT_TRUE(expected_rows >> 11 & 1);
    }
}

TEST_P(EveryKernel, SumsTheLargestCodesWithoutSaturating) {
    std::mt19937 random(7);
    Block block(512, random);
    block.codes.fill(255);
    std::fill(block.query.begin(), block.query.end(), std::int8_t{127});
    block.scan.query_offset = kCodeOffset * 127 * 512;
    block.scan.query_scale = 1;
    block.scales.fill(1);
    std::array<float, kBlockRows> scores{};
    GetParam()->score_block(block.scan, scores.data());
    for (float score : scores)
        EXPECT_EQ(score, 127.0f * 127 * 512);
}

TEST_P(EveryKernel, MultipliesVectorsAsThePlainOneDoesBitForBit) {
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    for (std::size_t count : {16, 128, 512}) {
        std::vector<float> a(count), b(count);
        for (auto* vector : {&a, &b})
            for (auto& value : *vector)
                value = normal(random);
        const double expected = kPlainKernels.inner_product(a.data(), b.data(), count);
        EXPECT_EQ(GetParam()->inner_product(a.data(), b.data(), count), expected);
    }
}

TEST_P(EveryKernel, ReadsEveryByte) {
    alignas(64) std::array<std::uint8_t, 1024> bytes{};
    EXPECT_EQ(GetParam()->read(bytes.data(), bytes.size()), 0u);
    for (std::size_t at : {0, 63, 511, 1023}) {
        bytes[at] = 1;
        EXPECT_NE(GetParam()->read(bytes.data(), bytes.size()), 0u) << at;
        bytes[at] = 0;
    }
}

INSTANTIATE_TEST_SUITE_P(OfThisCpu, EveryKernel, testing::ValuesIn(kernels_of_this_cpu()),
                         [](const auto& each) { return std::string(each.param->name); });

TEST(Kernels, EndWithThePlainOne) {
    EXPECT_EQ(kernels_of_this_cpu().back(), &kPlainKernels);
}

}  // namespace
}  // namespace search
