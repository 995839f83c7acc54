// The files of runtime/, as part of the program (cmake/embed.cmake).
#pragma once

#include <string_view>

namespace functions {

extern const std::string_view k_bootstrap;
extern const std::string_view k_forward;

}  // namespace functions
