// Collections of faces: the front door of the room.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "faces/corrections.h"
#include "faces/crop.h"
#include "faces/models.h"
#include "faces/names.h"
#include "faces/page.h"
#include "faces/people.h"
#include "faces/record.h"
#include "faces/registry.h"
#include "faces/second_model.h"
#include "faces/users.h"
#include "store/records.h"
#include "vision/face.h"

namespace faces {

inline constexpr std::size_t kMatchesMax = 4096;  // of one search; AWS's

struct CollectionFacts {
    vision::ModelId model;
    base::Time created{};
    std::size_t faces = 0;
    std::size_t users = 0;
};

// A face that was found in a picture, to be enrolled.
struct NewFace {
    vision::Face face;
    vision::Embedding embedding;                   // of the collection's model
    std::optional<NextSight> next = std::nullopt;  // nothing where that model does not find the face
    std::optional<Crop> crop = std::nullopt;       // to be kept
};

struct Enrolment {
    ImageId image;
    std::optional<std::string> external_image_id;
    std::vector<NewFace> faces;
    std::string picture_digest = {};  // as in FaceRecord
    std::optional<std::string> original = std::nullopt;
    // The model that the collection is being moved to, which looked at the picture too.
    std::optional<vision::ModelId> next = std::nullopt;
};

// The models that look at a picture for a collection.
struct Lookers {
    std::shared_ptr<const Model> model;
    std::shared_ptr<const Model> next;  // that it is being moved to; null if it is not
};

struct KnownFace {
    FaceId id;
    FaceRecord record;
};

struct EnrolledFace {
    KnownFace face;
    vision::Face seen;  // as this call's picture shows it
};

struct Match {
    KnownFace face;
    vision::Similarity similarity;
};

// A user holds on to its faces: only when it has let go of one can that be erased.
struct HeldFace {
    FaceId face;
    UserId user;
};

struct Erasure {
    std::vector<FaceId> erased;
    std::vector<FaceId> missing;
    std::vector<HeldFace> held;
};

// Which faces are listed: those that keep both conditions.
struct FaceFilter {
    std::optional<std::vector<FaceId>> ids = std::nullopt;
    std::optional<UserId> user = std::nullopt;
};

// Callable from any thread. Every operation on one collection refuses collection_missing. Commits are durable
// when a call returns, and the search index has followed them.
class Collections {
public:
    // What it is given outlives it. Removes what deletions left behind when the process ended in their
    // middle. Without models, collections can be listed and removed, and what needs a model refuses
    // model_absent.
    static Result<std::unique_ptr<Collections>> open(store::Records& records, const base::Clock& clock,
                                                     base::Random& random, Models models,
                                                     const Bounds& bounds = {});

    // Refuses collection_exists, too_many_collections, model_absent.
    Result<void> create(const CollectionKey& key, const Tags& tags = {}) {
        return registry_->create(key, tags);
    }
    // With all its faces, users and tags.
    Result<void> remove(const CollectionKey& key) { return registry_->remove(key); }
    Result<CollectionFacts> describe(const CollectionKey& key) const;
    // By name. Refuses token_invalid.
    Result<Page<CollectionName>> list(const Tenant& tenant, const PageRequest& page) const {
        return registry_->list(tenant, page);
    }
    // Refuses model_missing, model_absent, as both searches do. Whoever looks at a
    // picture for a collection asks this before the costly part; what is then done with the embeddings
    // refuses model_changed where the collection was moved meanwhile, and the picture is to be looked at
    // again.
    Result<Lookers> lookers(const CollectionKey& key) const;

    Result<Tags> tags(const CollectionKey& key) const;
    // Adds the tags, or replaces those of the same name. Refuses too_many_tags.
    Result<void> tag(const CollectionKey& key, const Tags& tags) { return registry_->tag(key, tags); }
    // Names that no tag has are passed over.
    Result<void> untag(const CollectionKey& key, const std::vector<std::string>& names) {
        return registry_->untag(key, names);
    }

    Users& users() { return users_; }
    const Users& users() const { return users_; }
    Corrections& corrections() { return corrections_; }
    const Corrections& corrections() const { return corrections_; }

    // The faces as they are kept now, in the order given. A face that is already there stays as it is, but
    // that its original and its crop are kept if none were; of two with the same id in one call, the first
    // counts. Refuses collection_full.
    Result<std::vector<EnrolledFace>> enrol(const CollectionKey& key, const Enrolment& enrolment);

    // By FaceId. Refuses token_invalid and, with a user in the filter, user_missing; ids that are not there
    // are passed over.
    Result<Page<KnownFace>> list_faces(const CollectionKey& key, const PageRequest& page,
                                       const FaceFilter& filter = {}) const;
    // With what was said of them (corrections.h). Each id counts once.
    Result<Erasure> erase_faces(const CollectionKey& key, const std::vector<FaceId>& ids);

    // The people of the collection (people.h) after `last`, or from the first; at most `limit`.
    Result<std::vector<PersonId>> people(const CollectionKey& key, const std::optional<PersonId>& last,
                                         std::size_t limit) const;
    // All reference faces of a person, by FaceId; none for one whom nobody knows.
    Result<std::vector<KnownFace>> faces_of(const CollectionKey& key, const PersonId& person) const;

    // Faces at least as alike as `floor`, the most alike first and, where equally alike, by FaceId; at most
    // `limit`, at most kMatchesMax.
    Result<std::vector<Match>> search(const CollectionKey& key, const vision::Embedding& probe,
                                      vision::Similarity floor, std::size_t limit) const;
    // As search with the embedding of a face of the collection, which is not among its own matches. Refuses
    // face_missing, face_unseen.
    Result<std::vector<Match>> search(const CollectionKey& key, const FaceId& face, vision::Similarity floor,
                                      std::size_t limit) const;

    const Models& models() const { return registry_->models(); }
    // Of the model that the server was started with; null without one.
    const Recognition* recognition() const {
        return models().current() ? &models().current()->recognition : nullptr;
    }
    // For what stands beside this class: identification.h.
    const Registry& registry() const { return *registry_; }
    Registry& registry() { return *registry_; }

private:
    explicit Collections(std::unique_ptr<Registry> registry)
        : registry_(std::move(registry)), users_(*registry_), corrections_(*registry_) {}

    Result<std::optional<KnownFace>> face(const CollectionRecord& record, const search::Key& key) const;
    Result<std::optional<std::set<search::Key>>> chosen(const CollectionRecord& collection,
                                                        const FaceFilter& filter) const;
    Result<std::vector<Match>> matches(const Registry::Found& collection, std::span<const float> probe,
                                       vision::Similarity floor, std::size_t limit) const;

    std::unique_ptr<Registry> registry_;
    Users users_;
    Corrections corrections_;
};

}  // namespace faces
