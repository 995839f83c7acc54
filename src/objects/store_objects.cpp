// Putting, finding and removing objects and their versions.
//
// The newest version of a key, which may be a delete marker, stands in objects.current; older ones in
// objects.older, newest first. Where there is any version there is a current one. Whoever changes a key's
// versions holds the lock of its current record, even where there is none yet.
#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <numeric>

#include "base/log.h"
#include "objects/record.h"
#include "objects/store.h"

namespace objects {
namespace {

constexpr std::size_t kSequenceDigits = 16;
constexpr std::size_t kVersionChance = 16;
constexpr std::string_view kVersionAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

// A version's id begins with its sequence, so that its record is found without an index.
Result<std::uint64_t> sequence_of(std::string_view version) {
    std::uint64_t sequence = 0;
    auto digits = version.substr(0, kSequenceDigits);
    auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), sequence, 16);
    if (version.size() != kSequenceDigits + kVersionChance || parsed.ptr != digits.data() + digits.size())
        return Error::refusal(Refusal::version_malformed, "Invalid version id specified");
    return sequence;
}

}  // namespace

Result<Upload> Store::begin(std::vector<Algorithm> algorithms) {
    return Upload(blobs_, TRY(blobs_.create()), std::move(algorithms));
}

Result<std::optional<Object>> Store::current_for_change(store::Transaction& transaction,
                                                        const std::string& bucket,
                                                        const std::string& key) const {
    auto found = TRY(transaction.get_for_update(record::current_key(bucket, key)));
    if (!found) return std::optional<Object>();
    return std::optional(record::object(*found, key));
}

Object Store::stamped(Object object, const std::optional<Object>& previous, const Bucket& bucket) {
    object.modified = clock_.now();
    auto now = static_cast<std::uint64_t>(object.modified.time_since_epoch().count()) * 1000;
    object.sequence = previous ? std::max(now, previous->sequence + 1) : now;
    if (bucket.versioning == Versioning::enabled)
        object.version =
            fmt::format("{:016x}{}", object.sequence, random_.text(kVersionChance, kVersionAlphabet));
    return object;
}

Result<void> Store::put_blobs(store::Transaction& transaction, const Object& object) const {
    for (const auto& part : object.parts)
        TRY(transaction.put(record::blob_key(part.blob), ""));
    return {};
}

Result<void> Store::drop_blobs(store::Transaction& transaction, const Object& object,
                               Aftermath& after) const {
    for (const auto& part : object.parts) {
        TRY(transaction.erase(record::blob_key(part.blob)));
        after.unreferenced.push_back(part.blob);
    }
    return {};
}

Result<void> Store::drop_older(store::Transaction& transaction, const std::string& bucket,
                               const std::string& key, std::uint64_t sequence, Aftermath& after) const {
    auto at = record::older_key(bucket, key, sequence);
    auto found = TRY(transaction.get_for_update(at));
    if (!found) return {};
    TRY(drop_blobs(transaction, record::object(*found, key), after));
    return transaction.erase(at);
}

// The previous version stays behind as an older one, unless both are the null version, of which there is one.
Result<void> Store::make_current(store::Transaction& transaction, const Bucket& bucket,
                                 const std::optional<Object>& previous, Object& object, Aftermath& after) {
    if (previous) {
        bool previous_is_null = previous->version == kNullVersion;
        bool replaces_null = object.version == kNullVersion;
        object.older_null = previous->older_null;
        if (replaces_null && object.older_null != 0) {
            TRY(drop_older(transaction, bucket.name, object.key, object.older_null, after));
            object.older_null = 0;
        }
        if (replaces_null && previous_is_null) {
            TRY(drop_blobs(transaction, *previous, after));
        } else {
            Object kept = *previous;
            kept.older_null = 0;
            if (previous_is_null) object.older_null = previous->sequence;
            TRY(transaction.put(record::older_key(bucket.name, object.key, previous->sequence),
                                record::encode(kept)));
        }
    }
    TRY(put_blobs(transaction, object));
    return transaction.put(record::current_key(bucket.name, object.key), record::encode(object));
}

Result<void> Store::tell(store::Transaction& transaction, std::string name, const Bucket& bucket,
                         const Object& object, const Actor& actor) const {
    if (!observers_.object_changed) return {};
    return observers_.object_changed(
        transaction,
        {.name = std::move(name), .bucket = bucket, .object = object, .actor = actor, .time = clock_.now()});
}

Result<Object> Store::put(const PutRequest& request, Finished bytes) {
    if (request.key.empty() || request.key.size() > kKeyBytesMax)
        return Error::refusal(Refusal::key_too_long);
    TRY(check_attributes(request.attributes));
    Aftermath after;
    auto object = TRY(records_.transact([&](store::Transaction& transaction) -> Result<Object> {
        after = {};
        auto bucket = TRY(bucket_for_change(transaction, request.bucket));
        auto previous = TRY(current_for_change(transaction, request.bucket, request.key));
        TRY(check_write(request.conditions, previous));
        Object made{
            .key = request.key,
            .size = bytes.size,
            .etag = bytes.md5_hex,
            .owner = bucket.account,
            .attributes = request.attributes,
            .checksum = bytes.kept,
            .parts = {Part{.size = bytes.size, .etag = bytes.md5_hex, .checksum = {}, .blob = bytes.blob}},
            .upload_id = {}};
        made = stamped(std::move(made), previous, bucket);
        TRY(make_current(transaction, bucket, previous, made, after));
        TRY(tell(transaction, request.event, bucket, made, request.actor));
        return made;
    }));
    *bytes.taken = true;
    discard(after.unreferenced);
    return object;
}

Result<Object> Store::find(const std::string& bucket_name, const std::string& key,
                           const std::string& version) const {
    auto view = records_.snapshot();
    auto current = TRY(view->get(record::current_key(bucket_name, key)));
    if (!current) {
        TRY(bucket(bucket_name));
        if (!version.empty() && version != kNullVersion) TRY(sequence_of(version));
        return Error::refusal(version.empty() ? Refusal::key_missing : Refusal::version_missing);
    }
    auto newest = record::object(*current, key);
    if (version.empty() || newest.version == version) return newest;
    auto sequence = version == kNullVersion ? newest.older_null : TRY(sequence_of(version));
    auto older = TRY(view->get(record::older_key(bucket_name, key, sequence)));
    if (!older) return Error::refusal(Refusal::version_missing);
    auto found = record::object(*older, key);
    if (found.version != version) return Error::refusal(Refusal::version_missing);
    return found;
}

Result<Removed> Store::remove(const std::string& bucket_name, const std::string& key,
                              const std::string& version, const Conditions& conditions, const Actor& actor) {
    Aftermath after;
    auto removed = TRY(records_.transact([&](store::Transaction& transaction) -> Result<Removed> {
        after = {};
        auto bucket = TRY(bucket_for_change(transaction, bucket_name));
        if (version.empty()) return remove_current(transaction, bucket, key, conditions, actor, after);
        return remove_version(transaction, bucket, key, version, conditions, actor, after);
    }));
    discard(after.unreferenced);
    return removed;
}

// A refusal of one leaves the others be: it comes before anything of that one was written. Locks are taken in
// the order of the keys, whatever the order of the request.
Result<std::vector<Result<Removed>>> Store::remove_many(const std::string& bucket_name,
                                                        const std::vector<Removal>& removals,
                                                        const Actor& actor) {
    INVARIANT(removals.size() <= kPageMax);
    std::vector<std::size_t> order(removals.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return removals[a].key < removals[b].key; });
    Aftermath after;
    auto all =
        TRY(records_.transact([&](store::Transaction& transaction) -> Result<std::vector<Result<Removed>>> {
            after = {};
            std::vector<Result<Removed>> out(removals.size(), Removed{});
            auto bucket = TRY(bucket_for_change(transaction, bucket_name));
            for (auto at : order) {
                const auto& [key, version, conditions] = removals[at];
                auto one = version.empty()
                               ? remove_current(transaction, bucket, key, conditions, actor, after)
                               : remove_version(transaction, bucket, key, version, conditions, actor, after);
                if (!one.ok() && !one.error().as<Refusal>()) return std::move(one).error();
                out[at] = std::move(one);
            }
            return out;
        }));
    discard(after.unreferenced);
    return all;
}

Result<Removed> Store::remove_current(store::Transaction& transaction, const Bucket& bucket,
                                      const std::string& key, const Conditions& conditions,
                                      const Actor& actor, Aftermath& after) {
    auto previous = TRY(current_for_change(transaction, bucket.name, key));
    TRY(check_write(conditions, previous));
    if (bucket.versioning == Versioning::never) {
        if (!previous) return Removed{};
        TRY(drop_blobs(transaction, *previous, after));
        TRY(transaction.erase(record::current_key(bucket.name, key)));
        previous->sequence += 1;
        TRY(tell(transaction, "ObjectRemoved:Delete", bucket, *previous, actor));
        return Removed{};
    }
    Object marker{.key = key,
                  .delete_marker = true,
                  .etag = {},
                  .owner = bucket.account,
                  .attributes = {},
                  .checksum = {},
                  .parts = {},
                  .upload_id = {}};
    marker = stamped(std::move(marker), previous, bucket);
    TRY(make_current(transaction, bucket, previous, marker, after));
    TRY(tell(transaction, "ObjectRemoved:DeleteMarkerCreated", bucket, marker, actor));
    return Removed{.version = marker.version, .delete_marker = true};
}

Result<Removed> Store::remove_version(store::Transaction& transaction, const Bucket& bucket,
                                      const std::string& key, const std::string& version,
                                      const Conditions& conditions, const Actor& actor, Aftermath& after) {
    auto current = TRY(current_for_change(transaction, bucket.name, key));
    Removed out{.version = version};
    bool is_current = current && current->version == version;
    std::uint64_t sequence = 0;
    if (version == kNullVersion)
        sequence = current ? current->older_null : 0;
    else if (!is_current)
        sequence = TRY(sequence_of(version));

    std::optional<Object> found;
    if (is_current) {
        found = current;
    } else if (auto row = TRY(transaction.get(record::older_key(bucket.name, key, sequence)))) {
        found = record::object(*row, key);
        if (found->version != version) found.reset();
    }
    if (!found) return out;
    TRY(check_write(conditions, found));

    out.delete_marker = found->delete_marker;
    if (is_current) {
        TRY(drop_blobs(transaction, *found, after));
        TRY(transaction.erase(record::current_key(bucket.name, key)));
        TRY(promote_newest(transaction, bucket.name, key, current->older_null));
    } else {
        TRY(drop_older(transaction, bucket.name, key, sequence, after));
        if (version == kNullVersion) {
            current->older_null = 0;
            TRY(transaction.put(record::current_key(bucket.name, key), record::encode(*current)));
        }
    }
    TRY(tell(transaction, "ObjectRemoved:Delete", bucket, *found, actor));
    return out;
}

Result<void> Store::promote_newest(store::Transaction& transaction, const std::string& bucket,
                                   const std::string& key, std::uint64_t older_null) const {
    auto range = record::older().text(bucket).text(key).range();
    range.limit = 1;
    auto rows = TRY(transaction.scan(range));
    if (rows.empty()) return {};
    auto newest = record::object(rows.front().value, key);
    newest.older_null = newest.version == kNullVersion ? 0 : older_null;
    TRY(transaction.erase(rows.front().key));
    return transaction.put(record::current_key(bucket, key), record::encode(newest));
}

Result<Object> Store::set_tags(const std::string& bucket_name, const std::string& key,
                               const std::string& version, const Tags& tags) {
    TRY(check_tags(tags, kTagsMax));
    return records_.transact([&](store::Transaction& transaction) -> Result<Object> {
        TRY(bucket_for_change(transaction, bucket_name));
        auto current = TRY(current_for_change(transaction, bucket_name, key));
        auto object = TRY(find(bucket_name, key, version));
        if (object.delete_marker)
            return Error::refusal(version.empty() ? Refusal::key_missing : Refusal::delete_marker_named);
        object.attributes.tags = tags;
        bool is_current = current && current->sequence == object.sequence;
        auto at = is_current ? record::current_key(bucket_name, key)
                             : record::older_key(bucket_name, key, object.sequence);
        TRY(transaction.put(at, record::encode(object)));
        return object;
    });
}

Result<bool> Store::is_live(const store::BlobId& blob) const {
    return TRY(records_.get(record::blob_key(blob))).has_value();
}

// --- reading

class Store::PinnedReader final : public Reader {
public:
    PinnedReader(Store& store, Object object) : store_(store), object_(std::move(object)) {}
    ~PinnedReader() override { store_.unpin(object_); }
    PinnedReader(const PinnedReader&) = delete;
    PinnedReader& operator=(const PinnedReader&) = delete;

    const Object& object() const override { return object_; }

    Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
        std::size_t done = 0;
        while (done < out.size() && offset + done < object_.size) {
            TRY(turn_to(offset + done));
            auto count = TRY(part_->read(offset + done - part_begin_, out.subspan(done)));
            if (count == 0) return Error::failure("objects: a part is shorter than its record says");
            done += count;
        }
        return done;
    }

private:
    // Opens the part that holds the offset, unless it is open already.
    Result<void> turn_to(std::uint64_t offset) {
        if (part_ && offset >= part_begin_ && offset < part_begin_ + part_->size()) return {};
        part_begin_ = 0;
        for (const auto& part : object_.parts) {
            if (offset < part_begin_ + part.size) {
                part_ = TRY(store_.blobs_.open(part.blob));
                return {};
            }
            part_begin_ += part.size;
        }
        return Error::failure("objects: the parts are shorter than the object");
    }

    Store& store_;
    Object object_;
    std::shared_ptr<store::BlobReader> part_;
    std::uint64_t part_begin_ = 0;
};

// Between finding the record and pinning its bytes they may have been removed; so the record is looked at
// again once they are pinned: if it is still there, whoever removes it now sees the pin.
Result<std::shared_ptr<Reader>> Store::open(const std::string& bucket, const std::string& key,
                                            const std::string& version) {
    while (true) {
        auto object = TRY(find(bucket, key, version));
        if (object.delete_marker)
            return Error::refusal(version.empty() ? Refusal::key_missing : Refusal::delete_marker_named);
        pin(object);
        auto sequence = object.sequence;
        auto first = object.parts.empty() ? store::BlobId() : object.parts.front().blob;
        std::shared_ptr<Reader> reader = std::make_shared<PinnedReader>(*this, std::move(object));
        auto again = TRY(find(bucket, key, version));
        auto again_first = again.parts.empty() ? store::BlobId() : again.parts.front().blob;
        if (again.sequence == sequence && again_first == first) return reader;
    }
}

void Store::pin(const Object& object) {
    pins_.with([&](Pins& pins) {
        for (const auto& part : object.parts)
            ++pins.readers[part.blob];
    });
}

void Store::unpin(const Object& object) {
    std::vector<store::BlobId> free;
    pins_.with([&](Pins& pins) {
        for (const auto& part : object.parts) {
            auto found = pins.readers.find(part.blob);
            if (--found->second != 0) continue;
            pins.readers.erase(found);
            if (pins.doomed.erase(part.blob) != 0) free.push_back(part.blob);
        }
    });
    discard(free);
}

// A blob that cannot be removed now is removed by the sweep at the next start.
void Store::discard(const std::vector<store::BlobId>& blobs) {
    for (const auto& blob : blobs) {
        bool in_use = pins_.with([&](Pins& pins) {
            if (!pins.readers.contains(blob)) return false;
            pins.doomed.insert(blob);
            return true;
        });
        if (in_use) continue;
        if (auto removed = blobs_.remove(blob); !removed.ok())
            base::log().warn("blob not removed blob={} why={}", blob.str(), removed.error().detail());
    }
}

}  // namespace objects
