// What the operations of this service work with.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "faces/collections.h"
#include "objects/store.h"
#include "wire/operation.h"

namespace services::rekognition {

inline constexpr std::size_t kObjectBytesMax = 15'728'640;  // of a picture in a bucket

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

struct ObjectBytes {
    base::Bytes bytes;
    std::optional<std::string> version;  // in a bucket that keeps versions
};

// An object, at most kObjectBytesMax of it, read as the caller: who may not s3:GetObject it is refused as if
// it were not there. Refusals: object_unreadable, image_too_large (errors.h).
using ReadObject = std::function<Result<ObjectBytes>(wire::Call&, const S3Object&)>;
// `store` outlives it.
ReadObject object_reader(objects::Store& store);

// The same for somebody who is not calling now, in requests of `region`.
using Authorise = std::function<Result<void>(const wire::Permission&)>;
Result<ObjectBytes> read_object(objects::Store& store, const Authorise& authorise, const std::string& region,
                                const S3Object& wanted);

// An object as a face remembers it, and back; the bucket, name and version in JSON.
std::string to_text(const S3Object& object);
Result<S3Object> s3_object_of(std::string_view text);

struct Rooms {
    faces::Collections& collections;
    ReadObject read_object;
    bool keep_crops = false;             // of the faces that are enrolled (faces/crop.h)
    std::function<void()> reembed = {};  // tells that there is a collection to move (faces/reembedder.h)
};

}  // namespace services::rekognition
