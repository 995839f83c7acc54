// Bytes and their text forms: hexadecimal, base64 (RFC 4648), percent-encoding (RFC 3986).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView view(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string hex(ByteView bytes);  // lower case
std::optional<Bytes> from_hex(std::string_view text);

std::string base64(ByteView bytes);
// Strict: padding required, no white space, no other alphabet.
std::optional<Bytes> from_base64(std::string_view text);

// Everything but the unreserved characters A-Z a-z 0-9 - . _ ~ (and those of `keep`) becomes %XX.
std::string percent_encode(std::string_view text, std::string_view keep = "");
// Nothing if a % is not followed by two hexadecimal digits. With `plus_is_space` as in HTML forms.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

bool is_utf8(std::string_view text);

// Takes the same time whatever the difference; for signatures and tokens.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace base
