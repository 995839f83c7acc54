// Records and blobs in memory: for tests, and the plain twin that the engines are compared with. Transactions
// run one at a time. Callable from any thread; all is forgotten at the end.
#pragma once

#include <memory>

#include "store/blobs.h"
#include "store/records.h"

namespace store {

std::unique_ptr<Records> memory_records();
std::unique_ptr<Blobs> memory_blobs();

}  // namespace store
