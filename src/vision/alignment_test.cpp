#include "vision/alignment.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace vision {
namespace {

// The plain twin: each pixel of the aligned picture is the mean of many samples of the area that it covers.
image::Picture align_plainly(const image::Picture& picture, const Similitude& to_aligned, int size) {
    constexpr int kSamples = 6;
    auto back = to_aligned.inverse();
    auto aligned = image::blank(size, size, 0, 0, 0);
    auto value_at = [&](int x, int y, int channel) -> double {
        if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) return 0;
        return picture.at(x, y)[channel];
    };
    auto sample = [&](Pixel p, int channel) {
        double left = std::floor(p.x), top = std::floor(p.y);
        double u = p.x - left, v = p.y - top;
        int x = static_cast<int>(left), y = static_cast<int>(top);
        return (1 - v) * ((1 - u) * value_at(x, y, channel) + u * value_at(x + 1, y, channel)) +
               v * ((1 - u) * value_at(x, y + 1, channel) + u * value_at(x + 1, y + 1, channel));
    };
    for (int y = 0; y < size; ++y) {
        for (int x = 0; x < size; ++x) {
            for (int channel = 0; channel < 3; ++channel) {
                double sum = 0;
                for (int i = 0; i < kSamples; ++i) {
                    for (int j = 0; j < kSamples; ++j) {
                        Pixel within{
                            static_cast<float>(x) + (static_cast<float>(j) + 0.5f) / kSamples - 0.5f,
                            static_cast<float>(y) + (static_cast<float>(i) + 0.5f) / kSamples - 0.5f};
                        sum += sample(back(within), channel);
                    }
                }
                aligned.at(x, y)[channel] = static_cast<std::uint8_t>(std::lround(sum / kSamples / kSamples));
            }
        }
    }
    return aligned;
}

image::Picture waves(int width, int height, double period) {
    auto picture = image::blank(width, height, 0, 0, 0);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            picture.at(x, y)[0] = static_cast<std::uint8_t>(128 + 100 * std::sin(2 * M_PI * x / period));
            picture.at(x, y)[1] = static_cast<std::uint8_t>(128 + 100 * std::sin(2 * M_PI * y / period));
            picture.at(x, y)[2] =
                static_cast<std::uint8_t>(128 + 100 * std::sin(2 * M_PI * (x + y) / period / 2));
        }
    }
    return picture;
}

double mean_difference(const image::Picture& a, const image::Picture& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.rgb.size(); ++i)
        sum += std::abs(a.rgb[i] - b.rgb[i]);
    return sum / static_cast<double>(a.rgb.size());
}

// Moves the middle of a picture of `side` pixels to the middle of a face template, turned and scaled.
Similitude about_the_middle(float side, float scale, float degrees) {
    float radians = degrees * static_cast<float>(M_PI) / 180;
    Similitude out{scale * std::cos(radians), scale * std::sin(radians), 0, 0};
    Pixel middle = out({side / 2, side / 2});
    out.dx = kFaceTemplatePx / 2.0f - middle.x;
    out.dy = kFaceTemplatePx / 2.0f - middle.y;
    return out;
}

TEST(Similitude, RecoversTheTransformThatMovedThePoints) {
    std::mt19937 random(7);
    std::uniform_real_distribution<float> uniform(-1, 1);
    for (int round = 0; round < 100; ++round) {
        Similitude truth{uniform(random) * 3, uniform(random) * 3, uniform(random) * 500,
                         uniform(random) * 500};
        PixelLandmarks from, to;
        for (std::size_t i = 0; i < kLandmarks; ++i) {
            from[i] = {uniform(random) * 200 + 300, uniform(random) * 200 + 300};
            to[i] = truth(from[i]);
        }
        auto found = similitude_between(from, to);
        auto back = found.inverse();
        for (std::size_t i = 0; i < kLandmarks; ++i) {
            EXPECT_NEAR(found(from[i]).x, to[i].x, 0.05);
            EXPECT_NEAR(found(from[i]).y, to[i].y, 0.05);
            EXPECT_NEAR(back(to[i]).x, from[i].x, 0.05 / std::min(1.0f, truth.scale()));
        }
    }
}

// Of all similarity transforms this one is the best: moving any of its four numbers makes the distances
// larger.
TEST(Similitude, HasTheLeastSquaresOfAll) {
    std::mt19937 random(8);
    std::uniform_real_distribution<float> uniform(-1, 1);
    PixelLandmarks from;
    for (auto& point : from)
        point = {uniform(random) * 50, uniform(random) * 50};
    auto squares = [&](const Similitude& s) {
        double sum = 0;
        for (std::size_t i = 0; i < kLandmarks; ++i) {
            auto moved = s(from[i]);
            sum += std::pow(moved.x - kFaceTemplate[i].x, 2) + std::pow(moved.y - kFaceTemplate[i].y, 2);
        }
        return sum;
    };
    auto best = similitude_between(from, kFaceTemplate);
    for (float Similitude::*number : {&Similitude::a, &Similitude::b, &Similitude::dx, &Similitude::dy}) {
        for (float step : {-0.02f, 0.02f}) {
            auto other = best;
            other.*number += step;
            EXPECT_GT(squares(other), squares(best));
        }
    }
}

TEST(Similitude, PointsThatCoincideAreOnlyShifted) {
    PixelLandmarks same;
    same.fill({5, 5});
    auto found = similitude_between(same, kFaceTemplate);
    EXPECT_TRUE(std::isfinite(found.dx));
    EXPECT_FLOAT_EQ(found.scale(), 1);
}

TEST(Align, AgreesWithThePlainTwinAtEveryScale) {
    for (float scale : {2.5f, 0.8f, 0.5f, 0.11f}) {
        for (float degrees : {0.0f, -120.0f}) {
            auto picture = waves(400, 400, 24 / scale);
            auto transform = about_the_middle(400, scale, degrees);
            auto fast = align(picture, transform, kFaceTemplatePx);
            EXPECT_LT(mean_difference(fast, align_plainly(picture, transform, kFaceTemplatePx)), 3.0)
                << scale << " " << degrees;
        }
    }
}

// Stripes two pixels wide, shrunk to a fifth, are grey; a warp that picks pixels would show stripes that are
// not there.
TEST(Align, DetailThatIsTooFineBecomesGreyAndNotStripes) {
    auto aligned = align(waves(800, 800, 4), about_the_middle(800, 0.19f, 3), kFaceTemplatePx);
    for (int i = 20; i < 92; ++i) {
        EXPECT_NEAR(aligned.at(i, 56)[0], 128, 25);
        EXPECT_NEAR(aligned.at(56, i)[1], 128, 25);
    }
}

TEST(Align, OutsideThePictureIsBlack) {
    auto white = image::blank(100, 100, 255, 255, 255);
    auto aligned = align(white, Similitude{1, 0, 60, 0}, 112);
    EXPECT_EQ(aligned.at(30, 50)[0], 0);
    EXPECT_EQ(aligned.at(90, 50)[0], 255);
    auto far = align(white, Similitude{1, 0, 1e9f, -1e9f}, 112);
    EXPECT_EQ(far.rgb, image::blank(112, 112, 0, 0, 0).rgb);
    EXPECT_EQ(align(white, Similitude{1e-6f, 0, 0, 0}, 112).width, 112);
}

}  // namespace
}  // namespace vision
