#include "services/s3/service.h"

#include "services/s3/cors.h"
#include "services/s3/errors.h"

namespace services::s3 {
namespace {

constexpr std::size_t kBodyBytesMax = 1 << 20;  // of a document; objects stream

struct Lacking {
    std::string_view name;
    wire::Route route;
};

// From AWS's published model: a client that asks for one of these is told its name.
constexpr Lacking kLacking[] = {
    {"CreateSession", {"GET", "/{Bucket}", "session"}},
    {"DeleteBucketAnalyticsConfiguration", {"DELETE", "/{Bucket}", "analytics"}},
    {"DeleteBucketEncryption", {"DELETE", "/{Bucket}", "encryption"}},
    {"DeleteBucketIntelligentTieringConfiguration", {"DELETE", "/{Bucket}", "intelligent-tiering"}},
    {"DeleteBucketInventoryConfiguration", {"DELETE", "/{Bucket}", "inventory"}},
    {"DeleteBucketLifecycle", {"DELETE", "/{Bucket}", "lifecycle"}},
    {"DeleteBucketMetadataConfiguration", {"DELETE", "/{Bucket}", "metadataConfiguration"}},
    {"DeleteBucketMetadataTableConfiguration", {"DELETE", "/{Bucket}", "metadataTable"}},
    {"DeleteBucketMetricsConfiguration", {"DELETE", "/{Bucket}", "metrics"}},
    {"DeleteBucketOwnershipControls", {"DELETE", "/{Bucket}", "ownershipControls"}},
    {"DeleteBucketReplication", {"DELETE", "/{Bucket}", "replication"}},
    {"DeleteBucketWebsite", {"DELETE", "/{Bucket}", "website"}},
    {"DeletePublicAccessBlock", {"DELETE", "/{Bucket}", "publicAccessBlock"}},
    {"CreateBucketMetadataConfiguration", {"POST", "/{Bucket}", "metadataConfiguration"}},
    {"CreateBucketMetadataTableConfiguration", {"POST", "/{Bucket}", "metadataTable"}},
    {"GetBucketAbac", {"GET", "/{Bucket}", "abac"}},
    {"GetBucketAnalyticsConfiguration", {"GET", "/{Bucket}", "analytics&id"}},
    {"GetBucketIntelligentTieringConfiguration", {"GET", "/{Bucket}", "intelligent-tiering&id"}},
    {"GetBucketInventoryConfiguration", {"GET", "/{Bucket}", "inventory&id"}},
    {"GetBucketMetadataConfiguration", {"GET", "/{Bucket}", "metadataConfiguration"}},
    {"GetBucketMetadataTableConfiguration", {"GET", "/{Bucket}", "metadataTable"}},
    {"GetBucketMetricsConfiguration", {"GET", "/{Bucket}", "metrics&id"}},
    {"GetBucketPolicyStatus", {"GET", "/{Bucket}", "policyStatus"}},
    {"GetObjectLegalHold", {"GET", "/{Bucket}/{Key+}", "legal-hold"}},
    {"GetObjectRetention", {"GET", "/{Bucket}/{Key+}", "retention"}},
    {"GetObjectTorrent", {"GET", "/{Bucket}/{Key+}", "torrent"}},
    {"ListBucketAnalyticsConfigurations", {"GET", "/{Bucket}", "analytics"}},
    {"ListBucketIntelligentTieringConfigurations", {"GET", "/{Bucket}", "intelligent-tiering"}},
    {"ListBucketInventoryConfigurations", {"GET", "/{Bucket}", "inventory"}},
    {"ListBucketMetricsConfigurations", {"GET", "/{Bucket}", "metrics"}},
    {"ListDirectoryBuckets", {"GET", "/", "x-id=ListDirectoryBuckets"}},
    {"PutBucketAbac", {"PUT", "/{Bucket}", "abac"}},
    {"PutBucketAccelerateConfiguration", {"PUT", "/{Bucket}", "accelerate"}},
    {"PutBucketAnalyticsConfiguration", {"PUT", "/{Bucket}", "analytics"}},
    {"PutBucketEncryption", {"PUT", "/{Bucket}", "encryption"}},
    {"PutBucketIntelligentTieringConfiguration", {"PUT", "/{Bucket}", "intelligent-tiering"}},
    {"PutBucketInventoryConfiguration", {"PUT", "/{Bucket}", "inventory"}},
    {"PutBucketLifecycleConfiguration", {"PUT", "/{Bucket}", "lifecycle"}},
    {"PutBucketLogging", {"PUT", "/{Bucket}", "logging"}},
    {"PutBucketMetricsConfiguration", {"PUT", "/{Bucket}", "metrics"}},
    {"PutBucketOwnershipControls", {"PUT", "/{Bucket}", "ownershipControls"}},
    {"PutBucketReplication", {"PUT", "/{Bucket}", "replication"}},
    {"PutBucketRequestPayment", {"PUT", "/{Bucket}", "requestPayment"}},
    {"PutBucketWebsite", {"PUT", "/{Bucket}", "website"}},
    {"PutObjectLegalHold", {"PUT", "/{Bucket}/{Key+}", "legal-hold"}},
    {"PutObjectLockConfiguration", {"PUT", "/{Bucket}", "object-lock"}},
    {"PutObjectRetention", {"PUT", "/{Bucket}/{Key+}", "retention"}},
    {"PutPublicAccessBlock", {"PUT", "/{Bucket}", "publicAccessBlock"}},
    {"RenameObject", {"PUT", "/{Bucket}/{Key+}", "renameObject"}},
    {"RestoreObject", {"POST", "/{Bucket}/{Key+}", "restore"}},
    {"SelectObjectContent", {"POST", "/{Bucket}/{Key+}", "select"}},
    {"UpdateBucketMetadataInventoryTableConfiguration", {"PUT", "/{Bucket}", "metadataInventoryTable"}},
    {"UpdateBucketMetadataJournalTableConfiguration", {"PUT", "/{Bucket}", "metadataJournalTable"}},
    {"UpdateObjectEncryption", {"PUT", "/{Bucket}/{Key+}", "encryption"}},
    {"WriteGetObjectResponse", {"POST", "/WriteGetObjectResponse"}},
};

}  // namespace

wire::Service service(Rooms& rooms, std::vector<std::string> virtual_hosts) {
    wire::Service out(
        {.name = "s3",
         .protocol = wire::Protocol::rest_xml,
         .xml_namespace = "http://s3.amazonaws.com/doc/2006-03-01/",
         .anonymous_allowed = true,
         .body_bytes_max = kBodyBytesMax,
         .clock_window = base::Duration(15 * 60'000),
         .validation_code = "InvalidArgument",
         .fault_of = fault_of,
         .cross_origin = [&rooms](const http::Request& request,
                                  std::string_view path) { return cors_headers(rooms, request, path); },
         .virtual_hosts = std::move(virtual_hosts)});
    add_bucket_operations(out, rooms);
    add_setting_operations(out, rooms);
    add_cors_operations(out, rooms);
    add_notification_operations(out, rooms);
    add_list_operations(out, rooms);
    add_read_operations(out, rooms);
    add_write_operations(out, rooms);
    add_post_operations(out, rooms);
    add_tagging_operations(out, rooms);
    add_multipart_operations(out, rooms);
    for (const auto& [name, route] : kLacking)
        out.lacks(name, route);
    return out;
}

}  // namespace services::s3
