// CreateBucket, DeleteBucket, HeadBucket, ListBuckets, GetBucketLocation.
#include "services/s3/common.h"
#include "services/s3/service.h"

namespace services::s3 {
namespace {

constexpr std::string_view kDefaultRegion = "us-east-1";

// The bucket's region: what the document says, and it must be the region that the request was signed for,
// except in us-east-1, from where AWS lets buckets be made anywhere.
Result<std::string> region_for(const std::optional<std::string>& constraint, const std::string& region) {
    if (!constraint || constraint->empty()) {
        if (region != kDefaultRegion) return Error::refusal(Refusal::illegal_location_constraint);
        return region;
    }
    if (*constraint == kDefaultRegion) return Error::refusal(Refusal::invalid_location_constraint);
    auto meant = *constraint == "EU" ? "eu-west-1" : *constraint;
    if (region != kDefaultRegion && meant != region)
        return Error::refusal(
            Refusal::illegal_location_constraint,
            "The " + meant +
                " location constraint is incompatible for the region specific endpoint this "
                "request was sent to.");
    return meant;
}

struct CreateBucket {
    static constexpr std::string_view name = "CreateBucket";
    static constexpr wire::Route route{"PUT", "/{Bucket}"};
    struct Input {
        std::string bucket, body;
        std::optional<std::string> acl, ownership;
        static auto members() {
            return wire::members(
                wire::required("Bucket", &Input::bucket),
                wire::optional("CreateBucketConfiguration", &Input::body, wire::whole_body()),
                wire::optional("ACL", &Input::acl, wire::in_header("x-amz-acl")),
                wire::optional("ObjectOwnership", &Input::ownership,
                               wire::in_header("x-amz-object-ownership")));
        }
    };
    static std::string resource(const Input& input, const Call&) { return bucket_arn(input.bucket); }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        if (input.acl && *input.acl != "private")
            return Error::refusal(
                Refusal::acl_not_supported,
                "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting");
        if (input.ownership && *input.ownership != "BucketOwnerEnforced")
            return Error::refusal(Refusal::not_implemented, "not implemented: object ownership with ACLs");
        if (call.request.headers.get("x-amz-bucket-object-lock-enabled") == "true")
            return Error::refusal(Refusal::not_implemented, "not implemented: object lock");
        auto region = TRY(region_for(TRY(parse_location(input.body)), call.region));
        auto made = rooms.objects.create_bucket(input.bucket, region, call.caller.account);
        // us-east-1 answers 200 to the owner who creates a bucket again, for programs older than the regions.
        bool again =
            !made.ok() && made.error().is(objects::Refusal::bucket_already_yours) && region == kDefaultRegion;
        if (!made.ok() && !again) return std::move(made).error();
        Reply reply;
        reply.headers.set("Location", "/" + input.bucket);
        return reply;
    }
};

struct DeleteBucket {
    static constexpr std::string_view name = "DeleteBucket";
    static constexpr wire::Route route{"DELETE", "/{Bucket}"};
    using Input = BucketInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, "s3:DeleteBucket", input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        TRY(rooms.objects.remove_bucket(input.bucket));
        Reply reply;
        reply.status = 204;
        return reply;
    }
};

struct HeadBucket {
    static constexpr std::string_view name = "HeadBucket";
    static constexpr std::string_view action = "s3:ListBucket";
    static constexpr wire::Route route{"HEAD", "/{Bucket}"};
    using Input = BucketInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, action, input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        auto bucket = TRY(rooms.objects.bucket(input.bucket));
        Reply reply;
        reply.headers.set("x-amz-bucket-region", bucket.region);
        reply.headers.set("x-amz-access-point-alias", "false");
        reply.headers.set("Content-Type", "application/xml");
        return reply;
    }
};

struct ListBuckets {
    static constexpr std::string_view name = "ListBuckets";
    static constexpr std::string_view action = "s3:ListAllMyBuckets";
    static constexpr wire::Route route{"GET", "/"};
    struct Input {
        std::optional<std::string> max_buckets, token, prefix, region;
        static auto members() {
            return wire::members(
                wire::optional("MaxBuckets", &Input::max_buckets, wire::in_query("max-buckets")),
                wire::optional("ContinuationToken", &Input::token, wire::in_query("continuation-token")),
                wire::optional("Prefix", &Input::prefix, wire::in_query("prefix")),
                wire::optional("BucketRegion", &Input::region, wire::in_query("bucket-region")));
        }
    };
    static std::string resource(const Input&, const Call&) { return "*"; }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        if (call.caller.anonymous()) return Error::refusal(Refusal::access_denied);
        auto limit =
            input.max_buckets ? TRY(page_limit("max-buckets", input.max_buckets)) : objects::kBucketsMax;
        std::string after;
        if (input.token) {
            auto bytes = base::from_base64(*input.token);
            if (!bytes)
                return Error::refusal(Refusal::invalid_argument,
                                      "The continuation token provided is incorrect");
            after = base::text(*bytes);
        }
        auto found =
            TRY(rooms.objects.buckets(call.caller.account, input.prefix.value_or(""), after, limit + 1));
        json::array list;
        json::object result{{"Owner", owner_of(call.caller.account)}};
        if (found.size() > limit) {
            found.pop_back();
            if (!found.empty()) result["ContinuationToken"] = base::base64(base::view(found.back().name));
        }
        for (const auto& bucket : found) {
            if (input.region && bucket.region != *input.region) continue;
            json::object one{{"Name", bucket.name}, {"CreationDate", base::iso8601(bucket.created)}};
            if (input.max_buckets || input.region) one["BucketRegion"] = bucket.region;
            list.push_back(std::move(one));
        }
        result["Buckets"] = json::object{{"Bucket[]", std::move(list)}};
        if (input.prefix) result["Prefix"] = *input.prefix;
        return Reply({{"ListAllMyBucketsResult", std::move(result)}});
    }
};

struct GetBucketLocation {
    static constexpr std::string_view name = "GetBucketLocation";
    static constexpr wire::Route route{"GET", "/{Bucket}", "location"};
    using Input = BucketInput;
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, "s3:GetBucketLocation", input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        auto bucket = TRY(rooms.objects.bucket(input.bucket));
        json::object location;
        if (bucket.region != kDefaultRegion) location["#text"] = bucket.region;
        return Reply({{"LocationConstraint", std::move(location)}});
    }
};

}  // namespace

void add_bucket_operations(wire::Service& service, Rooms& rooms) {
    service.add<Named<CreateBucket>>(rooms);
    service.add<Named<DeleteBucket>>(rooms);
    service.add<Named<HeadBucket>>(rooms);
    service.add<Named<ListBuckets>>(rooms);
    service.add<Named<GetBucketLocation>>(rooms);
}

}  // namespace services::s3
