#include "neural/picture.h"

#include <bit>
#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace neural::detail {
namespace {

float value_of(float number) {
    return number;
}

float value_of(std::uint16_t bits) {
    return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

template <class Element>
void expect_like_plain(float tolerance) {
    std::mt19937 random(7);
    for (std::size_t width : {1u, 15u, 16u, 17u, 112u, 131u}) {
        for (bool interleaved : {false, true}) {
            for (bool reverse : {false, true}) {
                const std::size_t height = 3, row_bytes = 3 * width + 5;
                std::vector<std::uint8_t> pixels((height - 1) * row_bytes + 3 * width);
                for (auto& byte : pixels)
                    byte = static_cast<std::uint8_t>(random());
                PictureMove move{pixels.data(), row_bytes, width, height, width * height, width, 1};
                if (interleaved) move = {pixels.data(), row_bytes, width, height, 1, 3 * width, 3};
                const Normalisation normalisation{{104, 117, 123}, {0.1f, 0.2f, 0.3f}, reverse};
                std::vector<Element> fast(3 * width * height), plain(3 * width * height);
                write_picture(move, normalisation, fast.data());
                write_picture_plainly(move, normalisation, plain.data());
                for (std::size_t i = 0; i < fast.size(); ++i)
                    ASSERT_NEAR(value_of(fast[i]), value_of(plain[i]), tolerance) << width << " at " << i;
            }
        }
    }
}

TEST(WritePicture, IsTheSameOnWideInstructionsAndOnPlainOnes) {
    expect_like_plain<float>(1e-4f);
    expect_like_plain<std::uint16_t>(0.13f);  // one bit of bf16 at 32
}

TEST(ToBfloat, RoundsToTheNearestEven) {
    EXPECT_EQ(to_bfloat(1.0f), 0x3f80);
    EXPECT_EQ(to_bfloat(std::bit_cast<float>(0x3f808000u)), 0x3f80);
    EXPECT_EQ(to_bfloat(std::bit_cast<float>(0x3f818000u)), 0x3f82);
    EXPECT_EQ(to_bfloat(std::bit_cast<float>(0x3f808001u)), 0x3f81);
}

}  // namespace
}  // namespace neural::detail
