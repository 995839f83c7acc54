#include "faces/users.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <set>

#include "faces/codec.h"
#include "faces/corrections.h"
#include "faces/identity.h"
#include "faces/tables.h"

namespace faces {
namespace {

std::string listing_of(const CollectionRecord& collection) {
    return fmt::format("users|{:016x}", collection.incarnation);
}

Error missing(const UserId& user) {
    return Error::refusal(Refusal::user_missing, fmt::format("The user id: {} does not exist", user.str()));
}

UserStatus status_of(const UserRecord& user) {
    return user.faces.empty() ? UserStatus::created : UserStatus::active;
}

struct Numbered {
    search::Key number;
    UserRecord user;
};

// Locks the user: whoever changes its faces holds it first. A collection that is being deleted loses its
// faces before its users, and these before their names.
Result<Numbered> user_for_update(store::Transaction& transaction, const CollectionRecord& collection,
                                 const UserId& id) {
    const auto incarnation = collection.incarnation;
    const auto number = TRY(transaction.get_for_update(user_name_key(incarnation, id)));
    if (!number) return missing(id);
    Numbered out;
    out.number = name_in_value(*number);
    const auto bytes = TRY(transaction.get_for_update(record_key(kUserTable, incarnation, out.number)));
    if (!bytes) return missing(id);
    out.user = TRY(decode_user(*bytes, collection.model));
    return out;
}

using Faces = std::map<search::Key, FaceRecord>;

// Those that are there; all are locked.
Result<Faces> faces_for_update(store::Transaction& transaction, const CollectionRecord& collection,
                               const std::set<search::Key>& names) {
    Faces out;
    for (const auto& name : names)
        if (const auto bytes =
                TRY(transaction.get_for_update(record_key(kFaceTable, collection.incarnation, name))))
            out[name] = TRY(decode_face(*bytes, collection.model));
    return out;
}

std::set<search::Key> keys_of(const std::vector<FaceId>& faces) {
    std::set<search::Key> out;
    for (const auto& face : faces)
        out.insert(key_of(face));
    return out;
}

// Each once, in the order given.
std::vector<search::Key> in_order(const std::vector<FaceId>& faces) {
    std::vector<search::Key> out;
    std::set<search::Key> seen;
    for (const auto& face : faces)
        if (seen.insert(key_of(face)).second) out.push_back(key_of(face));
    return out;
}

std::string encode_membership(const Membership& membership) {
    Writer writer;
    writer.number(static_cast<std::uint8_t>(membership.status));
    writer.number(static_cast<std::uint16_t>(membership.changed.size()));
    for (const auto& face : membership.changed)
        writer.key(key_of(face));
    writer.number(static_cast<std::uint16_t>(membership.refused.size()));
    for (const auto& refused : membership.refused) {
        writer.key(key_of(refused.face)).number(static_cast<std::uint8_t>(refused.trouble));
        writer.text(refused.user ? refused.user->str() : std::string());
        writer.number(refused.similarity ? refused.similarity->percent : -1.0f);
    }
    return writer.take();
}

Result<Membership> decode_membership(std::string_view bytes) {
    Reader reader(bytes);
    Membership out;
    out.status = static_cast<UserStatus>(reader.number<std::uint8_t>());
    for (auto left = reader.number<std::uint16_t>(); left > 0; --left)
        out.changed.push_back(face_of(reader.key()));
    for (auto left = reader.number<std::uint16_t>(); left > 0; --left) {
        RefusedFace refused;
        refused.face = face_of(reader.key());
        refused.trouble = static_cast<FaceTrouble>(reader.number<std::uint8_t>());
        if (const auto user = reader.text(); !user.empty()) refused.user = UserId(user);
        const auto similarity = reader.number<float>();
        if (similarity >= 0) refused.similarity = vision::Similarity{similarity};
        out.refused.push_back(std::move(refused));
    }
    if (!reader.whole()) return Error::failure("a remembered answer is malformed");
    return out;
}

std::string parameters_of(const UserId& user, const std::vector<FaceId>& faces = {},
                          vision::Similarity floor = {}) {
    Writer writer;
    writer.text(user.str()).number(floor.percent);
    for (const auto& face : faces)
        writer.key(key_of(face));
    return writer.take();
}

}  // namespace

// A user's faces and what they have in common, while faces come and go: for each model the common embedding
// of those that it has seen.
class Users::Portrait {
public:
    Portrait(const UserRecord& user, const Faces& its_faces) {
        for (const auto& name : user.faces)
            if (const auto face = its_faces.find(name); face != its_faces.end()) add(name, face->second);
    }
    void add(const search::Key& name, const FaceRecord& face) { faces_.insert_or_assign(name, face); }
    void remove(const search::Key& face) { faces_.erase(face); }
    std::size_t size() const { return faces_.size(); }

    // Nothing where the model has seen none of the faces.
    std::optional<vision::Embedding> seen_by(const vision::ModelId& model) const {
        std::vector<vision::Embedding> all;
        for (const auto& [name, face] : faces_)
            if (const auto* seen = faces::seen_by(model, face)) all.push_back(*seen);
        return all.empty() ? std::nullopt : std::optional(common_embedding(all));
    }
    void write_to(UserRecord& user, const vision::ModelId& model) const {
        std::set<vision::ModelId> others;
        user.faces.clear();
        for (const auto& [name, face] : faces_) {
            user.faces.push_back(name);
            for (const auto& other : face.others)
                others.insert(other.model);
        }
        user.embedding = seen_by(model).value_or(vision::Embedding());
        user.others.clear();
        for (const auto& other : others)
            if (other != model) user.others.push_back(*seen_by(other));
    }

private:
    Faces faces_;
};

vision::Embedding common_embedding(std::span<const vision::Embedding> embeddings) {
    INVARIANT(!embeddings.empty());
    std::vector<double> sum(embeddings.front().values.size());
    for (const auto& embedding : embeddings) {
        INVARIANT(embedding.model == embeddings.front().model && embedding.values.size() == sum.size());
        for (std::size_t i = 0; i < sum.size(); ++i)
            sum[i] += static_cast<double>(embedding.values[i]);
    }
    double squares = 0;
    for (const double x : sum)
        squares += x * x;
    // Faces that look in opposite directions have nothing in common; the first stands for them.
    constexpr double kNothing = 1e-6;
    if (std::sqrt(squares) < kNothing * static_cast<double>(embeddings.size())) return embeddings.front();
    vision::Embedding out{embeddings.front().model, std::vector<float>(sum.size())};
    for (std::size_t i = 0; i < sum.size(); ++i)
        out.values[i] = static_cast<float>(sum[i] / std::sqrt(squares));
    return out;
}

Result<void> Users::create(const CollectionKey& key, const UserId& user, const std::string& request_token) {
    const auto collection = TRY(registry_.find(key));
    const auto most = registry_.bounds().users_per_collection;
    const auto chance = registry_.random().bytes(kChanceBytes);
    std::optional<search::Key> number;
    auto make = [&](store::Transaction& transaction) -> Result<std::string> {
        const auto name_at = user_name_key(collection.incarnation, user);
        if (TRY(transaction.get_for_update(name_at)))
            return Error::refusal(Refusal::user_exists,
                                  fmt::format("The user id: {} already exists", user.str()));
        if (TRY(registry_.users(collection)->count()) >= most)
            return Error::refusal(
                Refusal::too_many_users,
                fmt::format("The collection id: {} has its maximum of {} users", key.name.str(), most));
        number = next_name(TRY(transaction.scan(last_of(kUserTable, collection.incarnation))), chance);
        const UserRecord made{.id = user, .created = registry_.clock().now()};
        TRY(transaction.put(record_key(kUserTable, collection.incarnation, *number), encode(made)));
        TRY(transaction.put(name_at, base::text(number->bytes)));
        return std::string();
    };
    TRY(change(collection, {request_token, "create", parameters_of(user)}, make));
    if (!number) return {};  // done before
    return registry_.follow_users(collection, std::span(&*number, 1));
}

Result<void> Users::remove(const CollectionKey& key, const UserId& user, const std::string& request_token) {
    const auto collection = TRY(registry_.find(key));
    std::optional<Numbered> gone;
    std::vector<search::Key> corrections;
    auto unmake = [&](store::Transaction& transaction) -> Result<std::string> {
        gone = TRY(user_for_update(transaction, collection, user));
        const std::set<search::Key> its(gone->user.faces.begin(), gone->user.faces.end());
        for (auto& [name, face] : TRY(faces_for_update(transaction, collection, its))) {
            face.user.reset();
            TRY(transaction.put(record_key(kFaceTable, collection.incarnation, name), encode(face)));
        }
        TRY(transaction.erase(record_key(kUserTable, collection.incarnation, gone->number)));
        TRY(transaction.erase(user_name_key(collection.incarnation, user)));
        corrections = TRY(Corrections::forget(transaction, collection.incarnation,
                                              PersonId{PersonId::Kind::user, user.str()}));
        return std::string();
    };
    TRY(change(collection, {request_token, "remove", parameters_of(user)}, unmake));
    if (!gone) return {};  // done before
    TRY(registry_.follow_users(collection, std::span(&gone->number, 1)));
    TRY(registry_.follow_corrections(collection, corrections));
    return registry_.follow_faces(collection, gone->user.faces);
}

Result<Page<User>> Users::list(const CollectionKey& key, const PageRequest& page) const {
    const auto collection = TRY(registry_.find(key));
    const std::size_t size = page_size(page);
    auto range = records_of(kUserTable, collection.incarnation);
    if (!page.token.empty()) {
        const auto position = registry_.tokens().open(listing_of(collection), page.token);
        if (!position || position->size() != sizeof(search::Key::bytes)) return invalid_token();
        range.from = after(record_key(kUserTable, collection.incarnation, name_in_value(*position)));
    }
    range.limit = size + 1;
    const auto rows = TRY(registry_.records().scan(range));
    Page<User> out;
    for (std::size_t i = 0; i < std::min(rows.size(), size); ++i) {
        const auto user = TRY(decode_user(rows[i].value, collection.model));
        out.items.push_back({user.id, status_of(user)});
    }
    if (rows.size() > size)
        out.next_token = registry_.tokens().seal(listing_of(collection),
                                                 base::text(name_of_record_key(rows[size - 1].key).bytes));
    return out;
}

Result<Membership> Users::associate(const CollectionKey& key, const UserId& user,
                                    const std::vector<FaceId>& faces, vision::Similarity floor,
                                    const std::string& request_token) {
    const auto found = TRY(registry_.find_with_model(key));
    const auto& collection = found.record;
    const auto& recognition = found.model->recognition;
    auto give = [&](Portrait& portrait, const search::Key& name, FaceRecord& face, Membership& out) {
        if (face.user == user.str()) return false;
        if (face.user) {
            out.refused.push_back({face_of(name), FaceTrouble::anothers, UserId(*face.user), {}});
            return false;
        }
        if (const auto its = portrait.seen_by(recognition.model)) {
            // Of a face that the model has not seen nothing says that it is alike.
            std::optional<vision::Similarity> similarity;
            if (!face.embedding.values.empty()) similarity = recognition.similarity(*its, face.embedding);
            if (!similarity || *similarity < floor) {
                out.refused.push_back({face_of(name), FaceTrouble::unlike, {}, similarity});
                return false;
            }
        }
        portrait.add(name, face);
        face.user = user.str();
        return true;
    };
    return change_faces(collection, user, faces,
                        {request_token, "associate", parameters_of(user, faces, floor)}, give);
}

Result<Membership> Users::disassociate(const CollectionKey& key, const UserId& user,
                                       const std::vector<FaceId>& faces, const std::string& request_token) {
    const auto collection = TRY(registry_.find(key));
    auto take = [&](Portrait& portrait, const search::Key& name, FaceRecord& face, Membership& out) {
        if (!face.user) return false;
        if (*face.user != user.str()) {
            out.refused.push_back({face_of(name), FaceTrouble::anothers, UserId(*face.user), {}});
            return false;
        }
        portrait.remove(name);
        face.user.reset();
        return true;
    };
    return change_faces(collection, user, faces, {request_token, "disassociate", parameters_of(user, faces)},
                        take);
}

Result<Membership> Users::change_faces(const CollectionRecord& collection, const UserId& user,
                                       const std::vector<FaceId>& faces, const Request& request,
                                       const FaceChange& change_face) {
    std::optional<Numbered> changed;
    auto answer = change(collection, request, [&](store::Transaction& transaction) -> Result<std::string> {
        changed = TRY(user_for_update(transaction, collection, user));
        auto wanted = keys_of(faces);
        wanted.insert(changed->user.faces.begin(), changed->user.faces.end());
        auto found = TRY(faces_for_update(transaction, collection, wanted));

        Portrait portrait(changed->user, found);
        Membership out;
        for (const auto& name : in_order(faces)) {
            const auto face = found.find(name);
            if (face == found.end()) {
                out.refused.push_back({face_of(name), FaceTrouble::missing, {}, {}});
            } else if (change_face(portrait, name, face->second, out)) {
                TRY(transaction.put(record_key(kFaceTable, collection.incarnation, name),
                                    encode(face->second)));
                out.changed.push_back(face_of(name));
            }
        }
        if (portrait.size() > kFacesPerUserMax)
            return Error::refusal(Refusal::user_full, fmt::format("The user id: {} can have at most {} faces",
                                                                  user.str(), kFacesPerUserMax));
        portrait.write_to(changed->user, collection.model);
        out.status = status_of(changed->user);
        TRY(transaction.put(record_key(kUserTable, collection.incarnation, changed->number),
                            encode(changed->user)));
        return encode_membership(out);
    });
    const auto out = TRY(decode_membership(TRY(std::move(answer))));
    if (!changed) return out;  // done before
    TRY(registry_.follow_users(collection, std::span(&changed->number, 1)));
    TRY(registry_.follow_faces(collection, in_order(out.changed)));
    return out;
}

Result<std::string> Users::change(const CollectionRecord& collection, const Request& request,
                                  const RequestTokens::Change& change) {
    auto answer = tokens_.once(collection.incarnation, request, change);
    if (!answer.ok() && answer.error().is(store::Refusal::conflict))
        return Error::refusal(Refusal::user_busy, "The user is being changed by other requests; try again");
    return answer;
}

Result<std::vector<UserMatch>> Users::search(const CollectionKey& key, const vision::Embedding& probe,
                                             vision::Similarity floor, std::size_t limit) const {
    const auto collection = TRY(registry_.find_with_model(key));
    if (probe.model != collection.record.model) return model_changed();
    return matches(collection, probe.values, floor, std::min(limit, kUserMatchesMax));
}

Result<std::vector<UserMatch>> Users::search(const CollectionKey& key, const FaceId& face,
                                             vision::Similarity floor, std::size_t limit) const {
    const auto found = TRY(registry_.find_with_model(key));
    const auto& collection = found.record;
    const auto bytes =
        TRY(registry_.records().get(record_key(kFaceTable, collection.incarnation, key_of(face))));
    if (!bytes) return Error::refusal(Refusal::face_missing, "faceId was not found in the collection");
    const auto probe = TRY(decode_face(*bytes, collection.model)).embedding;
    if (probe.values.empty()) return unseen();
    return matches(found, probe.values, floor, std::min(limit, kUserMatchesMax));
}

Result<std::vector<UserMatch>> Users::search(const CollectionKey& key, const UserId& user,
                                             vision::Similarity floor, std::size_t limit) const {
    const auto collection = TRY(registry_.find_with_model(key));
    const auto probe = TRY(find(collection.record, user));
    if (probe.embedding.values.empty()) return std::vector<UserMatch>();
    limit = std::min(limit, kUserMatchesMax);
    auto found = TRY(matches(collection, probe.embedding.values, floor, limit + 1));
    std::erase_if(found, [&](const UserMatch& match) { return match.user.id == user; });
    if (found.size() > limit) found.pop_back();
    return found;
}

Result<std::vector<UserMatch>> Users::matches(const Registry::Found& with_model, std::span<const float> probe,
                                              vision::Similarity floor, std::size_t limit) const {
    const auto& collection = with_model.record;
    const auto gallery = registry_.users(collection);
    const auto* index = TRY(gallery->index());
    const auto& recognition = with_model.model->recognition;
    const auto hits = TRY(index->search({probe, limit, recognition.cosine_floor(floor)}));
    std::vector<UserMatch> found;
    for (const auto& hit : hits) {
        const auto similarity = recognition.calibration.similarity(hit.score);
        if (similarity < floor) continue;
        const auto bytes =
            TRY(registry_.records().get(record_key(kUserTable, collection.incarnation, hit.key)));
        if (!bytes) continue;
        const auto user = TRY(decode_user(*bytes, collection.model));
        if (user.embedding.values.empty()) continue;  // meanwhile
        found.push_back({{user.id, status_of(user)}, similarity});
    }
    // Cosines that differ can be equally alike.
    std::sort(found.begin(), found.end(), [](const UserMatch& a, const UserMatch& b) {
        if (a.similarity != b.similarity) return a.similarity > b.similarity;
        return a.user.id < b.user.id;
    });
    return found;
}

Result<UserRecord> Users::find(const CollectionRecord& collection, const UserId& user) const {
    const auto snapshot = registry_.records().snapshot();
    const auto number = TRY(snapshot->get(user_name_key(collection.incarnation, user)));
    if (!number) return missing(user);
    const auto bytes =
        TRY(snapshot->get(record_key(kUserTable, collection.incarnation, name_in_value(*number))));
    if (!bytes) return missing(user);
    return decode_user(*bytes, collection.model);
}

Result<void> Users::renew(const CollectionRecord& collection, const UserId& user) {
    auto renewed = registry_.records().transact([&](store::Transaction& transaction) -> Result<search::Key> {
        auto found = TRY(user_for_update(transaction, collection, user));
        const std::set<search::Key> its(found.user.faces.begin(), found.user.faces.end());
        const Portrait portrait(found.user, TRY(faces_for_update(transaction, collection, its)));
        portrait.write_to(found.user, collection.model);
        TRY(transaction.put(record_key(kUserTable, collection.incarnation, found.number),
                            encode(found.user)));
        return found.number;
    });
    if (!renewed.ok() && renewed.error().is(Refusal::user_missing)) return {};
    const auto number = TRY(std::move(renewed));
    return registry_.follow_users(collection, std::span(&number, 1));
}

}  // namespace faces
