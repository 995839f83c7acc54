// What the groups of S3's operations share: permissions, owners, the names in faults, pages.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "services/s3/documents.h"
#include "services/s3/errors.h"
#include "services/s3/headers.h"
#include "services/s3/rooms.h"
#include "wire/operation.h"

namespace services::s3 {

namespace json = boost::json;
using wire::Call;
using wire::Permission;
using wire::Reply;

using Permissions = Result<std::vector<Permission>>;

// Of an operation that is told a bucket and nothing else.
struct BucketInput {
    std::string bucket;
    static auto members() { return wire::members(wire::required("Bucket", &BucketInput::bucket)); }
};

std::string bucket_arn(std::string_view bucket);
std::string object_arn(std::string_view bucket, std::string_view key);

// What must be allowed to be done to a bucket or an object: with the bucket's own policy and owner. A bucket
// that is missing has neither; the operation itself says so.
Permissions on_bucket(const Rooms& rooms, std::string_view action, const std::string& bucket,
                      std::map<std::string, std::vector<std::string>> context = {});
Permissions on_object(const Rooms& rooms, std::string_view action, const std::string& bucket,
                      const std::string& key, std::map<std::string, std::vector<std::string>> context = {});

objects::Actor actor_of(const Call& call);

// Of an account: AWS's canonical user id is a fixed secret of the account; here it is a digest of its number.
std::string canonical_id(const std::string& account);
json::object owner_of(const std::string& account);

// A key that is not there is denied, not missing, to those who may not list the bucket.
Error hide_missing_key(const Rooms& rooms, Call& call, const std::string& bucket, Error error);

// The fault of a refusal, with the names of what it is about.
Reply named_fault(Error error, const std::string& bucket, const std::string& key);

// Whether the bucket is whose the caller thinks it is, where x-amz-expected-bucket-owner says so.
// Refusal::access_denied. A bucket that is missing is left to the operation.
Result<void> check_expected_owner(const Rooms& rooms, const Call& call, const std::string& bucket);

// An operation whose faults name their bucket and key, whose key is UTF-8 and whose bucket is the expected
// owner's.
template <class Op>
struct Named : Op {
    static Result<Reply> run(Rooms& rooms, Call& call, const typename Op::Input& input) {
        if constexpr (requires { input.key; })
            if (!base::is_utf8(input.key)) return Error::refusal(Refusal::invalid_uri);
        if constexpr (requires { input.bucket; }) TRY(check_expected_owner(rooms, call, input.bucket));
        auto reply = Op::run(rooms, call, input);
        if (reply.ok() || !fault_of(reply.error())) return reply;
        if constexpr (requires { input.key; })
            return named_fault(std::move(reply).error(), input.bucket, input.key);
        else if constexpr (requires { input.bucket; })
            return named_fault(std::move(reply).error(), input.bucket, "");
        else
            return reply;
    }
};

// "max-keys" and its like: 0 to 1000, more counts as 1000. Refusal::invalid_argument
Result<std::size_t> page_limit(std::string_view name, const std::optional<std::string>& text);

// Keys as a list writes them: percent-encoded if the request says encoding-type=url.
class KeyWriter {
public:
    // Refusal::invalid_argument for another encoding.
    static Result<KeyWriter> of(const std::optional<std::string>& encoding_type);
    std::string operator()(std::string_view key) const;
    bool encodes() const { return encodes_; }

private:
    explicit KeyWriter(bool encodes) : encodes_(encodes) {}
    bool encodes_;
};

}  // namespace services::s3
