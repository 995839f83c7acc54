// What the build put into the program. Inside the room.
#pragma once

#include <string>
#include <vector>

namespace neural::detail {

// The text of each models/*/pack.toml.
std::vector<std::string> known_descriptions();

}  // namespace neural::detail
