// Bubblewrap (bwrap(1)) around a function: own user, process, network, mount and host name spaces; no
// capabilities; /usr and the function's code to read, /tmp to write, one folder with sockets as the only way
// out. Bounds on memory, processes, files and open descriptors by control groups where this machine has them,
// and by rlimits.
//
// Where bubblewrap is missing or forbidden nothing is run (Refusal::sandbox_missing), unless `without` says
// so.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "functions/control_group.h"

namespace functions {

struct SandboxOptions {
    std::filesystem::path bubblewrap = "/usr/bin/bwrap";
    bool without =
        false;  // run functions bare, as the server's own user: for machines that isolate by other means
    std::string host =
        "localhost";  // how the server is called inside, where the loopback address leads to it
    std::uint64_t processes_max = 256;  // processes and threads of one function
    std::uint64_t descriptors_max = 1024;
};

// What is to be run, and what it may see.
struct Launch {
    std::string name;  // unique within this process
    std::vector<std::string> command;
    std::map<std::string, std::string> environment;
    std::filesystem::path code;     // Paths::code inside
    std::filesystem::path sockets;  // Paths::sockets inside
    std::uint64_t memory_bytes = 0;
    std::uint64_t tmp_bytes = 0;
};

// Where the function finds what Launch names.
struct Paths {
    std::filesystem::path code = "/var/task";
    std::filesystem::path runtime = "/var/runtime";
    std::filesystem::path sockets = "/run/likeness";
};

// How a process ended.
struct Ending {
    int status = 0;            // exit status
    int signal = 0;            // that ended it; 0: none
    std::string text() const;  // "exit status 1", "signal: killed"
};

// A process tree that runs. Confined to one owner: the thread that has started it must outlive it, because
// the kernel ends the tree with that thread (so that nothing of it survives a crash of the server).
class Process {
public:
    ~Process();                                     // kill()
    int output() const { return output_; }          // standard output and error, to read; not blocking
    int exit_descriptor() const { return pidfd_; }  // readable once the process has ended
    // Ends the whole tree and waits for it.
    Ending kill();
    // The largest resident memory so far of any process in it.
    std::uint64_t memory_peak_bytes() const;

private:
    friend class Sandbox;
    Process() = default;

    int pid_ = -1;
    int pidfd_ = -1;
    int output_ = -1;
    std::optional<Ending> ending_;
    ControlGroup group_;
};

// Callable from any thread.
class Sandbox {
public:
    // `folder` is to hold what sandboxes are made of, and can be read by everybody. Says in the log which
    // bounds this machine offers.
    static Result<std::unique_ptr<Sandbox>> open(const SandboxOptions& options,
                                                 const std::filesystem::path& folder);

    // Why no function can be run here; empty if it can.
    const std::string& trouble() const { return trouble_; }
    // Who the sandboxed processes are outside: their sockets must be writable for this user.
    unsigned user() const { return user_; }
    bool isolates() const { return !options_.without; }
    Paths paths(const Launch& launch) const;
    Result<std::unique_ptr<Process>> start(const Launch& launch) const;

private:
    Sandbox(const SandboxOptions& options, std::filesystem::path folder)
        : options_(options), folder_(std::move(folder)) {}
    std::string probe(unsigned user);
    std::vector<std::string> wrapping(const Launch& launch) const;

    SandboxOptions options_;
    std::filesystem::path folder_;
    ControlGroups groups_;
    unsigned user_ = 0;
    std::string trouble_;
};

}  // namespace functions
