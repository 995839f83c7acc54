#include "faces/record.h"

#include <gtest/gtest.h>

namespace faces {
namespace {

const vision::ModelId kModel("m"), kNext("n");

FaceRecord example() {
    FaceRecord record;
    record.image = ImageId("0a1b2c3d-4e5f-5071-8293-a4b5c6d7e8f9");
    record.box = {.left = -0.25f, .top = 0.5f, .width = 1, .height = 2};
    record.confidence = 99.5f;
    record.quality = {.brightness = 50, .sharpness = 60};
    record.embedding = {vision::ModelId("m"), {0.5f, -1}, 0.75f};
    record.external_image_id = "ann";
    record.indexed = base::Time{base::Duration{1'700'000'000'123}};
    return record;
}

// The example's bytes between its version and what came with version 2.
const std::string kBeginning =
    "2400"
    "30613162326333642d346535662d353037312d383239332d613462356336643765386639"
    "000080be"
    "0000003f"
    "0000803f"
    "00000040"
    "0000c742"
    "00004842"
    "00007042"
    "7b68e5cf8b010000"
    "01"
    "0300"
    "616e6e"
    "00";

// Its digest, original and alias in the tests below.
const std::string kSinceVersion2 =
    "0200"
    "0102"
    "01"
    "0100"
    "6f"
    "01"
    "11111111111111111111111111111111";

TEST(Record, AFaceComesBackAsItWent) {
    for (const auto& user : {std::optional<std::string>(), std::optional<std::string>("employee-7")}) {
        auto record = example();
        record.user = user;
        const auto back = decode_face(encode(record), kModel);
        ASSERT_TRUE(back.ok());
        EXPECT_EQ(back->image, record.image);
        EXPECT_EQ(back->box.left, record.box.left);
        EXPECT_EQ(back->box.height, record.box.height);
        EXPECT_EQ(back->confidence, record.confidence);
        EXPECT_EQ(back->quality.brightness, record.quality.brightness);
        EXPECT_EQ(back->quality.sharpness, record.quality.sharpness);
        EXPECT_EQ(back->embedding.model, record.embedding.model);
        EXPECT_EQ(back->embedding.values, record.embedding.values);
        EXPECT_EQ(back->embedding.reliability, 0.75f);
        EXPECT_EQ(back->external_image_id, record.external_image_id);
        EXPECT_EQ(back->user, user);
        EXPECT_EQ(back->indexed, record.indexed);
    }
}

TEST(Record, ACollectionComesBackAsItWent) {
    CollectionRecord record;
    record.incarnation = 0x0123456789abcdef;
    record.model = vision::ModelId("m");
    record.dimensions = 128;
    record.next = NextModel{kNext, 512};
    record.created = base::Time{base::Duration{1'700'000'000'123}};
    record.tags = {{"team", "doors"}, {"empty", ""}};
    const auto back = decode_collection(encode(record));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->incarnation, record.incarnation);
    EXPECT_EQ(back->model, record.model);
    EXPECT_EQ(back->dimensions, record.dimensions);
    EXPECT_EQ(back->created, record.created);
    EXPECT_EQ(back->tags, record.tags);
    ASSERT_TRUE(back->next);
    EXPECT_EQ(back->next->model, kNext);
    EXPECT_EQ(back->next->dimensions, 512u);
}

UserRecord example_user() {
    UserRecord record;
    record.id = UserId("ann");
    record.created = base::Time{base::Duration{1'700'000'000'123}};
    record.faces.resize(2);
    record.faces[0].bytes.fill(0x11);
    record.faces[1].bytes.fill(0x22);
    record.embedding = {vision::ModelId("m"), {0.5f, -1}};
    return record;
}

TEST(Record, AUserComesBackAsItWent) {
    const auto record = example_user();
    const auto back = decode_user(encode(record), kModel);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->id, record.id);
    EXPECT_EQ(back->created, record.created);
    EXPECT_EQ(back->faces, record.faces);
    EXPECT_EQ(back->embedding.model, record.embedding.model);
    EXPECT_EQ(back->embedding.values, record.embedding.values);
    const auto without = decode_user(encode(UserRecord{.id = UserId("bob")}), kModel);
    ASSERT_TRUE(without.ok());
    EXPECT_TRUE(without->faces.empty());
    EXPECT_TRUE(without->embedding.values.empty());
}

TEST(Record, TheBytesOfAUserAreThoseOfTheFormat) {
    EXPECT_EQ(base::hex(base::view(encode(example_user()))),
              "03"
              "0300"
              "616e6e"
              "7b68e5cf8b010000"
              "0200"
              "11111111111111111111111111111111"
              "22222222222222222222222222222222"
              "01"
              "0100"
              "6d"
              "0200"
              "0000003f"
              "000080bf"
              "00");
}

Correction example_correction() {
    Correction correction;
    correction.id = CorrectionId("00000000-0000-0001-0123-456789abcdef");
    correction.verdict = Verdict::rejected;
    correction.person = {PersonId::Kind::external_image_id, "ann"};
    correction.face = FaceId("0a1b2c3d-4e5f-5071-8293-a4b5c6d7e8f9");
    correction.embedding = {vision::ModelId("m"), {0.5f, -1}, 0.75f};
    correction.made = base::Time{base::Duration{1'700'000'000'123}};
    return correction;
}

TEST(Record, ACorrectionComesBackAsItWent) {
    const auto correction = example_correction();
    const auto bytes = encode(correction);
    const auto back = decode_correction(bytes, kModel);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->id, correction.id);
    EXPECT_EQ(back->verdict, correction.verdict);
    EXPECT_EQ(back->person, correction.person);
    EXPECT_EQ(back->face, correction.face);
    EXPECT_EQ(back->embedding.values, correction.embedding.values);
    EXPECT_EQ(back->embedding.reliability, 0.75f);
    EXPECT_EQ(back->made, correction.made);
    for (std::size_t length = 0; length < bytes.size(); ++length)
        EXPECT_TRUE(decode_correction(bytes.substr(0, length), kModel).error().is_failure()) << length;
    EXPECT_FALSE(decode_correction(bytes + "x", kModel).ok());
    // The version, the verdict, and what kind of person it is about.
    for (const std::size_t at : {0, 39, 40}) {
        auto other = bytes;
        other[at] = 9;
        EXPECT_FALSE(decode_correction(other, kModel).ok()) << at;
    }
}

// The example of docs/formats/faces.md: a change of these bytes needs a new version.
TEST(Record, TheBytesOfAFaceAreThoseOfTheFormat) {
    auto record = example();
    record.picture_digest = "\x01\x02";
    record.original = "o";
    record.alias.emplace().bytes.fill(0x11);
    record.others = {{kNext, {1}}};
    EXPECT_EQ(base::hex(base::view(encode(record))), "03" + kBeginning + kSinceVersion2 +
                                                         "02"
                                                         "0100"
                                                         "6d"
                                                         "0200"
                                                         "0000003f"
                                                         "000080bf"
                                                         "01"
                                                         "0000403f"
                                                         "0100"
                                                         "6e"
                                                         "0100"
                                                         "0000803f"
                                                         "00");
    const auto back = decode_face(encode(record), kModel);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->picture_digest, record.picture_digest);
    EXPECT_EQ(back->original, record.original);
    EXPECT_EQ(back->alias, record.alias);
}

TEST(Record, AModelFindsItsOwnEmbeddingAmongThoseOfARecord) {
    auto record = example();
    record.others = {{kNext, {1}}};
    const auto moved = decode_face(encode(record), kNext);
    ASSERT_TRUE(moved.ok());
    EXPECT_EQ(moved->embedding.values, (std::vector<float>{1}));
    ASSERT_EQ(moved->others.size(), 1u);
    EXPECT_EQ(moved->others[0].values, record.embedding.values);
    EXPECT_EQ(seen_by(kModel, *moved)->values, record.embedding.values);
    EXPECT_EQ(seen_by(kNext, *moved)->values, (std::vector<float>{1}));

    const auto unseen = decode_face(encode(example()), kNext);
    ASSERT_TRUE(unseen.ok());
    EXPECT_TRUE(unseen->embedding.values.empty());
    EXPECT_EQ(seen_by(kNext, *unseen), nullptr);
    EXPECT_EQ(decode_face(encode(*unseen), kModel)->embedding.values, record.embedding.values);
}

std::string from_hex(std::string_view hex) {
    return std::string(base::text(*base::from_hex(hex)));
}

// What servers before version 2 wrote.
TEST(Record, RecordsOfTheFirstVersionAreRead) {
    const auto face = decode_face(from_hex("01" + kBeginning +
                                           "0100"
                                           "6d"
                                           "0200"
                                           "0000003f"
                                           "000080bf"),
                                  kModel);
    ASSERT_TRUE(face.ok());
    EXPECT_EQ(face->embedding.values, example().embedding.values);
    EXPECT_EQ(face->external_image_id, "ann");
    EXPECT_TRUE(face->picture_digest.empty());
    EXPECT_FALSE(face->original || face->alias);

    const auto user = decode_user(from_hex("01"
                                           "0300616e6e"
                                           "7b68e5cf8b010000"
                                           "0100"
                                           "11111111111111111111111111111111"
                                           "01006d"
                                           "02000000003f000080bf"),
                                  kModel);
    ASSERT_TRUE(user.ok());
    EXPECT_EQ(user->embedding.values, example().embedding.values);
    const auto without = decode_user(from_hex("010300616e6e7b68e5cf8b01000000000000"
                                              "0000"),
                                     kModel);
    ASSERT_TRUE(without.ok());
    EXPECT_TRUE(without->embedding.values.empty() && without->others.empty());

    const auto collection =
        decode_collection(from_hex("01"
                                   "efcdab8967452301"
                                   "01006d"
                                   "80000000"
                                   "7b68e5cf8b010000"
                                   "0000"));
    ASSERT_TRUE(collection.ok());
    EXPECT_EQ(collection->dimensions, 128u);
    EXPECT_FALSE(collection->next);

    const auto correction = decode_correction(from_hex("01"
                                                       "0100"
                                                       "78"
                                                       "00"
                                                       "01"
                                                       "0300"
                                                       "616e6e"
                                                       "0100"
                                                       "79"
                                                       "7b68e5cf8b010000"
                                                       "01006d"
                                                       "02000000003f000080bf"),
                                              kModel);
    ASSERT_TRUE(correction.ok());
    EXPECT_EQ(correction->embedding.values, example().embedding.values);
}

TEST(Record, RecordsOfTheSecondVersionAreRead) {
    const auto face = decode_face(from_hex("02" + kBeginning + kSinceVersion2 +
                                           "02"
                                           "01006d02000000003f000080bf"
                                           "01006e01000000803f"),
                                  kModel);
    ASSERT_TRUE(face.ok());
    EXPECT_EQ(face->embedding.values, example().embedding.values);
    EXPECT_FALSE(face->embedding.reliability);
    ASSERT_EQ(face->others.size(), 1u);
    EXPECT_EQ(face->original, "o");

    const auto user = decode_user(from_hex("02"
                                           "0300616e6e"
                                           "7b68e5cf8b010000"
                                           "0000"
                                           "01"
                                           "01006d02000000003f000080bf"),
                                  kModel);
    ASSERT_TRUE(user.ok());
    EXPECT_EQ(user->embedding.values, example().embedding.values);
}

TEST(Record, BytesThatAreCutShortOrLongerOrOfAnotherVersionAreAFailure) {
    const auto face = encode(example());
    for (std::size_t length = 0; length < face.size(); ++length)
        EXPECT_TRUE(decode_face(face.substr(0, length), kModel).error().is_failure()) << length;
    EXPECT_FALSE(decode_face(face + "x", kModel).ok());
    auto other = face;
    other[0] = 9;
    EXPECT_FALSE(decode_face(other, kModel).ok());

    const auto collection = encode(CollectionRecord{.tags = {{"a", "b"}}});
    for (std::size_t length = 0; length < collection.size(); ++length)
        EXPECT_FALSE(decode_collection(collection.substr(0, length)).ok()) << length;
    EXPECT_FALSE(decode_collection(collection + "x").ok());

    const auto user = encode(example_user());
    for (std::size_t length = 0; length < user.size(); ++length)
        EXPECT_TRUE(decode_user(user.substr(0, length), kModel).error().is_failure()) << length;
    EXPECT_FALSE(decode_user(user + "x", kModel).ok());
    other = user;
    other[0] = 9;
    EXPECT_FALSE(decode_user(other, kModel).ok());
}

}  // namespace
}  // namespace faces
