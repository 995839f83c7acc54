// A function: its configuration, its code and the names by which callers refer to it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "store/blobs.h"

namespace functions {

// What this room may refuse. Messages are AWS's own sentences where AWS has one.
enum class Refusal {
    invalid_parameter,  // a name, a limit, a code package that cannot be unpacked
    function_missing,   // or a version or alias of it
    function_exists,    // or an alias of it
    policy_missing,     // no statement, or not the one named
    statement_exists,
    revision_changed,  // the revision that the caller expected is not the current one
    payload_not_json,
    payload_too_large,
    throttled,  // no room for another concurrent invocation
    runtime_unsupported,
    sandbox_missing,  // this machine cannot isolate a function, and running it bare was not asked for
    role_unusable,    // no credentials can be had for the function's role
    stopping,
};

constexpr std::size_t kZipBytesMax = 50 * 1024 * 1024;
constexpr std::size_t kUnpackedBytesMax = 262'144'000;
constexpr std::size_t kEnvironmentBytesMax = 4096;
constexpr std::size_t kPayloadBytesMax = 6 * 1024 * 1024;  // of a call and of its answer
constexpr std::size_t kAsyncPayloadBytesMax = 1024 * 1024;
constexpr std::size_t kPolicyBytesMax = 20'480;
constexpr std::size_t kTagsMax = 50;
constexpr std::size_t kAliasesMax = 500;    // of one function
constexpr std::size_t kVersionsMax = 1000;  // of one function
constexpr std::string_view kLatest = "$LATEST";

// Names a function within the server. Ordered, to serve as a key.
struct FunctionId {
    std::string account;
    std::string region;
    std::string name;
    auto operator<=>(const FunctionId&) const = default;
    std::string arn() const;        // arn:aws:lambda:REGION:ACCOUNT:function:NAME
    std::string log_group() const;  // unless its configuration names another
};

// What a caller may write for a function: a name, a partial or a whole ARN, with a version or alias at its
// end.
struct Reference {
    FunctionId id;
    std::string qualifier;  // empty: none was given
};
// `account` and `region` are the caller's, where the text names none. Refusal::invalid_parameter for another
// form, Refusal::function_missing for an ARN of another account or region.
Result<Reference> parse_reference(std::string_view text, const std::string& account,
                                  const std::string& region);

struct Config {
    std::string runtime;  // "python3.11"
    std::string role;     // ARN
    std::string handler;  // "module.function"
    std::string description;
    int timeout_seconds = 3;
    int memory_mb = 128;
    int ephemeral_mb = 512;
    std::map<std::string, std::string> environment;
    std::string architecture = "x86_64";
    std::string log_group;  // empty: /aws/lambda/NAME
    bool operator==(const Config&) const = default;
};

struct Code {
    store::BlobId blob;
    std::uint64_t size = 0;     // of the zip
    std::string sha256_base64;  // of the zip
};

// One version of a function; "$LATEST" is the one that changes.
struct Function {
    FunctionId id;
    std::string version{kLatest};
    Config config;
    Code code;
    std::string revision_id;  // a UUID, new with each change
    base::Time last_modified{};

    std::string arn() const;  // with ":version" unless it is $LATEST
    std::string log_group() const;
};

enum class RuntimeKind {
    python,      // pythonX.Y: runs on the machine's own python3
    executable,  // provided, provided.al2, ...: a program named `bootstrap` in the package
    unsupported,
};
RuntimeKind runtime_kind(std::string_view runtime);

}  // namespace functions
