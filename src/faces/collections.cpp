#include "faces/collections.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <set>

#include "base/digest.h"
#include "base/log.h"
#include "faces/identity.h"

namespace faces {
namespace {

constexpr std::string_view kCollectionTable = "faces.collection";
constexpr std::string_view kTokenKeyTable = "faces.token_key";
constexpr std::size_t kTokenKeyBytes = 32;
constexpr std::size_t kRowsPerStep = 1000;

// What of a collection's name fits a page token; longer names end in a digest there.
constexpr std::size_t kNameInTokenMax = 120;

store::KeyBuilder tenant_key(const Tenant& tenant) {
    return store::KeyBuilder(kCollectionTable).text(tenant.account).text(tenant.region);
}

std::string collection_key(const CollectionKey& key) {
    return tenant_key(key.tenant).text(key.name.str()).str();
}

CollectionName name_in(std::string_view record_key) {
    store::KeyReader reader(record_key);
    for (int part = 0; part < 3; ++part)
        reader.text();
    return CollectionName(reader.text());
}

// The smallest key after `key`.
std::string after(std::string key) {
    return std::move(key) + '\0';
}

Error missing(const CollectionKey& key) {
    return Error::refusal(Refusal::collection_missing,
                          fmt::format("The collection id: {} does not exist", key.name.str()));
}

std::size_t page_size(const PageRequest& page) {
    return page.size == 0 ? kPageSizeDefault : std::min(page.size, kPageSizeMax);
}

std::string collections_listing(const Tenant& tenant) {
    return fmt::format("collections|{}|{}", tenant.account, tenant.region);
}

std::string faces_listing(const CollectionRecord& record) {
    return fmt::format("faces|{:016x}", record.incarnation);
}

Error no_model() {
    return Error::refusal(Refusal::model_absent,
                          "This server has no face model: see likeness models install");
}

Error invalid_token() {
    return Error::refusal(Refusal::token_invalid, "Invalid Pagination Token");
}

// A name as a position in a listing: itself, or where it is long its beginning and digest.
std::string position_of(const CollectionName& name) {
    if (name.str().size() <= kNameInTokenMax) return name.str();
    const auto digest = base::digest(base::DigestKind::sha256, base::view(name.str()));
    return name.str().substr(0, kNameInTokenMax) + std::string(base::text(digest));
}

}  // namespace

vision::Similarity Recognition::similarity(const vision::Embedding& a, const vision::Embedding& b) const {
    INVARIANT(a.model == model && b.model == model && a.values.size() == b.values.size());
    double cosine = 0;
    for (std::size_t i = 0; i < a.values.size(); ++i)
        cosine += static_cast<double>(a.values[i]) * static_cast<double>(b.values[i]);
    return calibration.similarity(static_cast<float>(cosine));
}

Collections::Collections(store::Records& records, const base::Clock& clock, base::Random& random,
                         std::optional<Recognition> recognition, PageTokens tokens)
    : records_(records),
      clock_(clock),
      random_(random),
      recognition_(std::move(recognition)),
      tokens_(std::move(tokens)) {}

Result<std::unique_ptr<Collections>> Collections::open(store::Records& records, const base::Clock& clock,
                                                       base::Random& random,
                                                       std::optional<Recognition> recognition) {
    const auto key_key = store::KeyBuilder(kTokenKeyTable).str();
    const auto fresh = random.bytes(kTokenKeyBytes);
    auto token_key = TRY(records.transact([&](store::Transaction& transaction) -> Result<std::string> {
        if (auto kept = TRY(transaction.get_for_update(key_key))) return *std::move(kept);
        TRY(transaction.put(key_key, base::text(fresh)));
        return std::string(base::text(fresh));
    }));
    const auto key = base::view(token_key);
    auto collections = std::unique_ptr<Collections>(new Collections(
        records, clock, random, std::move(recognition), PageTokens(base::Bytes(key.begin(), key.end()))));
    TRY(collections->sweep());
    return collections;
}

// Faces are erased after their collection, and one that was being enrolled meanwhile may even come later; no
// answer shows them, since nobody knows their incarnation any more.
Result<void> Collections::sweep() {
    std::set<Incarnation> living;
    auto range = store::KeyBuilder(kCollectionTable).range();
    for (range.limit = kRowsPerStep;;) {
        const auto rows = TRY(records_.scan(range));
        for (const auto& row : rows)
            living.insert(TRY(decode_collection(row.value)).incarnation);
        if (rows.size() < range.limit) break;
        range.from = after(rows.back().key);
    }
    auto left = all_face_records();
    left.limit = 1;
    while (true) {
        const auto rows = TRY(records_.scan(left));
        if (rows.empty()) return {};
        const auto incarnation = incarnation_of_record_key(rows.front().key);
        const auto faces = face_records(incarnation);
        if (!living.contains(incarnation)) {
            TRY(records_.erase_range(faces.from, faces.to));
            base::log().info("faces of a deleted collection removed incarnation={:016x}", incarnation);
        }
        left.from = faces.to;
    }
}

Result<void> Collections::create(const CollectionKey& key, const Tags& tags) {
    if (!recognition_) return no_model();
    auto all = tenant_key(key.tenant).range();
    all.limit = kCollectionsPerTenantMax;
    if (TRY(records_.scan(all)).size() == kCollectionsPerTenantMax)
        return Error::refusal(
            Refusal::too_many_collections,
            fmt::format("More than {} collections are not allowed", kCollectionsPerTenantMax));
    CollectionRecord made;
    const auto number = random_.bytes(sizeof made.incarnation);
    std::memcpy(&made.incarnation, number.data(), sizeof made.incarnation);
    made.model = recognition_->model;
    made.dimensions = static_cast<std::uint32_t>(recognition_->dimensions);
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

Result<void> Collections::remove(const CollectionKey& key) {
    const auto gone = TRY(records_.transact([&](store::Transaction& transaction) -> Result<CollectionRecord> {
        const auto at = collection_key(key);
        const auto bytes = TRY(transaction.get_for_update(at));
        if (!bytes) return missing(key);
        TRY(transaction.erase(at));
        return decode_collection(*bytes);
    }));
    galleries_.with([&](auto& galleries) { galleries.erase(gone.incarnation); });
    const auto faces = face_records(gone.incarnation);
    return records_.erase_range(faces.from, faces.to);
}

Result<CollectionFacts> Collections::describe(const CollectionKey& key) const {
    const auto found = TRY(record(key));
    const auto* index = TRY(gallery(found)->index());
    return CollectionFacts{found.model, found.created, index->size()};
}

Result<Tags> Collections::tags(const CollectionKey& key) const {
    return TRY(record(key)).tags;
}

Result<Page<CollectionName>> Collections::list(const Tenant& tenant, const PageRequest& page) const {
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

Result<std::string> Collections::start_of_page(const Tenant& tenant, const PageRequest& page) const {
    if (page.token.empty()) return tenant_key(tenant).str();
    const auto position = tokens_.open(collections_listing(tenant), page.token);
    if (!position) return invalid_token();
    if (position->size() <= kNameInTokenMax) return after(tenant_key(tenant).text(*position).str());
    // A long name: find it again among those that begin alike. If it has been deleted meanwhile, the page
    // begins with the first of them, so that none is left out.
    auto alike =
        store::with_prefix(tenant_key(tenant).text_beginning(position->substr(0, kNameInTokenMax)).str());
    alike.limit = kCollectionsPerTenantMax;
    for (const auto& row : TRY(records_.scan(alike)))
        if (position_of(name_in(row.key)) == *position) return after(row.key);
    return alike.from;
}

Result<void> Collections::require(const CollectionKey& key) const {
    TRY(record_of_this_model(key));
    return {};
}

Result<std::vector<EnrolledFace>> Collections::enrol(const CollectionKey& key, const Enrolment& enrolment) {
    const auto collection = TRY(record_of_this_model(key));
    const auto its_gallery = gallery(collection);
    const auto* index = TRY(its_gallery->index());
    if (index->size() + enrolment.faces.size() > kFacesPerCollectionMax)
        return Error::refusal(Refusal::collection_full,
                              fmt::format("The collection id: {} has its maximum of {} faces", key.name.str(),
                                          kFacesPerCollectionMax));

    // In ascending order of their keys, as transactions take their locks.
    std::map<search::Key, FaceRecord> wanted;
    std::vector<search::Key> order;
    std::vector<EnrolledFace> out;
    const base::Time now = clock_.now();
    for (const auto& [face, embedding] : enrolment.faces) {
        INVARIANT(embedding.model == recognition_->model &&
                  embedding.values.size() == recognition_->dimensions);
        const auto id = key_of(
            face_id_of(enrolment.image, face.box, enrolment.external_image_id.value_or(std::string())));
        const bool is_new = wanted
                                .try_emplace(id, FaceRecord{.image = enrolment.image,
                                                            .box = face.box,
                                                            .confidence = face.confidence,
                                                            .quality = face.quality,
                                                            .embedding = embedding,
                                                            .external_image_id = enrolment.external_image_id,
                                                            .indexed = now})
                                .second;
        if (!is_new) continue;
        order.push_back(id);
        out.push_back({{face_of(id), {}}, face});
    }
    if (order.empty()) return out;

    using Kept = std::map<search::Key, FaceRecord>;
    auto kept = TRY(records_.transact([&](store::Transaction& transaction) -> Result<Kept> {
        Kept now_there;
        for (const auto& [id, record] : wanted) {
            const auto at = face_record_key(collection.incarnation, id);
            if (const auto there = TRY(transaction.get_for_update(at))) {
                now_there[id] = TRY(decode_face(*there));
            } else {
                TRY(transaction.put(at, encode(record)));
                now_there[id] = record;
            }
        }
        return now_there;
    }));
    TRY(its_gallery->follow(order));

    for (std::size_t i = 0; i < order.size(); ++i)
        out[i].face.record = std::move(kept.at(order[i]));
    return out;
}

Result<Page<KnownFace>> Collections::list_faces(const CollectionKey& key, const PageRequest& page,
                                                const std::optional<std::vector<FaceId>>& only) const {
    const auto collection = TRY(record(key));
    std::optional<search::Key> last;
    if (!page.token.empty()) {
        const auto position = tokens_.open(faces_listing(collection), page.token);
        if (!position || position->size() != sizeof(search::Key::bytes)) return invalid_token();
        std::copy(position->begin(), position->end(), last.emplace().bytes.begin());
    }
    const std::size_t size = page_size(page);
    Page<KnownFace> out;
    // False when the page was already full, so that there is a next one.
    auto add = [&](const search::Key& id, FaceRecord face) {
        if (out.items.size() == size) {
            const auto end = key_of(out.items.back().id).bytes;
            out.next_token = tokens_.seal(faces_listing(collection), base::text(end));
            return false;
        }
        out.items.push_back({face_of(id), std::move(face)});
        return true;
    };

    if (only) {
        std::set<search::Key> ids;
        for (const auto& id : *only)
            ids.insert(key_of(id));
        for (auto at = last ? ids.upper_bound(*last) : ids.begin(); at != ids.end(); ++at) {
            auto found = TRY(face(collection, *at));
            if (found && !add(*at, std::move(found->record))) break;
        }
        return out;
    }
    auto range = face_records(collection.incarnation);
    if (last) range.from = after(face_record_key(collection.incarnation, *last));
    range.limit = size + 1;
    for (const auto& row : TRY(records_.scan(range)))
        if (!add(face_of_record_key(row.key), TRY(decode_face(row.value)))) break;
    return out;
}

Result<Erasure> Collections::erase_faces(const CollectionKey& key, const std::vector<FaceId>& ids) {
    const auto collection = TRY(record(key));
    std::set<search::Key> wanted;
    for (const auto& id : ids)
        wanted.insert(key_of(id));
    using Found = std::set<search::Key>;
    const auto found = TRY(records_.transact([&](store::Transaction& transaction) -> Result<Found> {
        Found there;
        for (const auto& id : wanted) {
            const auto at = face_record_key(collection.incarnation, id);
            if (!TRY(transaction.get_for_update(at))) continue;
            TRY(transaction.erase(at));
            there.insert(id);
        }
        return there;
    }));
    const std::vector<search::Key> gone(found.begin(), found.end());
    TRY(gallery(collection)->follow(gone));

    Erasure out;
    for (const auto& id : ids) {
        if (wanted.erase(key_of(id)) == 0) continue;  // said twice
        (found.contains(key_of(id)) ? out.erased : out.missing).push_back(id);
    }
    return out;
}

Result<std::vector<Match>> Collections::search(const CollectionKey& key, const vision::Embedding& probe,
                                               vision::Similarity floor, std::size_t limit) const {
    const auto collection = TRY(record_of_this_model(key));
    INVARIANT(probe.model == recognition_->model);
    return matches(collection, probe.values, floor, std::min(limit, kMatchesMax));
}

Result<std::vector<Match>> Collections::search(const CollectionKey& key, const FaceId& face_id,
                                               vision::Similarity floor, std::size_t limit) const {
    const auto collection = TRY(record_of_this_model(key));
    const auto probe = TRY(face(collection, key_of(face_id)));
    if (!probe) return Error::refusal(Refusal::face_missing, "faceId was not found in the collection");
    limit = std::min(limit, kMatchesMax);
    auto found = TRY(matches(collection, probe->record.embedding.values, floor, limit + 1));
    std::erase_if(found, [&](const Match& match) { return match.face.id == face_id; });
    if (found.size() > limit) found.pop_back();
    return found;
}

Result<std::vector<Match>> Collections::matches(const CollectionRecord& record, std::span<const float> probe,
                                                vision::Similarity floor, std::size_t limit) const {
    const auto its_gallery = gallery(record);
    const auto* index = TRY(its_gallery->index());
    // A little below the floor's own cosine, since the way there and back is rounded; what is below the floor
    // is left out again here.
    constexpr float kRoundingRoom = 1e-5f;
    const float cosine_floor =
        floor.percent <= 0 ? -1.0f : recognition_->calibration.cosine_floor(floor) - kRoundingRoom;
    const auto hits = TRY(index->search({probe, limit, cosine_floor}));
    std::vector<Match> found;
    for (const auto& hit : hits) {
        const auto similarity = recognition_->calibration.similarity(hit.score);
        if (similarity < floor) continue;
        auto known = TRY(face(record, hit.key));
        if (known) found.push_back({*std::move(known), similarity});
    }
    // Cosines that differ can be equally alike.
    std::sort(found.begin(), found.end(), [](const Match& a, const Match& b) {
        if (a.similarity != b.similarity) return a.similarity > b.similarity;
        return a.face.id < b.face.id;
    });
    return found;
}

Result<CollectionRecord> Collections::record(const CollectionKey& key) const {
    const auto bytes = TRY(records_.get(collection_key(key)));
    if (!bytes) return missing(key);
    return decode_collection(*bytes);
}

Result<CollectionRecord> Collections::record_of_this_model(const CollectionKey& key) const {
    auto found = TRY(record(key));
    if (!recognition_) return no_model();
    if (found.model != recognition_->model)
        return Error::refusal(
            Refusal::model_differs,
            fmt::format("The collection id: {} was created with face model {}; this server runs {}",
                        key.name.str(), found.model.str(), recognition_->model.str()));
    return found;
}

std::shared_ptr<Gallery> Collections::gallery(const CollectionRecord& record) const {
    return galleries_.with([&](auto& galleries) {
        auto& found = galleries[record.incarnation];
        if (!found) found = std::make_shared<Gallery>(records_, record.incarnation, record.dimensions);
        return found;
    });
}

Result<std::optional<KnownFace>> Collections::face(const CollectionRecord& record,
                                                   const search::Key& key) const {
    const auto bytes = TRY(records_.get(face_record_key(record.incarnation, key)));
    if (!bytes) return std::optional<KnownFace>();
    return std::optional(KnownFace{face_of(key), TRY(decode_face(*bytes))});
}

}  // namespace faces
