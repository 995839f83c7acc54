#include "faces/users.h"

#include <gmock/gmock.h>
#include <thread>

#include "faces/bench.h"
#include "faces/tables.h"

namespace faces {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const UserId kAnn{"ann"}, kBob{"bob"};
const FaceId kUnknownFace{"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"};

struct UsersBench : Bench {
    UsersBench() { EXPECT_TRUE(collections->create(staff).ok()); }
    Users& users() { return collections->users(); }
    void create(const UserId& user) { ASSERT_TRUE(users().create(staff, user).ok()); }
    FaceId face_of_person(unsigned person, unsigned picture = 0) { return enrol(staff, person, picture).id; }
    Membership associate(const UserId& user, const std::vector<FaceId>& faces, float floor = 75) {
        auto out = users().associate(staff, user, faces, {floor});
        EXPECT_TRUE(out.ok()) << out.error().message();
        return *out;
    }
    std::vector<UserId> found(unsigned person, float floor = 80) {
        std::vector<UserId> ids;
        const auto matches = *users().search(staff, embedding(person, 99), {floor}, 100);
        for (const auto& match : matches)
            ids.push_back(match.user.id);
        return ids;
    }
    std::vector<FaceId> faces_of(const UserId& user) {
        std::vector<FaceId> ids;
        const auto page = *collections->list_faces(staff, {}, {.user = user});
        for (const auto& face : page.items)
            ids.push_back(face.id);
        return ids;
    }
    std::vector<std::string> listed(std::size_t page_size = 0) {
        std::vector<std::string> out;
        std::string token;
        do {
            const auto page = *users().list(staff, {token, page_size});
            for (const auto& user : page.items)
                out.push_back(user.id.str() + (user.status == UserStatus::active ? " active" : " created"));
            token = page.next_token;
        } while (!token.empty());
        return out;
    }
};

TEST(Users, AreListedInTheOrderInWhichTheyWereCreated) {
    UsersBench bench;
    for (const auto* user : {"zoe", "ann", "max", "bob"})
        bench.create(UserId(user));
    for (std::size_t page_size : {0, 1, 3, 4})
        EXPECT_THAT(bench.listed(page_size),
                    ElementsAre("zoe created", "ann created", "max created", "bob created"));
    EXPECT_EQ(bench.collections->describe(bench.staff)->users, 4u);
}

TEST(Users, ANameIsTakenOnceInItsCollection) {
    UsersBench bench;
    bench.create(kAnn);
    const auto again = bench.users().create(bench.staff, kAnn);
    EXPECT_TRUE(again.error().is(Refusal::user_exists));
    EXPECT_EQ(again.error().message(), "The user id: ann already exists");
    ASSERT_TRUE(bench.collections->create(Bench::key("guests")).ok());
    EXPECT_TRUE(bench.users().create(Bench::key("guests"), kAnn).ok());
}

TEST(Users, OfACollectionHaveTheirNumber) {
    UsersBench bench;
    bench.bounds.users_per_collection = 2;
    bench.restart();
    bench.create(kAnn);
    bench.create(kBob);
    EXPECT_TRUE(bench.users().create(bench.staff, UserId("eve")).error().is(Refusal::too_many_users));
    ASSERT_TRUE(bench.users().remove(bench.staff, kAnn).ok());
    EXPECT_TRUE(bench.users().create(bench.staff, UserId("eve")).ok());
}

TEST(Users, WithFacesAreActiveAndFound) {
    UsersBench bench;
    bench.create(kAnn);
    bench.create(kBob);
    const auto ann = bench.face_of_person(1), bob = bench.face_of_person(2);
    EXPECT_THAT(bench.found(1), IsEmpty());
    const auto membership = bench.associate(kAnn, {ann});
    EXPECT_THAT(membership.changed, ElementsAre(ann));
    EXPECT_THAT(membership.refused, IsEmpty());
    EXPECT_EQ(membership.status, UserStatus::active);
    bench.associate(kBob, {bob});
    EXPECT_THAT(bench.listed(), ElementsAre("ann active", "bob active"));
    EXPECT_THAT(bench.found(1), ElementsAre(kAnn));
    EXPECT_THAT(bench.found(1, 0), ElementsAre(kAnn, kBob));
    EXPECT_THAT(bench.found(7), IsEmpty());
    bench.restart();
    EXPECT_THAT(bench.found(2), ElementsAre(kBob)) << "the index is built from the store";
}

TEST(Users, AreSearchedByWhatTheirFacesHaveInCommon) {
    UsersBench bench;
    bench.create(kAnn);
    std::vector<FaceId> faces;
    std::vector<vision::Embedding> embeddings;
    for (unsigned picture = 0; picture < 5; ++picture) {
        faces.push_back(bench.face_of_person(1, picture));
        embeddings.push_back(Bench::embedding(1, picture));
    }
    bench.associate(kAnn, faces);
    const auto probe = Bench::embedding(1, 99);
    const auto expected =
        bench.collections->recognition()->similarity(common_embedding(embeddings), probe).percent;
    EXPECT_FLOAT_EQ(bench.users().search(bench.staff, probe, {80}, 1)->front().similarity.percent, expected);
    // One at a time is the same as all at once.
    bench.create(kBob);
    ASSERT_TRUE(bench.users().disassociate(bench.staff, kAnn, faces).ok());
    for (const auto& face : faces)
        bench.associate(kBob, {face});
    const auto match = bench.users().search(bench.staff, probe, {80}, 1)->front();
    EXPECT_EQ(match.user.id, kBob);
    EXPECT_FLOAT_EQ(match.similarity.percent, expected);
}

TEST(Users, WhatEmbeddingsHaveInCommonIsTheirMeanAtLengthOne) {
    auto embedding = [](std::vector<float> values) {
        return vision::Embedding{vision::ModelId("m"), std::move(values)};
    };
    EXPECT_THAT(common_embedding(std::vector{embedding({1, 0}), embedding({0, 1})}).values,
                ElementsAre(testing::FloatEq(std::sqrt(0.5f)), testing::FloatEq(std::sqrt(0.5f))));
    EXPECT_THAT(common_embedding(std::vector{embedding({0.6f, 0.8f})}).values,
                ElementsAre(testing::FloatEq(0.6f), testing::FloatEq(0.8f)));
    // Opposite faces have nothing in common, and a user of them is still somewhere.
    EXPECT_THAT(common_embedding(std::vector{embedding({1, 0}), embedding({-1, 0})}).values,
                ElementsAre(1, 0));
}

TEST(Users, TakeTheirFirstFaceUntestedAndOthersOnlyIfAlike) {
    UsersBench bench;
    bench.create(kAnn);
    const auto ann = bench.face_of_person(1, 0), ann_again = bench.face_of_person(1, 1),
               bob = bench.face_of_person(2);
    const auto membership = bench.associate(kAnn, {ann, bob, ann_again});
    EXPECT_THAT(membership.changed, ElementsAre(ann, ann_again));
    ASSERT_THAT(membership.refused, SizeIs(1));
    EXPECT_EQ(membership.refused[0].face, bob);
    EXPECT_EQ(membership.refused[0].trouble, FaceTrouble::unlike);
    ASSERT_TRUE(membership.refused[0].similarity);
    EXPECT_LT(membership.refused[0].similarity->percent, 75);
    EXPECT_THAT(bench.associate(kAnn, {bob}, 0).changed, ElementsAre(bob)) << "as the caller wants it";
}

TEST(Users, HoldAFaceOnceAndLetNoOtherHaveIt) {
    UsersBench bench;
    bench.create(kAnn);
    bench.create(kBob);
    const auto ann = bench.face_of_person(1);
    EXPECT_THAT(bench.associate(kAnn, {ann, ann}).changed, ElementsAre(ann));
    const auto again = bench.associate(kAnn, {ann});
    EXPECT_THAT(again.changed, IsEmpty());
    EXPECT_THAT(again.refused, IsEmpty());
    EXPECT_EQ(again.status, UserStatus::active);
    const auto stolen = bench.associate(kBob, {ann, kUnknownFace});
    EXPECT_THAT(stolen.changed, IsEmpty());
    ASSERT_THAT(stolen.refused, SizeIs(2));
    EXPECT_EQ(stolen.refused[0].trouble, FaceTrouble::anothers);
    EXPECT_EQ(stolen.refused[0].user, kAnn);
    EXPECT_EQ(stolen.refused[1].trouble, FaceTrouble::missing);
    EXPECT_EQ(stolen.status, UserStatus::created);
}

TEST(Users, HaveAHundredFacesAndACallThatBringsMoreChangesNothing) {
    UsersBench bench;
    bench.create(kAnn);
    std::vector<FaceId> faces;
    for (unsigned picture = 0; picture < kFacesPerUserMax; ++picture)
        faces.push_back(bench.face_of_person(1, picture));
    EXPECT_THAT(bench.associate(kAnn, {faces.begin(), faces.end() - 1}, 0).changed,
                SizeIs(kFacesPerUserMax - 1));
    const auto one_too_many = bench.face_of_person(1, kFacesPerUserMax);
    const auto refused = bench.users().associate(bench.staff, kAnn, {faces.back(), one_too_many}, {0});
    EXPECT_TRUE(refused.error().is(Refusal::user_full));
    EXPECT_THAT(bench.faces_of(kAnn), SizeIs(kFacesPerUserMax - 1));
    EXPECT_THAT(bench.associate(kAnn, {faces.back()}, 0).changed, SizeIs(1));
    EXPECT_TRUE(
        bench.users().associate(bench.staff, kAnn, {one_too_many}, {0}).error().is(Refusal::user_full));
}

TEST(Users, LetGoOfTheirFacesOnly) {
    UsersBench bench;
    bench.create(kAnn);
    bench.create(kBob);
    const auto ann = bench.face_of_person(1, 0), ann_again = bench.face_of_person(1, 1),
               bob = bench.face_of_person(2), nobodys = bench.face_of_person(3);
    bench.associate(kAnn, {ann, ann_again});
    bench.associate(kBob, {bob});
    const auto out = *bench.users().disassociate(bench.staff, kAnn, {ann, bob, nobodys, kUnknownFace});
    EXPECT_THAT(out.changed, ElementsAre(ann));
    ASSERT_THAT(out.refused, SizeIs(2));
    EXPECT_EQ(out.refused[0].trouble, FaceTrouble::anothers);
    EXPECT_EQ(out.refused[0].user, kBob);
    EXPECT_EQ(out.refused[1].trouble, FaceTrouble::missing);
    EXPECT_EQ(out.status, UserStatus::active);
    const auto emptied = *bench.users().disassociate(bench.staff, kAnn, {ann_again});
    EXPECT_EQ(emptied.status, UserStatus::created);
    EXPECT_THAT(bench.found(1, 0), ElementsAre(kBob)) << "without faces nobody is found";
}

TEST(Users, WhoAreDeletedLeaveTheirFacesInTheCollection) {
    UsersBench bench;
    bench.create(kAnn);
    const auto ann = bench.face_of_person(1);
    bench.associate(kAnn, {ann});
    ASSERT_TRUE(bench.users().remove(bench.staff, kAnn).ok());
    EXPECT_TRUE(bench.users().remove(bench.staff, kAnn).error().is(Refusal::user_missing));
    EXPECT_THAT(bench.listed(), IsEmpty());
    EXPECT_THAT(bench.found(1), IsEmpty());
    EXPECT_EQ(bench.collections->describe(bench.staff)->users, 0u);
    const auto faces = bench.collections->list_faces(bench.staff, {})->items;
    ASSERT_THAT(faces, SizeIs(1));
    EXPECT_FALSE(faces[0].record.user);
    // The name is free again, and the new user has nothing of the old one.
    bench.create(kAnn);
    EXPECT_THAT(bench.faces_of(kAnn), IsEmpty());
}

TEST(Users, HoldOnToTheirFacesWhenFacesAreErased) {
    UsersBench bench;
    bench.create(kAnn);
    const auto ann = bench.face_of_person(1), bob = bench.face_of_person(2);
    bench.associate(kAnn, {ann});
    const auto erasure = *bench.collections->erase_faces(bench.staff, {ann, bob, kUnknownFace, ann});
    EXPECT_THAT(erasure.erased, ElementsAre(bob));
    EXPECT_THAT(erasure.missing, ElementsAre(kUnknownFace));
    ASSERT_THAT(erasure.held, SizeIs(1));
    EXPECT_EQ(erasure.held[0].face, ann);
    EXPECT_EQ(erasure.held[0].user, kAnn);
    ASSERT_TRUE(bench.users().disassociate(bench.staff, kAnn, {ann}).ok());
    EXPECT_THAT(bench.collections->erase_faces(bench.staff, {ann})->erased, ElementsAre(ann));
}

TEST(Users, TheirFacesAreListedByIdPageByPage) {
    UsersBench bench;
    bench.create(kAnn);
    std::vector<FaceId> faces;
    for (unsigned picture = 0; picture < 3; ++picture)
        faces.push_back(bench.face_of_person(1, picture));
    const auto bob = bench.face_of_person(2);
    bench.associate(kAnn, faces);
    std::sort(faces.begin(), faces.end());
    const auto first = *bench.collections->list_faces(bench.staff, {"", 2}, {.user = kAnn});
    const auto second = *bench.collections->list_faces(bench.staff, {first.next_token, 2}, {.user = kAnn});
    ASSERT_THAT(first.items, SizeIs(2));
    ASSERT_THAT(second.items, SizeIs(1));
    EXPECT_EQ(first.items[0].id, faces[0]);
    EXPECT_EQ(second.items[0].id, faces[2]);
    EXPECT_EQ(second.items[0].record.user, "ann");
    EXPECT_THAT(second.next_token, IsEmpty());
    // Both conditions at once.
    const auto both = *bench.collections->list_faces(
        bench.staff, {}, {.ids = std::vector{faces[1], bob, kUnknownFace}, .user = kAnn});
    ASSERT_THAT(both.items, SizeIs(1));
    EXPECT_EQ(both.items[0].id, faces[1]);
    // The token of one user's listing is none of another's.
    bench.create(kBob);
    EXPECT_TRUE(bench.collections->list_faces(bench.staff, {first.next_token, 2}, {.user = kBob})
                    .error()
                    .is(Refusal::token_invalid));
    EXPECT_TRUE(bench.collections->list_faces(bench.staff, {}, {.user = UserId("eve")})
                    .error()
                    .is(Refusal::user_missing));
}

TEST(Users, AreSearchedByAFaceOrByAUserWhoIsNotAmongItsOwnMatches) {
    UsersBench bench;
    bench.create(kAnn);
    bench.create(kBob);
    bench.create(UserId("anna"));
    const auto ann = bench.face_of_person(1, 0), anna = bench.face_of_person(1, 1),
               bob = bench.face_of_person(2);
    bench.associate(kAnn, {ann});
    bench.associate(UserId("anna"), {anna});
    bench.associate(kBob, {bob});
    const auto by_face = *bench.users().search(bench.staff, ann, {80}, 10);
    ASSERT_THAT(by_face, SizeIs(2));
    EXPECT_EQ(by_face[0].user.id, kAnn);
    EXPECT_FLOAT_EQ(by_face[0].similarity.percent, 100);
    const auto by_user = *bench.users().search(bench.staff, kAnn, {80}, 10);
    ASSERT_THAT(by_user, SizeIs(1));
    EXPECT_EQ(by_user[0].user.id, UserId("anna"));
    EXPECT_THAT(*bench.users().search(bench.staff, kAnn, {0}, 1), SizeIs(1));
    bench.create(UserId("eve"));
    EXPECT_THAT(*bench.users().search(bench.staff, UserId("eve"), {0}, 10), IsEmpty()) << "has no face";
    EXPECT_TRUE(bench.users().search(bench.staff, kUnknownFace, {0}, 1).error().is(Refusal::face_missing));
    EXPECT_TRUE(bench.users().search(bench.staff, UserId("max"), {0}, 1).error().is(Refusal::user_missing));
}

TEST(Users, ARequestThatIsSentAgainIsDoneOnceAndAnsweredAlike) {
    UsersBench bench;
    auto& users = bench.users();
    EXPECT_TRUE(users.create(bench.staff, kAnn, "t1").ok());
    EXPECT_TRUE(users.create(bench.staff, kAnn, "t1").ok());
    EXPECT_TRUE(users.create(bench.staff, kAnn, "t2").error().is(Refusal::user_exists));
    const auto other = users.create(bench.staff, kBob, "t1");
    EXPECT_TRUE(other.error().is(Refusal::request_token_taken));
    EXPECT_EQ(other.error().message(), "The ClientRequestToken: t1 you have supplied is already in use.");

    const auto ann = bench.face_of_person(1), bob = bench.face_of_person(2);
    bench.create(kBob);
    bench.associate(kBob, {bob});
    const std::vector<FaceId> faces = {ann, bob, kUnknownFace};
    for (int time = 0; time < 2; ++time) {
        const auto membership = *users.associate(bench.staff, kAnn, faces, {75}, "t1");
        EXPECT_THAT(membership.changed, ElementsAre(ann));
        ASSERT_THAT(membership.refused, SizeIs(2));
        EXPECT_EQ(membership.refused[0].user, kBob);
        EXPECT_EQ(membership.status, UserStatus::active);
    }
    EXPECT_TRUE(
        users.associate(bench.staff, kAnn, faces, {76}, "t1").error().is(Refusal::request_token_taken));
    EXPECT_TRUE(
        users.associate(bench.staff, kAnn, {ann}, {75}, "t1").error().is(Refusal::request_token_taken));
    for (int time = 0; time < 2; ++time)
        EXPECT_THAT(users.disassociate(bench.staff, kAnn, {ann}, "t1")->changed, ElementsAre(ann));
    for (int time = 0; time < 2; ++time)
        EXPECT_TRUE(users.remove(bench.staff, kAnn, "t1").ok());
}

TEST(Users, WhatWasRefusedIsNotRemembered) {
    UsersBench bench;
    EXPECT_TRUE(bench.users().remove(bench.staff, kAnn, "t").error().is(Refusal::user_missing));
    bench.create(kAnn);
    EXPECT_TRUE(bench.users().remove(bench.staff, kAnn, "t").ok());
}

TEST(Users, ARequestIsRememberedUntilTheEndOfTheNextDay) {
    UsersBench bench;
    EXPECT_TRUE(bench.users().create(bench.staff, kAnn, "t").ok());
    constexpr base::Duration kDay{24 * 3600 * 1000};
    bench.clock.advance(kDay);
    EXPECT_TRUE(bench.users().create(bench.staff, kAnn, "t").ok());
    bench.restart();
    EXPECT_TRUE(bench.users().create(bench.staff, kAnn, "t").ok()) << "also by the next process";
    bench.clock.advance(kDay);
    EXPECT_TRUE(bench.users().create(bench.staff, kAnn, "t").error().is(Refusal::user_exists));
    EXPECT_THAT(*bench.records->scan(records_of_all(kRequestTokenTable)), IsEmpty()) << "and then forgotten";
}

TEST(Users, OfADeletedCollectionAreGone) {
    UsersBench bench;
    bench.create(kAnn);
    bench.associate(kAnn, {bench.face_of_person(1)});
    ASSERT_TRUE(bench.collections->remove(bench.staff).ok());
    for (const auto table : kTablesOfACollection)
        EXPECT_THAT(*bench.records->scan(records_of_all(table)), IsEmpty());
    ASSERT_TRUE(bench.collections->create(bench.staff).ok());
    EXPECT_EQ(bench.collections->describe(bench.staff)->users, 0u);
    EXPECT_TRUE(bench.users().create(bench.staff, kAnn).ok());
    EXPECT_THAT(bench.found(1, 0), IsEmpty());
}

// As when the process ends between the commit that deletes a collection and the removal of what was in it.
TEST(Users, ThatADeletionLeftBehindAreRemovedAtTheNextStart) {
    UsersBench bench;
    bench.create(kAnn);
    bench.associate(kAnn, {bench.face_of_person(1)});
    const auto guests = Bench::key("guests");
    ASSERT_TRUE(bench.collections->create(guests).ok());
    ASSERT_TRUE(bench.users().create(guests, kBob).ok());
    ASSERT_TRUE(bench.records
                    ->commit([&](store::Transaction& transaction) {
                        return transaction.erase(collection_key(bench.staff));
                    })
                    .ok());
    bench.restart();
    EXPECT_THAT(*bench.records->scan(records_of_all(kFaceTable)), IsEmpty());
    EXPECT_THAT(*bench.records->scan(records_of_all(kUserTable)), SizeIs(1));
    EXPECT_THAT(*bench.records->scan(records_of_all(kUserNameTable)), SizeIs(1));
    EXPECT_THAT(bench.users().list(guests, {})->items, SizeIs(1));
}

TEST(Users, WhatIsDoneToAUserAtOnceLeavesStoreAndIndexAsOne) {
    UsersBench bench;
    bench.create(kAnn);
    std::vector<FaceId> faces;
    for (unsigned picture = 0; picture < 4; ++picture)
        faces.push_back(bench.face_of_person(1, picture));
    std::vector<std::thread> threads;
    for (const auto& face : faces)
        threads.emplace_back([&] {
            for (int round = 0; round < 10; ++round) {
                EXPECT_TRUE(bench.users().associate(bench.staff, kAnn, {face}, {0}).ok());
                if (round == 9) break;
                EXPECT_TRUE(bench.users().disassociate(bench.staff, kAnn, {face}).ok());
            }
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_THAT(bench.faces_of(kAnn), SizeIs(faces.size()));
    std::vector<vision::Embedding> embeddings;
    for (unsigned picture = 0; picture < 4; ++picture)
        embeddings.push_back(Bench::embedding(1, picture));
    const auto match = bench.users().search(bench.staff, common_embedding(embeddings), {0}, 1)->front();
    EXPECT_FLOAT_EQ(match.similarity.percent, 100);
}

TEST(Users, WithoutAModelAreCreatedListedAndDeletedAndNothingElse) {
    UsersBench bench;
    bench.create(kAnn);
    const auto ann = bench.face_of_person(1);
    bench.associate(kAnn, {ann});
    bench.restart("");
    bench.create(kBob);
    EXPECT_THAT(bench.listed(), ElementsAre("ann active", "bob created"));
    EXPECT_TRUE(bench.users().associate(bench.staff, kBob, {ann}, {0}).error().is(Refusal::model_absent));
    EXPECT_TRUE(bench.users().search(bench.staff, kAnn, {0}, 1).error().is(Refusal::model_absent));
    EXPECT_TRUE(bench.users().remove(bench.staff, kAnn).ok());
    bench.restart("model-b");
    EXPECT_TRUE(bench.users().associate(bench.staff, kBob, {ann}, {0}).error().is(Refusal::model_missing));
}

TEST(Users, OfNoCollectionAreRefused) {
    UsersBench bench;
    const auto nowhere = Bench::key("nowhere");
    auto& users = bench.users();
    for (const auto& error :
         {users.create(nowhere, kAnn).error(), users.remove(nowhere, kAnn).error(),
          users.list(nowhere, {}).error(), users.associate(nowhere, kAnn, {kUnknownFace}, {0}).error(),
          users.disassociate(nowhere, kAnn, {kUnknownFace}).error(),
          users.search(nowhere, kAnn, {0}, 1).error(), users.search(nowhere, kUnknownFace, {0}, 1).error(),
          users.search(nowhere, Bench::embedding(1), {0}, 1).error()})
        EXPECT_TRUE(error.is(Refusal::collection_missing));
}

TEST(People, AreUsersOrElseExternalImageIds) {
    UsersBench bench;
    bench.create(kAnn);
    auto enrol_as = [&](std::optional<std::string> name, unsigned person, unsigned picture) {
        const auto faces = bench.collections->enrol(
            bench.staff, {Bench::image("p" + std::to_string(person) + "," + std::to_string(picture)),
                          name,
                          {Bench::face(person, 0.1f, picture)}});
        return faces->front().face.id;
    };
    const auto first = enrol_as("ann-photo", 1, 0), second = enrol_as("ann-photo", 1, 1);
    enrol_as(std::nullopt, 2, 0);
    const PersonId photo{PersonId::Kind::external_image_id, "ann-photo"}, ann{PersonId::Kind::user, "ann"};
    auto ids = [&](const PersonId& person) {
        std::vector<FaceId> out;
        const auto faces = *bench.collections->faces_of(bench.staff, person);
        for (const auto& face : faces)
            out.push_back(face.id);
        return out;
    };
    for (int time = 0; time < 2; ++time) {
        EXPECT_THAT(*bench.collections->people(bench.staff, std::nullopt, 10), ElementsAre(photo));
        EXPECT_THAT(ids(photo), UnorderedElementsAre(first, second));
        EXPECT_THAT(ids(ann), IsEmpty());
        bench.restart();
    }
    bench.associate(kAnn, {first});
    EXPECT_THAT(*bench.collections->people(bench.staff, std::nullopt, 10), ElementsAre(ann, photo));
    EXPECT_THAT(*bench.collections->people(bench.staff, ann, 10), ElementsAre(photo));
    EXPECT_THAT(ids(ann), ElementsAre(first));
    EXPECT_THAT(ids(photo), ElementsAre(second));
    ASSERT_TRUE(bench.users().remove(bench.staff, kAnn).ok());
    ASSERT_TRUE(bench.collections->erase_faces(bench.staff, {second}).ok());
    EXPECT_THAT(ids(photo), ElementsAre(first));
    ASSERT_TRUE(bench.collections->erase_faces(bench.staff, {first}).ok());
    EXPECT_THAT(*bench.collections->people(bench.staff, std::nullopt, 10), IsEmpty());
}

}  // namespace
}  // namespace faces
