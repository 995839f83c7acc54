// STS as a service. https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html
#pragma once

#include "access/directory.h"
#include "wire/operation.h"

namespace services::sts {

// Borrows the directory for its whole life.
wire::Service service(access_control::Directory& directory);

void add_session_operations(wire::Service& service, access_control::Directory& directory);

std::optional<wire::Fault> fault_of(const Error& error);

}  // namespace services::sts
