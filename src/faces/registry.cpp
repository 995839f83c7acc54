#include "faces/registry.h"

#include <cstring>
#include <fmt/format.h>
#include <set>

#include "base/digest.h"
#include "base/log.h"
#include "faces/tables.h"

namespace faces {
namespace {

constexpr std::string_view kTokenKeyTable = "faces.token_key";
constexpr std::size_t kTokenKeyBytes = 32;
constexpr std::size_t kRowsPerStep = 1000;

// What of a collection's name fits a page token; longer names end in a digest there.
constexpr std::size_t kNameInTokenMax = 120;

std::string collections_listing(const Tenant& tenant) {
    return fmt::format("collections|{}|{}", tenant.account, tenant.region);
}

// A name as a position in a listing: itself, or where it is long its beginning and digest.
std::string position_of(const CollectionName& name) {
    if (name.str().size() <= kNameInTokenMax) return name.str();
    const auto digest = base::digest(base::DigestKind::sha256, base::view(name.str()));
    return name.str().substr(0, kNameInTokenMax) + std::string(base::text(digest));
}

}  // namespace

Registry::Registry(store::Records& records, const base::Clock& clock, base::Random& random, Models models,
                   PageTokens tokens, const Bounds& bounds)
    : records_(records),
      clock_(clock),
      random_(random),
      models_(std::move(models)),
      tokens_(std::move(tokens)),
      bounds_(bounds) {}

Result<std::unique_ptr<Registry>> Registry::open(store::Records& records, const base::Clock& clock,
                                                 base::Random& random, Models models, const Bounds& bounds) {
    const auto key_key = store::KeyBuilder(kTokenKeyTable).str();
    const auto fresh = random.bytes(kTokenKeyBytes);
    auto token_key = TRY(records.transact([&](store::Transaction& transaction) -> Result<std::string> {
        if (auto kept = TRY(transaction.get_for_update(key_key))) return *std::move(kept);
        TRY(transaction.put(key_key, base::text(fresh)));
        return std::string(base::text(fresh));
    }));
    const auto key = base::view(token_key);
    auto registry = std::unique_ptr<Registry>(new Registry(
        records, clock, random, std::move(models), PageTokens(base::Bytes(key.begin(), key.end())), bounds));
    TRY(registry->sweep());
    return registry;
}

// What is in a collection is erased after it, and a face that was being enrolled meanwhile may even come
// later; no answer shows it, since nobody knows its incarnation any more.
Result<void> Registry::sweep() {
    std::set<Incarnation> living;
    auto range = records_of_all(kCollectionTable);
    for (range.limit = kRowsPerStep;;) {
        const auto rows = TRY(records_.scan(range));
        for (const auto& row : rows)
            living.insert(TRY(decode_collection(row.value)).incarnation);
        if (rows.size() < range.limit) break;
        range.from = after(rows.back().key);
    }
    for (const auto table : kTablesOfACollection) {
        auto left = records_of_all(table);
        left.limit = 1;
        while (true) {
            const auto rows = TRY(records_.scan(left));
            if (rows.empty()) break;
            const auto incarnation = incarnation_of_record_key(rows.front().key);
            const auto all = records_of(table, incarnation);
            if (!living.contains(incarnation)) {
                TRY(records_.erase_range(all.from, all.to));
                base::log().info("what a deleted collection left in {} removed incarnation={:016x}", table,
                                 incarnation);
            }
            left.from = all.to;
        }
    }
    return {};
}

Result<void> Registry::create(const CollectionKey& key, const Tags& tags) {
    const auto model = TRY(models_.own());
    auto all = tenant_key(key.tenant).range();
    all.limit = bounds_.collections_per_tenant;
    if (TRY(records_.scan(all)).size() == bounds_.collections_per_tenant)
        return Error::refusal(
            Refusal::too_many_collections,
            fmt::format("More than {} collections are not allowed", bounds_.collections_per_tenant));
    CollectionRecord made;
    const auto number = random_.bytes(sizeof made.incarnation);
    std::memcpy(&made.incarnation, number.data(), sizeof made.incarnation);
    made.model = model->recognition.model;
    made.dimensions = static_cast<std::uint32_t>(model->recognition.dimensions);
    made.created = clock_.now();
    made.tags = tags;
    return records_.commit([&](store::Transaction& transaction) -> Result<void> {
        const auto at = collection_key(key);
        if (TRY(transaction.get_for_update(at)))
            return Error::refusal(Refusal::collection_exists,
                                  fmt::format("The collection id: {} already exists", key.name.str()));
        return transaction.put(at, encode(made));
    });
}

Result<void> Registry::remove(const CollectionKey& key) {
    const auto gone = TRY(records_.transact([&](store::Transaction& transaction) -> Result<CollectionRecord> {
        const auto at = collection_key(key);
        const auto bytes = TRY(transaction.get_for_update(at));
        if (!bytes) return collection_missing(key);
        TRY(transaction.erase(at));
        return decode_collection(*bytes);
    }));
    indexes_.with([&](auto& indexes) { indexes.erase(gone.incarnation); });
    for (const auto table : kTablesOfACollection) {
        const auto all = records_of(table, gone.incarnation);
        TRY(records_.erase_range(all.from, all.to));
    }
    return {};
}

Result<Page<CollectionName>> Registry::list(const Tenant& tenant, const PageRequest& page) const {
    const std::size_t size = page_size(page);
    auto range = tenant_key(tenant).range();
    range.from = TRY(start_of_page(tenant, page));
    range.limit = size + 1;
    const auto rows = TRY(records_.scan(range));
    Page<CollectionName> out;
    for (const auto& row : rows) {
        if (out.items.size() == size) {
            out.next_token = tokens_.seal(collections_listing(tenant), position_of(out.items.back()));
            break;
        }
        out.items.push_back(name_in(row.key));
    }
    return out;
}

Result<std::string> Registry::start_of_page(const Tenant& tenant, const PageRequest& page) const {
    if (page.token.empty()) return tenant_key(tenant).str();
    const auto position = tokens_.open(collections_listing(tenant), page.token);
    if (!position) return invalid_token();
    if (position->size() <= kNameInTokenMax) return after(tenant_key(tenant).text(*position).str());
    // A long name: find it again among those that begin alike. If it has been deleted meanwhile, the page
    // begins with the first of them, so that none is left out.
    auto alike =
        store::with_prefix(tenant_key(tenant).text_beginning(position->substr(0, kNameInTokenMax)).str());
    alike.limit = bounds_.collections_per_tenant;
    for (const auto& row : TRY(records_.scan(alike)))
        if (position_of(name_in(row.key)) == *position) return after(row.key);
    return alike.from;
}

Result<void> Registry::tag(const CollectionKey& key, const Tags& tags) {
    return change_tags(key, [&](Tags& kept) -> Result<void> {
        for (const auto& [name, value] : tags)
            kept.insert_or_assign(name, value);
        if (kept.size() > kTagsPerCollectionMax)
            return Error::refusal(Refusal::too_many_tags,
                                  fmt::format("A collection can have {} tags", kTagsPerCollectionMax));
        return {};
    });
}

Result<void> Registry::untag(const CollectionKey& key, const std::vector<std::string>& names) {
    return change_tags(key, [&](Tags& kept) -> Result<void> {
        for (const auto& name : names)
            kept.erase(name);
        return {};
    });
}

Result<void> Registry::change_tags(const CollectionKey& key,
                                   const std::function<Result<void>(Tags&)>& change) {
    return records_.commit([&](store::Transaction& transaction) -> Result<void> {
        const auto at = collection_key(key);
        const auto bytes = TRY(transaction.get_for_update(at));
        if (!bytes) return collection_missing(key);
        auto collection = TRY(decode_collection(*bytes));
        TRY(change(collection.tags));
        return transaction.put(at, encode(collection));
    });
}

Result<CollectionRecord> Registry::find(const CollectionKey& key) const {
    const auto bytes = TRY(records_.get(collection_key(key)));
    if (!bytes) return collection_missing(key);
    return decode_collection(*bytes);
}

Result<Registry::Found> Registry::find_with_model(const CollectionKey& key) const {
    auto record = TRY(find(key));
    auto model = TRY(models_.of(record.model));
    return Found{std::move(record), std::move(model)};
}

Result<void> Registry::hold(store::Transaction& transaction, const CollectionKey& key,
                            const CollectionRecord& found) {
    const auto bytes = TRY(transaction.get_for_share(collection_key(key)));
    if (!bytes) return collection_missing(key);
    const auto now = TRY(decode_collection(*bytes));
    if (now.incarnation != found.incarnation) return collection_missing(key);
    const bool same = now.model == found.model && now.next.has_value() == found.next.has_value() &&
                      (!now.next || now.next->model == found.next->model);
    if (!same) return model_changed();
    return {};
}

std::shared_ptr<Gallery> Registry::gallery(const CollectionRecord& collection) const {
    return indexes(collection).gallery;
}

std::shared_ptr<UserGallery> Registry::users(const CollectionRecord& collection) const {
    return indexes(collection).users;
}

std::shared_ptr<CorrectionGallery> Registry::corrections(const CollectionRecord& collection) const {
    return indexes(collection).corrections;
}

Result<void> Registry::follow_faces(const CollectionRecord& collection,
                                    std::span<const search::Key> names) const {
    for (const auto& searched : all_indexes(collection))
        TRY(searched.gallery->follow(names));
    return {};
}

Result<void> Registry::follow_users(const CollectionRecord& collection,
                                    std::span<const search::Key> names) const {
    for (const auto& searched : all_indexes(collection))
        TRY(searched.users->follow(names));
    return {};
}

Result<void> Registry::follow_corrections(const CollectionRecord& collection,
                                          std::span<const search::Key> names) const {
    for (const auto& searched : all_indexes(collection))
        TRY(searched.corrections->follow(names));
    return {};
}

void Registry::let_go(Incarnation incarnation, const vision::ModelId& model) const {
    indexes_.with([&](auto& indexes) {
        if (const auto found = indexes.find(incarnation); found != indexes.end()) found->second.erase(model);
    });
}

Registry::Indexes Registry::indexes(const CollectionRecord& collection) const {
    return indexes_.with([&](auto& indexes) {
        auto& found = indexes[collection.incarnation][collection.model];
        if (!found.gallery) {
            const auto incarnation = collection.incarnation;
            const auto dimensions = collection.dimensions;
            const auto& model = collection.model;
            found.gallery = std::make_shared<Gallery>(records_, incarnation, model, dimensions);
            found.users = std::make_shared<UserGallery>(records_, incarnation, model, dimensions);
            found.corrections = std::make_shared<CorrectionGallery>(records_, incarnation, model, dimensions);
        }
        return found;
    });
}

// Of every model that the collection is searched with.
std::vector<Registry::Indexes> Registry::all_indexes(const CollectionRecord& collection) const {
    indexes(collection);
    return indexes_.with([&](const auto& indexes) {
        std::vector<Indexes> out;
        if (const auto found = indexes.find(collection.incarnation); found != indexes.end())
            for (const auto& [model, its] : found->second)
                out.push_back(its);
        return out;
    });
}

}  // namespace faces
