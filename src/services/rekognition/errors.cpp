#include "services/rekognition/errors.h"

#include "faces/names.h"
#include "image/picture.h"

// No switch has a default: a new refusal fails this build until it is answered.
namespace services::rekognition {
namespace {

using wire::Fault;

constexpr const char* kInvalidParameters = "Request has invalid parameters";

Fault fault(Refusal refusal, const std::string& message) {
    switch (refusal) {
        case Refusal::image_source:
        case Refusal::one_of_two:
        case Refusal::image_too_small:
            return {400, "InvalidParameterException", kInvalidParameters};
        case Refusal::image_too_large:
            return {400, "ImageTooLargeException", "Image size is too large."};
        case Refusal::object_unreadable:
            return {400, "InvalidS3ObjectException",
                    "Unable to get object metadata from S3. Check object key, region and/or access "
                    "permissions."};
        case Refusal::no_face:
            // Client programs compare this sentence; the documentation does not have it.
            return {400, "InvalidParameterException",
                    "There are no faces in the image. Should be at least 1."};
        case Refusal::no_model:
            return {400, "ResourceNotReadyException",
                    "This server has no face model: see likeness models install"};
        case Refusal::face_missing:
        case Refusal::resource_absent:
            return {400, "ResourceNotFoundException", message};
    }
    base::unreachable();
}

Fault fault(faces::Refusal refusal, const std::string& message) {
    using faces::Refusal;
    switch (refusal) {
        case Refusal::collection_missing:
        case Refusal::user_missing:
        case Refusal::person_missing:
        case Refusal::correction_missing:
            return {400, "ResourceNotFoundException", message};
        case Refusal::collection_exists:
            return {400, "ResourceAlreadyExistsException", message};
        case Refusal::collection_full:
        case Refusal::too_many_collections:
        case Refusal::too_many_users:
        case Refusal::too_many_tags:
        case Refusal::user_full:
        case Refusal::too_many_corrections:
            return {400, "ServiceQuotaExceededException", message};
        case Refusal::face_missing:
        case Refusal::face_unseen:
        case Refusal::model_missing:
            return {400, "InvalidParameterException", message};
        case Refusal::reembedding_running:
            return {400, "ResourceInUseException", message};
        case Refusal::reembedding_missing:
            return {400, "ResourceNotFoundException", message};
        case Refusal::too_many_reembeddings:
            return {400, "LimitExceededException", message};
        case Refusal::model_changed:
        case Refusal::user_exists:
        case Refusal::user_busy:
            return {400, "ConflictException", message};
        case Refusal::request_token_taken:
            return {400, "IdempotentParameterMismatchException", message};
        case Refusal::token_invalid:
            return {400, "InvalidPaginationTokenException", message};
        case Refusal::model_absent:
        case Refusal::scores_absent:
            return {400, "ResourceNotReadyException", message};
    }
    base::unreachable();
}

Fault fault(image::Refusal refusal) {
    switch (refusal) {
        case image::Refusal::invalid_format:
            return {400, "InvalidImageFormatException", "Request has invalid image format"};
        case image::Refusal::too_large:
            return {400, "ImageTooLargeException", "Image size is too large."};
    }
    base::unreachable();
}

}  // namespace

std::optional<Fault> fault_of(const Error& error) {
    if (auto refusal = error.as<Refusal>()) return fault(*refusal, error.message());
    if (auto refusal = error.as<faces::Refusal>()) return fault(*refusal, error.message());
    if (auto refusal = error.as<image::Refusal>()) return fault(*refusal);
    return std::nullopt;
}

}  // namespace services::rekognition
