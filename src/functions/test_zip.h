// For tests: a zip archive in memory.
#pragma once

#include <sys/stat.h>
#include <zip.h>

#include "base/file.h"

namespace functions {

struct ZipEntry {
    std::string name;  // ends in '/' for a folder
    std::string text;
    unsigned mode = S_IFREG | 0644;
};

inline base::Bytes zip_of(const std::vector<ZipEntry>& entries) {
    base::TemporaryFolder folder;
    auto path = folder.path() / "code.zip";
    zip_t* archive = zip_open(path.c_str(), ZIP_CREATE, nullptr);
    for (const auto& entry : entries) {
        auto* source = zip_source_buffer(archive, entry.text.data(), entry.text.size(), 0);
        auto index = zip_file_add(archive, entry.name.c_str(), source, ZIP_FL_ENC_UTF_8);
        zip_file_set_external_attributes(archive, static_cast<zip_uint64_t>(index), 0, ZIP_OPSYS_UNIX,
                                         entry.mode << 16);
    }
    zip_close(archive);
    return *base::read_file(path, 64 << 20);
}

}  // namespace functions
