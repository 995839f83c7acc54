#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "base/result.h"

namespace base {

spdlog::logger& log() {
    static const std::shared_ptr<spdlog::logger> logger = [] {
        auto made = spdlog::stderr_color_mt("likeness");
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
        return made;
    }();
    return *logger;
}

void set_log_level(const std::string& level) {
    log().set_level(spdlog::level::from_str(level));
}

void broken_invariant(const char* what, const char* file, int line) {
    log().critical("broken invariant: {} at {}:{}", what, file, line);
    log().flush();
    std::abort();
}

}  // namespace base
