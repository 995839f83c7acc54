// Any text as a pack's description.
#include <cstdlib>

#include "neural/pack.h"

std::vector<std::string> seeds() {
    std::vector<std::string> texts;
    for (const auto& pack : neural::known_packs())
        texts.push_back(pack.text);
    texts.push_back(
        "model = \"open/open-1\"\n[calibration]\npoints = [[0, 0], [0.5, 80], [1, 100]]\n"
        "impostor = { mean = 0, deviation = 0.1 }\n"
        "genuine = { mode = 0.7, below = 0.2, above = 0.1, outliers = 0.01 }\n");
    return texts;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (auto measured = neural::MeasuredCalibration::parse(text);
        measured && measured->calibration.curve.size() < 2)
        std::abort();
    auto pack = neural::PackDescription::parse(std::string(reinterpret_cast<const char*>(data), size));
    // What was read can be shown, and every file of it stays inside the pack's folder.
    if (!pack) return 0;
    for (const auto& [name, role] : pack->roles)
        if (role.file.name.find('/') != std::string::npos || role.file.name.starts_with(".")) std::abort();
    return 0;
}
