#include "faces/identification.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faces/bench.h"

namespace faces {
namespace {

using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

PersonId named(std::string name) {
    return {PersonId::Kind::external_image_id, std::move(name)};
}

struct IdentificationBench : Bench {
    IdentificationBench() { EXPECT_TRUE(collections->create(staff).ok()); }
    FaceId enrol_as(const std::string& name, unsigned person, unsigned picture) {
        const auto faces = collections->enrol(
            staff, {image("p" + std::to_string(person) + "-" + std::to_string(picture) + name),
                    name.empty() ? std::nullopt : std::optional(name),
                    {face(person, 0.1f, picture)}});
        EXPECT_TRUE(faces.ok());
        return faces->front().face.id;
    }
    IdentifiedPicture identify(const std::vector<vision::Embedding>& faces,
                               const IdentifyOptions& options = {}) {
        auto out = faces::identify(collections->registry(), staff, faces, options);
        EXPECT_TRUE(out.ok());
        return *std::move(out);
    }
};

double sum_of(const IdentifiedFace& face) {
    double sum = face.others + face.stranger;
    for (const auto& candidate : face.candidates)
        sum += candidate.probability;
    return sum;
}

TEST(Identification, NamesEveryFaceOfAPictureAndSaysWhoIsAStranger) {
    IdentificationBench bench;
    for (unsigned person = 1; person <= 6; ++person)
        for (unsigned picture = 0; picture < 3; ++picture)
            bench.enrol_as("person-" + std::to_string(person), person, picture);
    const auto picture =
        bench.identify({Bench::embedding(2, 50), Bench::embedding(77, 1), Bench::embedding(5, 50)});
    EXPECT_EQ(picture.people, 6u);
    ASSERT_THAT(picture.faces, SizeIs(3));
    for (const auto& face : picture.faces)
        EXPECT_NEAR(sum_of(face), 1, 1e-9);
    ASSERT_THAT(picture.faces[0].assigned, Optional(0u));
    const auto& ann = picture.faces[0].candidates[0];
    EXPECT_EQ(ann.person, named("person-2"));
    EXPECT_GT(ann.probability, 0.95);
    EXPECT_LT(ann.false_match_rate, 1e-4);
    EXPECT_EQ(ann.references, 3u);
    ASSERT_THAT(ann.evidence, SizeIs(3));
    EXPECT_GE(ann.evidence[0].similarity, ann.evidence[1].similarity);
    EXPECT_FALSE(picture.faces[1].assigned);
    EXPECT_GT(picture.faces[1].stranger, 0.95);
    EXPECT_EQ(picture.faces[2].candidates[0].person, named("person-5"));
}

TEST(Identification, APersonIsAUserOrElseAnExternalImageId) {
    IdentificationBench bench;
    const auto ann = bench.enrol_as("ann.jpg", 1, 0);
    bench.enrol_as("bob.jpg", 2, 0);
    bench.enrol_as("", 3, 0);  // nobody's
    ASSERT_TRUE(bench.collections->users().create(bench.staff, UserId("ann")).ok());
    ASSERT_TRUE(bench.collections->users().associate(bench.staff, UserId("ann"), {ann}, {0}).ok());
    const auto picture =
        bench.identify({Bench::embedding(1, 9), Bench::embedding(2, 9), Bench::embedding(3, 9)});
    EXPECT_EQ(picture.people, 2u);
    EXPECT_EQ(picture.faces[0].candidates[0].person, (PersonId{PersonId::Kind::user, "ann"}));
    EXPECT_EQ(picture.faces[1].candidates[0].person, named("bob.jpg"));
    EXPECT_FALSE(picture.faces[2].assigned) << "a face of nobody names nobody";
}

TEST(Identification, OnePersonIsOneOfTheFacesUnlessThatIsTurnedOff) {
    IdentificationBench bench;
    bench.enrol_as("ann", 1, 0);
    const std::vector<vision::Embedding> twice = {Bench::embedding(1, 7), Bench::embedding(1, 8)};
    const auto joint = bench.identify(twice);
    EXPECT_EQ(joint.faces[0].assigned.has_value() + joint.faces[1].assigned.has_value(), 1);
    EXPECT_LE(joint.faces[0].candidates[0].probability + joint.faces[1].candidates[0].probability, 1 + 1e-9);
    const auto separate = bench.identify(twice, {.once_per_picture = false});
    EXPECT_TRUE(separate.faces[0].assigned && separate.faces[1].assigned);
}

TEST(Identification, WhoIsNotListedIsAmongTheOthers) {
    IdentificationBench bench;
    for (unsigned picture = 0; picture < 4; ++picture)  // four names of one person
        bench.enrol_as("name-" + std::to_string(picture), 1, picture);
    const auto picture = bench.identify({Bench::embedding(1, 9)}, {.candidates_max = 1});
    ASSERT_THAT(picture.faces[0].candidates, SizeIs(1));
    EXPECT_GT(picture.faces[0].others, 0.3);
    EXPECT_NEAR(sum_of(picture.faces[0]), 1, 1e-9);
}

// All hits of the first search are one person's: the other is found all the same.
TEST(Identification, APersonOfVeryManyFacesHidesNobody) {
    IdentificationBench bench;
    for (unsigned picture = 0; picture < 130; ++picture)
        bench.enrol_as("ann", 1, picture);
    bench.enrol_as("also-ann", 1, 500);
    const auto picture = bench.identify({Bench::embedding(1, 900)}, {.candidates_max = 5});
    ASSERT_THAT(picture.faces[0].candidates, SizeIs(2));
    EXPECT_EQ(picture.faces[0].candidates[0].evidence.size(), kReferencesShownMax);
}

TEST(Identification, AnEmptyCollectionKnowsNobody) {
    IdentificationBench bench;
    const auto picture = bench.identify({Bench::embedding(1)});
    EXPECT_EQ(picture.people, 0u);
    EXPECT_EQ(picture.faces[0].stranger, 1);
    EXPECT_THAT(bench.identify({}).faces, IsEmpty());
}

TEST(Identification, IsRefusedWithoutACollectionOrItsModelOrScores) {
    IdentificationBench bench;
    const std::vector<vision::Embedding> face = {Bench::embedding(1)};
    auto refusal = [&](const CollectionKey& key) {
        return identify(bench.collections->registry(), key, face, {}).error();
    };
    EXPECT_TRUE(refusal(Bench::key("guests")).is(Refusal::collection_missing));
    bench.restart("model-b");
    EXPECT_TRUE(refusal(bench.staff).is(Refusal::model_differs));
    bench.restart("");
    EXPECT_TRUE(refusal(bench.staff).is(Refusal::model_absent));
    bench.with_scores = false;
    bench.restart();
    EXPECT_TRUE(refusal(bench.staff).is(Refusal::scores_absent));
}

}  // namespace
}  // namespace faces
