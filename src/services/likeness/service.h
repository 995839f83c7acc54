// The likeness service, version 2026-11-01: what Likeness adds to Amazon Rekognition.
#pragma once

#include "services/rekognition/rooms.h"
#include "wire/operation.h"

namespace services::likeness {

using Rooms = rekognition::Rooms;

// `rooms` outlives it.
wire::Service service(Rooms& rooms);

void add_identification_operations(wire::Service& service, Rooms& rooms);
void add_audit_operations(wire::Service& service, Rooms& rooms);
void add_correction_operations(wire::Service& service, Rooms& rooms);
void add_reembedding_operations(wire::Service& service, Rooms& rooms);

}  // namespace services::likeness
