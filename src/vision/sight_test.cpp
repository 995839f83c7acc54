#include "vision/sight.h"

#include <gtest/gtest.h>

namespace vision {
namespace {

Face face_in(Box box) {
    Face face;
    face.box = box;
    return face;
}

TEST(Sight, OverlapIsThePartThatTwoBoxesShare) {
    const Box box{.left = 0.1f, .top = 0.1f, .width = 0.2f, .height = 0.2f};
    EXPECT_FLOAT_EQ(overlap(box, box), 1);
    EXPECT_FLOAT_EQ(overlap(box, {.left = 0.2f, .top = 0.1f, .width = 0.2f, .height = 0.2f}), 1.0f / 3);
    EXPECT_EQ(overlap(box, {.left = 0.3f, .top = 0.1f, .width = 0.2f, .height = 0.2f}), 0);
    EXPECT_EQ(overlap(box, {.left = 0.6f, .top = 0.6f, .width = 0.2f, .height = 0.2f}), 0);
}

TEST(Sight, AFaceIsFoundAgainByItsPlace) {
    const std::vector<Face> faces = {face_in({.left = 0.1f, .top = 0.1f, .width = 0.2f, .height = 0.2f}),
                                     face_in({.left = 0.5f, .top = 0.1f, .width = 0.2f, .height = 0.2f})};
    EXPECT_EQ(face_at(faces, {.left = 0.52f, .top = 0.1f, .width = 0.2f, .height = 0.2f}, 0.3f), &faces[1]);
    EXPECT_EQ(face_at(faces, {.left = 0.3f, .top = 0.1f, .width = 0.2f, .height = 0.2f}, 0.3f), nullptr);
    EXPECT_EQ(face_at({}, faces[0].box, 0.3f), nullptr);
}

}  // namespace
}  // namespace vision
