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

struct CollectionRecord {
    Incarnation incarnation = 0;
    vision::ModelId model;  // the one that its faces are embedded with, for good
    std::uint32_t dimensions = 0;
    base::Time created{};
    std::map<std::string, std::string> tags;
};

// Landmarks, pose and the picture itself are not kept.
struct FaceRecord {
    ImageId image;
    vision::Box box;
    float confidence = 0;
    vision::Quality quality;
    vision::Embedding embedding;
    std::optional<std::string> external_image_id;
    std::optional<std::string> user;  // the person that the face was given to
    base::Time indexed{};
};

// A person by the faces that were given to it. A face says whose it is and its user says which are its faces;
// both are written in one commit.
struct UserRecord {
    UserId id;
    base::Time created{};
    std::vector<search::Key> faces;  // FaceIds, in ascending order
    vision::Embedding embedding;     // what `faces` have in common: users.h; empty without faces
};

enum class Verdict : std::uint8_t { confirmed, rejected };

// That somebody said a face is a person's, or is not.
struct Correction {
    CorrectionId id;
    Verdict verdict = Verdict::confirmed;
    PersonId person;
    FaceId face;
    vision::Embedding embedding;  // of the face
    base::Time made{};
};

std::string encode(const CollectionRecord& record);
std::string encode(const FaceRecord& record);
std::string encode(const UserRecord& record);
std::string encode(const Correction& correction);
// A failure for bytes of another version, or cut short, or with anything behind them.
Result<CollectionRecord> decode_collection(std::string_view bytes);
Result<FaceRecord> decode_face(std::string_view bytes);
Result<UserRecord> decode_user(std::string_view bytes);
Result<Correction> decode_correction(std::string_view bytes);

}  // namespace faces
