#include "faces/identification.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faces/bench.h"
#include "faces/identity.h"

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
    EXPECT_TRUE(refusal(bench.staff).is(Refusal::model_missing));
    bench.restart("");
    EXPECT_TRUE(refusal(bench.staff).is(Refusal::model_absent));
    bench.with_scores = false;
    bench.restart();
    EXPECT_TRUE(refusal(bench.staff).is(Refusal::scores_absent));
}

// People who are told apart badly, and what people say of their faces.
struct CorrectedBench : IdentificationBench {
    CorrectedBench() {
        for (const auto& [name, person] : {std::pair("ann", 1u), std::pair("bob", 2u), std::pair("carl", 3u)})
            for (unsigned picture = 0; picture < 2; ++picture)
                enrol_as(name, person, picture);
    }
    // Somebody whose face resembles this person's so much.
    static vision::Embedding like(unsigned person, float cosine, unsigned picture) {
        auto out = embedding(person, picture);
        const auto own = embedding(9 + person, picture);
        const float rest = std::sqrt(1 - cosine * cosine);
        float squares = 0;
        for (std::size_t i = 0; i < out.values.size(); ++i) {
            out.values[i] = cosine * out.values[i] + rest * own.values[i];
            squares += out.values[i] * out.values[i];
        }
        for (auto& x : out.values)
            x /= std::sqrt(squares);
        return out;
    }
    Correction say(Verdict verdict, const vision::Embedding& face, const std::string& name) {
        const auto id = face_id_of(image("seen " + std::to_string(++pictures)), {.width = 0.5f}, "");
        return *collections->corrections().make(staff, verdict, {id, face}, named(name));
    }
    std::string name_of(const vision::Embedding& face) {
        const auto found = identify({face}).faces[0];
        return found.assigned ? found.candidates[*found.assigned].person.name : "nobody";
    }
    int pictures = 0;
};

TEST(Identification, AConfirmedFaceIsAFurtherReference) {
    CorrectedBench bench;
    const auto seen = CorrectedBench::like(1, 0.6f, 20), later = CorrectedBench::like(1, 0.6f, 21);
    const auto before = bench.identify({later}).faces[0];
    ASSERT_FALSE(before.assigned) << "Ann has changed";
    const auto said = bench.say(Verdict::confirmed, seen, "ann");
    const auto after = bench.identify({later}).faces[0];
    ASSERT_THAT(after.assigned, Optional(0u));
    EXPECT_EQ(after.candidates[0].person, named("ann"));
    EXPECT_GT(after.candidates[0].probability, 0.9);
    EXPECT_EQ(after.candidates[0].references, 3u);
    ASSERT_THAT(after.candidates[0].words, SizeIs(1));
    EXPECT_EQ(after.candidates[0].words[0].correction.id, said.id);
    EXPECT_EQ(bench.name_of(Bench::embedding(1, 30)), "ann");
    EXPECT_EQ(bench.name_of(Bench::embedding(2, 30)), "bob");
    ASSERT_TRUE(bench.collections->corrections().undo(bench.staff, said.id).ok());
    EXPECT_EQ(bench.identify({later}).faces[0].stranger, before.stranger);
}

TEST(Identification, ARejectedFaceSpeaksAgainstThePersonForFacesLikeIt) {
    CorrectedBench bench;
    const auto seen = CorrectedBench::like(2, 0.85f, 20), later = CorrectedBench::like(2, 0.85f, 21);
    ASSERT_EQ(bench.name_of(later), "bob") << "a stranger who looks like Bob";
    const auto said = bench.say(Verdict::rejected, seen, "bob");
    const auto after = bench.identify({later}).faces[0];
    EXPECT_FALSE(after.assigned);
    EXPECT_GT(after.stranger, 0.9);
    EXPECT_NEAR(sum_of(after), 1, 1e-9);
    EXPECT_EQ(bench.name_of(Bench::embedding(2, 30)), "bob");
    EXPECT_TRUE(bench.identify({seen}).faces[0].candidates.empty()) << "the very face is not Bob";
    ASSERT_TRUE(bench.collections->corrections().undo(bench.staff, said.id).ok());
    EXPECT_EQ(bench.name_of(later), "bob");
}

// The face is Carl's, and somebody only said that it is not Bob's.
TEST(Identification, ARejectionLeavesTheFaceToWhoseItIs) {
    CorrectedBench bench;
    bench.say(Verdict::rejected, Bench::embedding(3, 20), "bob");
    EXPECT_EQ(bench.name_of(Bench::embedding(3, 21)), "carl");
    EXPECT_EQ(bench.name_of(Bench::embedding(3, 20)), "carl");
    EXPECT_GT(bench.identify({Bench::embedding(3, 21)}).faces[0].candidates[0].probability, 0.95);
}

TEST(Identification, WhatPeopleSaidOfAPhotographHoldsInItsAssignment) {
    CorrectedBench bench;
    const auto seen = CorrectedBench::like(1, 0.5f, 20);
    bench.say(Verdict::confirmed, seen, "ann");
    const auto picture = bench.identify({Bench::embedding(1, 30), seen});
    ASSERT_THAT(picture.faces[1].assigned, Optional(0u));
    EXPECT_EQ(picture.faces[1].candidates[0].person, named("ann"));
    EXPECT_GT(picture.faces[1].candidates[0].probability, 0.999);
    EXPECT_FALSE(picture.faces[0].assigned) << "Ann is in the picture once";
}

TEST(Identification, AnEnrolledFaceIsWhoseItWasConfirmedToBe) {
    CorrectedBench bench;
    const auto wrong = bench.enrol_as("ann", 2, 9);
    auto references = [&](const std::string& name) {
        const auto face = bench.identify({Bench::embedding(2, 30)}).faces[0];
        for (const auto& candidate : face.candidates)
            if (candidate.person == named(name)) return candidate.references;
        return std::size_t{0};
    };
    EXPECT_EQ(references("ann"), 3u);
    EXPECT_EQ(references("bob"), 2u);
    const auto said =
        *bench.collections->corrections().make(bench.staff, Verdict::confirmed, wrong, named("bob"));
    EXPECT_EQ(references("ann"), 2u);
    EXPECT_EQ(references("bob"), 3u);
    ASSERT_TRUE(bench.collections->corrections().undo(bench.staff, said.id).ok());
    EXPECT_EQ(references("ann"), 3u);
}

TEST(Identification, APersonMayHaveConfirmedFacesOnly) {
    IdentificationBench bench;
    const PersonId eve{PersonId::Kind::user, "eve"};
    ASSERT_TRUE(bench.collections->users().create(bench.staff, UserId("eve")).ok());
    const FaceId seen("0a1b2c3d-4e5f-5071-8293-a4b5c6d7e8f9");
    ASSERT_TRUE(bench.collections->corrections()
                    .make(bench.staff, Verdict::confirmed, {seen, Bench::embedding(5, 0)}, eve)
                    .ok());
    const auto picture = bench.identify({Bench::embedding(5, 1), Bench::embedding(77)});
    EXPECT_EQ(picture.people, 0u) << "with enrolled faces";
    ASSERT_THAT(picture.faces[0].assigned, Optional(0u));
    EXPECT_EQ(picture.faces[0].candidates[0].person, eve);
    EXPECT_FALSE(picture.faces[1].assigned);
}

}  // namespace
}  // namespace faces
