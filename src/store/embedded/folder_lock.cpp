#include "store/embedded/folder_lock.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/embedded/embedded.h"

namespace store::embedded {

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return Error::failure(fmt::format("create {}: {}", folder.string(), error.message()));
    auto path = folder / "owner";
    FolderLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (lock.fd_ < 0) return Error::failure(fmt::format("open {}: {}", path.string(), std::strerror(errno)));
    if (::flock(lock.fd_, LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno == EWOULDBLOCK)
        return Error::refusal(Refusal::folder_in_use,
                              fmt::format("{} is in use by another process", folder.string()));
    return Error::failure(fmt::format("lock {}: {}", path.string(), std::strerror(errno)));
}

FolderLock::~FolderLock() {
    if (fd_ >= 0) ::close(fd_);
}

}  // namespace store::embedded
