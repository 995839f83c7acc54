// Collections of faces: the front door of the room.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/guarded.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "faces/gallery.h"
#include "faces/names.h"
#include "faces/page_token.h"
#include "faces/record.h"
#include "store/records.h"
#include "vision/calibration.h"
#include "vision/face.h"

namespace faces {

inline constexpr std::size_t kFacesPerCollectionMax = 20'000'000;  // AWS's
inline constexpr std::size_t kCollectionsPerTenantMax = 10'000;
inline constexpr std::size_t kMatchesMax = 4096;   // of one search; AWS's
inline constexpr std::size_t kPageSizeMax = 4096;  // of one listing; AWS's
inline constexpr std::size_t kPageSizeDefault = 1000;

// How faces are told apart: what makes embeddings, and what their cosines mean.
struct Recognition {
    vision::ModelId model;
    std::size_t dimensions = 0;
    vision::Calibration calibration;

    // Both of `model`.
    vision::Similarity similarity(const vision::Embedding& a, const vision::Embedding& b) const;
};

using Tags = std::map<std::string, std::string>;

struct CollectionFacts {
    vision::ModelId model;
    base::Time created{};
    std::size_t faces = 0;
};

// A face that was found in a picture, to be enrolled.
struct NewFace {
    vision::Face face;
    vision::Embedding embedding;  // of Recognition::model
};

struct Enrolment {
    ImageId image;
    std::optional<std::string> external_image_id;
    std::vector<NewFace> faces;
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

struct Erasure {
    std::vector<FaceId> erased;
    std::vector<FaceId> missing;
};

template <class Item>
struct Page {
    std::vector<Item> items;
    std::string next_token;  // empty on the last page
};

// Where a listing begins and how much of it is wanted.
struct PageRequest {
    std::string token;     // empty: from the start
    std::size_t size = 0;  // 0: kPageSizeDefault; at most kPageSizeMax
};

// Callable from any thread. Every operation on one collection refuses collection_missing. Commits are durable
// when a call returns, and the search index has followed them.
class Collections {
public:
    // What it is given outlives it. Removes what deletions left behind when the process ended in their
    // middle. Without `recognition`, collections can be listed and removed, and what needs a model refuses
    // model_absent.
    static Result<std::unique_ptr<Collections>> open(store::Records& records, const base::Clock& clock,
                                                     base::Random& random,
                                                     std::optional<Recognition> recognition);

    // Refuses collection_exists, too_many_collections, model_absent.
    Result<void> create(const CollectionKey& key, const Tags& tags = {});
    // With all its faces and tags.
    Result<void> remove(const CollectionKey& key);
    Result<CollectionFacts> describe(const CollectionKey& key) const;
    Result<Tags> tags(const CollectionKey& key) const;
    // By name. Refuses token_invalid.
    Result<Page<CollectionName>> list(const Tenant& tenant, const PageRequest& page) const;
    // Refuses model_differs, model_absent, as all that follow but listing and erasing do. Whoever looks at a
    // picture for a collection asks this before the costly part.
    Result<void> require(const CollectionKey& key) const;

    // The faces as they are kept now, in the order given. A face that is already there stays as it is; of two
    // with the same id in one call, the first counts. Refuses collection_full.
    Result<std::vector<EnrolledFace>> enrol(const CollectionKey& key, const Enrolment& enrolment);

    // By FaceId. With `only`, those of them that exist. Refuses token_invalid.
    Result<Page<KnownFace>> list_faces(const CollectionKey& key, const PageRequest& page,
                                       const std::optional<std::vector<FaceId>>& only = std::nullopt) const;
    // Each id counts once.
    Result<Erasure> erase_faces(const CollectionKey& key, const std::vector<FaceId>& ids);

    // Faces at least as alike as `floor`, the most alike first and, where equally alike, by FaceId; at most
    // `limit`, at most kMatchesMax.
    Result<std::vector<Match>> search(const CollectionKey& key, const vision::Embedding& probe,
                                      vision::Similarity floor, std::size_t limit) const;
    // As search with the embedding of a face of the collection, which is not among its own matches. Refuses
    // face_missing.
    Result<std::vector<Match>> search(const CollectionKey& key, const FaceId& face, vision::Similarity floor,
                                      std::size_t limit) const;

    const std::optional<Recognition>& recognition() const { return recognition_; }

private:
    Collections(store::Records& records, const base::Clock& clock, base::Random& random,
                std::optional<Recognition> recognition, PageTokens tokens);

    Result<void> sweep();
    Result<CollectionRecord> record(const CollectionKey& key) const;
    Result<CollectionRecord> record_of_this_model(const CollectionKey& key) const;
    std::shared_ptr<Gallery> gallery(const CollectionRecord& record) const;
    Result<std::optional<KnownFace>> face(const CollectionRecord& record, const search::Key& key) const;
    Result<std::vector<Match>> matches(const CollectionRecord& record, std::span<const float> probe,
                                       vision::Similarity floor, std::size_t limit) const;
    Result<std::string> start_of_page(const Tenant& tenant, const PageRequest& page) const;

    store::Records& records_;
    const base::Clock& clock_;
    base::Random& random_;
    const std::optional<Recognition> recognition_;
    const PageTokens tokens_;
    // Built when first needed; an index is a cache of the records.
    mutable base::Guarded<std::unordered_map<Incarnation, std::shared_ptr<Gallery>>> galleries_;
};

}  // namespace faces
