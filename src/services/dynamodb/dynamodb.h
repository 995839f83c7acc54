// Amazon DynamoDB as a service of the gateway.
#pragma once

#include "tables/store.h"
#include "wire/operation.h"

namespace services::dynamodb {

// Borrowed for the life of the service. The owner of `tables` also calls its upkeep().
struct Rooms {
    tables::Store& tables;
};

wire::Service make_service(Rooms& rooms);

}  // namespace services::dynamodb
