// Amazon Rekognition, API version 2016-06-27: the list of what is there and what is not.
#pragma once

#include "services/rekognition/rooms.h"
#include "wire/operation.h"

namespace services::rekognition {

// `rooms` outlives it.
wire::Service service(Rooms& rooms);

void add_collection_operations(wire::Service& service, Rooms& rooms);
void add_indexing_operations(wire::Service& service, Rooms& rooms);
void add_search_operations(wire::Service& service, Rooms& rooms);
void add_detection_operations(wire::Service& service, Rooms& rooms);
void add_comparison_operations(wire::Service& service, Rooms& rooms);
void add_user_operations(wire::Service& service, Rooms& rooms);
void add_user_search_operations(wire::Service& service, Rooms& rooms);
void add_tag_operations(wire::Service& service, Rooms& rooms);

}  // namespace services::rekognition
