#include "faces/reembedding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faces/bench.h"
#include "faces/identification.h"
#include "faces/reembedder.h"
#include "faces/second_model.h"
#include "image/encode.h"

namespace faces {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const vision::ModelId kA("model-a"), kB("model-b");

// What model-b sees is a direction of its own for each person.
vision::Embedding as_b(unsigned person, unsigned picture = 0) {
    auto out = Bench::embedding(person + 500, picture);
    out.model = kB;
    return out;
}

// A server with model-a that can load model-b.
struct TwoModels : Bench {
    TwoModels() {
        reopen("model-a");
        EXPECT_TRUE(collections->create(staff).ok());
    }
    void reopen(const std::string& own) {
        auto model = [&](const std::string& name) {
            return std::make_shared<const Model>(
                Model{recognition(name), name == "model-b" ? sight_of_b : vision::Sight{}});
        };
        const auto a = model("model-a"), b = model("model-b");
        Models models(own == "model-a" ? a : b, [a, b](const vision::ModelId& id) -> Models::Loaded {
            if (id == kA) return a;
            if (id == kB) return b;
            return Error::failure("unknown");
        });
        collections = *Collections::open(*records, clock, random, models, bounds);
    }
    vision::Sight sight_of_b;
    Reembeddings moves() { return Reembeddings(collections->registry()); }
    Reembeddings::Job started(UnmovedFaces unmoved = UnmovedFaces::keep_model,
                              const std::string& to = "model-b") {
        const auto record = moves().start(staff, recognition(to), unmoved, "ann");
        EXPECT_TRUE(record.ok());
        EXPECT_EQ(record->status, ReembeddingStatus::queued);
        const auto running = moves().running();
        EXPECT_EQ(running->size(), 1u);
        EXPECT_EQ(running->front().record.starter, "ann");
        return running->front();
    }
    // The face of the picture that enrol(staff, person, picture) enrols.
    KnownFace enrol_remembered(unsigned person, std::optional<vision::ModelId> next = {},
                               const std::string& original = "o") {
        Enrolment enrolment;
        enrolment.picture_digest = digest_of(base::view("picture of " + std::to_string(person)));
        enrolment.image = image_id_of(enrolment.picture_digest, kA);
        enrolment.original = original;
        enrolment.next = next;
        auto seen = face(person);
        if (next) seen.next = NextSight{moved_box(), as_b(person)};
        enrolment.faces.push_back(seen);
        const auto enrolled = collections->enrol(staff, enrolment);
        EXPECT_TRUE(enrolled.ok());
        return enrolled->front().face;
    }
    static vision::Box moved_box() { return {.left = 0.12f, .top = 0.1f, .width = 0.2f, .height = 0.3f}; }
    static Reembeddings::Looked seen(const FaceId& face, unsigned person) {
        return {key_of(face), NextSight{moved_box(), as_b(person)}};
    }
    static Reembeddings::Looked unseen(const FaceId& face, Unmoved reason = Unmoved::no_original) {
        return {key_of(face), std::nullopt, reason};
    }
    Result<void> keep(const Reembeddings::Job& job, const Reembeddings::Looked& looked) {
        return moves().keep(job, std::span(&looked, 1));
    }
    std::vector<FaceId> found_by_b(unsigned person) {
        std::vector<FaceId> ids;
        const auto matches = collections->search(staff, as_b(person, 99), {80}, 100);
        EXPECT_TRUE(matches.ok());
        for (const auto& match : *matches)
            ids.push_back(match.face.id);
        return ids;
    }
    ReembeddingFacts facts() { return *moves().describe(staff); }
};

TEST(Reembedding, TheOwnModelAnswersUntilTheLastFaceIsMoved) {
    TwoModels bench;
    const auto ann = bench.enrol_remembered(1).id, bob = bench.enrol_remembered(2).id;
    const auto job = bench.started();
    ASSERT_TRUE(bench.moves().begin(job).ok());
    EXPECT_EQ(bench.facts().left, 2u);
    ASSERT_TRUE(bench.keep(job, bench.seen(ann, 1)).ok());
    EXPECT_EQ(bench.facts().left, 1u);
    EXPECT_EQ(bench.facts().last->moved, 1u);
    EXPECT_EQ(bench.facts().model, kA);
    EXPECT_THAT(bench.found(bench.staff, 1), ElementsAre(ann));
    EXPECT_THAT(bench.found(bench.staff, 2), ElementsAre(bob));
    EXPECT_TRUE(bench.collections->search(bench.staff, as_b(1), {80}, 1).error().is(Refusal::model_changed));

    ASSERT_TRUE(bench.keep(job, bench.seen(bob, 2)).ok());
    ASSERT_TRUE(bench.keep(job, bench.seen(bob, 2)).ok());  // once more, as after a kill
    const auto ended = bench.moves().finish(job, 0);
    ASSERT_TRUE(ended.ok());
    EXPECT_EQ(ended->status, ReembeddingStatus::succeeded);
    EXPECT_EQ(ended->moved, 2u);
    EXPECT_EQ(bench.facts().model, kB);
    EXPECT_THAT(bench.found_by_b(1), ElementsAre(ann));
    EXPECT_THAT(bench.found_by_b(2), ElementsAre(bob));
    EXPECT_TRUE(bench.collections->search(bench.staff, Bench::embedding(1), {80}, 1)
                    .error()
                    .is(Refusal::model_changed));
    EXPECT_THAT(*bench.moves().running(), IsEmpty());
    // As a server that starts again, whichever model is its own.
    for (const auto* own : {"model-a", "model-b"}) {
        bench.reopen(own);
        EXPECT_THAT(bench.found_by_b(1), ElementsAre(ann));
    }
}

TEST(Reembedding, WhatIsEnrolledMeanwhileIsMovedAlready) {
    TwoModels bench;
    const auto job = bench.started();
    const auto late = bench.collections->enrol(bench.staff, {Bench::image("late"), {}, {Bench::face(3)}});
    EXPECT_TRUE(late.error().is(Refusal::model_changed));
    EXPECT_EQ(bench.collections->lookers(bench.staff)->next->recognition.model, kB);
    const auto eve = bench.enrol_remembered(3, kB).id;
    EXPECT_EQ(bench.facts().left, 0u);
    EXPECT_THAT(*bench.moves().unseen(job), IsEmpty());
    ASSERT_TRUE(bench.moves().finish(job, 0).ok());
    EXPECT_THAT(bench.found_by_b(3), ElementsAre(eve));
    EXPECT_EQ(bench.collections->lookers(bench.staff)->next, nullptr);
}

TEST(Reembedding, AFaceThatTheNextModelDoesNotFindWhenItIsEnrolledIsReported) {
    TwoModels bench;
    const auto job = bench.started();
    Enrolment enrolment{Bench::image("dim"), {}, {Bench::face(3)}};
    enrolment.next = kB;
    const auto dim = bench.collections->enrol(bench.staff, enrolment)->front().face.id;
    const auto facts = bench.facts();
    ASSERT_EQ(facts.unmoved.items.size(), 1u);
    EXPECT_EQ(facts.unmoved.items[0].face, dim);
    EXPECT_EQ(facts.unmoved.items[0].reason, Unmoved::face_not_found);
    EXPECT_EQ(bench.moves().finish(job, 0)->status, ReembeddingStatus::failed);
}

TEST(Reembedding, WithAFaceThatCannotBeMovedTheCollectionStaysWithItsModel) {
    TwoModels bench;
    const auto ann = bench.enrol_remembered(1).id, bob = bench.enrol_remembered(2).id;
    const auto job = bench.started();
    ASSERT_TRUE(bench.keep(job, bench.seen(ann, 1)).ok());
    ASSERT_TRUE(bench.keep(job, bench.unseen(bob)).ok());
    ASSERT_TRUE(bench.keep(job, bench.unseen(bob)).ok());
    EXPECT_EQ(bench.facts().last->unmoved, 1u);
    const auto ended = bench.moves().finish(job, 0);
    EXPECT_EQ(ended->status, ReembeddingStatus::failed);
    EXPECT_EQ(ended->reason, "1 faces could not be moved");
    EXPECT_EQ(bench.facts().model, kA);
    EXPECT_THAT(bench.found(bench.staff, 2), ElementsAre(bob));

    // Without it the rest needs no second look.
    ASSERT_EQ(bench.collections->erase_faces(bench.staff, {bob})->erased.size(), 1u);
    EXPECT_EQ(bench.facts().last->unmoved, 0u);
    const auto again = bench.started();
    EXPECT_THAT(*bench.moves().unseen(again), IsEmpty());
    EXPECT_EQ(bench.moves().finish(again, 0)->status, ReembeddingStatus::succeeded);
    EXPECT_THAT(bench.found_by_b(1), ElementsAre(ann));
}

TEST(Reembedding, AFaceThatIsLeftOutIsListedAndNotFoundUntilItIsSeen) {
    TwoModels bench;
    const auto ann = bench.enrol_remembered(1).id, bob = bench.enrol_remembered(2).id;
    auto job = bench.started(UnmovedFaces::leave_out);
    ASSERT_TRUE(bench.keep(job, bench.seen(ann, 1)).ok());
    ASSERT_TRUE(bench.keep(job, bench.unseen(bob, Unmoved::original_changed)).ok());
    EXPECT_EQ(bench.moves().finish(job, 0)->status, ReembeddingStatus::succeeded);
    auto facts = bench.facts();
    EXPECT_EQ(facts.faces, 2u);
    ASSERT_EQ(facts.unmoved.items.size(), 1u);
    EXPECT_EQ(facts.unmoved.items[0].reason, Unmoved::original_changed);
    EXPECT_EQ(bench.collections->list_faces(bench.staff, {})->items.size(), 2u);
    EXPECT_EQ(bench.collections->describe(bench.staff)->faces, 2u);
    EXPECT_THAT(bench.found_by_b(2), IsEmpty());
    EXPECT_TRUE(bench.collections->search(bench.staff, bob, {80}, 1).error().is(Refusal::face_unseen));
    EXPECT_TRUE(
        bench.collections->users().search(bench.staff, bob, {80}, 1).error().is(Refusal::face_unseen));

    job = bench.started();
    EXPECT_THAT(*bench.moves().unseen(job), ElementsAre(key_of(bob)));
    ASSERT_TRUE(bench.keep(job, bench.seen(bob, 2)).ok());
    EXPECT_EQ(bench.moves().finish(job, 0)->status, ReembeddingStatus::succeeded);
    EXPECT_THAT(bench.found_by_b(2), ElementsAre(bob));
    EXPECT_EQ(bench.facts().faces, 2u);
}

TEST(Reembedding, MovingBackLooksAtNoPicture) {
    TwoModels bench;
    const auto ann = bench.enrol_remembered(1).id;
    auto job = bench.started();
    ASSERT_TRUE(bench.keep(job, bench.seen(ann, 1)).ok());
    ASSERT_TRUE(bench.moves().finish(job, 0).ok());
    job = bench.started(UnmovedFaces::keep_model, "model-a");
    EXPECT_THAT(*bench.moves().unseen(job), IsEmpty());
    ASSERT_TRUE(bench.moves().finish(job, 0).ok());
    EXPECT_THAT(bench.found(bench.staff, 1), ElementsAre(ann));
}

TEST(Reembedding, UsersAndWhatWasSaidOfFacesMoveToo) {
    TwoModels bench;
    const UserId ann("ann"), bob("bob");
    auto& users = bench.collections->users();
    ASSERT_TRUE(users.create(bench.staff, ann).ok());
    ASSERT_TRUE(users.create(bench.staff, bob).ok());
    const auto first = bench.enrol_remembered(1).id, other = bench.enrol_remembered(2).id;
    ASSERT_TRUE(users.associate(bench.staff, ann, {first}, {0}).ok());
    auto& corrections = bench.collections->corrections();
    const PersonId to_be_ann{PersonId::Kind::user, "ann"};
    const auto of_kept = corrections.make(bench.staff, Verdict::rejected, other, to_be_ann);
    const auto of_seen = corrections.make(
        bench.staff, Verdict::confirmed,
        CorrectedFace{face_id_of(Bench::image("party"), {}, ""), Bench::embedding(7)}, to_be_ann);
    ASSERT_TRUE(of_kept.ok() && of_seen.ok());

    const auto job = bench.started();
    ASSERT_TRUE(bench.keep(job, bench.seen(first, 1)).ok());
    ASSERT_TRUE(bench.keep(job, bench.seen(other, 2)).ok());
    const auto collection = bench.moves().collection(job);
    ASSERT_TRUE(users.renew(*collection, ann).ok());
    ASSERT_TRUE(users.renew(*collection, bob).ok());
    ASSERT_TRUE(users.renew(*collection, UserId("nobody")).ok());
    const auto left = bench.moves().move_corrections(job);
    ASSERT_TRUE(left.ok());
    EXPECT_EQ(*left, 1u);
    // Given away while the collection is being moved.
    ASSERT_TRUE(users.associate(bench.staff, bob, {other}, {0}).ok());
    ASSERT_TRUE(bench.moves().finish(job, *left).ok());

    EXPECT_EQ(bench.facts().last->corrections_left, 1u);
    auto matches = users.search(bench.staff, as_b(1, 99), {80}, 10);
    ASSERT_TRUE(matches.ok());
    ASSERT_EQ(matches->size(), 1u);
    EXPECT_EQ(matches->front().user.id, ann);
    matches = users.search(bench.staff, as_b(2, 99), {80}, 10);
    ASSERT_EQ(matches->size(), 1u);
    EXPECT_EQ(matches->front().user.id, bob);
    // Both words are on record; the one of which only an embedding is left is not weighed.
    const auto listed = corrections.list(bench.staff, {});
    ASSERT_EQ(listed->items.size(), 2u);
    const auto found = bench.collections->registry().find(bench.staff);
    EXPECT_EQ(*bench.collections->registry().corrections(*found)->count(), 2u);
    EXPECT_EQ((*bench.collections->registry().corrections(*found)->index())->size(), 1u);
    const std::vector<vision::Embedding> faces = {as_b(7), as_b(2)};
    const auto identified = identify(bench.collections->registry(), bench.staff, faces, {});
    ASSERT_TRUE(identified.ok());
    EXPECT_TRUE(bench.collections->corrections().undo(bench.staff, of_seen->id).ok());
    EXPECT_TRUE(bench.collections->corrections().undo(bench.staff, of_kept->id).ok());
}

TEST(Reembedding, ThePictureThatIsEnrolledAgainAfterTheMoveIsTheSameFace) {
    TwoModels bench;
    const auto moved = bench.enrol_remembered(1).id;
    const auto job = bench.started();
    bench.enrol_remembered(2, kB);
    ASSERT_TRUE(bench.keep(job, bench.seen(moved, 1)).ok());
    ASSERT_TRUE(bench.moves().finish(job, 0).ok());
    // As model-b sees the first picture.
    Enrolment enrolment;
    enrolment.picture_digest = digest_of(base::view("picture of 1"));
    enrolment.image = image_id_of(enrolment.picture_digest, kB);
    NewFace seen = Bench::face(1);
    seen.face.box = TwoModels::moved_box();
    seen.embedding = as_b(1);
    enrolment.faces = {seen};
    auto again = bench.collections->enrol(bench.staff, enrolment);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->front().face.id, moved);
    EXPECT_EQ(bench.facts().faces, 2u);
    // Once it is erased, it is a new face.
    ASSERT_EQ(bench.collections->erase_faces(bench.staff, {moved})->erased.size(), 1u);
    again = bench.collections->enrol(bench.staff, enrolment);
    EXPECT_NE(again->front().face.id, moved);
    EXPECT_THAT(bench.found_by_b(1), ElementsAre(again->front().face.id));
}

TEST(Reembedding, AStoppedOneLeavesTheCollectionAsItWasAndIsGoneOnWithLater) {
    TwoModels bench;
    const auto ann = bench.enrol_remembered(1).id, bob = bench.enrol_remembered(2).id;
    const auto job = bench.started();
    EXPECT_TRUE(bench.moves()
                    .start(bench.staff, bench.recognition("model-b"), UnmovedFaces::keep_model, "eve")
                    .error()
                    .is(Refusal::reembedding_running));
    ASSERT_TRUE(bench.keep(job, bench.seen(ann, 1)).ok());
    ASSERT_TRUE(bench.moves().stop(bench.staff).ok());
    EXPECT_EQ(bench.facts().last->status, ReembeddingStatus::stopped);
    for (const auto& refused : {bench.keep(job, bench.seen(bob, 2)).error(), bench.moves().begin(job).error(),
                                bench.moves().finish(job, 0).error(), bench.moves().fail(job, "").error(),
                                bench.moves().unseen(job).error(), bench.moves().stop(bench.staff).error()})
        EXPECT_TRUE(refused.is(Refusal::reembedding_missing));
    EXPECT_THAT(bench.found(bench.staff, 1), ElementsAre(ann));
    // What comes now is for the own model alone.
    const auto eve = bench.enrol(bench.staff, 3).id;

    const auto again = bench.started();
    EXPECT_THAT(*bench.moves().unseen(again), UnorderedElementsAre(key_of(bob), key_of(eve)));
    EXPECT_TRUE(bench.keep(job, bench.seen(bob, 2)).error().is(Refusal::reembedding_missing));
}

// More faces than are read at a time, whose names are as good as chance.
TEST(Reembedding, FacesOfOnePictureAreLookedAtTogether) {
    TwoModels bench;
    constexpr unsigned kPictures = 600;
    std::map<std::string, base::Bytes> originals;
    for (unsigned number = 0; number < kPictures; ++number) {
        const auto name = std::to_string(number);
        const auto shade = [&](unsigned divisor) {
            return static_cast<std::uint8_t>(number / divisor % 25 * 10);
        };
        originals[name] = *image::encode_jpeg(image::blank(16, 16, shade(1), shade(25), 0));
        Enrolment enrolment;
        enrolment.picture_digest = digest_of(originals[name]);
        enrolment.image = image_id_of(enrolment.picture_digest, kA);
        enrolment.original = name;
        enrolment.faces = {Bench::face(number, 0.1f), Bench::face(number + kPictures, 0.6f)};
        ASSERT_TRUE(bench.collections->enrol(bench.staff, enrolment).ok());
    }
    unsigned looks = 0;
    bench.sight_of_b.detect = [&](const image::Picture&) -> Result<std::vector<vision::Face>> {
        ++looks;
        return std::vector{Bench::face(0, 0.1f).face, Bench::face(0, 0.6f).face};
    };
    bench.sight_of_b.embed = [](const image::Picture&, const vision::Face&) -> Result<vision::Embedding> {
        return as_b(1);
    };
    bench.reopen("model-a");
    bench.started();
    Reembedder reembedder(*bench.collections, {[](const auto&) -> Result<void> { return {}; },
                                               [&](const auto&, const auto& name) -> Result<base::Bytes> {
                                                   return originals[name];
                                               }});
    EXPECT_TRUE(reembedder.move_next());
    EXPECT_EQ(reembedder.faces_moved(), 2 * kPictures);
    EXPECT_EQ(bench.facts().last->status, ReembeddingStatus::succeeded);
    EXPECT_EQ(looks, kPictures);
}

TEST(Reembedding, WhatIsErasedMeanwhileStaysErased) {
    TwoModels bench;
    const auto ann = bench.enrol_remembered(1).id;
    const auto job = bench.started();
    ASSERT_EQ(bench.collections->erase_faces(bench.staff, {ann})->erased.size(), 1u);
    ASSERT_TRUE(bench.keep(job, bench.seen(ann, 1)).ok());
    EXPECT_EQ(bench.facts().faces, 0u);
    EXPECT_EQ(bench.facts().last->moved, 0u);
    ASSERT_TRUE(bench.collections->remove(bench.staff).ok());
    EXPECT_THAT(*bench.moves().running(), IsEmpty());
    EXPECT_TRUE(bench.moves().finish(job, 0).error().is(Refusal::reembedding_missing));
}

TEST(Reembedding, UnmovedFacesAreListedPageByPage) {
    TwoModels bench;
    const auto job = bench.started();
    ASSERT_TRUE(bench.moves().stop(bench.staff).ok());
    std::vector<FaceId> faces, listed;
    for (unsigned person = 0; person < 5; ++person)
        faces.push_back(bench.enrol_remembered(person).id);
    const auto again = bench.started();
    for (const auto& face : faces)
        ASSERT_TRUE(bench.keep(again, bench.unseen(face)).ok());
    PageRequest page{{}, 2};
    do {
        const auto facts = bench.moves().describe(bench.staff, page);
        ASSERT_TRUE(facts.ok());
        for (const auto& one : facts->unmoved.items)
            listed.push_back(one.face);
        page.token = facts->unmoved.next_token;
    } while (!page.token.empty());
    EXPECT_THAT(listed, ::testing::UnorderedElementsAreArray(faces));
    page.token = "x";
    EXPECT_TRUE(bench.moves().describe(bench.staff, page).error().is(Refusal::token_invalid));
    EXPECT_TRUE(bench.moves().describe(Bench::key("nobody")).error().is(Refusal::collection_missing));
}

TEST(Reembedding, ItsRecordsComeBackAsTheyWent) {
    ReembeddingRecord record{.number = 7,
                             .key = Bench::key("staff"),
                             .from = kA,
                             .to = kB,
                             .status = ReembeddingStatus::failed,
                             .unmoved_faces = UnmovedFaces::leave_out,
                             .started = base::Time{base::Duration{1}},
                             .ended = base::Time{base::Duration{2}},
                             .starter = "ann",
                             .reason = "why",
                             .moved = 3,
                             .unmoved = 4,
                             .corrections_left = 5};
    const auto bytes = encode(record);
    const auto back = decode_reembedding(bytes);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(encode(*back), bytes);
    EXPECT_EQ(back->key, record.key);
    EXPECT_EQ(back->reason, "why");
    for (std::size_t length = 0; length < bytes.size(); ++length)
        EXPECT_FALSE(decode_reembedding(bytes.substr(0, length)).ok()) << length;
    const auto unmoved = encode(UnmovedRecord{Unmoved::face_not_found, 7});
    EXPECT_EQ(decode_unmoved(unmoved)->job, 7u);
    EXPECT_FALSE(decode_unmoved(unmoved + "x").ok());
    EXPECT_FALSE(decode_unmoved("").ok());
}

}  // namespace
}  // namespace faces
