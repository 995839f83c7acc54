#include "faces/sightings.h"

#include <gmock/gmock.h>

#include "faces/corrections_bench.h"

namespace faces {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

struct SightingsBench : CorrectionsBench {
    // Of a face that is in no collection.
    Correction make_elsewhere(Verdict verdict, const PersonId& person, unsigned picture = 0) {
        auto id = kElsewhere.str();
        id.back() = static_cast<char>('0' + picture);
        return *corrections().make(staff, verdict, {FaceId(id), embedding(5, picture)}, person);
    }
    Sightings sightings() { return {collections->registry(), *collections->registry().find(staff)}; }
    std::vector<NearSighting> near(const vision::Embedding& face, float floor) {
        return sightings().near(std::span(&face, 1), floor)->front();
    }
    std::vector<FaceId> confirmed(const PersonId& person, std::size_t limit = 100) {
        std::vector<FaceId> out;
        const auto found = *sightings().confirmed_as(person, limit);
        for (const auto& sighting : found)
            out.push_back(sighting.face);
        return out;
    }
};

TEST(Sightings, AreOnesOwnWhereConfirmed) {
    SightingsBench bench;
    const auto face = bench.enrol(bench.staff, 1).id;
    EXPECT_EQ(*bench.sightings().of(face), std::nullopt) << "nobody spoke of it";
    const auto made = bench.make(Verdict::confirmed, face, kAnn);
    for (int time = 0; time < 2; ++time) {
        EXPECT_THAT(bench.confirmed(kAnn), ElementsAre(face));
        EXPECT_THAT(bench.confirmed(kBob), IsEmpty());
        const auto sighting = *bench.sightings().of(face);
        ASSERT_TRUE(sighting);
        EXPECT_THAT(sighting->person, Optional(kAnn));
        ASSERT_THAT(sighting->corrections, SizeIs(1));
        EXPECT_EQ(sighting->corrections[0].id, made.id);
        EXPECT_EQ(sighting->embedding.values, Bench::embedding(1).values);
        bench.restart();
    }
    bench.make(Verdict::confirmed, face, kBob);
    EXPECT_THAT(bench.confirmed(kAnn), IsEmpty()) << "a face is one person";
    EXPECT_THAT(bench.confirmed(kBob), ElementsAre(face));
    bench.make_elsewhere(Verdict::confirmed, kBob, 1);
    bench.make_elsewhere(Verdict::confirmed, kBob, 2);
    EXPECT_THAT(bench.confirmed(kBob), SizeIs(3));
    EXPECT_THAT(bench.confirmed(kBob, 2), SizeIs(2));
}

TEST(Sightings, AreOfWhomTheFaceIsEnrolledUnlessThatWasRejected) {
    SightingsBench bench;
    const PersonId ann_photo{PersonId::Kind::external_image_id, "ann-photo"};
    const auto enrolled =
        *bench.collections->enrol(bench.staff, {Bench::image("p"), "ann-photo", {Bench::face(3)}});
    const auto face = enrolled.front().face.id;
    bench.make(Verdict::rejected, face, kBob);
    EXPECT_THAT((*bench.sightings().of(face))->person, Optional(ann_photo));
    EXPECT_TRUE((*bench.sightings().of(face))->is_rejected(kBob));
    bench.make(Verdict::rejected, face, ann_photo);
    EXPECT_EQ((*bench.sightings().of(face))->person, std::nullopt);
    EXPECT_TRUE((*bench.sightings().of(face))->is_rejected(ann_photo));
    EXPECT_THAT(bench.confirmed(ann_photo), IsEmpty());
}

TEST(Sightings, AreFoundByTheLikenessOfTheirFaces) {
    SightingsBench bench;
    EXPECT_THAT(bench.near(Bench::embedding(1), -1), IsEmpty());
    const auto face = bench.enrol(bench.staff, 1);
    bench.make(Verdict::rejected, face.id, kBob);
    bench.make(Verdict::confirmed, face.id, kAnn);
    const auto elsewhere = bench.make_elsewhere(Verdict::confirmed, kAnn);
    for (int time = 0; time < 2; ++time) {
        const auto near = bench.near(Bench::embedding(1, 3), 0.5f);
        ASSERT_THAT(near, SizeIs(1)) << "two corrections of one face";
        EXPECT_EQ(near[0].sighting.face, face.id);
        EXPECT_THAT(near[0].sighting.corrections, SizeIs(2));
        EXPECT_NEAR(near[0].cosine, vision::cosine(Bench::embedding(1, 3), face.record.embedding), 1e-5);
        EXPECT_THAT(bench.near(Bench::embedding(1, 3), -1), SizeIs(2));
        bench.restart();
    }
    ASSERT_TRUE(bench.corrections().undo(bench.staff, elsewhere.id).ok());
    EXPECT_THAT(bench.near(Bench::embedding(5), -1), SizeIs(1));
    EXPECT_EQ(*bench.sightings().of(elsewhere.face), std::nullopt);
}

TEST(Sightings, GoWithTheirUserAndTheirFace) {
    SightingsBench bench;
    const auto face = bench.enrol(bench.staff, 1).id, other = bench.enrol(bench.staff, 2).id;
    bench.make(Verdict::confirmed, face, kAnn);
    bench.make(Verdict::rejected, other, kBob);
    ASSERT_TRUE(bench.collections->users().remove(bench.staff, UserId("ann")).ok());
    EXPECT_THAT(bench.near(Bench::embedding(2), -1), SizeIs(1));
    // A new user of that name has nothing of the old one.
    ASSERT_TRUE(bench.collections->users().create(bench.staff, UserId("ann")).ok());
    EXPECT_THAT(bench.confirmed(kAnn), IsEmpty());
    ASSERT_TRUE(bench.collections->erase_faces(bench.staff, {other}).ok());
    EXPECT_THAT(bench.near(Bench::embedding(2), -1), IsEmpty());
}

}  // namespace
}  // namespace faces
