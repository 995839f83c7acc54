// Who owns a collection, and what collections, pictures, faces and users are called.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/id.h"
#include "base/result.h"

namespace faces {

using CollectionName = base::Name<struct CollectionNameTag>;
using ImageId = base::Name<struct ImageTag>;  // a UUID, lower case
using FaceId = base::Name<struct FaceTag>;    // a UUID, lower case
using UserId = base::Name<struct UserTag>;    // a person of a collection, as the caller calls it

using CorrectionId = base::Name<struct CorrectionTag>;  // a UUID, lower case

// Whose a face is: a user's, or else of whom its ExternalImageId names (people.h).
struct PersonId {
    enum class Kind : std::uint8_t { user, external_image_id };
    Kind kind = Kind::user;
    std::string name;
    auto operator<=>(const PersonId&) const = default;
};

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
    collection_full,       // Bounds (registry.h)
    too_many_collections,  // Bounds
    too_many_tags,         // kTagsPerCollectionMax
    face_missing,
    face_unseen,  // the collection was moved to a model that has not seen this face (reembedding.h)
    user_missing,
    user_exists,
    user_full,       // kFacesPerUserMax
    user_busy,       // others changed the same user again and again meanwhile
    too_many_users,  // Bounds
    person_missing,  // a user that does not exist, or an ExternalImageId that no face has
    correction_missing,
    too_many_corrections,   // kCorrectionsPerCollectionMax
    request_token_taken,    // by another request
    token_invalid,          // not one that this room gave for this listing
    model_missing,          // this server does not have the face model that the collection needs
    model_changed,          // the collection was moved to another model since the picture was looked at
    reembedding_running,    // the collection is being moved already
    reembedding_missing,    // it is not being moved
    too_many_reembeddings,  // kReembeddingsMax
    model_absent,           // the server runs without a face model
    scores_absent,          // the face model's calibration does not say how scores are spread
};

// Refusals that several files of this room give, in the same words.

inline Error collection_missing(const CollectionKey& key) {
    return Error::refusal(Refusal::collection_missing,
                          "The collection id: " + key.name.str() + " does not exist");
}

// Of a face that the collection's model has not seen.
inline Error unseen() {
    return Error::refusal(Refusal::face_unseen,
                          "The face was left out when the collection moved to another face model");
}

inline Error model_changed() {
    return Error::refusal(Refusal::model_changed,
                          "The collection was moved to another face model meanwhile; try again");
}

}  // namespace faces
