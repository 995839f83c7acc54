// Lists of what an account can have at AWS and cannot have here.
#pragma once

#include "access/directory.h"
#include "wire/operation.h"

namespace services::iam {

void add_lists_of_the_absent(wire::Service& service, access_control::Directory& directory);

}  // namespace services::iam
