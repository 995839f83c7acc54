// IAM as a service. https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html
#pragma once

#include "access/directory.h"
#include "wire/operation.h"

namespace services::iam {

// Borrows the directory for its whole life.
wire::Service service(access_control::Directory& directory);

void add_user_operations(wire::Service& service, access_control::Directory& directory);
void add_access_key_operations(wire::Service& service, access_control::Directory& directory);
void add_group_operations(wire::Service& service, access_control::Directory& directory);
void add_role_operations(wire::Service& service, access_control::Directory& directory);
void add_identity_operations(wire::Service& service, access_control::Directory& directory);
void add_identity_policy_operations(wire::Service& service, access_control::Directory& directory);
void add_policy_operations(wire::Service& service, access_control::Directory& directory);
void add_simulation_operations(wire::Service& service, access_control::Directory& directory);

std::optional<wire::Fault> fault_of(const Error& error);

}  // namespace services::iam
