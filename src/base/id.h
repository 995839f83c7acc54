// Strong identifiers: two kinds of name cannot be swapped by mistake; and UUIDs (RFC 4122).
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace base {

// A value: a name of one kind, told apart from other kinds by its Tag.
template <class Tag>
class Name {
public:
    Name() = default;
    explicit Name(std::string value) : value_(std::move(value)) {}
    const std::string& str() const { return value_; }
    bool empty() const { return value_.empty(); }
    auto operator<=>(const Name&) const = default;

private:
    std::string value_;
};

class Random;

// Version 4: random. Lower case with hyphens, 36 characters.
std::string uuid_random(Random& random);
// Version 5: from a name within a name space (itself a UUID), so the same name always gives the same UUID.
std::string uuid_of_name(std::string_view name_space, std::string_view name);
bool is_uuid(std::string_view text);

}  // namespace base

template <class Tag>
struct std::hash<base::Name<Tag>> {
    std::size_t operator()(const base::Name<Tag>& name) const { return std::hash<std::string>()(name.str()); }
};
