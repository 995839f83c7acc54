// Which collections there are: their records with their tags, and the search indexes of each. What is in a
// collection is for others (collections.h, users.h).
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
#include "faces/models.h"
#include "faces/names.h"
#include "faces/page.h"
#include "faces/page_token.h"
#include "faces/record.h"
#include "store/records.h"

namespace faces {

using Tags = std::map<std::string, std::string>;

inline constexpr std::size_t kTagsPerCollectionMax = 200;  // AWS's

// How much a caller can have. AWS's quotas, where it has one.
struct Bounds {
    std::size_t collections_per_tenant = 10'000;
    std::size_t faces_per_collection = 20'000'000;
    std::size_t users_per_collection = 10'000'000;
};

// Callable from any thread. Every operation on one collection refuses collection_missing.
class Registry {
public:
    // What it is given outlives it. Removes what deletions left behind when the process ended in their
    // middle.
    static Result<std::unique_ptr<Registry>> open(store::Records& records, const base::Clock& clock,
                                                  base::Random& random, Models models, const Bounds& bounds);

    // Refuses collection_exists, too_many_collections, model_absent.
    Result<void> create(const CollectionKey& key, const Tags& tags);
    // With all that is in it.
    Result<void> remove(const CollectionKey& key);
    // By name. Refuses token_invalid.
    Result<Page<CollectionName>> list(const Tenant& tenant, const PageRequest& page) const;

    // Adds the tags, or replaces those of the same name. Refuses too_many_tags.
    Result<void> tag(const CollectionKey& key, const Tags& tags);
    // Names that no tag has are passed over.
    Result<void> untag(const CollectionKey& key, const std::vector<std::string>& names);

    Result<CollectionRecord> find(const CollectionKey& key) const;
    // For what needs the collection's model. Refuses model_missing, model_absent.
    struct Found {
        CollectionRecord record;
        std::shared_ptr<const Model> model;
    };
    Result<Found> find_with_model(const CollectionKey& key) const;
    // In a transaction that writes what a model saw: nobody moves or removes the collection until it ends.
    // Refuses model_changed unless the collection is still the one that was found, with the same models.
    static Result<void> hold(store::Transaction& transaction, const CollectionKey& key,
                             const CollectionRecord& found);

    // What is searched of a collection, as its model sees it.
    std::shared_ptr<Gallery> gallery(const CollectionRecord& collection) const;
    std::shared_ptr<UserGallery> users(const CollectionRecord& collection) const;
    std::shared_ptr<CorrectionGallery> corrections(const CollectionRecord& collection) const;
    // To be called after every commit that wrote or erased these records: brings what is searched to what the
    // store says now, for every model that is searched with.
    Result<void> follow_faces(const CollectionRecord& collection, std::span<const search::Key> names) const;
    Result<void> follow_users(const CollectionRecord& collection, std::span<const search::Key> names) const;
    Result<void> follow_corrections(const CollectionRecord& collection,
                                    std::span<const search::Key> names) const;
    // Nobody searches the collection with this model any more.
    void let_go(Incarnation incarnation, const vision::ModelId& model) const;

    // What those who look after the collections' contents work with.
    store::Records& records() const { return records_; }
    const base::Clock& clock() const { return clock_; }
    base::Random& random() const { return random_; }
    const Models& models() const { return models_; }
    const PageTokens& tokens() const { return tokens_; }
    const Bounds& bounds() const { return bounds_; }

private:
    Registry(store::Records& records, const base::Clock& clock, base::Random& random, Models models,
             PageTokens tokens, const Bounds& bounds);

    struct Indexes {
        std::shared_ptr<Gallery> gallery;
        std::shared_ptr<UserGallery> users;
        std::shared_ptr<CorrectionGallery> corrections;
    };
    Indexes indexes(const CollectionRecord& collection) const;
    std::vector<Indexes> all_indexes(const CollectionRecord& collection) const;
    Result<void> sweep();
    Result<void> change_tags(const CollectionKey& key, const std::function<Result<void>(Tags&)>& change);
    Result<std::string> start_of_page(const Tenant& tenant, const PageRequest& page) const;

    store::Records& records_;
    const base::Clock& clock_;
    base::Random& random_;
    const Models models_;
    const PageTokens tokens_;
    const Bounds bounds_;
    // Built when first needed; an index is a cache of the records.
    mutable base::Guarded<std::unordered_map<Incarnation, std::map<vision::ModelId, Indexes>>> indexes_;
};

}  // namespace faces
