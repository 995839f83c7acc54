// What the operations of this service work with.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "faces/collections.h"
#include "image/picture.h"
#include "objects/store.h"
#include "vision/pipeline.h"
#include "wire/operation.h"

namespace services::rekognition {

inline constexpr std::size_t kObjectBytesMax = 15'728'640;  // of a picture in a bucket

// How pictures are looked at: the vision pipeline in the server, drawn pictures in tests.
struct Sight {
    // By the area of their boxes, the largest first; at most 100.
    std::function<Result<std::vector<vision::Face>>(const image::Picture&)> detect;
    std::function<Result<vision::Embedding>(const image::Picture&, const vision::Face&)> embed;
    std::function<Result<vision::FaceAttributes>(const image::Picture&, const vision::Face&,
                                                 const vision::AttributeChoice&)>
        describe;
};
// `pipeline` outlives it.
Sight sight_of(const vision::Pipeline& pipeline);

struct S3Object {
    std::string bucket;
    std::string name;
    std::optional<std::string> version;
    static auto members() {
        return wire::members(wire::optional("Bucket", &S3Object::bucket, wire::length(3, 255),
                                            wire::pattern(R"([0-9A-Za-z\.\-_]*)")),
                             wire::optional("Name", &S3Object::name, wire::length(1, 1024)),
                             wire::optional("Version", &S3Object::version, wire::length(1, 1024)));
    }
};

// The bytes of an object, at most kObjectBytesMax of them, read as the caller: who may not s3:GetObject it is
// refused as if it were not there. Refusals: object_unreadable, image_too_large (errors.h).
using ReadObject = std::function<Result<base::Bytes>(wire::Call&, const S3Object&)>;
// `store` outlives it.
ReadObject object_reader(objects::Store& store);

struct Rooms {
    faces::Collections& collections;
    std::optional<Sight> sight;  // nothing where no model is installed
    ReadObject read_object;
};

}  // namespace services::rekognition
