// The open pack for this room's tests and benches, from the weights beside the repository; nothing where they
// are not.
#pragma once

#include <memory>

#include "base/file.h"
#include "neural/install.h"
#include "neural/pack.h"

namespace vision {

inline constexpr const char* kWeights = "../shared/models";
inline constexpr const char* kPhotos = "../shared/faces/photos";
inline constexpr const char* kPeople = "../shared/faces/people";

inline std::shared_ptr<const neural::Pack> open_pack() {
    if (!std::filesystem::exists(kWeights)) return nullptr;
    base::TemporaryFolder folder;
    auto known = neural::known_pack("open");
    if (!known.ok()) return nullptr;
    auto installed = neural::install_from_folder(**known, folder.path(), kWeights);
    if (!installed.ok()) return nullptr;
    auto pack = neural::Pack::open(installed->folder);
    return pack.ok() ? *pack : nullptr;
}

}  // namespace vision
