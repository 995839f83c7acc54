// Files: whole reads, and writes that are either wholly there after a crash or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace base {

// At most `bytes_max`; a larger file is a failure.
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t bytes_max);
// Temporary file beside it, fdatasync, rename, fsync of the folder. `mode` as for open(2).
Result<void> write_file(const std::filesystem::path& path, ByteView bytes, unsigned mode = 0644);
Result<void> sync_folder(const std::filesystem::path& folder);

// A folder of its own below the system's temporary folder, removed with all it holds at the end.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace base
