// Amazon S3, API version 2006-03-01: the list of what is there and what is not.
#pragma once

#include <string>
#include <vector>

#include "services/s3/rooms.h"
#include "wire/operation.h"

namespace services::s3 {

// `rooms` outlives it. `virtual_hosts`: "s3.example.org" for bucket.s3.example.org.
wire::Service service(Rooms& rooms, std::vector<std::string> virtual_hosts = {"s3.localhost", "localhost"});

void add_bucket_operations(wire::Service& service, Rooms& rooms);
void add_setting_operations(wire::Service& service, Rooms& rooms);
void add_notification_operations(wire::Service& service, Rooms& rooms);
void add_list_operations(wire::Service& service, Rooms& rooms);
void add_read_operations(wire::Service& service, Rooms& rooms);
void add_write_operations(wire::Service& service, Rooms& rooms);
void add_post_operations(wire::Service& service, Rooms& rooms);
void add_cors_operations(wire::Service& service, Rooms& rooms);
void add_tagging_operations(wire::Service& service, Rooms& rooms);
void add_multipart_operations(wire::Service& service, Rooms& rooms);

}  // namespace services::s3
