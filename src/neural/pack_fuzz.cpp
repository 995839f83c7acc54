// Any text as a pack's description.
#include <cstdlib>

#include "neural/pack.h"

std::vector<std::string> seeds() {
    std::vector<std::string> texts;
    for (const auto& pack : neural::known_packs())
        texts.push_back(pack.text);
    return texts;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto pack = neural::PackDescription::parse(std::string(reinterpret_cast<const char*>(data), size));
    // What was read can be shown, and every file of it stays inside the pack's folder.
    if (!pack) return 0;
    for (const auto& [name, role] : pack->roles)
        if (role.file.name.find('/') != std::string::npos || role.file.name.starts_with(".")) std::abort();
    return 0;
}
