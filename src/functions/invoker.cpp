#include "functions/invoker.h"

#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"
#include "base/log.h"
#include "functions/embedded.h"
#include "functions/member.h"
#include "functions/package.h"
#include "functions/report.h"

namespace functions {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLogQueueBytesMax = 16 * 1024 * 1024;
constexpr base::Duration kReapEvery{1'000};
constexpr std::size_t kCaBundleBytesMax = 4 * 1024 * 1024;
constexpr const char* kLockName = "functions.lock";

std::string hexadecimal(base::Random& random, std::size_t characters) {
    return base::hex(random.bytes(characters / 2));
}

// What goes into an HTTP header and must not end it.
bool is_header_value(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

std::uint16_t port_of(const std::string& url) {
    auto colon = url.rfind(':');
    if (colon == url.npos) return 0;
    return static_cast<std::uint16_t>(std::strtoul(url.c_str() + colon + 1, nullptr, 10));
}

// The program's own runtime files, where sandboxes can read them.
Result<void> write_runtime(const std::filesystem::path& folder, const std::string& ca_bundle) {
    std::error_code error;
    std::filesystem::create_directory(folder, error);
    if (error) return Error::failure("functions: cannot make " + folder.string());
    ::chmod(folder.c_str(), 0755);
    for (auto [name, text] : {std::pair{"bootstrap.py", k_bootstrap}, std::pair{"forward.py", k_forward}}) {
        TRY(base::write_file(folder / name, base::view(text), 0644));
        ::chmod((folder / name).c_str(), 0644);
    }
    if (ca_bundle.empty()) return {};
    auto bundle = TRY(base::read_file(ca_bundle, kCaBundleBytesMax));
    TRY(base::write_file(folder / "ca.pem", bundle, 0644));
    ::chmod((folder / "ca.pem").c_str(), 0644);
    return {};
}

}  // namespace

Invoker::UnpackedCode::~UnpackedCode() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
}

Invoker::Invoker(Store& store, store::Records& records, const base::Clock& clock, base::Random& random,
                 const InvokerOptions& options, InvokerJoints joints)
    : store_(store),
      records_(records),
      clock_(clock),
      random_(random),
      options_(options),
      joints_(std::move(joints)),
      queue_(records, clock, "functions.async") {}

Result<std::unique_ptr<Invoker>> Invoker::start(Store& store, store::Records& records,
                                                const base::Clock& clock, base::Random& random,
                                                const InvokerOptions& options, InvokerJoints joints) {
    std::unique_ptr<Invoker> out(new Invoker(store, records, clock, random, options, std::move(joints)));
    TRY(out->prepare());
    return out;
}

Result<void> Invoker::prepare() {
    ::chmod(folder_.path().c_str(), 0711);
    folder_lock_ = ::open((folder_.path() / kLockName).c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (folder_lock_ < 0 || ::flock(folder_lock_, LOCK_EX | LOCK_NB) != 0)
        return Error::failure("functions: cannot lock " + folder_.path().string());
    remove_stale_folders();
    TRY(write_runtime(folder_.path() / "runtime", options_.ca_bundle));
    sandbox_ = TRY(Sandbox::open(options_.sandbox, folder_.path()));
    TRY(queue_.release_leases());
    log_thread_ = std::thread([this] { run_logs(); });
    threads_.emplace_back([this] { run_reaper(); });
    for (std::size_t i = 0; i < options_.async_threads; ++i)
        threads_.emplace_back([this] { run_async(); });
    return {};
}

// A process that was killed leaves its folder behind; its lock is free then.
void Invoker::remove_stale_folders() const {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path().parent_path(), error)) {
        if (!entry.path().filename().string().starts_with("likeness.")) continue;
        int lock = ::open((entry.path() / kLockName).c_str(), O_RDWR | O_CLOEXEC);
        if (lock < 0) continue;
        std::error_code ignored;
        if (::flock(lock, LOCK_EX | LOCK_NB) == 0) std::filesystem::remove_all(entry.path(), ignored);
        ::close(lock);
    }
}

Invoker::~Invoker() {
    stop();
    if (folder_lock_ >= 0) ::close(folder_lock_);
}

void Invoker::stop() {
    std::vector<std::shared_ptr<Member>> members;
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
        members = members_;
    }
    for (auto& member : members)
        member->worker->kill();
    for (auto& thread : threads_)
        thread.join();
    threads_.clear();
    {
        // Invocations of other threads end soon now: their processes are gone.
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] {
            return starting_ == 0 && std::none_of(members_.begin(), members_.end(),
                                                  [](const auto& member) { return member->busy; });
        });
        members = std::exchange(members_, {});
    }
    members.clear();
    {
        std::lock_guard lock(log_mutex_);
        logs_end_ = true;
        log_changed_.notify_all();
    }
    if (log_thread_.joinable()) log_thread_.join();
}

std::size_t Invoker::processes() const {
    std::lock_guard lock(mutex_);
    return members_.size() + starting_;
}

bool Invoker::sleep_for(base::Duration duration) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, duration, [&] { return stopping_; });
    return !stopping_;
}

Result<void> Invoker::check(const Function& function, const Invocation& invocation) const {
    if (!sandbox_->trouble().empty())
        return Error::refusal(Refusal::sandbox_missing, "Functions cannot run here: " + sandbox_->trouble());
    if (invocation.payload.size() > kPayloadBytesMax)
        return Error::refusal(
            Refusal::payload_too_large,
            fmt::format("Request must be smaller than {} bytes for the InvokeFunction operation",
                        kPayloadBytesMax));
    if (!is_header_value(invocation.client_context) || !is_header_value(invocation.request_id))
        return Error::refusal(Refusal::invalid_parameter,
                              "Client context must be valid Base64-encoded JSON.");
    if (runtime_kind(function.config.runtime) == RuntimeKind::unsupported)
        return Error::refusal(
            Refusal::runtime_unsupported,
            fmt::format("Likeness cannot run functions of the runtime {}: only python3.x, and "
                        "provided.* with a bootstrap program.",
                        function.config.runtime));
    return check_json(invocation.payload);
}

Result<Invoked> Invoker::invoke(const Function& function, const Invocation& invocation) {
    TRY(check(function, invocation));
    ApiInvocation event{
        .request_id = invocation.request_id,
        .arn = invocation.qualifier.empty() ? function.arn() : function.id.arn() + ':' + invocation.qualifier,
        .trace_id = fmt::format("Root=1-{:08x}-{};Sampled=0", clock_.now().time_since_epoch().count() / 1000,
                                hexadecimal(random_, 24)),
        .client_context = invocation.client_context,
        .payload = invocation.payload.empty() ? "{}" : invocation.payload};
    for (bool again = false;; again = true) {
        auto member = TRY(acquire(function));
        auto outcome = member->worker->run(event, std::chrono::seconds(function.config.timeout_seconds));
        bool usable = outcome.kind == Outcome::Kind::answered || outcome.kind == Outcome::Kind::failed ||
                      outcome.kind == Outcome::Kind::too_large;
        // A warm process may have ended between two invocations; nothing has happened to this one yet.
        bool untouched = outcome.kind == Outcome::Kind::exited && !outcome.taken && member->used;
        auto stream = member->stream;
        release(member, usable);
        {
            std::lock_guard lock(mutex_);
            if (stopping_ && !usable) return Error::refusal(Refusal::stopping, "The server is stopping.");
        }
        if (untouched && !again) continue;
        if (outcome.kind == Outcome::Kind::unstarted) return Error::failure("functions: " + outcome.trouble);
        return conclude(function, invocation, stream, std::move(outcome));
    }
}

Invoked Invoker::conclude(const Function& function, const Invocation& invocation, const std::string& stream,
                          Outcome outcome) {
    auto report = report_of(function, invocation.request_id, std::move(outcome), clock_.now());
    Invoked out{.payload = std::move(report.payload),
                .function_error = report.is_error ? "Unhandled" : "",
                .log_tail = tail_of(report.lines),
                .executed_version = function.version};
    log({function.id, function.log_group(), stream, std::move(report.lines)});
    return out;
}

namespace {

Error throttled() {
    return Error::refusal(Refusal::throttled, "Rate Exceeded.");
}

}  // namespace

Result<std::shared_ptr<Invoker::Member>> Invoker::acquire(const Function& function) {
    auto reserved = TRY(store_.reserved_concurrency(function.id));
    auto most = reserved ? static_cast<std::size_t>(*reserved) : options_.per_function_max;
    auto arn = function.id.arn();
    std::vector<std::shared_ptr<Member>> retired;  // destroyed without the lock
    std::string id;
    {
        std::lock_guard lock(mutex_);
        if (stopping_) return Error::refusal(Refusal::stopping, "The server is stopping.");
        std::size_t busy = starting_of_[arn];
        std::shared_ptr<Member> idle;
        std::erase_if(members_, [&](const std::shared_ptr<Member>& member) {
            if (member->function.id != function.id) return false;
            busy += member->busy;
            if (member->busy) return false;
            bool same_version = member->function.version == function.version;
            bool fresh = member->worker->alive() && clock_.now() < member->renew_at &&
                         (!same_version || member->function.revision_id == function.revision_id);
            if (!fresh) {
                retired.push_back(member);
            } else if (same_version) {
                idle = member;
            }
            return !fresh;
        });
        if (busy >= most) return throttled();
        if (idle) {
            idle->busy = true;
            return idle;
        }
        if (members_.size() + starting_ >= options_.processes_max) {
            auto older = [](const auto& a, const auto& b) {
                return std::tie(a->busy, a->last_used) < std::tie(b->busy, b->last_used);
            };
            auto oldest = std::min_element(members_.begin(), members_.end(), older);
            if (oldest == members_.end() || (*oldest)->busy) return throttled();
            retired.push_back(*oldest);
            members_.erase(oldest);
        }
        ++starting_;
        ++starting_of_[arn];
        id = std::to_string(++serial_);
    }
    retired.clear();
    auto made = make_member(function, id);
    std::lock_guard lock(mutex_);
    --starting_;
    if (--starting_of_[arn] == 0) starting_of_.erase(arn);
    changed_.notify_all();
    if (!made.ok()) return made;
    if (stopping_) (*made)->worker->kill();
    members_.push_back(*made);
    return made;
}

Result<std::shared_ptr<Invoker::Member>> Invoker::make_member(const Function& function,
                                                              const std::string& id) {
    auto credentials = TRY(joints_.credentials_for(function));
    auto member = std::make_shared<Member>();
    member->function = function;
    member->busy = true;
    member->code = TRY(unpacked(function));
    member->stream =
        fmt::format("{:%Y/%m/%d}/[{}]{}", clock_.now(), function.version, hexadecimal(random_, 32));
    // Keys are renewed, with the process, while they are good for one more invocation.
    auto now = clock_.now();
    auto margin = std::chrono::seconds(function.config.timeout_seconds) + 5min;
    member->renew_at =
        std::max<base::Time>(credentials.expires - margin, now + (credentials.expires - now) / 2);

    WorkerPlan plan;
    plan.folder = folder_.path() / ("w" + id);
    plan.server = options_.server;
    plan.init_timeout = options_.init_timeout + std::chrono::seconds(function.config.timeout_seconds);
    plan.listens_for_server = sandbox_->isolates();
    auto& launch = plan.launch;
    launch.name = id;
    launch.code = member->code->folder;
    launch.sockets = plan.folder;
    launch.memory_bytes = static_cast<std::uint64_t>(function.config.memory_mb) << 20;
    launch.tmp_bytes = static_cast<std::uint64_t>(function.config.ephemeral_mb) << 20;
    auto paths = sandbox_->paths(launch);
    launch.command = TRY(command_of(function, paths));
    launch.environment = environment_of(function, member->stream, credentials, paths);
    member->worker = std::make_unique<Worker>(*sandbox_, clock_, std::move(plan));
    return member;
}

Result<std::vector<std::string>> Invoker::command_of(const Function& function, const Paths& paths) const {
    if (::access(options_.python.c_str(), X_OK) != 0)
        return Error::refusal(
            Refusal::runtime_unsupported,
            fmt::format("Functions need {}, which this machine lacks.", options_.python.string()));
    auto python = options_.python.string();
    auto api = (paths.sockets / "api.sock").string(), server = (paths.sockets / "server.sock").string();
    auto port = std::to_string(port_of(options_.endpoint_url));
    if (runtime_kind(function.config.runtime) == RuntimeKind::python)
        return std::vector{python, (paths.runtime / "bootstrap.py").string(), api,
                           sandbox_->isolates() ? port : "0", server};
    if (!sandbox_->isolates())
        return Error::refusal(Refusal::runtime_unsupported,
                              "Without a sandbox only Python functions can run.");
    return std::vector{python, (paths.runtime / "forward.py").string(), (paths.code / "bootstrap").string(),
                       std::to_string(kRuntimeApiPort) + "=" + api, port + "=" + server};
}

std::map<std::string, std::string> Invoker::environment_of(const Function& function,
                                                           const std::string& stream,
                                                           const Credentials& credentials,
                                                           const Paths& paths) const {
    const auto& config = function.config;
    std::map<std::string, std::string> out = {{"PATH", "/usr/local/bin:/usr/bin:/bin"},
                                              {"LANG", "C.UTF-8"},
                                              {"TZ", ":UTC"},
                                              {"AWS_ENDPOINT_URL", options_.endpoint_url},
                                              {"AWS_EC2_METADATA_DISABLED", "true"}};
    for (const auto& [name, value] : config.environment)
        out[name] = value;
    // These are the server's own; services/lambda refuses configurations that set them.
    std::map<std::string, std::string> reserved = {
        {"_HANDLER", config.handler},
        {"LAMBDA_TASK_ROOT", paths.code.string()},
        {"LAMBDA_RUNTIME_DIR", paths.runtime.string()},
        {"AWS_REGION", function.id.region},
        {"AWS_DEFAULT_REGION", function.id.region},
        {"AWS_EXECUTION_ENV", "AWS_Lambda_" + config.runtime},
        {"AWS_LAMBDA_FUNCTION_NAME", function.id.name},
        {"AWS_LAMBDA_FUNCTION_VERSION", function.version},
        {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(config.memory_mb)},
        {"AWS_LAMBDA_LOG_GROUP_NAME", function.log_group()},
        {"AWS_LAMBDA_LOG_STREAM_NAME", stream},
        {"AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"},
        {"AWS_LAMBDA_RUNTIME_API", fmt::format("127.0.0.1:{}", kRuntimeApiPort)},
        {"AWS_ACCESS_KEY_ID", credentials.access_key_id},
        {"AWS_SECRET_ACCESS_KEY", credentials.secret_access_key},
        {"AWS_SESSION_TOKEN", credentials.session_token}};
    for (auto& [name, value] : reserved)
        out[name] = value;
    if (!options_.ca_bundle.empty()) out.emplace("AWS_CA_BUNDLE", (paths.runtime / "ca.pem").string());
    return out;
}

// Two first invocations may both unpack; one folder is kept.
Result<std::shared_ptr<const Invoker::UnpackedCode>> Invoker::unpacked(const Function& function) {
    const auto& blob = function.code.blob.str();
    {
        std::lock_guard lock(mutex_);
        if (auto found = unpacked_[blob].lock()) return found;
    }
    auto zip = TRY(store_.code(function));
    auto made = std::make_shared<UnpackedCode>();
    made->folder = folder_.path() / ("c" + hexadecimal(random_, 32));
    std::error_code error;
    std::filesystem::create_directory(made->folder, error);
    if (error) return Error::failure("functions: cannot make " + made->folder.string());
    ::chmod(made->folder.c_str(), 0755);
    TRY(unpack(base::view(zip), made->folder));
    std::lock_guard lock(mutex_);
    std::erase_if(unpacked_, [](const auto& entry) { return entry.second.expired(); });
    if (auto found = unpacked_[blob].lock()) return found;
    unpacked_[blob] = made;
    return std::shared_ptr<const UnpackedCode>(made);
}

void Invoker::release(const std::shared_ptr<Member>& member, bool usable) {
    std::lock_guard lock(mutex_);
    member->busy = false;
    member->used = true;
    member->last_used = std::chrono::steady_clock::now();
    // Its last owner destroys it, without the lock: the caller.
    if (!usable) std::erase(members_, member);
    changed_.notify_all();
}

void Invoker::run_reaper() {
    while (sleep_for(kReapEvery)) {
        std::vector<std::shared_ptr<Member>> retired;
        std::lock_guard lock(mutex_);
        std::erase_if(members_, [&](const std::shared_ptr<Member>& member) {
            auto idle = std::chrono::steady_clock::now() - member->last_used;
            bool keep = member->busy || (member->worker->alive() && idle < options_.idle_max &&
                                         clock_.now() < member->renew_at);
            if (!keep) retired.push_back(member);
            return !keep;
        });
    }
}

// Waits where the log cannot be written as fast as functions print.
void Invoker::log(LogBatch batch) {
    std::size_t bytes = 0;
    for (const auto& line : batch.lines)
        bytes += line.text.size();
    std::unique_lock lock(log_mutex_);
    log_changed_.wait(lock, [&] { return log_bytes_ < kLogQueueBytesMax || logs_end_; });
    log_bytes_ += bytes;
    logs_.push_back(std::move(batch));
    log_changed_.notify_all();
}

void Invoker::run_logs() {
    std::unique_lock lock(log_mutex_);
    while (true) {
        log_changed_.wait(lock, [&] { return !logs_.empty() || logs_end_; });
        if (logs_.empty()) return;
        auto batch = std::move(logs_.front());
        logs_.pop_front();
        lock.unlock();
        if (joints_.write_logs) joints_.write_logs(batch);
        lock.lock();
        for (const auto& line : batch.lines)
            log_bytes_ -= line.text.size();
        log_changed_.notify_all();
    }
}

}  // namespace functions
