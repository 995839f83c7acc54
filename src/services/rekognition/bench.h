// For tests: the service through its real wire, over a store in memory, with a sight that recognises drawn
// faces.
//
// A drawn picture is white; each face is a square of one colour in a field of 100 x 100 pixels. The colour is
// the person, the square's side the size, and dark colours are dark faces.
#pragma once

#include <boost/json.hpp>
#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "faces/collections.h"
#include "image/encode.h"
#include "image/picture.h"
#include "services/rekognition/errors.h"
#include "services/rekognition/service.h"
#include "store/memory.h"

namespace services::rekognition {

namespace json = boost::json;

// Persons differ in colour; of each channel's four levels a JPEG keeps enough.
struct Person {
    int red = 0, green = 0, blue = 0;  // 0 to 3 each
    int number() const { return red * 16 + green * 4 + blue; }
};
inline constexpr Person kAnn{3, 0, 1}, kBob{0, 3, 1}, kEve{1, 2, 3}, kInTheDark{0, 0, 0};
// Alike Ann to between 75 and 80 percent.
inline constexpr Person kAnnsSister{2, 0, 3};
inline constexpr float kSistersCosine = 0.485f;
inline constexpr Person kBehindAVeil{2, 2, 2};  // whose embedding cannot be relied on
inline constexpr float kReliabilityMin = 0.5f;
inline constexpr int kFieldPx = 100;
inline constexpr int kLevelPx = 64;

struct Drawn {
    Person person;
    int side_px = 80;
};

// One field per face, from left to right.
inline base::Bytes photo_of(const std::vector<Drawn>& faces, int fields = 3) {
    auto picture = image::blank(fields * kFieldPx, kFieldPx, 255, 255, 255);
    for (std::size_t field = 0; field < faces.size(); ++field) {
        const auto& [person, side] = faces[field];
        const int left = static_cast<int>(field) * kFieldPx + (kFieldPx - side) / 2,
                  top = (kFieldPx - side) / 2;
        for (int y = top; y < top + side; ++y)
            for (int x = left; x < left + side; ++x) {
                std::uint8_t* pixel = picture.at(x, y);
                pixel[0] = static_cast<std::uint8_t>(person.red * kLevelPx);
                pixel[1] = static_cast<std::uint8_t>(person.green * kLevelPx);
                pixel[2] = static_cast<std::uint8_t>(person.blue * kLevelPx);
            }
    }
    return *image::encode_jpeg(picture, 95);
}
inline base::Bytes photo_of(Person person) {
    return photo_of({{person}});
}
inline base::Bytes empty_room() {
    return photo_of(std::vector<Drawn>());
}

inline const std::uint8_t* middle_of(const image::Picture& picture, int field) {
    return picture.at(field * kFieldPx + kFieldPx / 2, kFieldPx / 2);
}
inline bool is_white(const std::uint8_t* pixel) {
    return pixel[0] > 225 && pixel[1] > 225 && pixel[2] > 225;
}

inline Result<std::vector<vision::Face>> find_drawn(const image::Picture& picture) {
    std::vector<vision::Face> faces;
    const auto width = static_cast<float>(picture.width), height = static_cast<float>(picture.height);
    for (int field = 0; field < picture.width / kFieldPx; ++field) {
        const auto* middle = middle_of(picture, field);
        if (is_white(middle)) continue;
        int side = 0;
        for (int x = field * kFieldPx; x < (field + 1) * kFieldPx; ++x)
            side += !is_white(picture.at(x, kFieldPx / 2));
        vision::Face face;
        const float left = static_cast<float>(field * kFieldPx + (kFieldPx - side) / 2);
        face.box = {.left = left / width,
                    .top = static_cast<float>((kFieldPx - side) / 2) / height,
                    .width = static_cast<float>(side) / width,
                    .height = static_cast<float>(side) / height};
        face.confidence = 99.5f;
        face.landmarks[vision::eye_left] = {face.box.left + 0.01f, 0.4f};
        face.landmarks[vision::eye_right] = {face.box.left + 0.02f, 0.4f};
        face.quality = {.brightness = static_cast<float>(middle[0] + middle[1] + middle[2]) / 7.65f,
                        .sharpness = 90};
        face.side_px = static_cast<float>(side);
        faces.push_back(face);
    }
    std::stable_sort(faces.begin(), faces.end(),
                     [](const auto& a, const auto& b) { return a.box.area() > b.box.area(); });
    return faces;
}

inline vision::Embedding embedding_of(Person person, float age = 0) {
    std::mt19937 random(static_cast<unsigned>(person.number()));
    std::normal_distribution<float> normal;
    vision::Embedding out{vision::ModelId("drawn-faces"), std::vector<float>(64)};
    double squares = 0;
    for (auto& x : out.values) {
        x = normal(random) + age;
        squares += static_cast<double>(x) * x;
    }
    for (auto& x : out.values)
        x = static_cast<float>(x / std::sqrt(squares));
    if (person.number() != kAnnsSister.number()) return out;
    const auto ann = embedding_of(kAnn, age);
    const float alike = vision::cosine(out, ann);
    const float own = std::sqrt((1 - kSistersCosine * kSistersCosine) / (1 - alike * alike));
    for (std::size_t i = 0; i < out.values.size(); ++i)
        out.values[i] = kSistersCosine * ann.values[i] + own * (out.values[i] - alike * ann.values[i]);
    return out;
}

// The size of a drawn face shifts its embedding a little, so that two pictures of a person are alike but not
// equal.
inline Result<vision::Embedding> recognise_drawn(const image::Picture& picture, const vision::Face& face) {
    const float left = face.box.left * static_cast<float>(picture.width);
    const auto* middle = middle_of(picture, static_cast<int>(left) / kFieldPx);
    auto level = [](std::uint8_t value) { return (value + kLevelPx / 2) / kLevelPx; };
    const Person person{level(middle[0]), level(middle[1]), level(middle[2])};
    auto embedding = embedding_of(person, face.side_px / 1000);
    embedding.reliability = person.number() == kBehindAVeil.number() ? 0.1f : 0.9f;
    return embedding;
}

inline Result<void> examine_drawn(const image::Picture& picture, vision::Face& face) {
    face.embedding = TRY(recognise_drawn(picture, face));
    face.quality.recognisability = *face.embedding->reliability < kReliabilityMin
                                       ? vision::Recognisability::poor
                                       : vision::Recognisability::high;
    return {};
}

// Ann is a smiling woman of about 30, everybody else a serious, bearded man of about 60 behind dark glasses;
// of nobody is anything told that was not asked for.
inline Result<vision::FaceAttributes> describe_drawn(const image::Picture& picture, const vision::Face& face,
                                                     const vision::AttributeChoice& choice) {
    const float left = face.box.left * static_cast<float>(picture.width);
    const auto* middle = middle_of(picture, static_cast<int>(left) / kFieldPx);
    const bool is_ann = middle[0] > 2 * kLevelPx && middle[1] < kLevelPx;
    vision::FaceAttributes told;
    if (choice.age_range) told.age_range = is_ann ? vision::AgeRange{25, 35} : vision::AgeRange{50, 70};
    if (choice.gender) told.gender = vision::Gender{is_ann ? vision::Sex::female : vision::Sex::male, 98.5f};
    if (choice.emotions)
        told.emotions = {{is_ann ? vision::Emotion::happy : vision::Emotion::calm, 70},
                         {vision::Emotion::surprised, 10},
                         {vision::Emotion::sad, 8},
                         {vision::Emotion::fear, 6},
                         {vision::Emotion::angry, 4},
                         {vision::Emotion::disgusted, 2},
                         {is_ann ? vision::Emotion::calm : vision::Emotion::happy, 0}};
    if (choice.smile) told.smile = vision::Judgement{is_ann, 90};
    if (choice.mouth_open) told.mouth_open = vision::Judgement{false, 80};
    if (choice.eyeglasses) told.eyeglasses = vision::Judgement{!is_ann, 75};
    if (choice.sunglasses) told.sunglasses = vision::Judgement{!is_ann, 91};
    if (choice.beard) told.beard = vision::Judgement{!is_ann, 92};
    if (choice.mustache) told.mustache = vision::Judgement{!is_ann, 93};
    if (choice.eyes_open) told.eyes_open = vision::Judgement{is_ann, 94};
    if (choice.face_occluded) told.face_occluded = vision::Judgement{!is_ann, 95};
    if (choice.outline) {
        told.outline.emplace();
        for (std::size_t i = 0; i < told.outline->size(); ++i)
            (*told.outline)[i] = {face.box.left, static_cast<float>(i) / 100};
    }
    return told;
}

inline faces::Model drawn_model() {
    return {{vision::ModelId("drawn-faces"), 64,
             *vision::Calibration::create(
                 {{.cosine = 0, .similarity = 0}, {0.5f, 80}, {1, 100}},
                 *vision::ScoreModel::create({.mean = 0, .deviation = 0.125},
                                             {.mode = 0.95, .below = 0.1, .above = 0.03, .outliers = 0.005})),
             kReliabilityMin},
            {find_drawn, examine_drawn, recognise_drawn, describe_drawn}};
}

inline std::string base64_of(const base::Bytes& bytes) {
    return base::base64(bytes);
}

struct Answer {
    int status = 0;
    std::string error;  // the code; empty for success
    std::string message;
    json::object body;
    std::optional<std::string> warning;  // the header of that name
};

class Bench {
public:
    explicit Bench(bool with_model = true) : with_model_(with_model) { reopen({}); }

    // As a server that starts again on the same store, or on one that stands before it.
    void reopen(const faces::Bounds& bounds, store::Records* before = nullptr) {
        model = with_model_ ? std::make_shared<faces::Model>(drawn_model()) : nullptr;
        models = faces::Models(model, [this](const vision::ModelId& id) -> faces::Models::Loaded {
            if (const auto found = installed.find(id.str()); found != installed.end()) return found->second;
            return Error::failure("not installed");
        });
        collections = *faces::Collections::open(before ? *before : *records, clock, random, models, bounds);
        rooms = std::make_unique<Rooms>(Rooms{*collections, [this](wire::Call& call, const S3Object& object) {
                                                  return read_object(call, object);
                                              }});
        service = std::make_unique<wire::Service>(rekognition::service(*rooms));
    }

    // As a server that starts again on the same store with these models.
    void run_on(const faces::Models& others) {
        auto opened = *faces::Collections::open(*records, clock, random, others);
        rooms = std::make_unique<Rooms>(Rooms{*opened, rooms->read_object, rooms->keep_crops});
        collections = std::move(opened);
        service = std::make_unique<wire::Service>(rekognition::service(*rooms));
    }

    Answer call(std::string operation, const json::object& input) {
        return call_with_body(std::move(operation), json::serialize(input));
    }
    Answer call_with_body(std::string operation, const std::string& body) {
        http::Request request{.method = "POST", .target = "/"};
        request.headers.add("X-Amz-Target", service->description().target_prefix + operation);
        http::Response response;
        auto reply = answer(request, body);
        if (reply.ok()) {
            const auto found = service->find(request, {}, "");
            response = service->write(*found->operation, request, "request-1", std::move(*reply));
        } else {
            response = service->write(request, "request-1", service->fault_of(reply.error()));
        }
        Answer out{.status = response.status};
        if (const auto warning = response.headers.get("x-likeness-warning"))
            out.warning = std::string(*warning);
        out.body = json::parse(std::get<std::string>(response.body)).as_object();
        if (auto* type = out.body.if_contains("__type")) out.error = type->as_string();
        for (const auto* name : {"Message", "message"})
            if (auto* text = out.body.if_contains(name)) out.message = text->as_string();
        return out;
    }

    void create(const std::string& collection = "staff") {
        ASSERT_EQ(call("CreateCollection", {{"CollectionId", collection}}).status, 200);
    }
    static json::object bytes(const base::Bytes& photo) { return {{"Bytes", base64_of(photo)}}; }
    static json::object object(std::string bucket, std::string name) {
        return {{"S3Object", {{"Bucket", bucket}, {"Name", name}}}};
    }
    // The new face's id.
    std::string enrol(const base::Bytes& photo, const std::string& collection = "staff") {
        auto answer = call("IndexFaces", {{"CollectionId", collection}, {"Image", bytes(photo)}});
        EXPECT_EQ(answer.status, 200) << answer.message;
        return std::string(answer.body["FaceRecords"].at(0).at("Face").at("FaceId").as_string());
    }
    // The permissions that an operation asks for: "action resource", and condition keys as " key=value".
    std::vector<std::string> permissions(const std::string& operation, const json::object& input) {
        http::Request request{.method = "POST", .target = "/"};
        request.headers.add("X-Amz-Target", service->description().target_prefix + operation);
        const auto found = service->find(request, {}, "");
        const std::string body = json::serialize(input);
        const auto prepared = service->prepare(*found->operation, {request, {}, {}, body});
        auto about = call_about(request);
        std::vector<std::string> out;
        const auto needed = *(*prepared)->permissions(about);
        for (const auto& permission : needed) {
            out.push_back(permission.action + ' ' + permission.resource);
            for (const auto& [key, values] : permission.context)
                for (const auto& value : values)
                    out.back() += ' ' + key + '=' + value;
        }
        return out;
    }

    std::unique_ptr<store::Records> records = store::memory_records();
    base::ManualClock clock;
    base::SeededRandom random{1};
    std::shared_ptr<faces::Model> model;                                   // the server's own
    std::map<std::string, std::shared_ptr<const faces::Model>> installed;  // others
    faces::Models models;
    std::unique_ptr<faces::Collections> collections;
    std::unique_ptr<Rooms> rooms;
    std::unique_ptr<wire::Service> service;
    std::map<std::string, base::Bytes> objects;  // "bucket/name"
    std::string account = "123456789012";
    std::string region = "us-west-2";

private:
    bool with_model_;

    Result<wire::Reply> answer(const http::Request& request, const std::string& body) {
        auto found = TRY(service->find(request, {}, ""));
        auto prepared = TRY(service->prepare(*found.operation, {request, {}, found.labels, body}));
        auto about = call_about(request);
        return prepared->run(about);
    }
    wire::Call call_about(const http::Request& request) const {
        return {.caller = {.account = account, .arn = "arn:aws:iam::" + account + ":user/ann"},
                .region = region,
                .request_id = "request-1",
                .now = clock.now(),
                .request = request};
    }
    Result<ObjectBytes> read_object(wire::Call&, const S3Object& object) {
        auto found = objects.find(object.bucket + '/' + object.name);
        if (found == objects.end()) return Error::refusal(Refusal::object_unreadable);
        if (found->second.size() > kObjectBytesMax) return Error::refusal(Refusal::image_too_large);
        return ObjectBytes{found->second, std::nullopt};
    }
};

}  // namespace services::rekognition
