// The users of a collection, as Rekognition calls people: each has up to a hundred of its faces, and is
// searched by what these have in common.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "faces/names.h"
#include "faces/page.h"
#include "faces/record.h"
#include "faces/registry.h"
#include "faces/request_tokens.h"
#include "vision/face.h"

namespace faces {

inline constexpr std::size_t kFacesPerUserMax = 100;  // AWS's
inline constexpr std::size_t kUserMatchesMax = 500;   // of one search, and of one page; AWS's

// AWS knows UPDATING and CREATING besides, between a change and its effect; here no caller can see one.
enum class UserStatus : std::uint8_t {
    created,  // without faces: no search finds it
    active,
};

struct User {
    UserId id;
    UserStatus status = UserStatus::created;
};

struct UserMatch {
    User user;
    vision::Similarity similarity;
};

// Why a face was not given to a user, or not taken from it.
enum class FaceTrouble : std::uint8_t {
    missing,   // not in the collection
    anothers,  // it belongs to another user
    unlike,    // too little like the user's faces
};

struct RefusedFace {
    FaceId face;
    FaceTrouble trouble = FaceTrouble::missing;
    std::optional<UserId> user;                    // whose it is: with `anothers`
    std::optional<vision::Similarity> similarity;  // with `unlike`
};

// What came of giving faces to a user or taking them from it. Faces that were as wanted before are in neither
// list.
struct Membership {
    std::vector<FaceId> changed;
    std::vector<RefusedFace> refused;
    UserStatus status = UserStatus::created;
};

// What embeddings of one model have in common: their mean, at length 1. At least one.
//
// Why the mean: docs/rekognition.md.
vision::Embedding common_embedding(std::span<const vision::Embedding> embeddings);

// Callable from any thread. Refusals of all: collection_missing; of those that take a request token:
// user_busy, request_token_taken. Commits are durable when a call returns, and searches see them.
class Users {
public:
    // `registry` outlives it.
    explicit Users(Registry& registry) : registry_(registry), tokens_(registry.records(), registry.clock()) {}

    // Refuses user_exists, too_many_users.
    Result<void> create(const CollectionKey& key, const UserId& user, const std::string& request_token = {});
    // Its faces stay in the collection, nobody's; what was said of it (corrections.h) goes. Refuses
    // user_missing.
    Result<void> remove(const CollectionKey& key, const UserId& user, const std::string& request_token = {});
    // In order of creation. Refuses token_invalid.
    Result<Page<User>> list(const CollectionKey& key, const PageRequest& page) const;

    // Gives faces to the user, one after the other; each that comes to a user with faces must be at least
    // `floor` alike what they have in common. Refuses user_missing, user_full (then none is given),
    // model_missing, model_absent.
    Result<Membership> associate(const CollectionKey& key, const UserId& user,
                                 const std::vector<FaceId>& faces, vision::Similarity floor,
                                 const std::string& request_token = {});
    // Takes faces from the user. Refuses user_missing.
    Result<Membership> disassociate(const CollectionKey& key, const UserId& user,
                                    const std::vector<FaceId>& faces, const std::string& request_token = {});

    // Users at least as alike as `floor`, the most alike first and, where equally alike, by UserId; at most
    // `limit`, at most kUserMatchesMax. Refuse model_missing, model_absent, and
    // model_changed for a probe of another model.
    Result<std::vector<UserMatch>> search(const CollectionKey& key, const vision::Embedding& probe,
                                          vision::Similarity floor, std::size_t limit) const;
    // With the embedding of a face of the collection. Refuses face_missing, face_unseen.
    Result<std::vector<UserMatch>> search(const CollectionKey& key, const FaceId& face,
                                          vision::Similarity floor, std::size_t limit) const;
    // With what a user's faces have in common; it is not among its own matches, and without faces it has
    // none. Refuses user_missing.
    Result<std::vector<UserMatch>> search(const CollectionKey& key, const UserId& user,
                                          vision::Similarity floor, std::size_t limit) const;

    // Refuses user_missing.
    Result<UserRecord> find(const CollectionRecord& collection, const UserId& user) const;

    // Brings what each model sees in a user to what it sees in the user's faces now. A user that is gone is
    // passed over.
    Result<void> renew(const CollectionRecord& collection, const UserId& user);

private:
    class Portrait;
    // One face's turn: whether it has changed hands; if it could not, that is said in the membership.
    using FaceChange =
        std::function<bool(Portrait&, const search::Key& name, FaceRecord& face, Membership& out)>;

    Result<Membership> change_faces(const CollectionRecord& collection, const UserId& user,
                                    const std::vector<FaceId>& faces, const Request& request,
                                    const FaceChange& change_face);
    Result<std::string> change(const CollectionRecord& collection, const Request& request,
                               const RequestTokens::Change& change);
    Result<std::vector<UserMatch>> matches(const Registry::Found& found, std::span<const float> probe,
                                           vision::Similarity floor, std::size_t limit) const;

    Registry& registry_;
    RequestTokens tokens_;
};

}  // namespace faces
