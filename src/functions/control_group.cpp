#include "functions/control_group.h"

#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace functions {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "likeness.";

bool write_text(const fs::path& file, std::string_view text) {
    int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool done = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(fd);
    return done;
}

// The folder of this process's own group in each hierarchy: "memory" -> "/a/b"; version 2 under "".
std::string own_group(std::string_view controller) {
    std::ifstream file("/proc/self/cgroup");
    for (std::string line; std::getline(file, line);) {
        auto first = line.find(':'), second = line.find(':', first + 1);
        if (first == line.npos || second == line.npos) continue;
        if (line.substr(first + 1, second - first - 1) == controller) return line.substr(second + 1);
    }
    return "/";
}

// A group can be made in `folder`, and it has the file that sets the bound.
bool is_usable(const fs::path& folder, const char* bound) {
    auto probe = folder / fmt::format("{}{}.probe", kPrefix, ::getpid());
    if (::mkdir(probe.c_str(), 0755) != 0) return false;
    bool usable = ::access((probe / bound).c_str(), W_OK) == 0;
    ::rmdir(probe.c_str());
    return usable;
}

// likeness.PID.NAME whose process is gone; a group that still holds processes cannot be removed.
void remove_stale(const fs::path& folder) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        auto name = entry.path().filename().string();
        if (!name.starts_with(kPrefix)) continue;
        auto pid = std::atoi(name.c_str() + kPrefix.size());
        if (pid > 0 && ::kill(pid, 0) != 0) ::rmdir(entry.path().c_str());
    }
}

}  // namespace

ControlGroups ControlGroups::find() {
    ControlGroups out;
    auto look = [](std::string_view controller, const char* bound_1,
                   const char* bound_2) -> std::optional<Place> {
        fs::path mount = "/sys/fs/cgroup";
        // In a container the own group's path may be one that only the host can see: the mount's root serves
        // then.
        for (const auto& own : {own_group(controller), std::string("/")})
            if (auto folder = mount / controller / own.substr(1); is_usable(folder, bound_1))
                return Place{folder, false};
        for (const auto& own : {own_group(""), std::string("/")})
            if (auto folder = mount / own.substr(1); is_usable(folder, bound_2)) return Place{folder, true};
        return std::nullopt;
    };
    out.memory_ = look("memory", "memory.limit_in_bytes", "memory.max");
    out.processes_ = look("pids", "pids.max", "pids.max");
    for (const auto& place : {out.memory_, out.processes_})
        if (place) remove_stale(place->folder);
    return out;
}

ControlGroup ControlGroups::make(const std::string& name, std::uint64_t memory_bytes,
                                 std::uint64_t processes) const {
    ControlGroup group;
    auto enter = [&](const Place& place) {
        auto folder = place.folder / fmt::format("{}{}.{}", kPrefix, ::getpid(), name);
        if (::mkdir(folder.c_str(), 0755) == 0) {
            group.folders_.push_back(folder);
            int fd = ::open((folder / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
            if (fd >= 0) group.entrances_.push_back(fd);
        }
        return folder;
    };
    if (memory_) {
        auto folder = enter(*memory_);
        write_text(folder / (memory_->version_2 ? "memory.max" : "memory.limit_in_bytes"),
                   std::to_string(memory_bytes));
        if (memory_->version_2) write_text(folder / "memory.swap.max", "0");
    }
    if (processes_) write_text(enter(*processes_) / "pids.max", std::to_string(processes));
    return group;
}

ControlGroup::~ControlGroup() {
    remove();
}

ControlGroup::ControlGroup(ControlGroup&& other) noexcept
    : folders_(std::exchange(other.folders_, {})), entrances_(std::exchange(other.entrances_, {})) {}

ControlGroup& ControlGroup::operator=(ControlGroup&& other) noexcept {
    remove();
    folders_ = std::exchange(other.folders_, {});
    entrances_ = std::exchange(other.entrances_, {});
    return *this;
}

void ControlGroup::remove() {
    for (int fd : std::exchange(entrances_, {}))
        ::close(fd);
    for (const auto& folder : std::exchange(folders_, {})) {
        for (int attempt = 0; ::rmdir(folder.c_str()) != 0 && errno == EBUSY && attempt < 200; ++attempt) {
            std::ifstream members(folder / "cgroup.procs");
            for (pid_t pid = 0; members >> pid;)
                ::kill(pid, SIGKILL);
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }
}

}  // namespace functions
