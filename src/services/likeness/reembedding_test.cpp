#include <algorithm>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "faces/reembedder.h"
#include "services/likeness/bench.h"
#include "services/likeness/starter.h"
#include "wire/trouble.h"

namespace services::likeness {
namespace {

using rekognition::kAnn;
using rekognition::kBob;
using rekognition::kEve;
using rekognition::kInTheDark;
using rekognition::photo_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Another model: it draws its boxes a little wider, sees in half the dimensions, and does not see Eve.
const vision::ModelId kOther("drawn/2");

Result<std::vector<vision::Face>> find_wider(const image::Picture& picture) {
    auto faces = TRY(rekognition::find_drawn(picture));
    std::erase_if(faces, [&](const vision::Face& face) {
        const auto field = static_cast<int>(face.box.left * static_cast<float>(picture.width)) / 100;
        const auto* middle = rekognition::middle_of(picture, field);
        return middle[0] < 96 && middle[2] > 160;
    });
    for (auto& face : faces) {
        face.box.left -= 0.05f * face.box.width;
        face.box.width *= 1.1f;
    }
    return faces;
}

Result<vision::Embedding> recognise_half(const image::Picture& picture, const vision::Face& face) {
    auto out = TRY(rekognition::recognise_drawn(picture, face));
    out.model = kOther;
    out.values.resize(32);
    float squares = 0;
    for (const float x : out.values)
        squares += x * x;
    for (auto& x : out.values)
        x /= std::sqrt(squares);
    return out;
}

struct MovingBench : Bench {
    explicit MovingBench(bool with_model = true) : Bench(with_model) {
        auto other = rekognition::drawn_model();
        other.recognition.model = kOther;
        other.recognition.dimensions = 32;
        other.sight.detect = find_wider;
        other.sight.embed = recognise_half;
        installed[kOther.str()] = std::make_shared<const faces::Model>(std::move(other));
        objects["photos/ann.jpg"] = photo_of(kAnn);
        objects["photos/bob.jpg"] = photo_of(kBob);
        objects["photos/both.jpg"] = photo_of({{kAnn, 60}, {kBob, 50}});
        if (with_model) create();
    }
    Answer index(const json::object& image, const std::string& name,
                 const std::string& collection = "staff") {
        return call("IndexFaces",
                    {{"CollectionId", collection}, {"Image", image}, {"ExternalImageId", name}});
    }
    std::vector<std::string> index_ids(const json::object& image, const std::string& name,
                                       const std::string& collection = "staff") {
        const auto answer = index(image, name, collection);
        EXPECT_EQ(answer.status, 200) << answer.message;
        std::vector<std::string> ids;
        for (const auto& record : answer.body.at("FaceRecords").as_array())
            ids.emplace_back(record.at("Face").at("FaceId").as_string());
        return ids;
    }
    Answer reembed(json::object more = {}) {
        more["CollectionId"] = "staff";
        if (!more.contains("FaceModel")) more["FaceModel"] = kOther.str();
        return ask("ReembedCollection", more);
    }
    json::object described() {
        const auto answer = ask("DescribeReembedding", {{"CollectionId", "staff"}});
        EXPECT_EQ(answer.status, 200) << answer.message;
        return answer.body;
    }
    std::string status() { return std::string(described().at("Reembedding").at("Status").as_string()); }
    // What the server does in the background.
    void move() {
        faces::Reembedder reembedder(
            *collections,
            {[this](const faces::ReembeddingRecord&) { return may(); },
             [this](const faces::ReembeddingRecord&, const std::string& original) -> Result<base::Bytes> {
                 const auto object = TRY(rekognition::s3_object_of(original));
                 const auto found = objects.find(object.bucket + '/' + object.name);
                 if (found == objects.end()) return Error::refusal(rekognition::Refusal::object_unreadable);
                 return found->second;
             }});
        while (reembedder.move_next()) {
        }
    }
    std::vector<std::string> reasons() {
        std::vector<std::string> out;
        const auto facts = described();
        for (const auto& face : facts.at("UnmovedFaces").as_array())
            out.emplace_back(face.at("Reason").as_string());
        std::sort(out.begin(), out.end());
        return out;
    }
    // "similarity name" of each match; those of one similarity in the order of their names, since those of
    // ids differ between collections.
    std::vector<std::string> found(const base::Bytes& photo, const std::string& collection = "staff") {
        const auto answer =
            call("SearchFacesByImage",
                 {{"CollectionId", collection}, {"Image", bytes(photo)}, {"FaceMatchThreshold", 0}});
        EXPECT_EQ(answer.status, 200) << answer.message;
        std::vector<std::string> out;
        for (const auto& match : answer.body.at("FaceMatches").as_array())
            out.push_back(fmt::format("{:07.3f} {}", match.at("Similarity").to_number<double>(),
                                      std::string_view(match.at("Face").at("ExternalImageId").as_string())));
        std::sort(out.rbegin(), out.rend());
        return out;
    }
    std::string enrol_remembered(const std::string& object, const std::string& name) {
        return index_ids(Bench::object("photos", object), name).at(0);
    }

    std::function<Result<void>()> may = [] { return Result<void>(); };
};

TEST(ReembedCollection, AfterwardsSearchesAnswerAsThoseOfANewCollection) {
    MovingBench bench;
    const auto ann = bench.enrol_remembered("ann.jpg", "ann"), bob = bench.enrol_remembered("bob.jpg", "bob");
    const auto both = bench.index_ids(Bench::object("photos", "both.jpg"), "both");
    ASSERT_EQ(both.size(), 2u);
    const auto before = bench.found(photo_of({{kAnn, 70}}));
    auto answer = bench.reembed();
    ASSERT_EQ(answer.status, 200) << answer.message;
    EXPECT_EQ(answer.body.at("Reembedding").at("Status"), "QUEUED");
    EXPECT_EQ(answer.body.at("Reembedding").at("FromFaceModel"), "drawn-faces");
    EXPECT_EQ(answer.body.at("Reembedding").at("ToFaceModel"), "drawn/2");
    EXPECT_EQ(bench.described().at("FacesLeftCount"), 4);
    EXPECT_EQ(bench.found(photo_of({{kAnn, 70}})), before);  // meanwhile
    bench.move();
    const auto described = bench.described();
    EXPECT_EQ(described.at("FaceModel"), "drawn/2");
    EXPECT_EQ(described.at("FaceCount"), 4);
    EXPECT_EQ(described.at("FacesLeftCount"), 0);
    EXPECT_EQ(described.at("Reembedding").at("Status"), "SUCCEEDED");
    EXPECT_EQ(described.at("Reembedding").at("MovedFaceCount"), 4);
    EXPECT_GE(described.at("Reembedding").at("EndTimestamp").to_number<double>(),
              described.at("Reembedding").at("StartTimestamp").to_number<double>());

    // The same pictures in a collection that was made with the other model.
    bench.model = std::make_shared<faces::Model>(*bench.installed.at("drawn/2"));
    bench.installed["drawn-faces"] = std::make_shared<const faces::Model>(rekognition::drawn_model());
    auto models = faces::Models(bench.model, [&](const vision::ModelId& id) -> faces::Models::Loaded {
        return bench.installed.at(id.str());
    });
    bench.run_on(models);
    bench.create("new");
    for (const auto& [object, name] : {std::pair("ann.jpg", "ann"), {"bob.jpg", "bob"}, {"both.jpg", "both"}})
        bench.index_ids(Bench::object("photos", object), name, "new");
    for (const auto& photo : {photo_of({{kAnn, 70}}), photo_of({{kBob, 75}}), photo_of(kInTheDark)})
        EXPECT_EQ(bench.found(photo), bench.found(photo, "new"));
    EXPECT_NE(bench.found(photo_of({{kAnn, 70}})), before);

    // The ids are those from before, also of pictures that are enrolled once more.
    EXPECT_EQ(bench.enrol_remembered("ann.jpg", "ann"), ann);
    EXPECT_EQ(bench.enrol_remembered("bob.jpg", "bob"), bob);
    EXPECT_EQ(bench.index_ids(Bench::object("photos", "both.jpg"), "both"), both);
    EXPECT_EQ(bench.described().at("FaceCount"), 4);
}

TEST(ReembedCollection, WhatIsIndexedAndSaidMeanwhileMovesToo) {
    MovingBench bench;
    bench.enrol_remembered("ann.jpg", "ann");
    ASSERT_EQ(bench.reembed().status, 200);
    const auto bob = bench.enrol(photo_of(kBob));  // sent in the request: it has no original
    const auto said = bench.ask("ConfirmFace", {{"CollectionId", "staff"},
                                                {"Image", Bench::bytes(photo_of(kInTheDark))},
                                                {"Person", {{"ExternalImageId", "ann"}}}});
    ASSERT_EQ(said.status, 200) << said.message;
    bench.move();
    EXPECT_EQ(bench.status(), "SUCCEEDED");
    EXPECT_EQ(bench.described().at("Reembedding").at("CorrectionsLeftCount"), 0);
    const auto alike = bench.call("SearchFaces", {{"CollectionId", "staff"}, {"FaceId", bob}});
    EXPECT_EQ(alike.status, 200) << alike.message;
    const auto identified = bench.ask(
        "IdentifyFaces", {{"CollectionId", "staff"}, {"Image", Bench::bytes(photo_of(kInTheDark))}});
    EXPECT_EQ(identified.body.at("Faces").at(0).at("Person").at("ExternalImageId"), "ann");
}

TEST(ReembedCollection, EachReasonWhyAFaceCannotBeMovedIsTold) {
    MovingBench bench;
    bench.objects["photos/eve.jpg"] = photo_of(kEve);
    bench.objects["photos/lost.jpg"] = photo_of({{kAnn, 70}});
    bench.objects["photos/other.jpg"] = photo_of({{kAnn, 60}});
    const auto ann = bench.enrol_remembered("ann.jpg", "ann");
    const auto eve = bench.enrol_remembered("eve.jpg", "eve");
    bench.enrol_remembered("lost.jpg", "lost");
    bench.enrol_remembered("other.jpg", "other");
    bench.enrol_as("sent", photo_of(kBob));
    bench.objects.erase("photos/lost.jpg");
    bench.objects["photos/other.jpg"] = photo_of({{kAnn, 61}});
    ASSERT_EQ(bench.reembed().status, 200);
    bench.move();
    EXPECT_THAT(bench.reasons(),
                ElementsAre("FACE_NOT_FOUND", "NO_ORIGINAL", "ORIGINAL_CHANGED", "ORIGINAL_UNREADABLE"));
    auto described = bench.described();
    EXPECT_EQ(described.at("FaceModel"), "drawn-faces");
    EXPECT_EQ(described.at("Reembedding").at("Status"), "FAILED");
    EXPECT_EQ(described.at("Reembedding").at("StatusMessage"), "4 faces could not be moved");
    EXPECT_EQ(described.at("Reembedding").at("MovedFaceCount"), 1);
    EXPECT_EQ(bench.found(photo_of(kBob)).size(), 5u);

    ASSERT_EQ(bench.reembed({{"UnmovedFaces", "LEAVE_OUT"}}).status, 200);
    bench.move();
    described = bench.described();
    EXPECT_EQ(described.at("FaceModel"), "drawn/2");
    EXPECT_EQ(described.at("FaceCount"), 5);
    EXPECT_EQ(described.at("UnmovedFaces").as_array().size(), 4u);
    EXPECT_EQ(bench.found(photo_of(kBob)).size(), 1u);
    const auto left = bench.call("SearchFaces", {{"CollectionId", "staff"}, {"FaceId", eve}});
    EXPECT_EQ(left.error, "InvalidParameterException");
    EXPECT_EQ(bench.call("SearchFaces", {{"CollectionId", "staff"}, {"FaceId", ann}}).status, 200);
}

TEST(ReembedCollection, KeptCropsStandInForOriginals) {
    MovingBench bench;
    bench.rooms->keep_crops = true;
    const auto ann = bench.enrol_as("ann", photo_of(kAnn));
    bench.enrol_remembered("bob.jpg", "bob");
    bench.objects.clear();
    ASSERT_EQ(bench.reembed().status, 200);
    bench.move();
    EXPECT_EQ(bench.status(), "SUCCEEDED");
    const auto found = bench.found(photo_of({{kAnn, 80}}));
    ASSERT_EQ(found.size(), 2u);
    EXPECT_TRUE(found[0] > "099.0" && found[0].ends_with(" ann")) << found[0];
    // They go with their faces.
    auto crops = [&] {
        return bench.records->scan(store::with_prefix(store::KeyBuilder("faces.crop").str()))->size();
    };
    EXPECT_EQ(crops(), 2u);
    EXPECT_EQ(
        bench.call("DeleteFaces", {{"CollectionId", "staff"}, {"FaceIds", json::array{json::value(ann)}}})
            .status,
        200);
    EXPECT_EQ(crops(), 1u);
    EXPECT_EQ(bench.call("DeleteCollection", {{"CollectionId", "staff"}}).status, 200);
    EXPECT_EQ(crops(), 0u);
}

TEST(ReembedCollection, AnOriginalIsLearnedWhenThePictureIsIndexedAgain) {
    MovingBench bench;
    const auto ann = bench.enrol_as("ann", bench.objects.at("photos/ann.jpg"));
    EXPECT_EQ(bench.enrol_remembered("ann.jpg", "ann"), ann);
    ASSERT_EQ(bench.reembed().status, 200);
    bench.move();
    EXPECT_EQ(bench.status(), "SUCCEEDED");
}

TEST(ReembedCollection, WhoeverMayNotAnyMoreDoesNotGoOn) {
    MovingBench bench;
    bench.enrol_remembered("ann.jpg", "ann");
    ASSERT_EQ(bench.reembed().status, 200);
    bench.may = [] { return Error::refusal(wire::Trouble::access_denied, "You may not"); };
    bench.move();
    EXPECT_EQ(bench.status(), "FAILED");
    EXPECT_EQ(bench.described().at("Reembedding").at("StatusMessage"), "You may not");
    EXPECT_EQ(bench.described().at("FaceModel"), "drawn-faces");
}

TEST(ReembedCollection, ItIsStoppedAndStartedAgain) {
    MovingBench bench;
    bench.enrol_remembered("ann.jpg", "ann");
    ASSERT_EQ(bench.reembed().status, 200);
    EXPECT_EQ(bench.reembed().error, "ResourceInUseException");
    auto stopped = bench.ask("StopReembedding", {{"CollectionId", "staff"}});
    ASSERT_EQ(stopped.status, 200) << stopped.message;
    EXPECT_EQ(stopped.body.at("Reembedding").at("Status"), "STOPPED");
    bench.move();
    EXPECT_EQ(bench.status(), "STOPPED");
    EXPECT_EQ(bench.described().at("FaceModel"), "drawn-faces");
    EXPECT_EQ(bench.ask("StopReembedding", {{"CollectionId", "staff"}}).error, "ResourceNotFoundException");
    ASSERT_EQ(bench.reembed().status, 200);
    bench.move();
    EXPECT_EQ(bench.status(), "SUCCEEDED");
}

TEST(ReembedCollection, ACollectionThatWasNeverMovedSaysItsModelOnly) {
    MovingBench bench;
    const auto described = bench.described();
    EXPECT_EQ(described.at("FaceModel"), "drawn-faces");
    EXPECT_FALSE(described.contains("Reembedding"));
    EXPECT_THAT(described.at("UnmovedFaces").as_array(), IsEmpty());
}

TEST(ReembedCollection, Refusals) {
    MovingBench bench;
    EXPECT_EQ(bench.reembed({{"FaceModel", "nothing/1"}}).error, "InvalidParameterException");
    for (const auto* wrong : {"nothing", "../models", ".hidden/1", "a/b/c", "a/"})
        EXPECT_EQ(bench.reembed({{"FaceModel", wrong}}).error, "ValidationException") << wrong;
    EXPECT_EQ(bench.reembed({{"UnmovedFaces", "FORGET"}}).error, "ValidationException");
    for (const auto* operation : {"ReembedCollection", "DescribeReembedding", "StopReembedding"}) {
        EXPECT_EQ(bench.ask(operation, {{"CollectionId", "nobody"}}).error, "ResourceNotFoundException");
        EXPECT_EQ(bench.ask(operation, {}).error, "ValidationException");
        EXPECT_THAT(bench.permissions_to_ask(operation, {{"CollectionId", "staff"}}),
                    ElementsAre(std::string("likeness:") + operation +
                                " arn:aws:rekognition:us-west-2:123456789012:collection/staff"));
    }
    EXPECT_EQ(bench.ask("DescribeReembedding", {{"CollectionId", "staff"}, {"NextToken", "x"}}).status, 200);
    ASSERT_EQ(bench.reembed().status, 200);
    EXPECT_EQ(bench.ask("DescribeReembedding", {{"CollectionId", "staff"}, {"NextToken", "x"}}).error,
              "InvalidPaginationTokenException");
}

TEST(ReembedCollection, ACollectionWorksOnAServerWithAnotherModelOfItsOwn) {
    MovingBench bench;
    bench.enrol_remembered("ann.jpg", "ann");
    const auto drawn = std::make_shared<const faces::Model>(rekognition::drawn_model());
    const auto other = bench.installed.at("drawn/2");
    bench.run_on(
        faces::Models(other, [&](const vision::ModelId&) -> faces::Models::Loaded { return drawn; }));
    EXPECT_EQ(bench.found(photo_of(kAnn)).size(), 1u);
    bench.enrol_remembered("bob.jpg", "bob");
    EXPECT_EQ(bench.found(photo_of(kAnn)).size(), 2u);
    // And where it is not installed, the refusal says which it needs.
    bench.run_on(faces::Models(other, {}));
    const auto refused = bench.index(Bench::bytes(photo_of(kAnn)), "ann");
    EXPECT_EQ(refused.error, "InvalidParameterException");
    EXPECT_EQ(refused.message, "This server does not have the face model drawn-faces; it runs drawn/2");
}

// As after an upgrade that brings the next version of a pack.
TEST(ReembedCollection, ACollectionWhoseModelIsGoneCanBeMoved) {
    MovingBench bench;
    bench.enrol_remembered("ann.jpg", "ann");
    bench.run_on(faces::Models(bench.installed.at("drawn/2"), {}));
    EXPECT_EQ(bench.described().at("FaceModel"), "drawn-faces");
    ASSERT_EQ(bench.ask("ReembedCollection", {{"CollectionId", "staff"}}).status, 200);
    bench.move();
    EXPECT_EQ(bench.status(), "SUCCEEDED");
    EXPECT_EQ(bench.found(photo_of(kAnn)).size(), 1u);
}

TEST(Starter, ComesBackAsItWent) {
    const Starter starter{"AKIA", "token", "10.0.0.1", true};
    const auto back = starter_in(to_text(starter));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->access_key_id, "AKIA");
    EXPECT_EQ(back->session_token, "token");
    EXPECT_EQ(back->address, "10.0.0.1");
    EXPECT_TRUE(back->secure);
    for (const auto* wrong : {"", "[]", "{}", R"({"access_key_id":1})"})
        EXPECT_TRUE(starter_in(wrong).error().is_failure()) << wrong;
}

}  // namespace
}  // namespace services::likeness
