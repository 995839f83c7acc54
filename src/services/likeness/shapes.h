// The structures that inputs and answers share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "faces/identification.h"
#include "faces/quality.h"
#include "services/rekognition/images.h"
#include "services/rekognition/shapes.h"
#include "wire/answer.h"
#include "wire/operation.h"

namespace services::likeness {

using rekognition::collection_arn;
using rekognition::collection_id;
using rekognition::filter_of;
using rekognition::ImageSource;
using rekognition::key_of;
using rekognition::quality_filter;

struct BoundingBox {
    float width = 0, height = 0, left = 0, top = 0;
    static auto members() {
        return wire::members(
            wire::required("Width", &BoundingBox::width), wire::required("Height", &BoundingBox::height),
            wire::required("Left", &BoundingBox::left), wire::required("Top", &BoundingBox::top));
    }
};
BoundingBox shape(const vision::Box& box);

struct Quality {
    float brightness = 0, sharpness = 0;  // 0 to 100
    // The cosine, times 100, that the embedding is expected to have to that of the same face seen well.
    std::optional<float> reliability;
    static auto members() {
        return wire::members(wire::required("Brightness", &Quality::brightness),
                             wire::required("Sharpness", &Quality::sharpness),
                             wire::optional("Reliability", &Quality::reliability));
    }
};
Quality shape(const vision::Quality& quality, const vision::Embedding& embedding);

// One of the two: whose a face is.
struct Person {
    std::optional<std::string> user_id;
    std::optional<std::string> external_image_id;
    static auto members() {
        return wire::members(
            wire::optional("UserId", &Person::user_id, wire::length(1, 128),
                           wire::pattern(rekognition::kUserIdPattern)),
            wire::optional("ExternalImageId", &Person::external_image_id, wire::length(1, 255),
                           wire::pattern(rekognition::kExternalImageIdPattern)));
    }
};
Person shape(const faces::PersonId& person);

// What people said of a face.
struct Correction {
    std::string id, verdict;
    Person person;
    std::string face_id;
    base::Time made{};
    static auto members() {
        return wire::members(
            wire::required("CorrectionId", &Correction::id), wire::required("Verdict", &Correction::verdict),
            wire::required("Person", &Correction::person), wire::required("FaceId", &Correction::face_id),
            wire::required("CreationTimestamp", &Correction::made));
    }
};
Correction shape(const faces::Correction& correction);
std::string_view name_of(faces::Verdict verdict);

}  // namespace services::likeness
