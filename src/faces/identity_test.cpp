#include "faces/identity.h"

#include <gtest/gtest.h>

namespace faces {
namespace {

const vision::ModelId kModel("model-a");
const vision::Box kBox{.left = 0.1f, .top = 0.2f, .width = 0.3f, .height = 0.4f};

ImageId image_of(std::string_view bytes) {
    return image_id_of(base::view(bytes), kModel);
}

TEST(Identity, TheSamePictureAlwaysGetsTheSameId) {
    EXPECT_EQ(image_of("picture"), image_of("picture"));
    EXPECT_NE(image_of("picture"), image_of("picturf"));
    EXPECT_NE(image_of("picture"), image_id_of(base::view("picture"), vision::ModelId("model-b")));
}

TEST(Identity, IdsAreNameBasedUuids) {
    for (const auto& id : {image_of("picture").str(), face_id_of(image_of("picture"), kBox, "").str()}) {
        EXPECT_TRUE(base::is_uuid(id));
        EXPECT_EQ(id[14], '5');
    }
}

TEST(Identity, AFaceIsNamedByItsPlaceInItsPictureAndTheCallersNameForIt) {
    const auto image = image_of("picture");
    const auto face = face_id_of(image, kBox, "ann");
    EXPECT_EQ(face_id_of(image, kBox, "ann"), face);
    EXPECT_NE(face_id_of(image, kBox, "bob"), face);
    EXPECT_NE(face_id_of(image, kBox, ""), face);
    EXPECT_NE(face_id_of(image_of("other"), kBox, "ann"), face);
    auto moved = kBox;
    moved.left += 0.01f;
    EXPECT_NE(face_id_of(image, moved, "ann"), face);
}

TEST(Identity, ABoxThatDiffersByRoundingIsTheSameFace) {
    const auto image = image_of("picture");
    auto rounded = kBox;
    rounded.left += 1e-6f;
    EXPECT_EQ(face_id_of(image, rounded, ""), face_id_of(image, kBox, ""));
}

TEST(Identity, AFaceIdAndItsKeyAreTheSameThing) {
    const FaceId face("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9");
    EXPECT_EQ(face_of(key_of(face)), face);
    EXPECT_EQ(key_of(face).bytes[0], 0x0a);
    EXPECT_EQ(key_of(face).bytes[15], 0xf9);
}

}  // namespace
}  // namespace faces
