// The process's log: structured enough to search, and never a picture, vector, person's name or secret in it.
//   base::log().info("listening address={}", address);
#pragma once

#include <memory>
#include <spdlog/logger.h>
#include <string>

namespace base {

// Writes to standard error. Callable from any thread.
spdlog::logger& log();
void set_log_level(const std::string& level);  // trace debug info warn error off

}  // namespace base
