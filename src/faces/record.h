// Collections, faces, users and corrections as they are kept, and their form as bytes: docs/formats/faces.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "faces/names.h"
#include "search/segment.h"
#include "vision/face.h"

namespace faces {

// Tells a collection from one of the same name that was deleted before it.
using Incarnation = std::uint64_t;

// Another model, that a collection is being moved to (reembedding.h).
struct NextModel {
    vision::ModelId model;
    std::uint32_t dimensions = 0;
};

struct CollectionRecord {
    Incarnation incarnation = 0;
    vision::ModelId model;  // the one that tells its faces apart
    std::uint32_t dimensions = 0;
    std::optional<NextModel> next = std::nullopt;
    base::Time created{};
    std::map<std::string, std::string> tags;
};

// A record may hold embeddings of several models: of the one that tells the collection's faces apart, and in
// `others` of the one that the collection is being moved to or was moved from. Whoever writes one keeps two
// at most.
using OtherEmbeddings = std::vector<vision::Embedding>;

// Landmarks, pose and the picture itself are not kept.
struct FaceRecord {
    ImageId image;
    vision::Box box;
    float confidence = 0;
    vision::Quality quality;
    vision::Embedding embedding;  // without values for a face that the collection's model has not seen
    std::optional<std::string> external_image_id;
    std::optional<std::string> user;  // the person that the face was given to
    base::Time indexed{};
    std::string picture_digest = {};  // SHA-256 of the picture's bytes; empty in faces of older versions
    // Where the picture can be read again, in the words of whoever enrolled the face.
    std::optional<std::string> original = std::nullopt;
    // The name that this face has for the model it was moved to last: another one, since names follow from
    // the model and from its box. Under it the face is found when the same picture is enrolled again.
    std::optional<search::Key> alias = std::nullopt;
    OtherEmbeddings others = {};
};

// A person by the faces that were given to it. A face says whose it is and its user says which are its faces;
// both are written in one commit.
struct UserRecord {
    UserId id;
    base::Time created{};
    std::vector<search::Key> faces;  // FaceIds, in ascending order
    vision::Embedding embedding;     // what `faces` have in common: users.h; empty without faces
    OtherEmbeddings others = {};
};

enum class Verdict : std::uint8_t { confirmed, rejected };

// That somebody said a face is a person's, or is not.
struct Correction {
    CorrectionId id;
    Verdict verdict = Verdict::confirmed;
    PersonId person;
    FaceId face;
    vision::Embedding embedding;  // of the face; without values where the collection's model has not seen it
    base::Time made{};
    OtherEmbeddings others = {};
};

// What is looked at of a record, whatever its kind: what the model sees in it; null if it has not seen it.
template <class Record>
const vision::Embedding* seen_by(const vision::ModelId& model, const Record& record) {
    if (!record.embedding.values.empty() && record.embedding.model == model) return &record.embedding;
    for (const auto& other : record.others)
        if (other.model == model) return &other;
    return nullptr;
}

// Adds what another model sees of it; at most one other embedding stays beside the first, which is missing
// where the collection's own model had not seen it until now.
template <class Record>
void add_sight(Record& record, const vision::Embedding& embedding) {
    if (record.embedding.values.empty())
        record.embedding = embedding;
    else
        record.others = {embedding};
}

std::string encode(const CollectionRecord& record);
std::string encode(const FaceRecord& record);
std::string encode(const UserRecord& record);
std::string encode(const Correction& correction);
// A failure for bytes of an unknown version, or cut short, or with anything behind them. `model` is whose
// embedding is `embedding`; those of other models are in `others`.
Result<CollectionRecord> decode_collection(std::string_view bytes);
Result<FaceRecord> decode_face(std::string_view bytes, const vision::ModelId& model);
Result<UserRecord> decode_user(std::string_view bytes, const vision::ModelId& model);
Result<Correction> decode_correction(std::string_view bytes, const vision::ModelId& model);

}  // namespace faces
