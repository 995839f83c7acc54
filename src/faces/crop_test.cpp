#include "faces/crop.h"

#include <gtest/gtest.h>

#include "image/decode.h"

namespace faces {
namespace {

constexpr vision::Box kFace{.left = 0.4f, .top = 0.3f, .width = 0.2f, .height = 0.4f};

TEST(Crop, ItShowsTheFaceAndWhatIsAroundIt) {
    auto picture = image::blank(400, 200, 255, 255, 255);
    for (int y = 60; y < 140; ++y)
        for (int x = 160; x < 240; ++x)
            picture.at(x, y)[0] = 0;
    const auto crop = crop_of(picture, kFace);
    ASSERT_TRUE(crop.ok());
    EXPECT_FLOAT_EQ(crop->place.left, 100.0f / 400);
    EXPECT_FLOAT_EQ(crop->place.top, 0);
    EXPECT_FLOAT_EQ(crop->place.width, 0.5f);
    const auto seen = image::decode(crop->jpeg);
    ASSERT_TRUE(seen.ok());
    EXPECT_EQ(seen->width, 200);
    EXPECT_EQ(seen->height, 200);
    const auto inside = into_crop(kFace, crop->place);
    EXPECT_FLOAT_EQ(inside.left, 0.3f);
    EXPECT_FLOAT_EQ(inside.width, 0.4f);
    EXPECT_LT(seen->at(100, 100)[0], 60);
    EXPECT_GT(seen->at(20, 20)[0], 200);
    const auto back = out_of_crop(inside, crop->place);
    EXPECT_FLOAT_EQ(back.left, kFace.left);
    EXPECT_FLOAT_EQ(back.height, kFace.height);
}

TEST(Crop, ALargeFaceIsMadeSmaller) {
    const auto crop = crop_of(image::blank(3000, 2000, 9, 9, 9), kFace);
    ASSERT_TRUE(crop.ok());
    const auto seen = image::decode(crop->jpeg);
    EXPECT_EQ(std::max(seen->width, seen->height), kCropPx);
}

TEST(Crop, AFaceAtTheEdgeOrBeyondIsCutAtTheEdge) {
    const auto picture = image::blank(100, 100, 9, 9, 9);
    for (const auto& box :
         {vision::Box{-0.5f, -0.5f, 0.6f, 0.6f}, {0.95f, 0.95f, 0.5f, 0.5f}, {2, 2, 1, 1}, {}}) {
        const auto crop = crop_of(picture, box);
        ASSERT_TRUE(crop.ok());
        EXPECT_TRUE(image::decode(crop->jpeg).ok());
    }
}

TEST(Crop, ItComesBackAsItWent) {
    const Crop crop{kFace, {1, 2, 3}};
    const auto bytes = encode(crop);
    const auto back = decode_crop(bytes);
    ASSERT_TRUE(back.ok());
    EXPECT_FLOAT_EQ(back->place.height, kFace.height);
    EXPECT_EQ(back->jpeg, crop.jpeg);
    for (std::size_t length = 0; length < 17; ++length)
        EXPECT_FALSE(decode_crop(bytes.substr(0, length)).ok()) << length;
}

}  // namespace
}  // namespace faces
