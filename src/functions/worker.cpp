#include "functions/worker.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

namespace functions {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kConnectionsMax = 16;  // to the Runtime API
constexpr std::size_t kRelaysMax = 128;
constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kOutputPerStep = 256 * 1024;  // so that endless printing starves nothing else

Result<int> listen_at(const std::filesystem::path& path, unsigned user) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    auto text = path.string();
    if (text.size() >= sizeof(address.sun_path))
        return Error::failure("worker: the path of a socket is too long");
    std::memcpy(address.sun_path, text.c_str(), text.size() + 1);
    int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
        ::listen(fd, 64) != 0) {
        auto error = Error::failure(fmt::format("worker: listen at {}: {}", text, std::strerror(errno)));
        if (fd >= 0) ::close(fd);
        return error;
    }
    // Only the sandbox's user may connect.
    ::chmod(text.c_str(), 0600);
    if (user != ::geteuid() && ::chown(text.c_str(), user, static_cast<gid_t>(-1)) != 0)
        ::chmod(text.c_str(), 0666);
    return fd;
}

std::chrono::duration<double, std::milli> since(std::chrono::steady_clock::time_point start) {
    return std::chrono::steady_clock::now() - start;
}

}  // namespace

Worker::Worker(const Sandbox& sandbox, const base::Clock& clock, WorkerPlan plan)
    : sandbox_(sandbox),
      clock_(clock),
      plan_(std::move(plan)),
      wake_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    INVARIANT(wake_fd_ >= 0);
    thread_ = std::thread([this] { live(); });
}

Worker::~Worker() {
    kill();
    thread_.join();
    ::close(wake_fd_);
}

Outcome Worker::run(const ApiInvocation& invocation, base::Duration timeout) {
    std::unique_lock lock(mutex_);
    if (!alive_) return {.kind = Outcome::Kind::exited};
    outcome_.reset();
    job_ = Job{invocation, timeout};
    wake();
    changed_.wait(lock, [&] { return outcome_.has_value(); });
    return *std::exchange(outcome_, std::nullopt);
}

bool Worker::alive() const {
    std::lock_guard lock(mutex_);
    return alive_;
}

void Worker::kill() {
    std::lock_guard lock(mutex_);
    killed_ = true;
    wake();
}

void Worker::wake() const {
    std::uint64_t one = 1;
    // A full counter wakes as well.
    [[maybe_unused]] auto written = ::write(wake_fd_, &one, sizeof(one));
}

void Worker::live() {
    auto begun = begin();
    if (begun.ok())
        while (step()) {
        }
    Outcome outcome{.kind = Outcome::Kind::exited};
    if (!begun.ok()) {
        outcome.kind = Outcome::Kind::unstarted;
        outcome.trouble = begun.error().is_failure() ? begun.error().detail() : begun.error().message();
    } else if (init_failed_) {
        outcome.kind = Outcome::Kind::init_failed;
        outcome.payload = std::move(init_error_);
    }
    end();
    if (process_) outcome.ending = process_->kill();
    process_.reset();
    // From here on run() gives an outcome by itself.
    std::lock_guard lock(mutex_);
    alive_ = false;
    if (!job_ && !busy_) return;
    if (busy_) outcome.duration = since(taken_);
    outcome.taken = busy_;
    outcome.lines = std::move(lines_);
    outcome.init_duration = init_duration_;
    job_.reset();
    outcome_ = std::move(outcome);
    changed_.notify_all();
}

Result<void> Worker::begin() {
    started_ = Steady::now();
    std::error_code error;
    std::filesystem::create_directory(plan_.folder, error);
    if (error) return Error::failure("worker: cannot make " + plan_.folder.string());
    ::chmod(plan_.folder.c_str(), 0711);
    api_listener_ = TRY(listen_at(plan_.folder / "api.sock", sandbox_.user()));
    if (plan_.listens_for_server)
        server_listener_ = TRY(listen_at(plan_.folder / "server.sock", sandbox_.user()));
    process_ = TRY(sandbox_.start(plan_.launch));
    return {};
}

void Worker::end() {
    if (process_) read_output(true);
    if (!line_.empty()) take_lines("\n");
    for (auto& connection : connections_)
        ::close(connection->fd);
    connections_.clear();
    relays_.clear();
    for (int fd : {api_listener_, server_listener_})
        if (fd >= 0) ::close(fd);
    std::error_code ignored;
    std::filesystem::remove_all(plan_.folder, ignored);
}

// When the process is to be killed, if it is.
std::optional<Worker::Steady::time_point> Worker::deadline() const {
    if (busy_) return taken_ + timeout_;
    if (!initialised_) return started_ + plan_.init_timeout;
    return std::nullopt;
}

// Waits for something to happen and deals with it. False when the process is over.
bool Worker::step() {
    {
        std::lock_guard lock(mutex_);
        if (killed_) return false;
    }
    give_job();
    std::vector<pollfd> fds = {{wake_fd_, POLLIN, 0},
                               {process_->exit_descriptor(), POLLIN, 0},
                               {process_->output(), POLLIN, 0},
                               {connections_.size() < kConnectionsMax ? api_listener_ : -1, POLLIN, 0},
                               {relays_.size() < kRelaysMax ? server_listener_ : -1, POLLIN, 0}};
    for (const auto& connection : connections_)
        fds.push_back(
            {connection->fd, static_cast<short>(connection->out.empty() ? POLLIN : POLLIN | POLLOUT), 0});
    auto first_relay = fds.size();
    for (const auto& relay : relays_) {
        fds.push_back({relay.inside_events() ? relay.inside() : -1, relay.inside_events(), 0});
        fds.push_back({relay.outside_events() ? relay.outside() : -1, relay.outside_events(), 0});
    }
    int wait = -1;
    if (auto until = deadline()) {
        auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - Steady::now());
        wait = static_cast<int>(std::max<std::int64_t>(left.count(), 0));
    }
    if (::poll(fds.data(), fds.size(), wait) < 0 && errno != EINTR) return false;

    if (fds[0].revents) {
        std::uint64_t count = 0;
        [[maybe_unused]] auto size = ::read(wake_fd_, &count, sizeof(count));
    }
    if (fds[2].revents) read_output(false);
    std::vector<std::unique_ptr<Connection>> kept_connections;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        auto& connection = connections_[i];
        if (!fds[5 + i].revents || serve(*connection, fds[5 + i].revents)) {
            kept_connections.push_back(std::move(connection));
            continue;
        }
        if (waiting_ == connection.get()) waiting_ = nullptr;
        ::close(connection->fd);
    }
    connections_ = std::move(kept_connections);
    std::vector<Relay> kept_relays;
    for (std::size_t i = 0; i < relays_.size(); ++i) {
        auto inside = fds[first_relay + 2 * i].revents, outside = fds[first_relay + 2 * i + 1].revents;
        if ((!inside && !outside) || relays_[i].ready(inside, outside))
            kept_relays.push_back(std::move(relays_[i]));
    }
    relays_ = std::move(kept_relays);
    if (fds[3].revents) accept_all(api_listener_, true);
    if (fds[4].revents) accept_all(server_listener_, false);

    if (init_failed_) return false;
    if (fds[1].revents) return false;
    if (auto until = deadline(); until && Steady::now() >= *until) {
        auto allowed = busy_ ? timeout_ : plan_.init_timeout;
        bool has_job = busy_;
        if (!has_job) {
            std::lock_guard lock(mutex_);
            has_job = job_.has_value();
        }
        peak_bytes_ = process_->memory_peak_bytes();
        process_->kill();
        read_output(true);
        Outcome outcome;
        outcome.kind = Outcome::Kind::timed_out;
        outcome.allowed = allowed;
        if (has_job) finish(std::move(outcome));
        return false;
    }
    return true;
}

void Worker::accept_all(int listener, bool api) {
    int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (api) {
        connections_.push_back(std::make_unique<Connection>());
        connections_.back()->fd = fd;
        return;
    }
    auto relay = Relay::open(fd, plan_.server);
    if (relay.ok()) return relays_.push_back(std::move(*relay));
    base::log().warn("{}", relay.error().detail());
}

// False when the connection is to be closed.
bool Worker::serve(Connection& connection, short events) {
    if (events & (POLLERR | POLLNVAL)) return false;
    if (events & (POLLIN | POLLHUP)) {
        char piece[kPiece];
        auto size = ::recv(connection.fd, piece, sizeof(piece), 0);
        if (size == 0) return false;
        if (size < 0 && errno != EAGAIN && errno != EINTR) return false;
        if (size > 0 && !connection.reader.feed({piece, static_cast<std::size_t>(size)}).ok()) return false;
        if (connection.reader.take_continue()) connection.out += "HTTP/1.1 100 Continue\r\n\r\n";
        while (auto request = connection.reader.next()) {
            handle(connection, *request);
            if (!connection.reader.feed("").ok()) return false;
        }
    }
    while (!connection.out.empty()) {
        auto size = ::send(connection.fd, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
        if (size < 0) return errno == EAGAIN || errno == EINTR;
        connection.out.erase(0, static_cast<std::size_t>(size));
    }
    return true;
}

void Worker::handle(Connection& connection, const ApiRequest& request) {
    switch (request.kind) {
        case ApiRequest::Kind::next:
            if (!initialised_) {
                initialised_ = true;
                init_duration_ = since(started_);
            }
            // Whoever asks again has dropped what it had; the deadline will say so.
            waiting_ = &connection;
            return;
        case ApiRequest::Kind::init_error:
            init_failed_ = true;
            init_error_ = request.body;
            connection.out += write_answer(202);
            return;
        case ApiRequest::Kind::response:
        case ApiRequest::Kind::error: {
            if (!busy_ || request.request_id != current_) {
                connection.out += write_answer(400);
                return;
            }
            connection.out += write_answer(request.too_large ? 413 : 202);
            Outcome outcome;
            outcome.kind = request.too_large                            ? Outcome::Kind::too_large
                           : request.kind == ApiRequest::Kind::response ? Outcome::Kind::answered
                                                                        : Outcome::Kind::failed;
            if (!request.too_large) outcome.payload = request.body;
            read_output(true);
            finish(std::move(outcome));
            return;
        }
        case ApiRequest::Kind::unknown:
            connection.out += write_answer(404);
            return;
    }
}

// Hands a waiting event to a waiting process.
void Worker::give_job() {
    if (!waiting_ || busy_) return;
    std::lock_guard lock(mutex_);
    if (!job_) return;
    auto job = *std::exchange(job_, std::nullopt);
    busy_ = true;
    current_ = job.invocation.request_id;
    timeout_ = job.timeout;
    taken_ = Steady::now();
    job.invocation.deadline = clock_.now() + job.timeout;
    auto& connection = *std::exchange(waiting_, nullptr);
    connection.out += write_invocation(job.invocation);
    // What does not fit is sent when poll says so.
    auto size = ::send(connection.fd, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (size > 0) connection.out.erase(0, static_cast<std::size_t>(size));
}

void Worker::finish(Outcome outcome) {
    if (busy_) outcome.duration = since(taken_);
    outcome.init_duration = std::exchange(init_duration_, std::nullopt);
    outcome.taken = busy_;
    outcome.memory_peak_bytes = std::max(peak_bytes_, process_->memory_peak_bytes());
    outcome.lines = std::exchange(lines_, {});
    log_bytes_ = 0;
    busy_ = false;
    std::lock_guard lock(mutex_);
    job_.reset();
    outcome_ = std::move(outcome);
    changed_.notify_all();
}

// Without `to_the_end` no more than a step's share; with it all that the pipe holds now.
void Worker::read_output(bool to_the_end) {
    char piece[kPiece];
    auto left = to_the_end ? kLogBytesPerInvocationMax * 2 : kOutputPerStep;
    while (left > 0) {
        auto size = ::read(process_->output(), piece, std::min(sizeof(piece), left));
        if (size <= 0) return;
        take_lines({piece, static_cast<std::size_t>(size)});
        left -= static_cast<std::size_t>(size);
    }
}

void Worker::take_lines(std::string_view bytes) {
    while (!bytes.empty()) {
        auto end = bytes.find('\n');
        bool whole = end != bytes.npos;
        auto part = bytes.substr(0, end);
        bytes.remove_prefix(whole ? end + 1 : bytes.size());
        if (log_bytes_ >= kLogBytesPerInvocationMax) {
            line_.clear();
            continue;
        }
        // What a line has beyond its limit is dropped.
        line_.append(part.substr(0, kLogLineBytesMax - line_.size()));
        if (!whole) return;
        // One record of several lines: our Python runtime writes \r between them.
        std::replace(line_.begin(), line_.end(), '\r', '\n');
        log_bytes_ += line_.size() + 1;
        lines_.push_back({clock_.now(), std::exchange(line_, {})});
        if (log_bytes_ >= kLogBytesPerInvocationMax)
            lines_.push_back(
                {clock_.now(), fmt::format("WARNING: output of this invocation beyond {} bytes is dropped",
                                           kLogBytesPerInvocationMax)});
    }
}

}  // namespace functions
