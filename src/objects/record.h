// How buckets, objects and uploads stand in the store (docs/formats/objects.md). For this room only.
#pragma once

#include <string>
#include <string_view>

#include "objects/bucket.h"
#include "objects/object.h"
#include "store/records.h"

namespace objects::record {

std::string encode(const Bucket& bucket);
std::string encode(const Object& object);
std::string encode(const MultipartUpload& upload);
std::string encode(const Part& part);

// The names stand in the keys, so they are given.
Bucket bucket(std::string_view bytes, std::string name);
Object object(std::string_view bytes, std::string key);
MultipartUpload upload(std::string_view bytes, std::string key, std::string id);
Part part(std::string_view bytes, std::uint32_t number);

// The tables.
inline store::KeyBuilder buckets() {
    return store::KeyBuilder("objects.bucket");
}
inline store::KeyBuilder configurations() {
    return store::KeyBuilder("objects.configuration");
}
inline store::KeyBuilder current() {
    return store::KeyBuilder("objects.current");
}
inline store::KeyBuilder older() {
    return store::KeyBuilder("objects.older");
}
inline store::KeyBuilder uploads() {
    return store::KeyBuilder("objects.upload");
}
inline store::KeyBuilder parts() {
    return store::KeyBuilder("objects.part");
}
inline store::KeyBuilder blobs() {
    return store::KeyBuilder("objects.blob");
}

std::string bucket_key(std::string_view name);
std::string configuration_key(std::string_view bucket, Configuration kind);
std::string current_key(std::string_view bucket, std::string_view key);
std::string older_key(std::string_view bucket, std::string_view key, std::uint64_t sequence);
std::string upload_key(std::string_view bucket, std::string_view key, std::string_view id);
std::string part_key(std::string_view upload, std::uint32_t number);
std::string blob_key(const store::BlobId& id);

// The third part of an object's, version's or upload's key: the object's key.
std::string name_in(std::string_view record_key);

}  // namespace objects::record
