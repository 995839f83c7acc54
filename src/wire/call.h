// One request as an operation sees it: who calls, where, and what it may ask of the server meanwhile.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "http/message.h"
#include "wire/signature.h"

namespace wire {

// Who sends the request, as the signature proved it.
struct Caller {
    std::string account;        // twelve digits
    std::string arn;            // arn:aws:iam::123456789012:user/ann, or of an assumed role's session
    std::string user_id;        // AIDA..., or AROA...:session
    std::string access_key_id;  // empty for an anonymous caller
    std::string session_token;  // empty for permanent keys
    bool anonymous() const { return access_key_id.empty(); }
};

// What a caller must be allowed to do before an operation runs.
struct Permission {
    std::string action;                                            // "s3:GetObject"
    std::string resource;                                          // an ARN, or "*"
    std::map<std::string, std::vector<std::string>> context = {};  // condition keys: "s3:prefix"
    // A policy that the resource itself carries (bucket, function), as JSON; empty without one.
    std::string resource_policy = {};
    // The account that owns the resource; empty: the caller's own.
    std::string resource_account = {};
};

// Lives as long as the request; confined to the thread that runs the operation.
struct Call {
    Caller caller;
    std::string region;
    std::string request_id;  // a UUID
    base::Time now{};
    const http::Request& request;
    // The body with transfer framing taken off: for streamed operations only, others find it in their input.
    http::BodyReader* body = nullptr;
    // The trailing headers of a streamed body; complete once `body` has been read to its end.
    const http::Headers* trailers = nullptr;

    // Trouble::access_denied, with AWS's sentence as the message, unless the caller may do this.
    std::function<Result<void>(const Permission&)> authorise;
    // For operations whose body says who calls (S3's forms): once the document's signature is proved, the
    // request is its signer's. Trouble::unknown_access_key, invalid_token, expired_token, signature_mismatch.
    std::function<Result<void>(const DocumentSignature&, std::string_view document)> sign_in;
    // For streamed operations: runs work that blocks (files, commits) without holding the io thread. A copy
    // of it works until the answer has been sent, so that a streamed answer's source may use it.
    std::function<Result<void>(std::function<void()>)> run_blocking;

    template <class Work>
    auto blocking(Work&& work) -> std::invoke_result_t<Work> {
        std::optional<std::invoke_result_t<Work>> answer;
        auto ran = run_blocking([&] { answer.emplace(work()); });
        if (!ran.ok()) return std::move(ran).error();
        return std::move(*answer);
    }

    // arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE in the caller's account and the request's region.
    std::string arn(std::string_view service, std::string_view resource) const;
};

}  // namespace wire
