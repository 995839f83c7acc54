// One owner per folder, across processes.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace store::embedded {

// Held until destroyed; the system lets go of it when the process ends, however it ends.
class FolderLock {
public:
    // Makes the folder if it is missing. Refusal::folder_in_use while another holds it.
    static Result<FolderLock> take(const std::filesystem::path& folder);
    FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    FolderLock& operator=(FolderLock&&) = delete;
    ~FolderLock();

private:
    explicit FolderLock(int fd) : fd_(fd) {}
    int fd_;
};

}  // namespace store::embedded
