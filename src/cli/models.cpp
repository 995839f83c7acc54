#include <fmt/format.h>

#include "cli/commands.h"
#include "http/client.h"
#include "neural/install.h"

namespace cli {
namespace {

int failed(const Error& error) {
    fmt::print(stderr, "likeness models: {}\n", error.is_failure() ? error.detail() : error.message());
    return 1;
}

int list(const Models& models) {
    for (const auto& pack : neural::known_packs()) {
        bool installed = neural::Pack::open(neural::pack_folder(models.common.data, pack.name)).ok();
        const char* where = neural::is_builtin(pack) ? "part of this program"
                            : installed              ? "installed"
                                                     : "not installed";
        fmt::print("{}  {}, face model {}/{}\n{}\n", pack.name, where, pack.name, pack.engine_version,
                   pack.summary);
        for (const auto& [name, role] : pack.roles) {
            fmt::print("  {:<10} {}\n             licence: {}\n", name, role.title, role.file.licence);
            if (!role.caution.empty()) fmt::print("             caution: {}\n", role.caution);
        }
    }
    return 0;
}

int install(const Models& models) {
    auto pack = neural::known_pack(models.pack);
    if (!pack.ok()) return failed(pack.error());
    fmt::print("{}", neural::notice(**pack));
    if (neural::is_builtin(**pack)) {
        fmt::print("{} is part of this program: there is nothing to install\n", models.pack);
        return 0;
    }
    auto fetch = [](const std::string& address, std::size_t bytes_max) -> Result<base::Bytes> {
        fmt::print(stderr, "fetching {}\n", address);
        auto answer = TRY(http::ask({.url = address}, {.body_bytes_max = bytes_max}));
        if (answer.status != 200)
            return Error::failure(fmt::format("{} answered {}", address, answer.status));
        return base::Bytes(answer.body.begin(), answer.body.end());
    };
    auto done = models.from.empty() ? neural::install_from_source(**pack, models.common.data, fetch)
                                    : neural::install_from_folder(**pack, models.common.data, models.from);
    if (!done.ok()) return failed(done.error());
    fmt::print("installed: {}\n", done->folder.string());
    for (const auto& missing : done->missing_documents)
        fmt::print("not there: {}\n", missing);
    return 0;
}

int verify(const Models& models) {
    auto pack = neural::open_pack(models.common.data, models.pack);
    if (!pack.ok()) return failed(pack.error());
    fmt::print("{}: every file is the one that was pinned\n", models.pack);
    return 0;
}

}  // namespace

int run(const Models& models) {
    switch (models.action) {
        case Models::Action::list:
            return list(models);
        case Models::Action::install:
            return install(models);
        case Models::Action::verify:
            return verify(models);
    }
    base::unreachable();
}

}  // namespace cli
