// What the build put into the program. Inside the room.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"

namespace neural::detail {

// The text of each models/*/pack.toml.
std::vector<std::string> known_descriptions();

// A network that is part of the program: models/PACK/NAME. The bytes last as long as the program runs.
struct KnownFile {
    std::string pack;
    std::string name;
    base::ByteView bytes;
};
std::vector<KnownFile> known_files();

}  // namespace neural::detail
