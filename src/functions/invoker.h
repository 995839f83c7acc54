// Runs functions: keeps warm processes, bounds how many run at once, gives them the credentials of their
// role, puts what came of an invocation into the words of AWS Lambda, and works off asynchronous invocations.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/random.h"
#include "base/result.h"
#include "functions/function.h"
#include "functions/sandbox.h"
#include "functions/store.h"
#include "functions/worker.h"
#include "store/queue.h"

namespace functions {

// Temporary keys of a function's role.
struct Credentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;
    base::Time expires{};
};

// Lines for one log stream.
struct LogBatch {
    FunctionId function;
    std::string group;   // /aws/lambda/NAME
    std::string stream;  // 2024/01/31/[$LATEST]0123456789abcdef0123456789abcdef
    std::vector<LogLine> lines;
};

// What `main` joins to other rooms. Called from several threads.
struct InvokerJoints {
    // Refusal::role_unusable where the role is gone or does not trust Lambda.
    std::function<Result<Credentials>(const Function&)> credentials_for;
    std::function<void(const LogBatch&)> write_logs;
};

struct InvokerOptions {
    SandboxOptions sandbox;
    std::string endpoint_url;  // what functions find in AWS_ENDPOINT_URL: http://127.0.0.1:4566
    ServerAddress server;      // where that leads, outside the sandbox
    std::string ca_bundle;     // PEM file that a TLS endpoint's certificate is checked with; empty: none
    std::filesystem::path python = "/usr/bin/python3";
    std::size_t processes_max = 32;     // of all functions together
    std::size_t per_function_max = 16;  // of one function without reserved concurrency
    base::Duration idle_max{5 * 60'000};
    base::Duration init_timeout{10'000};  // on top of the function's own timeout, for a cold start
    std::size_t async_threads = 4;
    std::uint32_t async_attempts_max = 3;
    std::vector<base::Duration> async_pauses = {base::Duration{10'000}, base::Duration{20'000}};
    base::Duration throttle_pause{1'000};  // doubles up to five minutes
    base::Duration async_age_max{6 * 3'600'000};
};

struct Invocation {
    std::string request_id;      // a UUID
    std::string payload;         // JSON; empty is {}
    std::string client_context;  // JSON; empty for none
    std::string qualifier = {};  // version or alias that was asked for: in the ARN that the function sees
};

struct Invoked {
    std::string payload;
    std::string function_error;  // "Unhandled", or empty where the handler gave an answer
    std::string log_tail;        // the last 4 KB of its log
    std::string executed_version;
};

// An asynchronous invocation that was given up.
struct FailedInvocation {
    std::string request_id;
    base::Time time{};
    std::uint32_t attempts = 0;
    std::string payload;
    std::string reason;  // the last error, or why it was never run
};

// Callable from any thread.
class Invoker {
public:
    static Result<std::unique_ptr<Invoker>> start(Store& store, store::Records& records,
                                                  const base::Clock& clock, base::Random& random,
                                                  const InvokerOptions& options, InvokerJoints joints);
    ~Invoker();  // stop()

    // Waits for the function. Refusals: payload_not_json, payload_too_large, throttled, runtime_unsupported,
    // sandbox_missing, role_unusable, stopping.
    Result<Invoked> invoke(const Function& function, const Invocation& invocation);
    // Returns once the invocation is on disk: it then happens at least once, whatever becomes of this
    // process.
    Result<void> invoke_async(const FunctionId& id, const std::string& qualifier,
                              const Invocation& invocation);
    // As part of a transaction: for an event that is handed over in the same moment.
    Result<void> invoke_async(store::Transaction& transaction, const FunctionId& id,
                              const std::string& qualifier, const Invocation& invocation);
    Result<std::vector<FailedInvocation>> failures(const FunctionId& id,
                                                   std::size_t limit) const;  // oldest first
    Result<std::size_t> async_waiting() const { return queue_.size(); }

    // Why no function can be run on this machine; empty if they can.
    const std::string& sandbox_trouble() const { return sandbox_->trouble(); }
    std::size_t processes() const;
    std::size_t processes_max() const { return options_.processes_max; }
    // Takes no more invocations, ends every process, waits for all threads. Invocations in progress end with
    // an error; asynchronous ones among them are repeated at the next start.
    void stop();

private:
    struct UnpackedCode;
    struct Member;
    struct QueuedInvocation;

    Invoker(Store& store, store::Records& records, const base::Clock& clock, base::Random& random,
            const InvokerOptions& options, InvokerJoints joints);
    Result<void> prepare();
    void remove_stale_folders() const;

    Result<void> check(const Function& function, const Invocation& invocation) const;
    Invoked conclude(const Function& function, const Invocation& invocation, const std::string& stream,
                     Outcome outcome);
    Result<std::shared_ptr<Member>> acquire(const Function& function);
    Result<std::shared_ptr<Member>> make_member(const Function& function, const std::string& id);
    void release(const std::shared_ptr<Member>& member, bool usable);
    Result<std::shared_ptr<const UnpackedCode>> unpacked(const Function& function);
    std::map<std::string, std::string> environment_of(const Function& function, const std::string& stream,
                                                      const Credentials& credentials,
                                                      const Paths& paths) const;
    Result<std::vector<std::string>> command_of(const Function& function, const Paths& paths) const;

    void log(LogBatch batch);
    void run_logs();
    void run_reaper();
    void run_async();
    std::optional<store::QueueMessage> receive();
    void attempt(const store::QueueMessage& message);
    Result<void> settle_async(const store::QueueMessage& message, QueuedInvocation queued,
                              const Result<Invoked>& invoked);
    Result<void> give_up(const store::QueueMessage& message, const QueuedInvocation& queued,
                         const std::string& reason);
    bool sleep_for(base::Duration duration);  // false when stopping

    Store& store_;
    store::Records& records_;
    const base::Clock& clock_;
    base::Random& random_;
    const InvokerOptions options_;
    const InvokerJoints joints_;
    base::TemporaryFolder folder_;
    std::unique_ptr<Sandbox> sandbox_;
    store::Queue queue_;

    int folder_lock_ = -1;  // held for as long as folder_ is in use

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::uint64_t serial_ = 0;
    std::vector<std::shared_ptr<Member>> members_;
    std::size_t starting_ = 0;  // counted as processes while they are being made
    std::map<std::string, std::size_t> starting_of_;
    std::map<std::string, std::weak_ptr<const UnpackedCode>> unpacked_;  // by blob

    std::mutex log_mutex_;
    std::condition_variable log_changed_;
    std::deque<LogBatch> logs_;
    std::size_t log_bytes_ = 0;
    bool logs_end_ = false;

    std::mutex receiving_;  // one thread waits for the queue, the others for it
    std::chrono::steady_clock::time_point queue_busy_until_{};

    std::vector<std::thread> threads_;
    std::thread log_thread_;
};

}  // namespace functions
