// Value and Item: what a table holds. Ten types, nested at most 32 deep.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tables/number.h"

namespace tables {

class Value;
using List = std::vector<Value>;
// The names of a map's members or an item's attributes, in byte order.
using Map = std::map<std::string, Value, std::less<>>;
using Item = Map;

struct Null {
    bool operator==(const Null&) const = default;
};
struct Binary {
    std::string bytes;
    auto operator<=>(const Binary&) const = default;  // as unsigned bytes
};
using StringSet = std::set<std::string>;
using NumberSet = std::set<Number>;
using BinarySet = std::set<Binary>;

enum class Type { string, number, binary, boolean, null, map, list, string_set, number_set, binary_set };
// "S", "N", ...: how expressions (attribute_type) and messages name a type.
std::string_view type_name(Type type);
std::optional<Type> type_from_name(std::string_view name);
// Whether values of the type can be ordered, and so may be keys: strings, numbers and binaries.
bool is_ordered(Type type);

inline constexpr std::size_t kItemBytesMax = 400 * 1024;
inline constexpr int kNestingMax = 32;

// A value. Equality is deep; the order of a set's members never matters.
class Value {
public:
    using Content =
        std::variant<std::string, Number, Binary, bool, Null, Map, List, StringSet, NumberSet, BinarySet>;

    Value() : content_(Null{}) {}
    // Only from the exact types: a literal must not become a bool.
    template <class Kind>
    requires(!std::is_same_v<std::remove_cvref_t<Kind>, Value> && !std::is_pointer_v<std::decay_t<Kind>>)
        Value(Kind&& content)
        : content_(std::forward<Kind>(content)) {}
    static Value of(std::string_view text) { return Value(std::string(text)); }
    static Value of(std::int64_t number) { return Value(Number(number)); }

    Type type() const { return static_cast<Type>(content_.index()); }
    const Content& content() const { return content_; }
    template <class Kind>
    const Kind* get_if() const {
        return std::get_if<Kind>(&content_);
    }
    template <class Kind>
    Kind* get_if() {
        return std::get_if<Kind>(&content_);
    }
    bool is_set() const { return type() >= Type::string_set; }

    bool operator==(const Value& other) const;

private:
    Content content_;
};

// Two ordered values of one type; nothing for types without an order or for different types.
std::optional<std::strong_ordering> compare(const Value& a, const Value& b);

// What AWS counts: names and values in UTF-8 bytes, with its overheads for documents and numbers.
std::size_t size_bytes(const Value& value);
std::size_t size_bytes(const Item& item);
// 0 for a scalar or set; a list or map is one more than what it holds.
int nesting(const Value& value);

}  // namespace tables
