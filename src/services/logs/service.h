// Amazon CloudWatch Logs as a service.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html
#pragma once

#include "logs/store.h"
#include "wire/operation.h"

namespace services::logs {

// What the operations of this service work with.
struct Rooms {
    ::logs::Store& logs;
};

// `rooms` outlives it.
wire::Service service(Rooms& rooms);

void add_group_operations(wire::Service& service, Rooms& rooms);
void add_stream_operations(wire::Service& service, Rooms& rooms);
void add_event_operations(wire::Service& service, Rooms& rooms);

std::optional<wire::Fault> fault_of(const Error& error);

}  // namespace services::logs
