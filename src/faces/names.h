// Who owns a collection, and what collections, pictures and faces are called.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/id.h"

namespace faces {

using CollectionName = base::Name<struct CollectionNameTag>;
using ImageId = base::Name<struct ImageTag>;  // a UUID, lower case
using FaceId = base::Name<struct FaceTag>;    // a UUID, lower case

// Collections of different tenants have nothing to do with each other, whatever they are called.
struct Tenant {
    std::string account;
    std::string region;
    auto operator<=>(const Tenant&) const = default;
};

struct CollectionKey {
    Tenant tenant;
    CollectionName name;
    auto operator<=>(const CollectionKey&) const = default;
};

// What this room may refuse. Anything else that goes wrong is our own failure.
enum class Refusal : std::uint8_t {
    collection_missing,
    collection_exists,
    collection_full,       // kFacesPerCollectionMax
    too_many_collections,  // kCollectionsPerTenantMax
    face_missing,
    token_invalid,  // not one that this room gave for this listing
    model_differs,  // the collection was made with another face model than the server runs
    model_absent,   // the server runs without a face model
};

}  // namespace faces
