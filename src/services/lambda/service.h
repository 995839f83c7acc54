// AWS Lambda as a service. https://docs.aws.amazon.com/lambda/latest/api/welcome.html
#pragma once

#include "services/lambda/rooms.h"
#include "wire/operation.h"

namespace services::lambda {

// `rooms` outlives it.
wire::Service service(Rooms& rooms);

void add_function_operations(wire::Service& service, Rooms& rooms);
void add_invocation_operations(wire::Service& service, Rooms& rooms);
void add_version_operations(wire::Service& service, Rooms& rooms);
void add_permission_operations(wire::Service& service, Rooms& rooms);
void add_setting_operations(wire::Service& service, Rooms& rooms);

std::optional<wire::Fault> fault_of(const Error& error);

}  // namespace services::lambda
