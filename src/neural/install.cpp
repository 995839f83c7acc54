#include "neural/install.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/file.h"

namespace neural {
namespace {

namespace fs = std::filesystem;

bool is_pinned(const PinnedFile& file, base::ByteView bytes) {
    return bytes.size() == file.bytes &&
           base::hex(base::digest(base::DigestKind::sha256, bytes)) == file.sha256;
}

bool is_installed(const PinnedFile& file, const fs::path& folder) {
    std::error_code problem;
    if (fs::file_size(folder / file.name, problem) != file.bytes || problem) return false;
    const auto bytes = base::read_file(folder / file.name, file.bytes);
    return bytes && is_pinned(file, *bytes);
}

std::vector<PinnedFile> networks(const PackDescription& pack) {
    std::vector<PinnedFile> files;
    for (const auto& [name, role] : pack.roles)
        for (const auto& wanted : role.files())
            if (std::none_of(files.begin(), files.end(),
                             [&](const auto& file) { return file.name == wanted.name; }))
                files.push_back(wanted);
    return files;
}

// Files below `from` by their size, so that only those that could be pinned ones are read.
Result<std::multimap<std::uint64_t, fs::path>> candidates(const fs::path& from) {
    std::multimap<std::uint64_t, fs::path> found;
    std::error_code problem;
    fs::recursive_directory_iterator entry(from, fs::directory_options::skip_permission_denied, problem);
    std::size_t seen = 0;
    for (; !problem && entry != fs::recursive_directory_iterator(); entry.increment(problem)) {
        if (++seen > kSearchedFilesMax)
            return Error::refusal(InstallRefusal::not_found, fmt::format("{} holds more than {} files",
                                                                         from.string(), kSearchedFilesMax));
        std::error_code no_file;
        if (entry->is_regular_file(no_file)) found.emplace(entry->file_size(no_file), entry->path());
    }
    if (problem)
        return Error::refusal(InstallRefusal::not_found,
                              fmt::format("{} cannot be read: {}", from.string(), problem.message()));
    return found;
}

// Gives the bytes of a pinned file, or nothing.
using Source = std::function<Result<std::optional<base::Bytes>>(const PinnedFile&)>;

Source from_folder(std::multimap<std::uint64_t, fs::path> files) {
    return [files = std::move(files)](const PinnedFile& file) -> Result<std::optional<base::Bytes>> {
        for (auto [at, end] = files.equal_range(file.bytes); at != end; ++at) {
            auto bytes = base::read_file(at->second, file.bytes);
            if (bytes && is_pinned(file, *bytes)) return std::optional(std::move(*bytes));
        }
        return std::optional<base::Bytes>();
    };
}

Source from_address(const Fetch& fetch) {
    return [&fetch](const PinnedFile& file) -> Result<std::optional<base::Bytes>> {
        auto bytes = fetch(file.source, file.bytes);
        if (!bytes)
            return Error::refusal(
                InstallRefusal::download_failed,
                fmt::format("{}: {}", file.source,
                            bytes.error().is_failure() ? bytes.error().detail() : bytes.error().message()));
        if (!is_pinned(file, *bytes))
            return Error::refusal(
                InstallRefusal::digest_mismatch,
                fmt::format("{} has sha256 {} and {} bytes; {} and {} are pinned", file.source,
                            base::hex(base::digest(base::DigestKind::sha256, *bytes)), bytes->size(),
                            file.sha256, file.bytes));
        return std::optional(std::move(*bytes));
    };
}

Result<bool> bring(const PinnedFile& file, const fs::path& folder, const Source& source) {
    if (is_installed(file, folder)) return true;
    const auto bytes = TRY(source(file));
    if (!bytes) return false;
    TRY(base::write_file(folder / file.name, *bytes));
    return true;
}

Result<Installed> install(const PackDescription& pack, const fs::path& data, const Source& source) {
    Installed installed{pack_folder(data, pack.name), {}, {}};
    std::error_code problem;
    fs::create_directories(installed.folder, problem);
    if (problem) return Error::failure(fmt::format("{}: {}", installed.folder.string(), problem.message()));
    std::string missing;
    for (const PinnedFile& file : networks(pack)) {
        if (TRY(bring(file, installed.folder, source)))
            installed.files.push_back(file.name);
        else
            missing +=
                fmt::format("\n  {} (sha256 {}), published at {}", file.name, file.sha256, file.source);
    }
    if (!missing.empty()) return Error::refusal(InstallRefusal::not_found, "not found:" + missing);
    for (const PinnedFile& document : pack.documents) {
        const bool there = TRY(bring(document, installed.folder, source));
        (there ? installed.files : installed.missing_documents).push_back(document.name);
    }
    TRY(base::write_file(installed.folder / "NOTICE.txt", base::view(notice(pack))));
    TRY(base::write_file(installed.folder / "pack.toml", base::view(pack.text)));
    return installed;
}

}  // namespace

fs::path pack_folder(const fs::path& data, std::string_view pack) {
    return data / "models" / pack;
}

Result<Installed> install_from_folder(const PackDescription& pack, const fs::path& data,
                                      const fs::path& from) {
    return install(pack, data, from_folder(TRY(candidates(from))));
}

Result<Installed> install_from_source(const PackDescription& pack, const fs::path& data, const Fetch& fetch) {
    return install(pack, data, from_address(fetch));
}

Result<std::shared_ptr<const Pack>> open_pack(const fs::path& data, std::string_view name) {
    auto installed = Pack::open(pack_folder(data, name));
    if (installed.ok() || !installed.error().is(PackRefusal::unknown_pack)) return installed;
    auto known = known_pack(name);
    if (known.ok() && is_builtin(**known)) return Pack::builtin(**known);
    return installed;
}

std::string default_pack(const fs::path& data) {
    std::string builtin;
    for (const auto& pack : known_packs()) {
        std::error_code ignored;
        if (is_builtin(pack))
            builtin = pack.name;
        else if (fs::exists(pack_folder(data, pack.name) / "pack.toml", ignored))
            return pack.name;
    }
    return builtin;
}

std::string notice(const PackDescription& pack) {
    std::string text = fmt::format("Model pack {} ({}): {}\n", pack.name, pack.engine_version, pack.summary);
    for (const auto& [name, role] : pack.roles) {
        text += fmt::format(
            "\n{}: {}\n  file        {} ({} bytes)\n  sha256      {}\n  source      {}\n  licence     {}\n"
            "  provenance  {}\n",
            name, role.title, role.file.name, role.file.bytes, role.file.sha256, role.file.source,
            role.file.licence, role.provenance);
        if (!role.caution.empty()) text += fmt::format("  CAUTION     {}\n", role.caution);
    }
    for (const PinnedFile& document : pack.documents)
        text += fmt::format("\nlicence text: {}\n  source      {}\n", document.name, document.source);
    return text;
}

}  // namespace neural
