#include "wire/trouble.h"

namespace wire {
namespace {

// AWS's names, as its pages of common errors and its services' answers have them. The json services answer
// 400 to almost everything, because their SDKs read the code and not the status.
Fault json_fault(Trouble trouble, const ServiceDescription& service) {
    switch (trouble) {
        case Trouble::missing_authentication:
            return {400, "MissingAuthenticationTokenException", "Missing Authentication Token"};
        case Trouble::incomplete_signature:
            return {400, "IncompleteSignatureException",
                    "The request signature does not conform to AWS standards."};
        case Trouble::signature_mismatch:
        case Trouble::digest_mismatch:
            return {400, "InvalidSignatureException",
                    "The request signature we calculated does not match the signature you provided. Check "
                    "your AWS "
                    "Secret Access Key and signing method. Consult the service documentation for details."};
        case Trouble::signature_expired:
        case Trouble::presigned_url_expired:
            return {400, "InvalidSignatureException", "Signature expired."};
        case Trouble::unknown_access_key:
        case Trouble::invalid_token:
            return {400, "UnrecognizedClientException",
                    "The security token included in the request is invalid."};
        case Trouble::expired_token:
            return {400, "ExpiredTokenException", "The security token included in the request is expired"};
        case Trouble::access_denied:
            return {400, "AccessDeniedException", "You are not authorized to perform this action."};
        case Trouble::unknown_operation:
            return {400, "UnknownOperationException", "The operation is not known to this service."};
        case Trouble::not_implemented:
            return {400, "UnsupportedOperationException", "This operation is not implemented."};
        case Trouble::malformed_body:
            return {400, "SerializationException", "The request's body could not be read."};
        case Trouble::validation:
            return {400, service.validation_code, "The input fails to satisfy the service's constraints."};
        case Trouble::body_too_large:
            return {413, "RequestEntityTooLargeException", "The request's body is too large."};
        case Trouble::body_truncated:
            return {400, "SerializationException", "The request's body ended early."};
        case Trouble::missing_length:
            return {411, "MissingContentLength", "You must provide the length of the body."};
        case Trouble::malformed_trailer:
            return {400, "SerializationException", "The request's trailer could not be read."};
        case Trouble::throttled:
            return {400, "ThrottlingException", "Slow down; sudden increase in rate of requests."};
        case Trouble::internal:
            return {500, "InternalServerError", "Internal server error"};
    }
    base::unreachable();
}

// Lambda: https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html
Fault rest_json_fault(Trouble trouble, const ServiceDescription& service) {
    Fault fault = json_fault(trouble, service);
    switch (trouble) {
        case Trouble::missing_authentication:
        case Trouble::incomplete_signature:
        case Trouble::signature_mismatch:
        case Trouble::signature_expired:
        case Trouble::presigned_url_expired:
        case Trouble::unknown_access_key:
        case Trouble::invalid_token:
        case Trouble::expired_token:
        case Trouble::access_denied:
            fault.status = 403;
            return fault;
        case Trouble::unknown_operation:
            return {404, "UnknownOperationException", fault.message};
        case Trouble::malformed_body:
        case Trouble::body_truncated:
            return {400, "InvalidRequestContentException", "Could not parse request body into json."};
        case Trouble::body_too_large:
            return {413, "RequestTooLargeException", "Request must be smaller than the service's limit."};
        case Trouble::throttled:
            return {429, "TooManyRequestsException", "Rate exceeded"};
        case Trouble::internal:
            return {500, "ServiceException", "Internal server error"};
        case Trouble::digest_mismatch:
        case Trouble::missing_length:
        case Trouble::malformed_trailer:
        case Trouble::not_implemented:
        case Trouble::validation:
            return fault;
    }
    base::unreachable();
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
Fault query_fault(Trouble trouble, const ServiceDescription&) {
    switch (trouble) {
        case Trouble::missing_authentication:
            return {403, "MissingAuthenticationToken", "Request is missing Authentication Token"};
        case Trouble::incomplete_signature:
            return {400, "IncompleteSignature", "The request signature does not conform to AWS standards."};
        case Trouble::signature_mismatch:
        case Trouble::digest_mismatch:
            return {403, "SignatureDoesNotMatch",
                    "The request signature we calculated does not match the signature you provided. Check "
                    "your AWS "
                    "Secret Access Key and signing method. Consult the service documentation for details."};
        case Trouble::signature_expired:
        case Trouble::presigned_url_expired:
            return {403, "SignatureDoesNotMatch", "Signature expired."};
        case Trouble::unknown_access_key:
        case Trouble::invalid_token:
            return {403, "InvalidClientTokenId", "The security token included in the request is invalid."};
        case Trouble::expired_token:
            return {403, "ExpiredToken", "The security token included in the request is expired"};
        case Trouble::access_denied:
            return {403, "AccessDenied", "Access denied"};
        case Trouble::unknown_operation:
            return {400, "InvalidAction", "Could not find the operation."};
        case Trouble::not_implemented:
            return {400, "UnsupportedOperation", "This operation is not implemented."};
        case Trouble::malformed_body:
        case Trouble::body_truncated:
            return {400, "MalformedQueryString", "The request's form could not be read."};
        case Trouble::validation:
            return {400, "ValidationError", "The input fails to satisfy the service's constraints."};
        case Trouble::body_too_large:
            return {413, "RequestEntityTooLarge", "The request's body is too large."};
        case Trouble::missing_length:
            return {411, "MissingContentLength", "You must provide the length of the body."};
        case Trouble::malformed_trailer:
            return {400, "MalformedQueryString", "The request's trailer could not be read."};
        case Trouble::throttled:
            return {400, "Throttling", "Rate exceeded"};
        case Trouble::internal:
            return {500, "InternalFailure", "Internal server error"};
    }
    base::unreachable();
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
Fault rest_xml_fault(Trouble trouble, const ServiceDescription&) {
    switch (trouble) {
        case Trouble::missing_authentication:
        case Trouble::access_denied:
            return {403, "AccessDenied", "Access Denied"};
        case Trouble::incomplete_signature:
            return {400, "AuthorizationHeaderMalformed", "The authorization header is malformed."};
        case Trouble::signature_mismatch:
            return {403, "SignatureDoesNotMatch",
                    "The request signature we calculated does not match the signature you provided. Check "
                    "your key "
                    "and signing method."};
        case Trouble::signature_expired:
            return {403, "RequestTimeTooSkewed",
                    "The difference between the request time and the current time is too large."};
        case Trouble::presigned_url_expired:
            return {403, "AccessDenied", "Request has expired"};
        case Trouble::unknown_access_key:
            return {403, "InvalidAccessKeyId",
                    "The AWS Access Key Id you provided does not exist in our records."};
        case Trouble::invalid_token:
            return {400, "InvalidToken", "The provided token is malformed or otherwise invalid."};
        case Trouble::expired_token:
            return {400, "ExpiredToken", "The provided token has expired."};
        case Trouble::unknown_operation:
            return {405, "MethodNotAllowed", "The specified method is not allowed against this resource."};
        case Trouble::not_implemented:
            return {501, "NotImplemented",
                    "A header you provided implies functionality that is not implemented."};
        case Trouble::malformed_body:
            return {
                400, "MalformedXML",
                "The XML you provided was not well-formed or did not validate against our published schema"};
        case Trouble::validation:
            return {400, "InvalidArgument", "Invalid Argument"};
        case Trouble::body_too_large:
            return {400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"};
        case Trouble::body_truncated:
            return {400, "IncompleteBody",
                    "You did not provide the number of bytes specified by the Content-Length HTTP header"};
        case Trouble::digest_mismatch:
            return {400, "XAmzContentSHA256Mismatch",
                    "The provided 'x-amz-content-sha256' header does not match what was computed."};
        case Trouble::missing_length:
            return {411, "MissingContentLength", "You must provide the Content-Length HTTP header."};
        case Trouble::malformed_trailer:
            return {400, "MalformedTrailerError",
                    "The request contained trailing data that was not well-formed or did not conform to our "
                    "published "
                    "schema."};
        case Trouble::throttled:
            return {503, "SlowDown", "Please reduce your request rate."};
        case Trouble::internal:
            return {500, "InternalError", "We encountered an internal error. Please try again."};
    }
    base::unreachable();
}

Fault family_fault(Trouble trouble, const ServiceDescription& service) {
    switch (service.protocol) {
        case Protocol::json_1_0:
        case Protocol::json_1_1:
            return json_fault(trouble, service);
        case Protocol::rest_json:
            return rest_json_fault(trouble, service);
        case Protocol::query:
            return query_fault(trouble, service);
        case Protocol::rest_xml:
            return rest_xml_fault(trouble, service);
    }
    base::unreachable();
}

}  // namespace

Fault fault_of(Trouble trouble, std::string message, const ServiceDescription& service) {
    Fault fault = family_fault(trouble, service);
    fault.front_end = true;
    if (!message.empty()) fault.message = std::move(message);
    return fault;
}

}  // namespace wire
