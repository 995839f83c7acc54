#include "faces/corrections.h"

#include <gmock/gmock.h>

#include "faces/corrections_bench.h"
#include "faces/tables.h"

namespace faces {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct CorrectionsTest : CorrectionsBench {
    // Of a face that is in no collection.
    Correction make_elsewhere(Verdict verdict, const PersonId& person) {
        return *corrections().make(staff, verdict, {kElsewhere, embedding(5)}, person);
    }
    // "confirmed ann", in the order of the listing.
    std::vector<std::string> listed(const CorrectionFilter& filter = {}, std::size_t page_size = 0) {
        std::vector<std::string> out;
        std::string token;
        do {
            const auto page = *corrections().list(staff, {token, page_size}, filter);
            for (const auto& one : page.items)
                out.push_back((one.verdict == Verdict::confirmed ? "confirmed " : "rejected ") +
                              one.person.name);
            token = page.next_token;
        } while (!token.empty());
        return out;
    }
};

TEST(Corrections, AreKeptAndListedInTheOrderOfTheirMaking) {
    CorrectionsTest bench;
    const auto face = bench.enrol(bench.staff, 1), other = bench.enrol(bench.staff, 2);
    const auto made = bench.make(Verdict::rejected, face.id, kBob);
    EXPECT_EQ(made.face, face.id);
    EXPECT_EQ(made.person, kBob);
    EXPECT_EQ(made.made, bench.clock.now());
    EXPECT_EQ(made.embedding.values, face.record.embedding.values);
    bench.make(Verdict::confirmed, face.id, kAnn);
    bench.make_elsewhere(Verdict::confirmed, kBob);
    bench.make(Verdict::rejected, other.id, kAnn);
    for (std::size_t page_size : {0, 1, 2, 4})
        EXPECT_THAT(bench.listed({}, page_size),
                    ElementsAre("rejected bob", "confirmed ann", "confirmed bob", "rejected ann"));
    bench.restart();
    EXPECT_THAT(bench.listed({.person = kAnn}, 1), ElementsAre("confirmed ann", "rejected ann"));
    EXPECT_THAT(bench.listed({.face = face.id}), ElementsAre("rejected bob", "confirmed ann"));
    EXPECT_THAT(bench.listed({.person = kAnn, .face = face.id}), ElementsAre("confirmed ann"));
    EXPECT_THAT(bench.listed({.face = FaceId("0a1b2c3d-4e5f-5071-8293-a4b5c6d7e800")}), IsEmpty());
    const auto token = bench.corrections().list(bench.staff, {"", 1})->next_token;
    EXPECT_TRUE(bench.corrections()
                    .list(bench.staff, {token, 1}, {.person = kAnn})
                    .error()
                    .is(Refusal::token_invalid));
}

TEST(Corrections, ThatContradictTakeEachOthersPlace) {
    CorrectionsTest bench;
    const auto face = bench.enrol(bench.staff, 1).id;
    const auto first = bench.make(Verdict::confirmed, face, kAnn);
    EXPECT_EQ(bench.make(Verdict::confirmed, face, kAnn).id, first.id) << "said again";
    bench.make(Verdict::rejected, face, kAnn);
    EXPECT_THAT(bench.listed(), ElementsAre("rejected ann"));
    bench.make(Verdict::confirmed, face, kBob);
    EXPECT_THAT(bench.listed(), ElementsAre("rejected ann", "confirmed bob"));
    bench.make(Verdict::confirmed, face, kAnn);
    EXPECT_THAT(bench.listed(), ElementsAre("confirmed ann")) << "a face is one person";
}

TEST(Corrections, AreUndone) {
    CorrectionsTest bench;
    const auto made = bench.make_elsewhere(Verdict::confirmed, kAnn);
    const auto undone = *bench.corrections().undo(bench.staff, made.id);
    EXPECT_EQ(undone.person, kAnn);
    EXPECT_EQ(undone.face, kElsewhere);
    EXPECT_THAT(bench.listed(), IsEmpty());
    EXPECT_TRUE(bench.corrections().undo(bench.staff, made.id).error().is(Refusal::correction_missing));
    EXPECT_THAT(*bench.records->scan(records_of_all(kCorrectionAboutTable)), IsEmpty());
}

TEST(Corrections, OfOneFaceAreBounded) {
    CorrectionsTest bench;
    const auto face = bench.enrol(bench.staff, 1).id;
    for (std::size_t i = 0; i < kCorrectionsPerFaceMax; ++i) {
        const UserId user("user-" + std::to_string(i));
        ASSERT_TRUE(bench.collections->users().create(bench.staff, user).ok());
        bench.make(Verdict::rejected, face, {PersonId::Kind::user, user.str()});
    }
    EXPECT_TRUE(bench.corrections()
                    .make(bench.staff, Verdict::rejected, face, kAnn)
                    .error()
                    .is(Refusal::too_many_corrections));
    bench.make(Verdict::confirmed, face, {PersonId::Kind::user, "user-0"});  // in the place of another
    EXPECT_THAT(bench.listed({.face = face}), SizeIs(kCorrectionsPerFaceMax));
}

TEST(Corrections, AreOfPeopleWhoExist) {
    CorrectionsTest bench;
    const auto face = bench.enrol(bench.staff, 1).id;
    auto refusal = [&](const PersonId& person) {
        return bench.corrections().make(bench.staff, Verdict::confirmed, face, person).error();
    };
    EXPECT_TRUE(refusal({PersonId::Kind::user, "eve"}).is(Refusal::person_missing));
    const PersonId photo{PersonId::Kind::external_image_id, "ann-photo"};
    EXPECT_TRUE(refusal(photo).is(Refusal::person_missing));
    ASSERT_TRUE(
        bench.collections->enrol(bench.staff, {Bench::image("p"), "ann-photo", {Bench::face(3)}}).ok());
    EXPECT_EQ(bench.make(Verdict::confirmed, face, photo).person, photo);
    EXPECT_TRUE(bench.corrections()
                    .make(bench.staff, Verdict::confirmed, kElsewhere, kAnn)
                    .error()
                    .is(Refusal::face_missing));
    EXPECT_TRUE(bench.corrections()
                    .make(Bench::key("nowhere"), Verdict::confirmed, face, kAnn)
                    .error()
                    .is(Refusal::collection_missing));
}

TEST(Corrections, GoWithTheirUserTheirFaceAndTheirCollection) {
    CorrectionsTest bench;
    const auto face = bench.enrol(bench.staff, 1).id, other = bench.enrol(bench.staff, 2).id;
    bench.make(Verdict::confirmed, face, kAnn);
    bench.make(Verdict::rejected, face, kBob);
    bench.make(Verdict::rejected, other, kAnn);
    ASSERT_TRUE(bench.collections->users().remove(bench.staff, UserId("ann")).ok());
    EXPECT_THAT(bench.listed(), ElementsAre("rejected bob"));
    ASSERT_TRUE(bench.collections->erase_faces(bench.staff, {face}).ok());
    EXPECT_THAT(bench.listed(), IsEmpty());
    EXPECT_THAT(*bench.records->scan(records_of_all(kCorrectionAboutTable)), IsEmpty());
    bench.make(Verdict::rejected, other, kBob);
    ASSERT_TRUE(bench.collections->remove(bench.staff).ok());
    for (const auto table : kTablesOfACollection)
        EXPECT_THAT(*bench.records->scan(records_of_all(table)), IsEmpty());
}

TEST(Corrections, WithoutAModelAreListedAndUndoneOnly) {
    CorrectionsTest bench;
    const auto face = bench.enrol(bench.staff, 1).id;
    const auto made = bench.make(Verdict::confirmed, face, kAnn);
    bench.restart("");
    EXPECT_THAT(bench.listed(), SizeIs(1));
    EXPECT_TRUE(bench.corrections()
                    .make(bench.staff, Verdict::rejected, face, kAnn)
                    .error()
                    .is(Refusal::model_absent));
    EXPECT_TRUE(bench.corrections().undo(bench.staff, made.id).ok());
}

}  // namespace
}  // namespace faces
