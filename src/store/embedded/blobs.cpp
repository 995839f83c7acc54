// Blobs as files. A write is a file under tmp/, synced, renamed to its place, and the folder synced; so a
// file that has its final name is whole.
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/embedded/embedded.h"
#include "store/embedded/folder_lock.h"

namespace store::embedded {
namespace {

namespace fs = std::filesystem;

constexpr base::Duration kSweptAfter = std::chrono::hours(1);

Error system_error(std::string_view what, const fs::path& path) {
    return Error::failure(fmt::format("blobs: {} {}: {}", what, path.string(), std::strerror(errno)));
}

// Two levels of folders by the first four digits keep each folder small; a UUID's first digits are random.
fs::path path_of(const fs::path& folder, const BlobId& id) {
    INVARIANT(base::is_uuid(id.str()));
    return folder / id.str().substr(0, 2) / id.str().substr(2, 2) / id.str();
}

// A folder that was just made is on disk only once its parent is synced.
Result<void> make_folder(const fs::path& folder) {
    if (::mkdir(folder.c_str(), 0700) == 0) return base::sync_folder(folder.parent_path());
    if (errno == EEXIST) return {};
    return system_error("create", folder);
}

class FileReader final : public BlobReader {
public:
    FileReader(int fd, std::uint64_t size) : fd_(fd), size_(size) {}
    ~FileReader() override { ::close(fd_); }
    FileReader(const FileReader&) = delete;
    FileReader& operator=(const FileReader&) = delete;

    std::uint64_t size() const override { return size_; }
    Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) const override {
        std::size_t done = 0;
        while (done < out.size()) {
            auto count =
                ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return Error::failure(fmt::format("blobs: read: {}", std::strerror(errno)));
            if (count == 0) break;
            done += static_cast<std::size_t>(count);
        }
        return done;
    }

private:
    int fd_;
    std::uint64_t size_;
};

class FileWriter final : public BlobWriter {
public:
    FileWriter(const fs::path& folder, BlobId id, fs::path temporary, int fd)
        : folder_(folder), id_(std::move(id)), temporary_(std::move(temporary)), fd_(fd) {}
    ~FileWriter() override {
        ::close(fd_);
        if (!committed_) ::unlink(temporary_.c_str());
    }
    FileWriter(const FileWriter&) = delete;
    FileWriter& operator=(const FileWriter&) = delete;

    Result<void> write(base::ByteView bytes) override {
        while (!bytes.empty()) {
            auto count = ::write(fd_, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return system_error("write", temporary_);
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        }
        return {};
    }

    Result<BlobId> commit() override {
        auto path = path_of(folder_, id_);
        if (::fdatasync(fd_) != 0) return system_error("sync", temporary_);
        TRY(make_folder(path.parent_path().parent_path()));
        TRY(make_folder(path.parent_path()));
        if (::rename(temporary_.c_str(), path.c_str()) != 0) return system_error("rename to", path);
        committed_ = true;
        TRY(base::sync_folder(path.parent_path()));
        return id_;
    }

private:
    const fs::path& folder_;
    BlobId id_;
    fs::path temporary_;
    int fd_;
    bool committed_ = false;
};

class FileBlobs final : public Blobs {
public:
    FileBlobs(FolderLock lock, fs::path folder, base::Random& random)
        : lock_(std::move(lock)), folder_(std::move(folder)), random_(random) {}

    Result<std::unique_ptr<BlobWriter>> create() override {
        BlobId id(base::uuid_random(random_));
        auto temporary = folder_ / "tmp" / id.str();
        int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0) return system_error("create", temporary);
        return std::unique_ptr<BlobWriter>(
            std::make_unique<FileWriter>(folder_, std::move(id), std::move(temporary), fd));
    }

    Result<std::shared_ptr<BlobReader>> open(const BlobId& id) const override {
        auto path = path_of(folder_, id);
        int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0) return system_error("open", path);
        struct stat status {};
        if (::fstat(fd, &status) != 0) {
            auto error = system_error("stat", path);
            ::close(fd);
            return error;
        }
        return std::shared_ptr<BlobReader>(
            std::make_shared<FileReader>(fd, static_cast<std::uint64_t>(status.st_size)));
    }

    Result<void> remove(const BlobId& id) override {
        auto path = path_of(folder_, id);
        if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
        return system_error("remove", path);
    }

    Result<std::size_t> sweep(const std::function<Result<bool>(const BlobId&)>& is_live) override {
        std::error_code error;
        std::size_t removed = 0;
        auto oldest_kept = fs::file_time_type::clock::now() - kSweptAfter;
        fs::recursive_directory_iterator files(folder_, error);
        for (; !error && files != fs::recursive_directory_iterator(); files.increment(error)) {
            auto name = files->path().filename().string();
            if (!files->is_regular_file(error) || !base::is_uuid(name)) continue;
            if (files->last_write_time(error) > oldest_kept || error) continue;
            bool unfinished = files->path().parent_path() == folder_ / "tmp";
            if (!unfinished && TRY(is_live(BlobId(name)))) continue;
            if (fs::remove(files->path(), error)) ++removed;
        }
        if (error) return Error::failure(fmt::format("blobs: sweep: {}", error.message()));
        return removed;
    }

private:
    FolderLock lock_;
    fs::path folder_;
    base::Random& random_;
};

// What a crash left unfinished belongs to nobody: this process is the only owner and has just begun.
Result<void> empty_temporary(const fs::path& folder) {
    std::error_code error;
    fs::remove_all(folder, error);
    if (error) return Error::failure(fmt::format("blobs: empty {}: {}", folder.string(), error.message()));
    return make_folder(folder);
}

}  // namespace

Result<std::unique_ptr<Blobs>> open_blobs(const fs::path& folder, base::Random& random) {
    auto lock = TRY(FolderLock::take(folder));
    TRY(empty_temporary(folder / "tmp"));
    return std::unique_ptr<Blobs>(std::make_unique<FileBlobs>(std::move(lock), folder, random));
}

}  // namespace store::embedded
