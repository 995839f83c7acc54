#include <cmath>
#include <cstdio>
#include <gtest/gtest.h>
#include <turbojpeg.h>

#include "image/decode.h"
#include "image/encode.h"
#include "image/exif.h"
#include "image/orientation.h"
#include "image/png_maker.h"
#include "image/resample.h"

namespace image {
namespace {

// Red rises to the right, green downwards; smooth, so that JPEG keeps it.
Picture gradient(int width, int height) {
    auto picture = blank(width, height, 0, 0, 64);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            picture.at(x, y)[0] = static_cast<std::uint8_t>(255 * x / width);
            picture.at(x, y)[1] = static_cast<std::uint8_t>(255 * y / height);
        }
    }
    return picture;
}

double mean_difference(const Picture& a, const Picture& b) {
    EXPECT_EQ(a.width, b.width);
    EXPECT_EQ(a.height, b.height);
    if (a.rgb.size() != b.rgb.size()) return 255;
    double sum = 0;
    for (std::size_t i = 0; i < a.rgb.size(); ++i)
        sum += std::abs(a.rgb[i] - b.rgb[i]);
    return sum / static_cast<double>(a.rgb.size());
}

base::Bytes turbojpeg(const std::uint8_t* pixels, int width, int height, int format, int sampling,
                      int flags = 0) {
    auto compressor = tjInitCompress();
    unsigned char* out = nullptr;
    unsigned long size = 0;
    EXPECT_EQ(tjCompress2(compressor, pixels, width, 0, height, format, &out, &size, sampling, 95, flags), 0);
    base::Bytes bytes(out, out + size);
    tjFree(out);
    tjDestroy(compressor);
    return bytes;
}

// An APP1 marker with an EXIF directory of one entry, put behind the JPEG's start marker.
base::Bytes with_orientation(const base::Bytes& jpeg, int orientation) {
    const std::uint8_t app1[] = {
        0xff, 0xe1, 0, 34, 'E', 'x', 'i',  'f', 0, 0, 'M', 'M', 0, 42, 0,
        0,    0,    8, 0,  1,   1,   0x12, 0,   3, 0, 0,   0,   1, 0,  static_cast<std::uint8_t>(orientation),
        0,    0,    0, 0,  0,   0};
    base::Bytes out(jpeg.begin(), jpeg.begin() + 2);
    out.insert(out.end(), std::begin(app1), std::end(app1));
    out.insert(out.end(), jpeg.begin() + 2, jpeg.end());
    return out;
}

template <class T>
void expect_refusal(const Result<T>& result, Refusal refusal) {
    ASSERT_FALSE(result.ok());
    EXPECT_TRUE(result.error().is(refusal)) << result.error().message() << result.error().detail();
}

TEST(Jpeg, APictureSurvivesEncodingAndDecoding) {
    auto picture = gradient(123, 77);
    auto bytes = encode_jpeg(picture, 95);
    ASSERT_TRUE(bytes.ok());
    auto decoded = decode(*bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.error().message();
    EXPECT_LT(mean_difference(*decoded, picture), 3);
}

TEST(Jpeg, AProgressivePictureIsTheSameAsABaselineOne) {
    auto picture = gradient(160, 120);
    auto baseline = decode(turbojpeg(picture.rgb.data(), 160, 120, TJPF_RGB, TJSAMP_444));
    auto progressive =
        decode(turbojpeg(picture.rgb.data(), 160, 120, TJPF_RGB, TJSAMP_444, TJFLAG_PROGRESSIVE));
    ASSERT_TRUE(baseline.ok());
    ASSERT_TRUE(progressive.ok());
    EXPECT_EQ(baseline->rgb, progressive->rgb);
}

TEST(Jpeg, AGreyPictureHasThreeEqualChannels) {
    auto picture = gradient(64, 64);
    auto grey = decode(turbojpeg(picture.rgb.data(), 64, 64, TJPF_RGB, TJSAMP_GRAY));
    ASSERT_TRUE(grey.ok());
    for (int x = 0; x < 64; ++x) {
        EXPECT_EQ(grey->at(x, 10)[0], grey->at(x, 10)[1]);
        EXPECT_EQ(grey->at(x, 10)[0], grey->at(x, 10)[2]);
    }
    EXPECT_GT(grey->at(60, 60)[0], grey->at(2, 2)[0] + 100);
}

// TurboJPEG writes an Adobe marker and YCCK, with the values as they are given: 255 is no ink.
TEST(Jpeg, InkBecomesLight) {
    struct Case {
        std::array<std::uint8_t, 4> cmyk;
        std::array<int, 3> rgb;
    };
    for (auto [cmyk, rgb] : {Case{{255, 255, 255, 255}, {255, 255, 255}}, Case{{255, 0, 0, 255}, {255, 0, 0}},
                             Case{{0, 255, 0, 128}, {0, 128, 0}}, Case{{200, 100, 50, 0}, {0, 0, 0}}}) {
        std::vector<std::uint8_t> pixels;
        for (int i = 0; i < 32 * 32; ++i)
            pixels.insert(pixels.end(), cmyk.begin(), cmyk.end());
        auto picture = decode(turbojpeg(pixels.data(), 32, 32, TJPF_CMYK, TJSAMP_444));
        ASSERT_TRUE(picture.ok());
        for (int channel = 0; channel < 3; ++channel)
            EXPECT_NEAR(picture->at(16, 16)[channel], rgb[channel], 4);
    }
}

TEST(Jpeg, EveryOrientationIsTurnedUpright) {
    auto picture = gradient(60, 40);
    auto jpeg = turbojpeg(picture.rgb.data(), 60, 40, TJPF_RGB, TJSAMP_444);
    // Where the stored picture's top left corner lies in the upright one, as the EXIF standard's table says.
    struct Corner {
        bool right, bottom;
    };
    constexpr Corner kTopLeftGoesTo[] = {{false, false}, {true, false}, {true, true}, {false, true},
                                         {false, false}, {true, false}, {true, true}, {false, true}};
    for (int orientation = 1; orientation <= 8; ++orientation) {
        auto bytes = with_orientation(jpeg, orientation);
        auto turned = decode(bytes);
        auto header = read_header(bytes);
        ASSERT_TRUE(turned.ok()) << orientation;
        ASSERT_TRUE(header.ok());
        EXPECT_EQ(turned->width, orientation >= 5 ? 40 : 60) << orientation;
        EXPECT_EQ(turned->height, orientation >= 5 ? 60 : 40) << orientation;
        EXPECT_EQ(header->width, turned->width);
        EXPECT_EQ(header->height, turned->height);
        auto corner = kTopLeftGoesTo[orientation - 1];
        auto* pixel =
            turned->at(corner.right ? turned->width - 1 : 0, corner.bottom ? turned->height - 1 : 0);
        EXPECT_LT(pixel[0], 16) << orientation;
        EXPECT_LT(pixel[1], 16) << orientation;
        // The stored top right corner is red without green; it is the top left one's neighbour along the
        // stored rows.
        bool sideways = orientation >= 5;
        auto* red = turned->at((corner.right != !sideways) ? turned->width - 1 : 0,
                               (corner.bottom != sideways) ? turned->height - 1 : 0);
        EXPECT_GT(red[0], 230) << orientation;
        EXPECT_LT(red[1], 20) << orientation;
    }
}

TEST(Jpeg, EveryCutIsRefused) {
    auto picture = gradient(80, 80);
    for (int flags : {0, TJFLAG_PROGRESSIVE}) {
        auto bytes = turbojpeg(picture.rgb.data(), 80, 80, TJPF_RGB, TJSAMP_420, flags);
        ASSERT_TRUE(decode(bytes).ok());
        for (std::size_t size = 0; size < bytes.size(); size += 7)
            expect_refusal(decode(base::ByteView(bytes).first(size)), Refusal::invalid_format);
    }
}

TEST(Jpeg, AHeaderThatPromisesMoreThanTheFileCanHoldIsRefusedAtOnce) {
    auto picture = gradient(80, 80);
    auto bytes = turbojpeg(picture.rgb.data(), 80, 80, TJPF_RGB, TJSAMP_444);
    // The frame header: ff c0, length, precision, height, width.
    auto frame = base::text(bytes).find("\xff\xc0");
    ASSERT_NE(frame, std::string_view::npos);
    bytes[frame + 5] = bytes[frame + 7] = 0x27;
    bytes[frame + 6] = bytes[frame + 8] = 0x10;
    auto refused = decode(bytes);
    expect_refusal(refused, Refusal::invalid_format);
    EXPECT_EQ(refused.error().message(), "The JPEG is cut short.");
    bytes[frame + 6] = 0x11;  // 10,001 rows
    expect_refusal(decode(bytes), Refusal::too_large);
    expect_refusal(read_header(bytes), Refusal::too_large);
}

TEST(Png, EveryColourTypeBecomesRgb) {
    PngMaker maker(5, 3);
    for (auto type : {PngType::grey, PngType::grey16, PngType::grey_alpha, PngType::palette, PngType::rgb,
                      PngType::rgb16, PngType::rgba}) {
        for (bool interlaced : {false, true}) {
            auto picture = decode(maker.solid(type, 200, interlaced));
            ASSERT_TRUE(picture.ok()) << static_cast<int>(type) << picture.error().message();
            EXPECT_EQ(picture->width, 5);
            EXPECT_EQ(picture->height, 3);
            for (auto value : picture->rgb)
                EXPECT_EQ(value, 200) << static_cast<int>(type);
        }
    }
}

TEST(Png, WhatIsTransparentShowsWhite) {
    PngMaker maker(4, 4);
    EXPECT_EQ(decode(maker.transparent(0, 0))->at(1, 1)[0], 255);
    EXPECT_NEAR(decode(maker.transparent(0, 128))->at(1, 1)[0], 127, 1);
    EXPECT_EQ(decode(maker.transparent(30, 255))->at(1, 1)[0], 30);
}

TEST(Png, EveryCutIsRefused) {
    auto bytes = PngMaker(40, 40).solid(PngType::rgb, 7, false);
    ASSERT_TRUE(decode(bytes).ok());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        expect_refusal(decode(base::ByteView(bytes).first(size)), Refusal::invalid_format);
}

TEST(Png, ABombIsRefusedBeforeItIsUnpacked) {
    expect_refusal(decode(PngMaker(20'000, 20'000).header_only()), Refusal::too_large);
    expect_refusal(read_header(PngMaker(20'000, 20'000).header_only()), Refusal::too_large);
    auto short_file = decode(PngMaker(9'000, 9'000).header_only());
    expect_refusal(short_file, Refusal::invalid_format);
}

TEST(Decode, OtherFilesAreRefused) {
    for (std::string_view text : {"", "hello", "GIF89a", "\xff\xd8", "\x89PNG\r\n", "RIFF....WEBPVP8 "})
        expect_refusal(decode(base::view(text)), Refusal::invalid_format);
}

TEST(Decode, TheCallersBoundsHold) {
    auto bytes = encode_jpeg(gradient(100, 50));
    EXPECT_TRUE(decode(*bytes, {.side_max = 100, .pixels_max = 5000}).ok());
    expect_refusal(decode(*bytes, {.side_max = 99}), Refusal::too_large);
    expect_refusal(decode(*bytes, {.pixels_max = 4999}), Refusal::too_large);
}

TEST(Exif, OnlyAValidEntryCounts) {
    auto entry = [](std::string bytes) { return exif_orientation(base::view(bytes)); };
    using namespace std::string_literals;
    EXPECT_EQ(entry("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"s), 6);
    EXPECT_EQ(entry("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0"s), 8);
    EXPECT_EQ(entry("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x09\0\0\0\0\0\0"s), 1);
    EXPECT_EQ(entry("Exif\0\0MM\0*\xff\xff\xff\xff"s), 1);
    EXPECT_EQ(entry("http://ns.adobe.com/xap/1.0/"s), 1);
    EXPECT_EQ(entry(""), 1);
}

TEST(Resample, ShrinkingAveragesTheWholeArea) {
    // A checkerboard of single pixels: picking pixels would give black or white, averaging gives grey.
    auto picture = blank(64, 64, 0, 0, 0);
    for (int y = 0; y < 64; ++y)
        for (int x = y % 2; x < 64; x += 2)
            std::fill_n(picture.at(x, y), 3, std::uint8_t{255});
    auto small = resize(picture, 16, 16);
    for (auto value : small.rgb)
        EXPECT_NEAR(value, 128, 1);
}

TEST(Resample, ACutOutMayReachOutside) {
    auto picture = blank(10, 10, 9, 9, 9);
    EXPECT_EQ(crop(picture, {-5, -5, 10, 10}).width, 5);
    EXPECT_EQ(crop(picture, {20, 20, 5, 5}).width, 0);
    auto part = crop_resized(picture, {-10, 0, 20, 10}, 20, 10);
    EXPECT_EQ(part.at(4, 5)[0], 0);
    EXPECT_EQ(part.at(15, 5)[0], 9);
    EXPECT_EQ(crop_resized(picture, {100, 100, 8, 8}, 4, 4).at(2, 2)[1], 0);
}

TEST(Resample, AMirrorChangesLeftAndRightAlone) {
    auto picture = gradient(30, 20);
    auto mirrored = mirror(picture);
    for (int channel = 0; channel < 3; ++channel)
        EXPECT_EQ(mirrored.at(0, 7)[channel], picture.at(29, 7)[channel]);
    EXPECT_EQ(mirror(mirrored).rgb, picture.rgb);
}

}  // namespace
}  // namespace image
