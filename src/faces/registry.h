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
#include "faces/names.h"
#include "faces/page.h"
#include "faces/page_token.h"
#include "faces/recognition.h"
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
                                                  base::Random& random,
                                                  std::optional<Recognition> recognition,
                                                  const Bounds& bounds);

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
    // Refuses model_differs, model_absent: for what needs a model.
    Result<CollectionRecord> find_of_this_model(const CollectionKey& key) const;

    std::shared_ptr<Gallery> gallery(const CollectionRecord& collection) const;
    std::shared_ptr<UserGallery> users(const CollectionRecord& collection) const;
    std::shared_ptr<CorrectionGallery> corrections(const CollectionRecord& collection) const;

    // What those who look after the collections' contents work with.
    store::Records& records() const { return records_; }
    const base::Clock& clock() const { return clock_; }
    base::Random& random() const { return random_; }
    const std::optional<Recognition>& recognition() const { return recognition_; }
    const PageTokens& tokens() const { return tokens_; }
    const Bounds& bounds() const { return bounds_; }

private:
    Registry(store::Records& records, const base::Clock& clock, base::Random& random,
             std::optional<Recognition> recognition, PageTokens tokens, const Bounds& bounds);

    struct Indexes {
        std::shared_ptr<Gallery> gallery;
        std::shared_ptr<UserGallery> users;
        std::shared_ptr<CorrectionGallery> corrections;
    };
    Indexes indexes(const CollectionRecord& collection) const;
    Result<void> sweep();
    Result<void> change_tags(const CollectionKey& key, const std::function<Result<void>(Tags&)>& change);
    Result<std::string> start_of_page(const Tenant& tenant, const PageRequest& page) const;

    store::Records& records_;
    const base::Clock& clock_;
    base::Random& random_;
    const std::optional<Recognition> recognition_;
    const PageTokens tokens_;
    const Bounds bounds_;
    // Built when first needed; an index is a cache of the records.
    mutable base::Guarded<std::unordered_map<Incarnation, Indexes>> indexes_;
};

}  // namespace faces
