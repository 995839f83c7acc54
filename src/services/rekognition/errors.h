// Refusals as AWS's faults.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "wire/fault.h"

namespace services::rekognition {

// What this service refuses by itself.
enum class Refusal {
    image_source,       // none or both of Bytes and S3Object
    image_too_small,    // less than kSideMinPx
    image_too_large,    // an object of more than kObjectBytesMax
    object_unreadable,  // whatever the reason, so that nobody learns what is in a bucket
    no_face,
    no_model,
    face_missing,     // where AWS calls it a missing resource
    one_of_two,       // none or both of two members of which one is wanted
    resource_absent,  // an ARN of nothing that is here
};

std::optional<wire::Fault> fault_of(const Error& error);

}  // namespace services::rekognition
