#include "objects/bucket.h"

#include <algorithm>
#include <array>

namespace objects {
namespace {

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_ip_address(std::string_view name) {
    auto is_digit_or_dot = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
    return std::count(name.begin(), name.end(), '.') == 3 &&
           std::all_of(name.begin(), name.end(), is_digit_or_dot);
}

}  // namespace

bool is_bucket_name(std::string_view name) {
    if (name.size() < 3 || name.size() > 63) return false;
    if (!std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-'; }))
        return false;
    if (!is_letter_or_digit(name.front()) || !is_letter_or_digit(name.back())) return false;
    if (name.find("..") != std::string_view::npos || is_ip_address(name)) return false;
    for (std::string_view reserved : {"xn--", "sthree-", "amzn-s3-demo-"})
        if (name.starts_with(reserved)) return false;
    for (std::string_view reserved : {"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"})
        if (name.ends_with(reserved)) return false;
    return true;
}

}  // namespace objects
