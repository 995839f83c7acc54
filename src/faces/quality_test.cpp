#include "faces/quality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faces {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

vision::Face good_face(float side = 0.5f) {
    vision::Face face;
    face.box = {.left = 0.1f, .top = 0.1f, .width = side, .height = side};
    face.confidence = 99;
    face.quality = {.brightness = 60, .sharpness = 80};
    face.side_px = 200;
    return face;
}

TEST(Quality, AGoodFacePassesEveryFilter) {
    for (auto filter : {QualityFilter::none, QualityFilter::automatic, QualityFilter::low,
                        QualityFilter::medium, QualityFilter::high})
        EXPECT_THAT(reasons_against(good_face(), filter), IsEmpty());
}

TEST(Quality, EachFaultHasItsReasonAndAllOfThemAreGivenInOrder) {
    auto face = good_face();
    face.confidence = 10;
    face.side_px = 8;
    face.pose.yaw = -80;
    face.quality = {.brightness = 1, .sharpness = 0, .completeness = 50};
    EXPECT_THAT(reasons_against(face, QualityFilter::medium),
                ElementsAre(Reason::low_confidence, Reason::small_bounding_box, Reason::extreme_pose,
                            Reason::low_brightness, Reason::low_sharpness, Reason::low_face_quality));
    EXPECT_THAT(reasons_against(face, QualityFilter::none), IsEmpty());
}

TEST(Quality, AStricterFilterAsksForMore) {
    auto face = good_face();
    face.quality.sharpness = 10;
    EXPECT_THAT(reasons_against(face, QualityFilter::low), IsEmpty());
    EXPECT_THAT(reasons_against(face, QualityFilter::medium), ElementsAre(Reason::low_sharpness));
    EXPECT_THAT(reasons_against(face, QualityFilter::automatic), ElementsAre(Reason::low_sharpness));
    face.quality.sharpness = 20;
    EXPECT_THAT(reasons_against(face, QualityFilter::medium), IsEmpty());
    EXPECT_THAT(reasons_against(face, QualityFilter::high), ElementsAre(Reason::low_sharpness));
}

TEST(Quality, AFaceThatThePictureCutsOrThatIsSmallAndBlurredTogetherIsOfLowQuality) {
    auto cut = good_face();
    cut.quality.completeness = 75;
    EXPECT_THAT(reasons_against(cut, QualityFilter::automatic), ElementsAre(Reason::low_face_quality));
    auto distant = good_face();
    distant.side_px = 45;
    distant.quality.sharpness = 16;
    EXPECT_THAT(reasons_against(distant, QualityFilter::automatic), ElementsAre(Reason::low_face_quality));
    distant.quality.sharpness = 60;
    EXPECT_THAT(reasons_against(distant, QualityFilter::automatic), IsEmpty());
}

TEST(Quality, AFaceThatIsTinyInALargePictureIsSmallHoweverManyPixelsItHas) {
    auto face = good_face(0.009f);
    EXPECT_THAT(reasons_against(face, QualityFilter::low), ElementsAre(Reason::small_bounding_box));
}

TEST(Quality, LookingDownIsJudgedMoreStrictlyThanLookingUp) {
    auto face = good_face();
    face.pose.pitch = 40;
    EXPECT_THAT(reasons_against(face, QualityFilter::high), IsEmpty());
    face.pose.pitch = -40;
    EXPECT_THAT(reasons_against(face, QualityFilter::high), ElementsAre(Reason::extreme_pose));
}

TEST(Quality, TheLargestFacesAreKeptAndTheOthersExceedTheMaximum) {
    const auto choice =
        choose({good_face(0.1f), good_face(0.4f), good_face(0.2f)}, QualityFilter::automatic, 2);
    ASSERT_EQ(choice.kept.size(), 2u);
    EXPECT_EQ(choice.kept[0].box.width, 0.4f);
    EXPECT_EQ(choice.kept[1].box.width, 0.2f);
    ASSERT_EQ(choice.rejected.size(), 1u);
    EXPECT_EQ(choice.rejected[0].face.box.width, 0.1f);
    EXPECT_THAT(choice.rejected[0].reasons, ElementsAre(Reason::exceeds_max_faces));
}

TEST(Quality, AFaceThatTheFilterRejectsTakesNobodysPlace) {
    auto dark = good_face(0.9f);
    dark.quality.brightness = 2;
    const auto choice = choose({dark, good_face(0.3f)}, QualityFilter::automatic, 1);
    ASSERT_EQ(choice.kept.size(), 1u);
    EXPECT_EQ(choice.kept[0].box.width, 0.3f);
    ASSERT_EQ(choice.rejected.size(), 1u);
    EXPECT_THAT(choice.rejected[0].reasons, ElementsAre(Reason::low_brightness));
}

}  // namespace
}  // namespace faces
