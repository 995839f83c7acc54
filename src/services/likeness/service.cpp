#include "services/likeness/service.h"

#include "services/rekognition/errors.h"
#include "services/rekognition/images.h"

namespace services::likeness {

wire::Service service(Rooms& rooms) {
    wire::Service out({.name = "likeness",
                       .protocol = wire::Protocol::json_1_1,
                       .target_prefix = "Likeness.",
                       .body_bytes_max = rekognition::kBodyBytesMax,
                       .fault_of = rekognition::fault_of});
    add_identification_operations(out, rooms);
    add_audit_operations(out, rooms);
    add_correction_operations(out, rooms);
    add_reembedding_operations(out, rooms);
    return out;
}

}  // namespace services::likeness
