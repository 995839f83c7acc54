// Text as protocols compare it: letters of ASCII without regard to case, blanks and tabs around it without
// meaning. Callable from any thread.
#pragma once

#include <string>
#include <string_view>

namespace base {

// Other bytes than A to Z stay as they are.
std::string lower_case(std::string_view text);

// A part of `text`: without the blanks and tabs at both ends.
std::string_view trimmed(std::string_view text);

}  // namespace base
