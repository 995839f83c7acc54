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

TEST(Quality, WhatTheEmbedderIsUnsureOfIsOfLowQualityWhereItWasAsked) {
    using Grade = vision::Recognisability;
    auto face = good_face();
    auto refused_by = [&](Grade grade) {
        face.quality.recognisability = grade;
        std::vector<QualityFilter> filters;
        for (auto filter : {QualityFilter::none, QualityFilter::low, QualityFilter::automatic,
                            QualityFilter::medium, QualityFilter::high}) {
            const auto reasons = reasons_against(face, filter);
            if (reasons.empty()) continue;
            EXPECT_THAT(reasons, ElementsAre(Reason::low_face_quality));
            filters.push_back(filter);
        }
        return filters;
    };
    EXPECT_THAT(refused_by(Grade::high), IsEmpty());
    EXPECT_THAT(refused_by(Grade::medium), ElementsAre(QualityFilter::high));
    EXPECT_THAT(refused_by(Grade::low),
                ElementsAre(QualityFilter::automatic, QualityFilter::medium, QualityFilter::high));
    EXPECT_THAT(refused_by(Grade::poor), ElementsAre(QualityFilter::low, QualityFilter::automatic,
                                                     QualityFilter::medium, QualityFilter::high));
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
        *choose({good_face(0.1f), good_face(0.4f), good_face(0.2f)}, QualityFilter::automatic, 2);
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
    const auto choice = *choose({dark, good_face(0.3f)}, QualityFilter::automatic, 1);
    ASSERT_EQ(choice.kept.size(), 1u);
    EXPECT_EQ(choice.kept[0].box.width, 0.3f);
    ASSERT_EQ(choice.rejected.size(), 1u);
    EXPECT_THAT(choice.rejected[0].reasons, ElementsAre(Reason::low_brightness));
}

// A face of `side` (of both of the picture's) whose middle is at `x`, half way down.
vision::Face face_at(float x, float side, float sharpness = 80) {
    auto face = good_face(side);
    face.box.left = x - side / 2;
    face.box.top = 0.5f - side / 2;
    face.quality.sharpness = sharpness;
    return face;
}

std::vector<std::vector<Reason>> reasons_beside(const vision::Face& subject, const vision::Face& other,
                                                QualityFilter filter = QualityFilter::automatic) {
    std::vector<std::vector<Reason>> reasons;
    const auto choice = choose_to_enrol({subject, other}, filter);
    for (const auto& rejected : choice->rejected)
        reasons.push_back(rejected.reasons);
    return reasons;
}

TEST(Enrolment, OfAPictureWithASubjectBystandersAreLeftOut) {
    const auto subject = face_at(0.5f, 0.4f);
    EXPECT_THAT(reasons_beside(subject, face_at(0.2f, 0.25f)),
                ElementsAre(ElementsAre(Reason::small_bounding_box)));
    EXPECT_THAT(reasons_beside(subject, face_at(0.25f, 0.35f, 40)),
                ElementsAre(ElementsAre(Reason::low_sharpness)));
    EXPECT_THAT(reasons_beside(subject, face_at(0.17f, 0.32f)),
                ElementsAre(ElementsAre(Reason::low_face_quality)));
    EXPECT_THAT(reasons_beside(subject, face_at(0.05f, 0.25f, 40)),
                ElementsAre(ElementsAre(Reason::small_bounding_box, Reason::low_sharpness,
                                        Reason::low_face_quality)));
}

TEST(Enrolment, AFaceOfTheSubjectsSizeThatIsClearOfTheEdgeIsNoBystander) {
    EXPECT_THAT(reasons_beside(face_at(0.5f, 0.3f), face_at(0.2f, 0.3f)), IsEmpty());
    EXPECT_THAT(reasons_beside(face_at(0.5f, 0.3f), face_at(0.2f, 0.24f)), IsEmpty())
        << "a child beside a man";
}

TEST(Enrolment, OnlyAutoKnowsASubject) {
    for (auto filter : {QualityFilter::none, QualityFilter::low, QualityFilter::medium})
        EXPECT_THAT(reasons_beside(face_at(0.5f, 0.4f), face_at(0.05f, 0.2f, 40), filter), IsEmpty());
}

TEST(Enrolment, APictureOfAGroupHasNoSubject) {
    EXPECT_THAT(reasons_beside(face_at(0.3f, 0.3f), face_at(0.75f, 0.2f)), IsEmpty())
        << "nobody in the middle";
    EXPECT_THAT(reasons_beside(face_at(0.5f, 0.2f), face_at(0.2f, 0.35f)), IsEmpty())
        << "somebody larger than the one in the middle";
}

TEST(Enrolment, AFaceAtTheEdgeIsNotLeftOutForBeingTheLargest) {
    const auto choice =
        *choose_to_enrol({face_at(0.15f, 0.33f), face_at(0.5f, 0.3f)}, QualityFilter::automatic);
    ASSERT_EQ(choice.kept.size(), 1u);
    EXPECT_EQ(choice.kept[0].box.width, 0.3f) << "the subject";
    EXPECT_THAT(choose_to_enrol({face_at(0.5f, 1.1f)}, QualityFilter::automatic)->rejected, IsEmpty())
        << "a close-up has nobody to stand beside";
}

TEST(Enrolment, WhoIsRejectedAnywayIsNobodysSubjectAndBystandersTakeNobodysPlace) {
    auto dark = face_at(0.5f, 0.4f);
    dark.quality.brightness = 2;
    EXPECT_THAT(choose_to_enrol({dark, face_at(0.2f, 0.2f)}, QualityFilter::automatic)->kept.size(), 1u);
    const auto choice = *choose_to_enrol({face_at(0.15f, 0.33f), face_at(0.5f, 0.3f), face_at(0.8f, 0.25f)},
                                         QualityFilter::automatic, 2);
    ASSERT_EQ(choice.kept.size(), 2u);
    EXPECT_EQ(choice.kept[1].box.width, 0.25f);
}

// Looks closer: the embedder is unsure of faces that are as wide as `unsure`.
struct CloserLook {
    std::vector<float> unsure;
    std::vector<float> looked_at;

    Examine examine() {
        return [this](vision::Face& face) -> Result<void> {
            using Grade = vision::Recognisability;
            looked_at.push_back(face.box.width);
            const bool is_unsure = std::find(unsure.begin(), unsure.end(), face.box.width) != unsure.end();
            face.quality.recognisability = is_unsure ? Grade::poor : Grade::high;
            return {};
        };
    }
};

TEST(CloserLook, IsTakenAtWhomNothingElseSpeaksAgainstUntilEnoughAreKept) {
    CloserLook look{.unsure = {0.4f}};
    auto dark = good_face(0.5f);
    dark.quality.brightness = 2;
    const auto choice = choose({dark, good_face(0.4f), good_face(0.3f), good_face(0.2f)},
                               QualityFilter::automatic, 1, look.examine());
    ASSERT_TRUE(choice.ok());
    EXPECT_THAT(look.looked_at, ElementsAre(0.4f, 0.3f));
    ASSERT_EQ(choice->kept.size(), 1u);
    EXPECT_EQ(choice->kept[0].box.width, 0.3f);
    ASSERT_EQ(choice->rejected.size(), 3u);
    EXPECT_THAT(choice->rejected[1].reasons, ElementsAre(Reason::low_face_quality));
    EXPECT_THAT(choice->rejected[2].reasons, ElementsAre(Reason::exceeds_max_faces));
}

TEST(CloserLook, IsNotTakenWithoutAFilter) {
    CloserLook look{.unsure = {0.4f}};
    EXPECT_EQ(choose({good_face(0.4f)}, QualityFilter::none, std::nullopt, look.examine())->kept.size(), 1u);
    EXPECT_THAT(look.looked_at, IsEmpty());
}

TEST(CloserLook, WhatIsNotRecognisableIsNobodysSubject) {
    CloserLook look{.unsure = {0.4f}};
    const auto choice = choose_to_enrol({face_at(0.5f, 0.4f), face_at(0.2f, 0.2f)}, QualityFilter::automatic,
                                        std::nullopt, look.examine());
    ASSERT_TRUE(choice.ok());
    ASSERT_EQ(choice->kept.size(), 1u);
    EXPECT_EQ(choice->kept[0].box.width, 0.2f) << "a bystander only beside a subject";
    EXPECT_THAT(choice->rejected[0].reasons, ElementsAre(Reason::low_face_quality));
}

TEST(CloserLook, BystandersAreLeftOutWithoutOne) {
    CloserLook look;
    EXPECT_EQ(choose_to_enrol({face_at(0.5f, 0.4f), face_at(0.2f, 0.2f)}, QualityFilter::automatic,
                              std::nullopt, look.examine())
                  ->kept.size(),
              1u);
    EXPECT_THAT(look.looked_at, testing::Each(0.4f));
}

TEST(CloserLook, WhoseFailureIsTheChoices) {
    const Examine fails = [](vision::Face&) -> Result<void> { return Error::failure("no memory"); };
    EXPECT_FALSE(choose({good_face()}, QualityFilter::automatic, std::nullopt, fails).ok());
    EXPECT_FALSE(choose_to_enrol({good_face()}, QualityFilter::automatic, std::nullopt, fails).ok());
}

TEST(Enrolment, SearchesKnowNoBystanders) {
    EXPECT_EQ(choose({face_at(0.5f, 0.4f), face_at(0.2f, 0.2f)}, QualityFilter::automatic)->kept.size(), 2u);
}

}  // namespace
}  // namespace faces
