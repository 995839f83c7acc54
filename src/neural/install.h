// Brings a known pack's files into a data folder: DATA/models/PACK/.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "neural/pack.h"

namespace neural {

enum class InstallRefusal : std::uint8_t {
    not_found,  // no file of the folder has the pinned digest; the message lists name and address of each
    digest_mismatch,  // what came from the address is not what was pinned
    download_failed,
};

// How many files of a folder are looked at in search of the pinned ones.
inline constexpr std::size_t kSearchedFilesMax = 10'000;

// The bytes at an https address, at most `bytes_max` of them.
using Fetch = std::function<Result<base::Bytes>(const std::string& address, std::size_t bytes_max)>;

struct Installed {
    std::filesystem::path folder;
    std::vector<std::string> files;              // what is there now
    std::vector<std::string> missing_documents;  // licence texts that the folder given did not hold
};

std::filesystem::path pack_folder(const std::filesystem::path& data, std::string_view pack);

// Each file appears whole and verified or not at all, and pack.toml last, so that a folder with a pack.toml
// is a whole pack. Files that are already there and right are kept. Beside them NOTICE.txt states licences,
// addresses, provenance and cautions. Calls for one data folder must not overlap.
Result<Installed> install_from_folder(const PackDescription& pack, const std::filesystem::path& data,
                                      const std::filesystem::path& from);
Result<Installed> install_from_source(const PackDescription& pack, const std::filesystem::path& data,
                                      const Fetch& fetch);

// The pack of this name: the installed one, else the one that is part of the program.
Result<std::shared_ptr<const Pack>> open_pack(const std::filesystem::path& data, std::string_view pack);

// The pack that is used where none is named: one that was installed, else the one that is part of the
// program. Who installs a pack wants it; who has nothing installed need not install anything.
std::string default_pack(const std::filesystem::path& data);

// The text of NOTICE.txt, also for showing.
std::string notice(const PackDescription& pack);

}  // namespace neural
