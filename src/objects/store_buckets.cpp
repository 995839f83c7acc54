// Buckets and the documents about them.
#include <fmt/format.h>

#include "objects/record.h"
#include "objects/store.h"

namespace objects {
namespace {

constexpr std::size_t kScanned = 1000;

}  // namespace

Store::Store(store::Records& records, store::Blobs& blobs, const base::Clock& clock, base::Random& random,
             Observers observers)
    : records_(records), blobs_(blobs), clock_(clock), random_(random), observers_(std::move(observers)) {}

Result<Bucket> Store::create_bucket(const std::string& name, const std::string& region,
                                    const std::string& account) {
    if (!is_bucket_name(name)) return Error::refusal(Refusal::bucket_name_invalid);
    if (TRY(buckets(account, "", "", kBucketsMax)).size() >= kBucketsMax)
        return Error::refusal(Refusal::too_many_buckets);
    Bucket bucket{.name = name, .region = region, .account = account, .created = clock_.now()};
    TRY(records_.commit([&](store::Transaction& transaction) -> Result<void> {
        auto key = record::bucket_key(name);
        if (auto found = TRY(transaction.get_for_update(key))) {
            bool yours = record::bucket(*found, name).account == account;
            return Error::refusal(yours ? Refusal::bucket_already_yours : Refusal::bucket_exists);
        }
        return transaction.put(key, record::encode(bucket));
    }));
    return bucket;
}

Result<Bucket> Store::bucket(const std::string& name) const {
    auto found = TRY(records_.get(record::bucket_key(name)));
    if (!found) return Error::refusal(Refusal::bucket_missing);
    return record::bucket(*found, name);
}

// Whoever changes something in a bucket shares its record, so that it cannot be removed meanwhile.
Result<Bucket> Store::bucket_for_change(store::Transaction& transaction, const std::string& name) const {
    auto found = TRY(transaction.get_for_share(record::bucket_key(name)));
    if (!found) return Error::refusal(Refusal::bucket_missing);
    return record::bucket(*found, name);
}

// Unfinished uploads do not keep a bucket, only objects, versions and delete markers do.
Result<void> Store::remove_bucket(const std::string& name) {
    TRY(bucket(name));
    auto objects = record::current().text(name).range();
    objects.limit = 1;
    if (!TRY(records_.scan(objects)).empty()) return Error::refusal(Refusal::bucket_not_empty);

    auto uploads = record::uploads().text(name).range();
    uploads.limit = kScanned;
    for (auto rows = TRY(records_.scan(uploads)); !rows.empty(); rows = TRY(records_.scan(uploads)))
        for (const auto& row : rows) {
            store::KeyReader reader(row.key);
            reader.text();
            reader.text();
            auto key = reader.text();
            auto gone = abort(name, key, reader.text());
            if (!gone.ok() && !gone.error().is(Refusal::upload_missing)) return gone;
        }

    return records_.commit([&](store::Transaction& transaction) -> Result<void> {
        auto key = record::bucket_key(name);
        if (!TRY(transaction.get_for_update(key))) return Error::refusal(Refusal::bucket_missing);
        uploads.limit = 1;
        if (!TRY(transaction.scan(objects)).empty() || !TRY(transaction.scan(uploads)).empty())
            return Error::refusal(Refusal::bucket_not_empty);
        for (const auto& row : TRY(transaction.scan(record::configurations().text(name).range())))
            TRY(transaction.erase(row.key));
        TRY(transaction.erase(key));
        if (observers_.bucket_removed) TRY(observers_.bucket_removed(transaction, name));
        return {};
    });
}

Result<std::vector<Bucket>> Store::buckets(const std::string& account, const std::string& prefix,
                                           const std::string& after, std::size_t limit) const {
    auto range = record::buckets().text_beginning(prefix).range();
    if (!after.empty()) range.from = std::max(range.from, record::bucket_key(after) + '\0');
    range.limit = kScanned;
    std::vector<Bucket> out;
    while (true) {
        auto rows = TRY(records_.scan(range));
        for (const auto& row : rows) {
            if (out.size() == limit) return out;
            store::KeyReader reader(row.key);
            reader.text();
            auto bucket = record::bucket(row.value, reader.text());
            if (bucket.account == account) out.push_back(std::move(bucket));
        }
        if (rows.size() < range.limit) return out;
        range.from = rows.back().key + '\0';
    }
}

Result<void> Store::set_versioning(const std::string& name, Versioning versioning) {
    return records_.commit([&](store::Transaction& transaction) -> Result<void> {
        auto key = record::bucket_key(name);
        auto found = TRY(transaction.get_for_update(key));
        if (!found) return Error::refusal(Refusal::bucket_missing);
        auto bucket = record::bucket(*found, name);
        bucket.versioning = versioning;
        return transaction.put(key, record::encode(bucket));
    });
}

Result<std::optional<std::string>> Store::configuration_if_any(const std::string& bucket,
                                                               Configuration kind) const {
    return records_.get(record::configuration_key(bucket, kind));
}

Result<std::string> Store::configuration(const std::string& name, Configuration kind) const {
    TRY(bucket(name));
    auto found = TRY(configuration_if_any(name, kind));
    if (!found) return Error::refusal(Refusal::configuration_missing);
    return std::move(*found);
}

Result<void> Store::set_configuration(const std::string& name, Configuration kind,
                                      std::optional<std::string> document) {
    if (document && document->size() > kConfigurationBytesMax)
        return Error::refusal(Refusal::configuration_too_large);
    return records_.commit([&](store::Transaction& transaction) -> Result<void> {
        TRY(bucket_for_change(transaction, name));
        auto key = record::configuration_key(name, kind);
        return document ? transaction.put(key, *document) : transaction.erase(key);
    });
}

}  // namespace objects
