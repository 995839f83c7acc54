#include "tables/value.h"

#include <array>

namespace tables {

namespace {

constexpr std::array<std::string_view, 10> kTypeNames = {"S", "N", "B",  "BOOL", "NULL",
                                                         "M", "L", "SS", "NS",   "BS"};
constexpr std::size_t kDocumentOverhead = 3;
constexpr std::size_t kElementOverhead = 1;

struct SizeOf {
    std::size_t operator()(const std::string& text) const { return text.size(); }
    std::size_t operator()(const Number& number) const { return number.size_bytes(); }
    std::size_t operator()(const Binary& binary) const { return binary.bytes.size(); }
    std::size_t operator()(bool) const { return 1; }
    std::size_t operator()(const Null&) const { return 1; }
    std::size_t operator()(const Map& map) const {
        std::size_t sum = kDocumentOverhead;
        for (const auto& [name, value] : map)
            sum += name.size() + size_bytes(value) + kElementOverhead;
        return sum;
    }
    std::size_t operator()(const List& list) const {
        std::size_t sum = kDocumentOverhead;
        for (const auto& value : list)
            sum += size_bytes(value) + kElementOverhead;
        return sum;
    }
    template <class Member>
    std::size_t operator()(const std::set<Member>& set) const {
        std::size_t sum = 0;
        for (const auto& member : set)
            sum += (*this)(member);
        return sum;
    }
};

}  // namespace

std::string_view type_name(Type type) {
    return kTypeNames[static_cast<std::size_t>(type)];
}

std::optional<Type> type_from_name(std::string_view name) {
    for (std::size_t i = 0; i < kTypeNames.size(); ++i)
        if (kTypeNames[i] == name) return static_cast<Type>(i);
    return std::nullopt;
}

bool is_ordered(Type type) {
    return type == Type::string || type == Type::number || type == Type::binary;
}

bool Value::operator==(const Value& other) const {
    return content_ == other.content_;
}

std::optional<std::strong_ordering> compare(const Value& a, const Value& b) {
    if (a.type() != b.type()) return std::nullopt;
    if (const auto* text = a.get_if<std::string>()) return *text <=> *b.get_if<std::string>();
    if (const auto* number = a.get_if<Number>()) return *number <=> *b.get_if<Number>();
    if (const auto* binary = a.get_if<Binary>()) return *binary <=> *b.get_if<Binary>();
    return std::nullopt;
}

std::size_t size_bytes(const Value& value) {
    return std::visit(SizeOf{}, value.content());
}

std::size_t size_bytes(const Item& item) {
    std::size_t sum = 0;
    for (const auto& [name, value] : item)
        sum += name.size() + size_bytes(value);
    return sum;
}

int nesting(const Value& value) {
    int inner = 0;
    if (const auto* map = value.get_if<Map>()) {
        for (const auto& [name, member] : *map)
            inner = std::max(inner, nesting(member));
        return inner + 1;
    }
    if (const auto* list = value.get_if<List>()) {
        for (const auto& member : *list)
            inner = std::max(inner, nesting(member));
        return inner + 1;
    }
    return 0;
}

}  // namespace tables
