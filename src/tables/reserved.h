// The words that DynamoDB keeps for itself: an expression cannot use them as names of attributes.
#pragma once

#include <string_view>

namespace tables {

// Whether `word` is reserved, in whatever case it is written.
bool is_reserved(std::string_view word);

}  // namespace tables
