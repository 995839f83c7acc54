#include "functions/package.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "functions/function.h"

namespace functions {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

struct Discard {
    void operator()(zip_t* zip) const { zip_discard(zip); }
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using Entry = std::unique_ptr<zip_file_t, Discard>;

Error invalid(std::string message) {
    return Error::refusal(Refusal::invalid_parameter, std::move(message));
}
Error not_a_zip() {
    return invalid("Could not unzip uploaded file. Please check your file, then try to upload again.");
}

Result<Archive> open_archive(base::ByteView zip) {
    zip_error_t error;
    zip_error_init(&error);
    auto* source = zip_source_buffer_create(zip.data(), zip.size(), 0, &error);
    zip_t* archive = source ? zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error) : nullptr;
    if (source && !archive) zip_source_free(source);
    zip_error_fini(&error);
    if (!archive) return not_a_zip();
    return Archive(archive);
}

// A name without "..", an absolute beginning, backslashes or a NUL: relative, and inside wherever it is put.
bool is_safe(std::string_view name) {
    if (name.empty() || name.size() > kPackageNameMax || name.front() == '/') return false;
    if (name.find('\\') != name.npos || name.find('\0') != name.npos) return false;
    while (true) {
        auto cut = name.find('/');
        auto part = name.substr(0, cut);
        if (part == ".." || part.size() > 255) return false;
        if (cut == name.npos) return true;
        name.remove_prefix(cut + 1);
    }
}

struct File {
    std::string name;
    bool folder = false;
    bool executable = false;
};

Result<File> describe(zip_t* archive, zip_uint64_t index) {
    const char* name = zip_get_name(archive, index, ZIP_FL_ENC_GUESS);
    if (!name) return not_a_zip();
    File file{.name = name, .folder = std::string_view(name).ends_with('/')};
    if (!is_safe(file.name)) return invalid("The code package has a file with an unsafe name.");
    zip_uint8_t system = 0;
    zip_uint32_t attributes = 0;
    if (zip_file_get_external_attributes(archive, index, 0, &system, &attributes) != 0) return not_a_zip();
    if (system == ZIP_OPSYS_UNIX) {
        auto mode = attributes >> 16;
        auto type = mode & S_IFMT;
        if (type != 0 && type != S_IFREG && type != S_IFDIR)
            return invalid(
                "The code package has a link or a device; only files and folders can be unpacked.");
        file.executable = (mode & 0111) != 0;
    }
    zip_stat_t status;
    if (zip_stat_index(archive, index, 0, &status) != 0) return not_a_zip();
    if ((status.valid & ZIP_STAT_ENCRYPTION_METHOD) && status.encryption_method != ZIP_EM_NONE)
        return invalid("The code package has an encrypted file.");
    return file;
}

// Called with each entry, then with each piece of its bytes.
class Receiver {
public:
    virtual ~Receiver() = default;
    virtual Result<void> begin(const File& file) = 0;
    virtual Result<void> piece(base::ByteView bytes) = 0;
};

Result<void> read_package(base::ByteView zip, std::size_t bytes_max, Receiver& receiver) {
    auto archive = TRY(open_archive(zip));
    auto count = zip_get_num_entries(archive.get(), 0);
    if (count < 0) return not_a_zip();
    if (static_cast<std::size_t>(count) > kPackageFilesMax)
        return invalid("The code package has too many files.");
    if (count == 0) return invalid("Uploaded file must be a non-empty zip");
    std::size_t total = 0;
    base::Bytes buffer(kPiece);
    for (zip_uint64_t index = 0; index < static_cast<zip_uint64_t>(count); ++index) {
        auto file = TRY(describe(archive.get(), index));
        TRY(receiver.begin(file));
        if (file.folder) continue;
        Entry entry(zip_fopen_index(archive.get(), index, 0));
        if (!entry) return not_a_zip();
        while (true) {
            auto read = zip_fread(entry.get(), buffer.data(), buffer.size());
            if (read < 0) return not_a_zip();
            if (read == 0) break;
            total += static_cast<std::size_t>(read);
            if (total > bytes_max)
                return invalid(fmt::format("Unzipped size must be smaller than {} bytes", bytes_max));
            TRY(receiver.piece({buffer.data(), static_cast<std::size_t>(read)}));
        }
    }
    return {};
}

class Checker final : public Receiver {
public:
    Result<void> begin(const File&) override { return {}; }
    Result<void> piece(base::ByteView) override { return {}; }
};

// Opens every path below the folder's descriptor with O_NOFOLLOW; there are no links in it to follow anyway.
class Unpacker final : public Receiver {
public:
    explicit Unpacker(const std::filesystem::path& folder) : folder_(folder) {}
    ~Unpacker() override { close_file(); }

    Result<void> begin(const File& file) override {
        close_file();
        auto path = folder_ / file.name;
        std::error_code error;
        std::filesystem::create_directories(file.folder ? path : path.parent_path(), error);
        if (error) return clash(file);
        if (file.folder) return {};
        auto flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
        fd_ = ::open(path.c_str(), flags, file.executable ? 0755 : 0644);
        if (fd_ < 0) return clash(file);
        // The mode does not depend on the server's umask: the function runs as another user.
        ::fchmod(fd_, file.executable ? 0755 : 0644);
        return {};
    }
    Result<void> piece(base::ByteView bytes) override {
        while (!bytes.empty()) {
            auto written = ::write(fd_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return Error::failure(fmt::format("unpack: {}", std::strerror(errno)));
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
        return {};
    }

private:
    void close_file() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    // A file where another entry needs a folder, or a disk in trouble.
    static Error clash(const File& file) {
        return invalid(fmt::format("The code package cannot be unpacked at '{}'.", file.name));
    }

    std::filesystem::path folder_;
    int fd_ = -1;
};

}  // namespace

Result<void> check_package(base::ByteView zip, std::size_t bytes_max) {
    Checker checker;
    return read_package(zip, bytes_max, checker);
}

Result<void> unpack(base::ByteView zip, const std::filesystem::path& folder, std::size_t bytes_max) {
    Unpacker unpacker(folder);
    return read_package(zip, bytes_max, unpacker);
}

}  // namespace functions
