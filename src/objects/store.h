// Buckets and objects: everything that can be done with them. Who may do it is decided elsewhere.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "objects/bucket.h"
#include "objects/object.h"
#include "objects/upload.h"
#include "store/blobs.h"
#include "store/records.h"

namespace objects {

// Who did something, for whom it may concern.
struct Actor {
    std::string account;
    std::string principal_id;
    std::string source_address;
    std::string request_id;
};

// Something that happened to an object.
struct ObjectEvent {
    std::string name;  // "ObjectCreated:Put"
    const Bucket& bucket;
    const Object& object;
    Actor actor;
    base::Time time{};
};

// Called inside the transaction of what they tell of, so that what they write stands or falls with it; may be
// called again for the same event if that transaction is tried again.
struct Observers {
    std::function<Result<void>(store::Transaction&, const ObjectEvent&)> object_changed;
    std::function<Result<void>(store::Transaction&, const std::string& bucket)> bucket_removed;
};

// Holds an object's bytes readable, whatever happens to the object meanwhile. Confined to one owner; the
// Store outlives it.
class Reader {
public:
    virtual ~Reader() = default;
    virtual const Object& object() const = 0;
    std::uint64_t size() const { return object().size; }
    // Fills `out` from `offset`, less only at the end. Opens the parts' files as it goes, so one at a time.
    virtual Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) = 0;
};

struct PutRequest {
    std::string bucket;
    std::string key;
    Attributes attributes;
    Conditions conditions;  // if_match and if_none_match
    std::string event = "ObjectCreated:Put";
    Actor actor;
};

struct Removed {
    std::string version;  // of the version removed or the marker made; empty in a bucket without versions
    bool delete_marker = false;  // made, or removed
};

struct ListRequest {
    std::string bucket;
    std::string prefix;
    std::string delimiter;
    std::string after;  // an exclusive start: a key or a common prefix of an earlier answer
    std::size_t limit = kPageMax;
};
struct Listing {
    std::vector<Object> objects;               // keys and common prefixes together are at most the limit
    std::vector<std::string> common_prefixes;  // both ascending
    bool truncated = false;
    std::string next;  // `after` of the next request
};

struct ListVersionsRequest {
    std::string bucket;
    std::string prefix;
    std::string delimiter;
    std::string key_marker;
    std::string version_marker;  // with a key marker only: the last version seen
    std::size_t limit = kPageMax;
};
struct VersionListing {
    struct Version {
        Object object;
        bool latest = false;
    };
    std::vector<Version> versions;
    std::vector<std::string> common_prefixes;
    bool truncated = false;
    std::string next_key, next_version;
};

struct ListUploadsRequest {
    std::string bucket;
    std::string prefix;
    std::string delimiter;
    std::string key_marker;
    std::string id_marker;
    std::size_t limit = kPageMax;
};
struct UploadListing {
    std::vector<MultipartUpload> uploads;
    std::vector<std::string> common_prefixes;
    bool truncated = false;
    std::string next_key, next_id;
};

struct PartListing {
    MultipartUpload upload;
    std::vector<Part> parts;
    bool truncated = false;
};

struct CompletedPart {
    std::uint32_t number = 0;
    std::string etag;  // without quotes
    std::map<Algorithm, std::string> checksums;
};
struct CompleteRequest {
    std::string bucket;
    std::string key;
    std::string upload;
    std::vector<CompletedPart> parts;
    Conditions conditions;
    std::optional<Checksum> checksum;   // expected of the whole; a composite one may leave out its "-N"
    std::optional<std::uint64_t> size;  // expected of the whole
    Actor actor;
};

// Callable from any thread. Calls that change something wait for the disk.
class Store {
public:
    Store(store::Records& records, store::Blobs& blobs, const base::Clock& clock, base::Random& random,
          Observers observers = {});

    // --- buckets (store_buckets.cpp)
    Result<Bucket> create_bucket(const std::string& name, const std::string& region,
                                 const std::string& account);
    Result<Bucket> bucket(const std::string& name) const;  // Refusal::bucket_missing
    Result<void> remove_bucket(const std::string& name);   // Refusal::bucket_not_empty
    // An account's buckets by name, after `after`.
    Result<std::vector<Bucket>> buckets(const std::string& account, const std::string& prefix,
                                        const std::string& after, std::size_t limit) const;
    Result<void> set_versioning(const std::string& bucket, Versioning versioning);
    // Refusal::configuration_missing
    Result<std::string> configuration(const std::string& bucket, Configuration kind) const;
    // Nothing when it was never set, also for a bucket that is not there.
    Result<std::optional<std::string>> configuration_if_any(const std::string& bucket,
                                                            Configuration kind) const;
    Result<void> set_configuration(const std::string& bucket, Configuration kind,
                                   std::optional<std::string> document);

    // --- objects (store_objects.cpp)
    // Bytes that are on their way; `algorithms` are the checksums that finish() will know.
    Result<Upload> begin(std::vector<Algorithm> algorithms);
    // Makes the object of the finished bytes.
    Result<Object> put(const PutRequest& request, Finished bytes);
    // The version named, or the current one if `version` is empty; it may be a delete marker.
    // Refusal::bucket_missing, key_missing, version_missing
    Result<Object> find(const std::string& bucket, const std::string& key,
                        const std::string& version = "") const;
    // As find, ready to be read. A delete marker is Refusal::key_missing, or delete_marker_named.
    Result<std::shared_ptr<Reader>> open(const std::string& bucket, const std::string& key,
                                         const std::string& version = "");
    // An object that is not there is removed with success, as S3 does.
    Result<Removed> remove(const std::string& bucket, const std::string& key, const std::string& version,
                           const Conditions& conditions, const Actor& actor);
    // At most kPageMax at once, in one commit: what came of each, in their order.
    struct Removal {
        std::string key;
        std::string version;
        Conditions conditions;
    };
    Result<std::vector<Result<Removed>>> remove_many(const std::string& bucket,
                                                     const std::vector<Removal>& removals,
                                                     const Actor& actor);
    Result<Object> set_tags(const std::string& bucket, const std::string& key, const std::string& version,
                            const Tags& tags);

    // --- lists (store_lists.cpp)
    Result<Listing> list(const ListRequest& request) const;
    Result<VersionListing> list_versions(const ListVersionsRequest& request) const;
    Result<UploadListing> list_uploads(const ListUploadsRequest& request) const;

    // --- multipart uploads (store_multipart.cpp)
    Result<MultipartUpload> begin_multipart(const std::string& bucket, MultipartUpload upload);
    Result<MultipartUpload> multipart(const std::string& bucket, const std::string& key,
                                      const std::string& upload) const;
    Result<Part> put_part(const std::string& bucket, const std::string& key, const std::string& upload,
                          std::uint32_t number, Finished bytes);
    Result<Object> complete(const CompleteRequest& request);
    Result<void> abort(const std::string& bucket, const std::string& key, const std::string& upload);
    Result<PartListing> list_parts(const std::string& bucket, const std::string& key,
                                   const std::string& upload, std::uint32_t after, std::size_t limit) const;

    // For Blobs::sweep: whether an object, a version or a part still needs the blob.
    Result<bool> is_live(const store::BlobId& blob) const;

private:
    class PinnedReader;
    struct Pins {
        std::map<store::BlobId, std::size_t> readers;
        std::set<store::BlobId> doomed;  // to be removed when the last reader has gone
    };

    // What a transaction leaves to be done after its commit.
    struct Aftermath {
        std::vector<store::BlobId> unreferenced;
    };
    Result<Bucket> bucket_for_change(store::Transaction& transaction, const std::string& name) const;
    Result<std::optional<Object>> current_for_change(store::Transaction& transaction,
                                                     const std::string& bucket, const std::string& key) const;
    Result<void> make_current(store::Transaction& transaction, const Bucket& bucket,
                              const std::optional<Object>& previous, Object& object, Aftermath& after);
    Result<void> put_blobs(store::Transaction& transaction, const Object& object) const;
    Result<void> drop_blobs(store::Transaction& transaction, const Object& object, Aftermath& after) const;
    Result<void> drop_older(store::Transaction& transaction, const std::string& bucket,
                            const std::string& key, std::uint64_t sequence, Aftermath& after) const;
    Result<Removed> remove_current(store::Transaction& transaction, const Bucket& bucket,
                                   const std::string& key, const Conditions& conditions, const Actor& actor,
                                   Aftermath& after);
    Result<Removed> remove_version(store::Transaction& transaction, const Bucket& bucket,
                                   const std::string& key, const std::string& version,
                                   const Conditions& conditions, const Actor& actor, Aftermath& after);
    Result<void> promote_newest(store::Transaction& transaction, const std::string& bucket,
                                const std::string& key, std::uint64_t older_null) const;
    Result<std::vector<Part>> chosen_parts(store::Transaction& transaction, const CompleteRequest& request,
                                           const MultipartUpload& upload, Aftermath& after) const;
    Result<std::optional<Object>> completed_before(store::Transaction& transaction,
                                                   const CompleteRequest& request) const;
    Result<void> tell(store::Transaction& transaction, std::string name, const Bucket& bucket,
                      const Object& object, const Actor& actor) const;
    Object stamped(Object object, const std::optional<Object>& previous, const Bucket& bucket);
    // Removes blobs that nobody reads; the others when their last reader goes.
    void discard(const std::vector<store::BlobId>& blobs);
    void pin(const Object& object);
    void unpin(const Object& object);

    store::Records& records_;
    store::Blobs& blobs_;
    const base::Clock& clock_;
    base::Random& random_;
    Observers observers_;
    base::Guarded<Pins> pins_;
};

}  // namespace objects
