// The shared troubles in each protocol family's own codes, statuses and sentences.
#pragma once

#include "wire/fault.h"
#include "wire/operation.h"

namespace wire {

// `message` replaces the family's sentence where it is not empty.
Fault fault_of(Trouble trouble, std::string message, const ServiceDescription& service);

}  // namespace wire
