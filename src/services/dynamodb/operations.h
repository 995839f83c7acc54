// The groups of operations; each adds its own to the service. Only this folder includes this.
#pragma once

#include "services/dynamodb/dynamodb.h"

namespace services::dynamodb {

void add_table_operations(wire::Service& service, Rooms& rooms);
void add_setting_operations(wire::Service& service, Rooms& rooms);
void add_item_operations(wire::Service& service, Rooms& rooms);
void add_read_operations(wire::Service& service, Rooms& rooms);
void add_batch_operations(wire::Service& service, Rooms& rooms);
void add_transaction_operations(wire::Service& service, Rooms& rooms);

// The fault of a refusal of the tables room.
std::optional<wire::Fault> fault_of(const Error& error);

}  // namespace services::dynamodb
