// Archives of any bytes: checked and unpacked, and nothing appears outside the folder.
#include <zip.h>

#include "base/file.h"
#include "functions/package.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    base::ByteView zip(data, size);
    bool fine = functions::check_package(zip).ok();
    if (!fine) return 0;
    base::TemporaryFolder outside;
    auto folder = outside.path() / "in";
    std::filesystem::create_directory(folder);
    functions::unpack(zip, folder).ok();
    std::size_t beside = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(outside.path()))
        ++beside;
    if (beside != 1) __builtin_trap();
    return 0;
}

std::vector<std::string> seeds() {
    base::TemporaryFolder folder;
    auto path = (folder.path() / "seed.zip").string();
    zip_t* archive = zip_open(path.c_str(), ZIP_CREATE, nullptr);
    for (const char* name : {"lambda_function.py", "package/module.py", "../escape", "/absolute"})
        zip_file_add(archive, name, zip_source_buffer(archive, name, 8, 0), ZIP_FL_ENC_UTF_8);
    zip_dir_add(archive, "folder/", ZIP_FL_ENC_UTF_8);
    zip_close(archive);
    zip_t* good = zip_open((folder.path() / "good.zip").c_str(), ZIP_CREATE, nullptr);
    zip_file_add(good, "a.py", zip_source_buffer(good, "x = 1\n", 6, 0), ZIP_FL_ENC_UTF_8);
    zip_file_add(good, "b/c.py", zip_source_buffer(good, "x = 1\n", 6, 0), ZIP_FL_ENC_UTF_8);
    zip_close(good);
    std::vector<std::string> out;
    for (const auto* name : {"seed.zip", "good.zip"})
        out.emplace_back(base::text(*base::read_file(folder.path() / name, 1 << 20)));
    return out;
}
