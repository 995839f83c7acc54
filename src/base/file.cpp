#include "base/file.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace base {
namespace {

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }
    bool valid() const { return fd_ >= 0; }

private:
    int fd_;
};

Error system_error(std::string_view what, const std::filesystem::path& path) {
    return Error::failure(fmt::format("{} {}: {}", what, path.string(), std::strerror(errno)));
}

Result<void> write_all(int fd, ByteView bytes, const std::filesystem::path& path) {
    while (!bytes.empty()) {
        auto written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_error("write", path);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return system_error("open", path);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return system_error("stat", path);
    if (!S_ISREG(status.st_mode)) return Error::failure(fmt::format("{} is not a file", path.string()));
    auto size = static_cast<std::size_t>(status.st_size);
    if (size > bytes_max)
        return Error::failure(fmt::format("{} is larger than {} bytes", path.string(), bytes_max));
    Bytes out(size);
    std::size_t done = 0;
    while (done < size) {
        auto count = ::read(file.get(), out.data() + done, size - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error("read", path);
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    out.resize(done);
    return out;
}

Result<void> write_file(const std::filesystem::path& path, ByteView bytes, unsigned mode) {
    static std::atomic<unsigned> serial = 0;
    auto temporary = path;
    temporary += fmt::format(".{}.{}.tmp", ::getpid(), serial++);
    auto written = [&]() -> Result<void> {
        Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
        if (!file.valid()) return system_error("create", temporary);
        TRY(write_all(file.get(), bytes, temporary));
        if (::fdatasync(file.get()) != 0) return system_error("sync", temporary);
        if (::rename(temporary.c_str(), path.c_str()) != 0) return system_error("rename to", path);
        return {};
    }();
    if (!written.ok()) {
        ::unlink(temporary.c_str());
        return written;
    }
    return sync_folder(path.has_parent_path() ? path.parent_path() : ".");
}

Result<void> sync_folder(const std::filesystem::path& folder) {
    Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.valid()) return system_error("open", folder);
    if (::fsync(opened.get()) != 0) return system_error("sync", folder);
    return {};
}

TemporaryFolder::TemporaryFolder() {
    auto pattern = (std::filesystem::temp_directory_path() / "likeness.XXXXXX").string();
    INVARIANT(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace base
