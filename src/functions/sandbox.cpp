#include "functions/sandbox.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <grp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/log.h"
#include "functions/function.h"

namespace functions {
namespace {

constexpr unsigned kNobody = 65'534;
constexpr std::uint64_t kSharedMemoryBytes = 64 << 20;  // /dev/shm
// The interpreter, bubblewrap's own init and page tables are not the function's to pay.
constexpr std::uint64_t kOverheadBytes = 64 << 20;
// On the private memory of one process. Thread stacks count here although they are hardly ever used.
constexpr std::uint64_t kDataSlackBytes = 256 << 20;
constexpr int kArgumentsDescriptor = 3;

// An owned file descriptor.
class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    int get() const { return fd_; }

private:
    int fd_;
};

Error system_error(std::string_view what) {
    return Error::failure(fmt::format("sandbox: {}: {}", what, std::strerror(errno)));
}

// Arguments go through memory, not the command line: everybody on the machine can read that one.
Result<Descriptor> arguments_file(const std::vector<std::string>& arguments) {
    Descriptor file(::memfd_create("arguments", MFD_CLOEXEC));
    if (file.get() < 0) return system_error("memfd_create");
    std::string bytes;
    for (const auto& argument : arguments)
        bytes.append(argument).push_back('\0');
    if (::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
        return system_error("write");
    ::lseek(file.get(), 0, SEEK_SET);
    return file;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (auto& text : texts)
        out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

// Everything the child needs, made before the fork: after it only calls that are safe there.
struct ChildPlan {
    std::vector<char*> command, environment;
    std::vector<int> entrances;
    std::vector<std::pair<int, rlimit>> limits;
    int arguments = -1, output = -1;
    unsigned user = 0;
    bool change_user = false;
};

[[noreturn]] void run_child(const ChildPlan& plan) {
    ::setsid();
    for (int entrance : plan.entrances)
        if (::write(entrance, "0", 1) != 1) ::_exit(126);
    for (const auto& [resource, limit] : plan.limits)
        if (::setrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0) ::_exit(126);
    int nothing = ::open("/dev/null", O_RDONLY);
    if (nothing < 0 || ::dup2(nothing, 0) < 0 || ::dup2(plan.output, 1) < 0 || ::dup2(plan.output, 2) < 0)
        ::_exit(126);
    ::syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
    if (plan.arguments >= 0) {
        // dup2 onto itself would leave the descriptor to be closed at exec.
        int copy = ::fcntl(plan.arguments, F_DUPFD, 10);
        if (copy < 0 || ::dup2(copy, kArgumentsDescriptor) < 0) ::_exit(126);
        ::close(copy);
    }
    if (plan.change_user) {
        if (::setgroups(0, nullptr) != 0 || ::setresgid(plan.user, plan.user, plan.user) != 0 ||
            ::setresuid(plan.user, plan.user, plan.user) != 0)
            ::_exit(126);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    if (::chdir("/") != 0) ::_exit(126);
    ::execve(plan.command[0], plan.command.data(), plan.environment.data());
    ::_exit(127);
}

std::vector<pid_t> children_of(pid_t pid) {
    std::ifstream file(fmt::format("/proc/{0}/task/{0}/children", pid));
    std::vector<pid_t> out;
    for (pid_t child = 0; file >> child;)
        out.push_back(child);
    return out;
}

std::uint64_t peak_of(pid_t pid) {
    std::ifstream file(fmt::format("/proc/{}/status", pid));
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("VmHWM:")) return std::strtoull(line.c_str() + 6, nullptr, 10) * 1024;
    return 0;
}

std::uint64_t peak_of_tree(pid_t pid, int depth) {
    auto peak = peak_of(pid);
    if (depth == 0) return peak;
    for (auto child : children_of(pid))
        peak = std::max(peak, peak_of_tree(child, depth - 1));
    return peak;
}

Result<void> write_text(const std::filesystem::path& path, std::string_view text) {
    TRY(base::write_file(path, base::view(text), 0644));
    ::chmod(path.c_str(), 0644);
    return {};
}

}  // namespace

std::string Ending::text() const {
    if (signal == 0) return fmt::format("exit status {}", status);
    if (signal == SIGKILL) return "signal: killed";
    if (signal == SIGSEGV) return "signal: segmentation fault";
    if (signal == SIGABRT) return "signal: aborted";
    return fmt::format("signal: {}", signal);
}

Result<std::unique_ptr<Sandbox>> Sandbox::open(const SandboxOptions& options,
                                               const std::filesystem::path& folder) {
    std::unique_ptr<Sandbox> out(new Sandbox(options, folder));
    std::error_code error;
    auto etc = folder / "etc";
    std::filesystem::create_directories(etc / "alternatives", error);
    if (error) return Error::failure("sandbox: cannot make " + etc.string());
    ::chmod(etc.c_str(), 0755);
    TRY(write_text(etc / "passwd", "nobody:x:65534:65534:nobody:/tmp:/usr/sbin/nologin\n"));
    TRY(write_text(etc / "group", "nogroup:x:65534:\n"));
    TRY(write_text(etc / "hosts", fmt::format("127.0.0.1 localhost {}\n", options.host)));
    TRY(write_text(etc / "nsswitch.conf", "hosts: files\n"));
    TRY(write_text(etc / "ld.so.cache", ""));

    out->user_ = ::geteuid();
    if (options.without) {
        base::log().warn("functions run without a sandbox, as it was asked for");
        return out;
    }
    out->groups_ = ControlGroups::find();
    // As root, functions run as a user who owns nothing, unless this machine lets only root make name spaces.
    std::string first_trouble;
    for (unsigned user : {::geteuid() == 0 ? kNobody : ::geteuid(), ::geteuid()}) {
        out->user_ = user;
        out->trouble_ = out->probe(user);
        if (out->trouble_.empty()) break;
        if (first_trouble.empty()) first_trouble = out->trouble_;
    }
    if (!out->trouble_.empty()) {
        out->trouble_ = first_trouble;
        base::log().error("functions cannot run: {}", out->trouble_);
        return out;
    }
    base::log().info("sandbox user={} memory={} processes={}", out->user_,
                     out->groups_.bounds_memory() ? "cgroup" : "rlimit",
                     out->groups_.bounds_processes() ? "cgroup" : "rlimit");
    return out;
}

// Runs `true` inside; gives what went wrong.
std::string Sandbox::probe(unsigned user) {
    if (::access(options_.bubblewrap.c_str(), X_OK) != 0)
        return fmt::format("{} is not there (Debian package bubblewrap)", options_.bubblewrap.string());
    user_ = user;
    Launch launch{
        .name = "probe", .command = {"/usr/bin/true"}, .code = folder_ / "etc", .sockets = folder_ / "etc"};
    launch.memory_bytes = launch.tmp_bytes = 32 << 20;
    auto process = start(launch);
    if (!process.ok()) return process.error().detail();
    pollfd exit{(*process)->exit_descriptor(), POLLIN, 0};
    if (::poll(&exit, 1, 10'000) != 1) return "bubblewrap does not end";
    char text[512];
    auto size = ::read((*process)->output(), text, sizeof(text));
    auto ending = (*process)->kill();
    if (ending.status == 0 && ending.signal == 0) return {};
    std::string said(text, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    while (!said.empty() && said.back() == '\n')
        said.pop_back();
    return fmt::format("bubblewrap is forbidden here: {} ({})", said.empty() ? "it says nothing" : said,
                       ending.text());
}

Paths Sandbox::paths(const Launch& launch) const {
    if (isolates()) return {};
    return {.code = launch.code, .runtime = folder_ / "runtime", .sockets = launch.sockets};
}

std::vector<std::string> Sandbox::wrapping(const Launch& launch) const {
    std::vector<std::string> out = {"--unshare-all",
                                    "--unshare-user",
                                    "--disable-userns",
                                    "--die-with-parent",
                                    "--new-session",
                                    "--cap-drop",
                                    "ALL",
                                    "--uid",
                                    "65534",
                                    "--gid",
                                    "65534",
                                    "--hostname",
                                    "function",
                                    "--clearenv"};
    auto add = [&](std::initializer_list<std::string> more) { out.insert(out.end(), more); };
    add({"--ro-bind", "/usr", "/usr"});
    for (const char* name : {"bin", "sbin", "lib", "lib32", "lib64", "libx32"}) {
        std::string path = std::string("/") + name;
        std::error_code error;
        if (std::filesystem::is_symlink(path, error))
            add({"--symlink", std::filesystem::read_symlink(path, error).string(), path});
        else if (std::filesystem::is_directory(path, error))
            add({"--ro-bind", path, path});
    }
    add({"--ro-bind", (folder_ / "etc").string(), "/etc"});
    add({"--ro-bind-try", "/etc/alternatives", "/etc/alternatives"});
    add({"--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"});
    add({"--proc", "/proc", "--dev", "/dev"});
    add({"--perms", "1777", "--size", std::to_string(kSharedMemoryBytes), "--tmpfs", "/dev/shm"});
    add({"--perms", "1777", "--size", std::to_string(launch.tmp_bytes), "--tmpfs", "/tmp"});
    Paths inside;
    add({"--ro-bind", launch.code.string(), inside.code.string()});
    add({"--ro-bind-try", (folder_ / "runtime").string(), inside.runtime.string()});
    add({"--ro-bind", launch.sockets.string(), inside.sockets.string()});
    add({"--remount-ro", "/dev", "--remount-ro", "/", "--chdir", inside.code.string()});
    for (const auto& [name, value] : launch.environment)
        add({"--setenv", name, value});
    return out;
}

Result<std::unique_ptr<Process>> Sandbox::start(const Launch& launch) const {
    ChildPlan plan;
    std::vector<std::string> command = launch.command, environment;
    Descriptor arguments;
    if (isolates()) {
        arguments = TRY(arguments_file(wrapping(launch)));
        command = {options_.bubblewrap.string(), "--args", std::to_string(kArgumentsDescriptor), "--"};
        command.insert(command.end(), launch.command.begin(), launch.command.end());
        plan.arguments = arguments.get();
    } else {
        for (const auto& [name, value] : launch.environment)
            environment.push_back(name + "=" + value);
    }
    plan.command = pointers(command);
    plan.environment = pointers(environment);
    plan.user = user_;
    plan.change_user = user_ != ::geteuid();

    std::unique_ptr<Process> process(new Process);
    if (isolates())
        process->group_ = groups_.make(launch.name, launch.memory_bytes + launch.tmp_bytes + kOverheadBytes,
                                       options_.processes_max);
    plan.entrances = process->group_.entrances();
    auto limit = [&](int resource, rlim_t most) { plan.limits.push_back({resource, rlimit{most, most}}); };
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, launch.tmp_bytes);
    limit(RLIMIT_NOFILE, options_.descriptors_max);
    limit(RLIMIT_DATA, launch.memory_bytes + kDataSlackBytes);
    // Where there is no group, the kernel counts the processes of this user: of all functions together on old
    // kernels.
    if (isolates() && !groups_.bounds_processes()) limit(RLIMIT_NPROC, options_.processes_max);

    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return system_error("pipe");
    process->output_ = ends[0];
    Descriptor output(ends[1]);
    // The function's own end must block: a full pipe is no error to it.
    ::fcntl(output.get(), F_SETFL, 0);
    plan.output = output.get();

    process->pid_ = ::fork();
    if (process->pid_ < 0) return system_error("fork");
    if (process->pid_ == 0) run_child(plan);
    process->pidfd_ = static_cast<int>(::syscall(SYS_pidfd_open, process->pid_, 0));
    if (process->pidfd_ < 0) return system_error("pidfd_open");
    return process;
}

Process::~Process() {
    kill();
    if (output_ >= 0) ::close(output_);
    if (pidfd_ >= 0) ::close(pidfd_);
}

Ending Process::kill() {
    if (ending_ || pid_ < 0) return ending_.value_or(Ending{});
    // bwrap's inner processes die with it (--die-with-parent), and with the first of them their whole name
    // space.
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    Ending ending;
    if (WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
    if (WIFEXITED(status)) ending.status = WEXITSTATUS(status);
    // bwrap gives on a signal as shells do.
    if (ending.status > 128) {
        ending.signal = ending.status - 128;
        ending.status = 0;
    }
    ending_ = ending;
    group_.remove();
    return ending;
}

// bwrap, its init, the function or the forwarder, the function beneath that.
std::uint64_t Process::memory_peak_bytes() const {
    return peak_of_tree(pid_, 4);
}

}  // namespace functions
