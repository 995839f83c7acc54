// A worker: one warm process of one version of a function, which handles one invocation at a time. It owns a
// thread that starts the process, speaks the Runtime API with it, relays its connections to the server, reads
// what it prints, keeps its time, and ends with it.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "functions/relay.h"
#include "functions/runtime_api.h"
#include "functions/sandbox.h"

namespace functions {

constexpr std::size_t kLogBytesPerInvocationMax = 1024 * 1024;
constexpr std::size_t kLogLineBytesMax = 256 * 1024;

struct LogLine {
    base::Time time{};
    std::string text;
};

// How an invocation went, before it is put into AWS's words.
struct Outcome {
    enum class Kind {
        answered,     // payload is what the handler gave
        failed,       // payload describes what the handler raised
        init_failed,  // payload describes why the handler could not be called; the process is gone
        too_large,    // the answer broke kApiBodyBytesMax
        timed_out,    // killed
        exited,       // the process ended by itself; `ending` says how
        unstarted,    // the process could not be started; `trouble` says why
    };
    Kind kind = Kind::exited;
    bool taken = false;  // the process has had the event
    std::string payload;
    Ending ending;
    std::string trouble;
    base::Duration allowed{};  // where it timed out
    std::chrono::duration<double, std::milli> duration{};
    std::optional<std::chrono::duration<double, std::milli>> init_duration;  // of a cold start
    std::uint64_t memory_peak_bytes = 0;
    std::vector<LogLine> lines;  // what it printed
};

struct WorkerPlan {
    Launch launch;
    std::filesystem::path folder;  // its own: holds the sockets; removed at the end
    ServerAddress server;
    base::Duration init_timeout{};
    bool listens_for_server = true;
};

// Callable from any thread; one invocation at a time.
class Worker {
public:
    Worker(const Sandbox& sandbox, const base::Clock& clock, WorkerPlan plan);
    ~Worker();  // kills the process and waits for the thread

    // Waits for the outcome. The deadline begins when the process takes the event; starting up has its own.
    Outcome run(const ApiInvocation& invocation, base::Duration timeout);
    // False once the process has ended: it takes no more invocations.
    bool alive() const;
    void kill();  // from any thread; an invocation in progress ends as `exited`

private:
    using Steady = std::chrono::steady_clock;
    struct Job {
        ApiInvocation invocation;
        base::Duration timeout;
    };
    struct Connection {
        int fd = -1;
        ApiReader reader;
        std::string out;
        bool closing = false;
    };

    void live();
    Result<void> begin();
    void end();
    bool step();
    void read_output(bool to_the_end);
    void take_lines(std::string_view bytes);
    void accept_all(int listener, bool api);
    bool serve(Connection& connection, short events);
    void handle(Connection& connection, const ApiRequest& request);
    void give_job();
    void finish(Outcome outcome);
    void wake() const;
    std::optional<Steady::time_point> deadline() const;

    const Sandbox& sandbox_;
    const base::Clock& clock_;
    const WorkerPlan plan_;
    int wake_fd_ = -1;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Job> job_;
    std::optional<Outcome> outcome_;
    bool alive_ = true;
    bool killed_ = false;

    // Of the thread alone.
    std::unique_ptr<Process> process_;
    int api_listener_ = -1;
    int server_listener_ = -1;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<Relay> relays_;
    Connection* waiting_ = nullptr;  // for the next event
    std::string current_;            // request id of the invocation that the process has
    bool busy_ = false;
    bool initialised_ = false;
    bool init_failed_ = false;
    std::string init_error_;
    Steady::time_point started_, taken_;
    std::optional<std::chrono::duration<double, std::milli>> init_duration_;
    base::Duration timeout_{};
    std::string line_;
    std::vector<LogLine> lines_;
    std::size_t log_bytes_ = 0;
    std::uint64_t peak_bytes_ = 0;

    std::thread thread_;
};

}  // namespace functions
