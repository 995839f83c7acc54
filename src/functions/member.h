// What the invoker knows of one process. Used by its own files only.
#pragma once

#include "functions/invoker.h"

namespace functions {

constexpr std::uint16_t kRuntimeApiPort = 9001;  // inside a sandbox, for programs that speak TCP

// A code package on disk, for as long as a process uses it.
struct Invoker::UnpackedCode {
    std::filesystem::path folder;
    ~UnpackedCode();
};

// Guarded by the invoker's lock, but for `worker`, which any thread may call.
struct Invoker::Member {
    Function function;
    std::shared_ptr<const UnpackedCode> code;
    std::string stream;
    base::Time renew_at{};
    bool busy = false;
    bool used = false;  // has had an invocation
    std::chrono::steady_clock::time_point last_used = std::chrono::steady_clock::now();
    std::unique_ptr<Worker> worker;  // destroyed first: it still runs the code
};

}  // namespace functions
