#include "faces/collections.h"

#include <gmock/gmock.h>
#include <thread>

#include "faces/bench.h"
#include "faces/tables.h"

namespace faces {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Collections, WhatWasCreatedIsDescribedAndListed) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff, {{"team", "doors"}}).ok());
    const auto facts = *bench.collections->describe(bench.staff);
    EXPECT_EQ(facts.created, bench.clock.now());
    EXPECT_EQ(facts.model, vision::ModelId("model-a"));
    EXPECT_EQ(facts.faces, 0u);
    EXPECT_EQ(*bench.collections->tags(bench.staff), (Tags{{"team", "doors"}}));
    EXPECT_THAT(bench.collections->list(bench.staff.tenant, {})->items, ElementsAre(CollectionName("staff")));
}

TEST(Collections, ANameIsTakenOnceInItsAccountAndRegion) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    const auto again = bench.collections->create(bench.staff);
    EXPECT_TRUE(again.error().is(Refusal::collection_exists));
    EXPECT_EQ(again.error().message(), "The collection id: staff already exists");
    EXPECT_TRUE(bench.collections->create(Bench::key("staff", "222222222222")).ok());
    EXPECT_TRUE(bench.collections->create(Bench::key("staff", "111111111111", "eu-west-1")).ok());
    EXPECT_TRUE(bench.collections->create(Bench::key("Staff")).ok()) << "names have a case";
}

TEST(Collections, OneTenantNeverSeesAnothersFaces) {
    Bench bench;
    const auto other = Bench::key("staff", "222222222222");
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    ASSERT_TRUE(bench.collections->create(other).ok());
    const auto ann = bench.enrol(bench.staff, 1);
    EXPECT_THAT(bench.found(other, 1, 0), IsEmpty());
    EXPECT_THAT(bench.collections->list_faces(other, {})->items, IsEmpty());
    EXPECT_THAT(bench.collections->list({"222222222222", "us-east-1"}, {})->items, SizeIs(1));
    EXPECT_THAT(bench.collections->erase_faces(other, {ann.id})->missing, ElementsAre(ann.id));
    EXPECT_THAT(bench.found(bench.staff, 1), ElementsAre(ann.id));
}

TEST(Collections, EveryCallOnACollectionThatIsNotThereIsRefused) {
    Bench bench;
    auto& collections = *bench.collections;
    const FaceId face("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9");
    std::vector<Error> errors = {
        collections.remove(bench.staff).error(),
        collections.describe(bench.staff).error(),
        collections.tags(bench.staff).error(),
        collections.lookers(bench.staff).error(),
        collections.enrol(bench.staff, {}).error(),
        collections.list_faces(bench.staff, {}).error(),
        collections.erase_faces(bench.staff, {face}).error(),
        collections.search(bench.staff, Bench::embedding(1), {80}, 10).error(),
        collections.search(bench.staff, face, {80}, 10).error(),
    };
    for (const auto& error : errors) {
        EXPECT_TRUE(error.is(Refusal::collection_missing));
        EXPECT_EQ(error.message(), "The collection id: staff does not exist");
    }
}

TEST(Collections, AnEnrolledFaceIsFoundAtOnceAndAStrangerIsNot) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    const auto ann = bench.enrol(bench.staff, 1);
    const auto bob = bench.enrol(bench.staff, 2);
    EXPECT_THAT(bench.found(bench.staff, 1), ElementsAre(ann.id));
    EXPECT_THAT(bench.found(bench.staff, 2), ElementsAre(bob.id));
    EXPECT_THAT(bench.found(bench.staff, 3), IsEmpty());
    EXPECT_EQ(bench.collections->describe(bench.staff)->faces, 2u);
}

TEST(Collections, AFaceOfEveryTestPersonIsFoundAfterARestart) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    std::vector<FaceId> ids;
    for (unsigned first = 0; first < 1500; first += 100) {  // more than one step of the scan
        Enrolment crowd{Bench::image(std::to_string(first)), std::nullopt, {}};
        for (unsigned i = 0; i < 100; ++i)
            crowd.faces.push_back(Bench::face(first + i, 0.01f * static_cast<float>(i)));
        const auto faces = *bench.collections->enrol(bench.staff, crowd);
        for (const auto& face : faces)
            ids.push_back(face.face.id);
    }
    ASSERT_THAT(ids, SizeIs(1500));
    ASSERT_THAT(bench.collections->erase_faces(bench.staff, {ids[7]})->erased, SizeIs(1));
    bench.restart();
    EXPECT_EQ(bench.collections->describe(bench.staff)->faces, 1499u);
    EXPECT_THAT(bench.found(bench.staff, 1499, 95), ElementsAre(ids[1499]));
    EXPECT_THAT(bench.found(bench.staff, 7, 95), IsEmpty());
}

TEST(Collections, MatchesHaveTheirSimilarityAndTheMostAlikeComesFirst) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    for (unsigned picture = 0; picture < 5; ++picture)
        bench.enrol(bench.staff, 1, picture);
    const auto matches = *bench.collections->search(bench.staff, Bench::embedding(1, 3), {0}, 100);
    ASSERT_THAT(matches, SizeIs(5));
    EXPECT_FLOAT_EQ(matches[0].similarity.percent, 100);
    for (std::size_t i = 1; i < matches.size(); ++i)
        EXPECT_GE(matches[i - 1].similarity, matches[i].similarity);
    EXPECT_THAT(*bench.collections->search(bench.staff, Bench::embedding(1, 3), {0}, 2), SizeIs(2));
}

TEST(Collections, AThresholdKeepsWhatIsExactlyAsAlike) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    bench.enrol(bench.staff, 1);
    const auto probe = Bench::embedding(1, 50);
    const auto similarity = bench.collections->search(bench.staff, probe, {0}, 1)->front().similarity;
    EXPECT_THAT(*bench.collections->search(bench.staff, probe, similarity, 1), SizeIs(1));
    const vision::Similarity above{std::nextafter(similarity.percent, 200.0f)};
    EXPECT_THAT(*bench.collections->search(bench.staff, probe, above, 1), IsEmpty());
}

TEST(Collections, EquallyAlikeFacesComeInTheOrderOfTheirIds) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    Enrolment enrolment{Bench::image("twins"), std::nullopt, {}};
    for (int i = 0; i < 5; ++i)
        enrolment.faces.push_back(Bench::face(1, 0.1f * static_cast<float>(i)));
    ASSERT_TRUE(bench.collections->enrol(bench.staff, enrolment).ok());
    auto ids = bench.found(bench.staff, 1);
    ASSERT_THAT(ids, SizeIs(5));
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
}

TEST(Collections, TheSamePictureAgainAddsNothing) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    const Enrolment enrolment{Bench::image("p"), "ann", {Bench::face(1), Bench::face(2, 0.6f)}};
    const auto first = *bench.collections->enrol(bench.staff, enrolment);
    bench.clock.advance(base::Duration{1000});
    const auto second = *bench.collections->enrol(bench.staff, enrolment);
    ASSERT_EQ(second.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(second[i].face.id, first[i].face.id);
        EXPECT_EQ(second[i].face.record.image, first[i].face.record.image);
        EXPECT_EQ(second[i].face.record.indexed, first[i].face.record.indexed) << "the first record stays";
    }
    EXPECT_EQ(bench.collections->describe(bench.staff)->faces, 2u);
}

TEST(Collections, TheSamePictureUnderAnotherNameIsAnotherFace) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    Enrolment enrolment{Bench::image("p"), "ann", {Bench::face(1)}};
    const auto ann = *bench.collections->enrol(bench.staff, enrolment);
    enrolment.external_image_id = "anna";
    const auto anna = *bench.collections->enrol(bench.staff, enrolment);
    EXPECT_NE(ann[0].face.id, anna[0].face.id);
    EXPECT_EQ(ann[0].face.record.image, anna[0].face.record.image);
    EXPECT_EQ(bench.collections->describe(bench.staff)->faces, 2u);
}

TEST(Collections, TheSamePictureHasTheSameIdsInEveryCollection) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    ASSERT_TRUE(bench.collections->create(Bench::key("guests")).ok());
    EXPECT_EQ(bench.enrol(bench.staff, 1).id, bench.enrol(Bench::key("guests"), 1).id);
}

TEST(Collections, TwoEnrolmentsOfOnePictureAtOnceGiveOneFace) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] { bench.enrol(bench.staff, 1); });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(bench.collections->describe(bench.staff)->faces, 1u);
    EXPECT_THAT(bench.found(bench.staff, 1), SizeIs(1));
}

TEST(Collections, AfterEnrollingAndErasingAtOnceTheIndexIsWhatTheStoreSays) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    const auto id = bench.enrol(bench.staff, 1).id;
    for (int round = 0; round < 50; ++round) {
        std::thread erasing([&] { EXPECT_TRUE(bench.collections->erase_faces(bench.staff, {id}).ok()); });
        std::thread enrolling([&] { bench.enrol(bench.staff, 1); });
        erasing.join();
        enrolling.join();
        const auto listed = bench.collections->list_faces(bench.staff, {})->items.size();
        EXPECT_THAT(bench.found(bench.staff, 1), SizeIs(listed));
    }
}

TEST(Collections, AnErasedFaceIsGoneAtOnceAndOnlyOnce) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    const auto ann = bench.enrol(bench.staff, 1).id, bob = bench.enrol(bench.staff, 2).id;
    const auto erasure = *bench.collections->erase_faces(bench.staff, {ann, ann});
    EXPECT_THAT(erasure.erased, ElementsAre(ann));
    EXPECT_THAT(erasure.missing, IsEmpty());
    EXPECT_THAT(bench.collections->erase_faces(bench.staff, {ann, bob})->missing, ElementsAre(ann));
    EXPECT_THAT(bench.found(bench.staff, 2, 0), IsEmpty());
}

TEST(Collections, ADeletedCollectionTakesItsFacesAndTagsWithIt) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff, {{"team", "doors"}}).ok());
    bench.enrol(bench.staff, 1);
    ASSERT_TRUE(bench.collections->remove(bench.staff).ok());
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    EXPECT_THAT(bench.found(bench.staff, 1, 0), IsEmpty());
    EXPECT_THAT(*bench.collections->tags(bench.staff), IsEmpty());
    EXPECT_TRUE(bench.records->scan(records_of_all(kFaceTable))->empty());
}

TEST(Collections, FacesThatADeletionLeftBehindAreRemovedAtTheNextStart) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    const auto ann = bench.enrol(bench.staff, 1);
    for (Incarnation dead : {1, 2})
        ASSERT_TRUE(bench.records
                        ->commit([&](store::Transaction& transaction) {
                            return transaction.put(record_key(kFaceTable, dead, key_of(ann.id)),
                                                   encode(ann.record));
                        })
                        .ok());
    bench.restart();
    EXPECT_THAT(*bench.records->scan(records_of_all(kFaceTable)), SizeIs(1));
    EXPECT_THAT(bench.found(bench.staff, 1), ElementsAre(ann.id));
}

TEST(Collections, ASearchByAFaceOfTheCollectionLeavesItselfOut) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    const auto first = bench.enrol(bench.staff, 1, 0).id, second = bench.enrol(bench.staff, 1, 1).id;
    bench.enrol(bench.staff, 2);
    const auto matches = *bench.collections->search(bench.staff, first, {80}, 10);
    ASSERT_THAT(matches, SizeIs(1));
    EXPECT_EQ(matches[0].face.id, second);
    EXPECT_THAT(*bench.collections->search(bench.staff, first, {0}, 1), SizeIs(1));
}

TEST(Collections, ASearchByAnUnknownFaceIsRefusedInAwssWords) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    const auto answer =
        bench.collections->search(bench.staff, FaceId("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"), {80}, 10);
    EXPECT_TRUE(answer.error().is(Refusal::face_missing));
    EXPECT_EQ(answer.error().message(), "faceId was not found in the collection");
}

TEST(Collections, FacesAreListedByIdPageByPage) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    for (unsigned person = 0; person < 7; ++person)
        bench.enrol(bench.staff, person);
    std::vector<FaceId> ids;
    std::string token;
    std::vector<std::size_t> sizes;
    do {
        const auto page = *bench.collections->list_faces(bench.staff, {token, 3});
        sizes.push_back(page.items.size());
        for (const auto& face : page.items)
            ids.push_back(face.id);
        token = page.next_token;
    } while (!token.empty());
    EXPECT_THAT(sizes, ElementsAre(3, 3, 1));
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
    EXPECT_THAT(bench.collections->list_faces(bench.staff, {"", 7})->next_token, IsEmpty())
        << "a page that is just full is the last one";
}

TEST(Collections, AListOfCertainFacesHasThoseThatExist) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    std::vector<FaceId> ids;
    for (unsigned person = 0; person < 4; ++person)
        ids.push_back(bench.enrol(bench.staff, person).id);
    std::vector<FaceId> wanted = {ids[2], ids[0], ids[0], FaceId("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9")};
    const auto first = *bench.collections->list_faces(bench.staff, {"", 1}, {wanted});
    ASSERT_THAT(first.items, SizeIs(1));
    const auto second = *bench.collections->list_faces(bench.staff, {first.next_token, 1}, {wanted});
    ASSERT_THAT(second.items, SizeIs(1));
    EXPECT_THAT(second.next_token, IsEmpty());
    EXPECT_EQ(std::min(ids[0], ids[2]), first.items[0].id);
    EXPECT_EQ(std::max(ids[0], ids[2]), second.items[0].id);
}

TEST(Collections, CollectionsAreListedByNameHoweverLong) {
    Bench bench;
    const std::string stem(250, 'n');
    const std::vector<std::string> names = {"a", "b", stem + "1", stem + "2", stem + "3", "z"};
    for (const auto& name : names)
        ASSERT_TRUE(bench.collections->create(Bench::key(name)).ok());
    std::vector<std::string> listed;
    std::string token;
    do {
        const auto page = *bench.collections->list(bench.staff.tenant, {token, 1});
        for (const auto& name : page.items)
            listed.push_back(name.str());
        token = page.next_token;
        EXPECT_LE(token.size(), kPageTokenLengthMax);
    } while (!token.empty());
    EXPECT_EQ(listed, names);
}

TEST(Collections, ATokenOfAnotherListingIsRefused) {
    Bench bench;
    for (const auto* name : {"staff", "guests"}) {
        ASSERT_TRUE(bench.collections->create(Bench::key(name)).ok());
        bench.enrol(Bench::key(name), 1);
        bench.enrol(Bench::key(name), 2);
    }
    const auto faces = bench.collections->list_faces(bench.staff, {"", 1})->next_token;
    const auto names = bench.collections->list(bench.staff.tenant, {"", 1})->next_token;
    ASSERT_FALSE(faces.empty() || names.empty());
    for (const auto& error : {bench.collections->list_faces(Bench::key("guests"), {faces, 1}).error(),
                              bench.collections->list_faces(bench.staff, {names, 1}).error(),
                              bench.collections->list(bench.staff.tenant, {faces, 1}).error(),
                              bench.collections->list({"222222222222", "us-east-1"}, {names, 1}).error(),
                              bench.collections->list_faces(bench.staff, {"nonsense", 1}).error()})
        EXPECT_TRUE(error.is(Refusal::token_invalid));
    bench.restart();
    EXPECT_TRUE(bench.collections->list_faces(bench.staff, {faces, 1}).ok()) << "tokens outlive the process";
}

TEST(Collections, ACollectionOfAnotherModelCanBeReadAndDeletedButNotSearched) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    const auto ann = bench.enrol(bench.staff, 1).id;
    bench.restart("model-b");
    EXPECT_TRUE(bench.collections->lookers(bench.staff).error().is(Refusal::model_missing));
    EXPECT_TRUE(bench.collections->search(bench.staff, ann, {80}, 1).error().is(Refusal::model_missing));
    EXPECT_TRUE(bench.collections->enrol(bench.staff, {}).error().is(Refusal::model_missing));
    EXPECT_EQ(bench.collections->describe(bench.staff)->faces, 1u);
    EXPECT_THAT(bench.collections->list_faces(bench.staff, {})->items, SizeIs(1));
    EXPECT_TRUE(bench.collections->remove(bench.staff).ok());
}

TEST(Collections, WithoutAModelCollectionsAreListedAndRemovedAndNothingElse) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    const auto ann = bench.enrol(bench.staff, 1).id;
    bench.restart("");
    EXPECT_TRUE(bench.collections->create(Bench::key("guests")).error().is(Refusal::model_absent));
    EXPECT_TRUE(bench.collections->lookers(bench.staff).error().is(Refusal::model_absent));
    EXPECT_TRUE(bench.collections->search(bench.staff, ann, {80}, 1).error().is(Refusal::model_absent));
    EXPECT_THAT(bench.collections->list_faces(bench.staff, {})->items, SizeIs(1));
    EXPECT_TRUE(bench.collections->remove(bench.staff).ok());
}

TEST(Collections, TwoFacesInOnePlaceOfAPictureAreOne) {
    Bench bench;
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    const auto faces = *bench.collections->enrol(
        bench.staff,
        {Bench::image("p"), std::nullopt, {Bench::face(1), Bench::face(2), Bench::face(3, 0.5f)}});
    ASSERT_THAT(faces, SizeIs(2));
    EXPECT_EQ(faces[1].seen.box.left, 0.5f);
    EXPECT_EQ(faces[1].face.record.box.left, 0.5f);
    EXPECT_THAT(bench.found(bench.staff, 1), SizeIs(1));
    EXPECT_THAT(bench.found(bench.staff, 2), IsEmpty());
}

TEST(Recognition, AFaceIsWhollyLikeItselfAndLessLikeOthers) {
    Bench bench;
    const auto& recognition = *bench.collections->recognition();
    const auto ann = Bench::embedding(1);
    EXPECT_FLOAT_EQ(recognition.similarity(ann, ann).percent, 100);
    EXPECT_GT(recognition.similarity(ann, Bench::embedding(1, 5)).percent, 80);
    EXPECT_LT(recognition.similarity(ann, Bench::embedding(2)).percent, 80);
}

}  // namespace
}  // namespace faces
