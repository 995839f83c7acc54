// Signatures of requests: AWS Signature Version 4 in headers and in query strings, and Version 2 in query
// strings (S3). https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "http/message.h"
#include "wire/fault.h"

namespace wire {

enum class SignatureKind { v4_header, v4_query, v2_query };

// What a request says of its own signature; nothing of it is proved yet.
struct Authorization {
    SignatureKind kind = SignatureKind::v4_header;
    std::string access_key;
    std::string session_token;  // empty for permanent keys
    std::string signature;      // v4: 64 hexadecimal digits; v2: base64
    base::Time time{};          // v4: when it was signed
    base::Duration expires{};   // of a URL: v4 counted from `time`
    base::Time expires_at{};    // of a v2 URL
    // Version 4 only:
    std::string date;  // of the scope: "20240131"
    std::string region;
    std::string service;                      // "s3"
    std::vector<std::string> signed_headers;  // lower case, in the order given
    // x-amz-content-sha256 as sent: 64 hexadecimal digits, "UNSIGNED-PAYLOAD" or "STREAMING-..."; empty
    // without it.
    std::string payload;
    // Version 2 signs "/bucket" before the path of a request whose Host names the bucket: set by whoever
    // routes hosts.
    std::string bucket_of_host;

    std::string scope() const;  // "20240131/us-east-1/s3/aws4_request"
};

// Nothing for a request without a signature. Refusals: Trouble::incomplete_signature or access_denied, with
// AWS's sentence.
Result<std::optional<Authorization>> read_authorization(const http::Request& request,
                                                        const std::vector<http::QueryParameter>& query);

// Proves that whoever holds `secret_key` signed this request: its method, path, query, signed headers and
// what it states of its body. `payload_sha256`: of the body, hexadecimal, where it is known; empty where the
// body is still to be read, and then open_payload() checks it. `window`: how far the request's time may lie
// from `now`. Refusals: Trouble::signature_mismatch, signature_expired, presigned_url_expired,
// digest_mismatch, and access_denied for what S3 calls so (a URL that is not yet valid, x-amz- headers that
// were not signed).
Result<void> verify_signature(const Authorization& authorization, const http::Request& request,
                              const std::vector<http::QueryParameter>& query, std::string_view secret_key,
                              std::string_view payload_sha256, base::Time now, base::Duration window);

// The signature of a document that stands in a form, as S3's browser uploads have it; nothing of it is proved
// yet. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
struct DocumentSignature {
    std::string access_key;
    std::string session_token;          // empty for permanent keys
    std::string date, region, service;  // of the scope; all empty for version 2
    std::string signature;              // v4: 64 hexadecimal digits; v2: base64
};
// `credential`: "AKIDEXAMPLE/20240131/us-east-1/s3/aws4_request". Trouble::incomplete_signature.
Result<DocumentSignature> read_document_signature(std::string_view credential, std::string signature);
// Proves that whoever holds `secret_key` signed the document, as it was sent. Trouble::signature_mismatch.
Result<void> verify_document(const DocumentSignature& signature, std::string_view document,
                             std::string_view secret_key);

// The key that signs for one day, region and service. The few that are in use are remembered. Callable from
// any thread.
base::Bytes signing_key(std::string_view secret_key, std::string_view date, std::string_view region,
                        std::string_view service);

// What is signed; for tests and for the explanation that S3 gives with SignatureDoesNotMatch.
std::string canonical_request(const Authorization& authorization, const http::Request& request,
                              const std::vector<http::QueryParameter>& query,
                              std::string_view payload_sha256);
std::string string_to_sign(const Authorization& authorization, std::string_view canonical);

// Signs a request as a client does (version 4, headers): sets Host-independent x-amz-date,
// x-amz-security-token and Authorization. `payload_sha256` is also sent as x-amz-content-sha256 for S3.
struct SigningCredentials {
    std::string access_key, secret_key, session_token;
};
void sign(http::Request& request, const SigningCredentials& credentials, std::string_view region,
          std::string_view service, std::string_view payload_sha256, base::Time now);

}  // namespace wire
