// Linux control groups (cgroups(7)), version 1 and 2: bounds on the memory and the number of processes of a
// whole process tree, where this machine lets us make groups.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace functions {

// A group for one process tree; removed with this object once it is empty. Confined to one owner.
class ControlGroup {
public:
    ControlGroup() = default;  // bounds nothing
    ~ControlGroup();
    ControlGroup(ControlGroup&& other) noexcept;
    ControlGroup& operator=(ControlGroup&& other) noexcept;

    // Descriptors of the cgroup.procs files: a process that writes "0" there joins. Usable between fork and
    // exec.
    const std::vector<int>& entrances() const { return entrances_; }
    // Kills what is in the group and removes it; waits up to a second for the kernel.
    void remove();

private:
    friend class ControlGroups;
    std::vector<std::filesystem::path> folders_;
    std::vector<int> entrances_;
};

// Where groups can be made. A value.
class ControlGroups {
public:
    // Looks where this process may make groups, and removes what dead processes of ours left there.
    static ControlGroups find();

    bool bounds_memory() const { return memory_.has_value(); }
    bool bounds_processes() const { return processes_.has_value(); }
    // Bounds what can be bounded.
    ControlGroup make(const std::string& name, std::uint64_t memory_bytes, std::uint64_t processes) const;

private:
    struct Place {
        std::filesystem::path folder;
        bool version_2 = false;
    };
    std::optional<Place> memory_, processes_;
};

}  // namespace functions
