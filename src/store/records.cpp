#include "store/records.h"

namespace store {
namespace {

// A text part is its bytes with 0 written as 0,255, closed by 0,1: a part that ends sorts before one that
// goes on, whatever comes next.
constexpr char kEscape = '\0';
constexpr char kEscapedZero = '\xff';
constexpr char kEnd = '\x01';

}  // namespace

Range with_prefix(std::string prefix) {
    Range range;
    range.to = prefix;
    range.from = std::move(prefix);
    while (!range.to.empty() && range.to.back() == '\xff')
        range.to.pop_back();
    INVARIANT(!range.to.empty());
    range.to.back() = static_cast<char>(static_cast<unsigned char>(range.to.back()) + 1);
    return range;
}

KeyBuilder& KeyBuilder::text_beginning(std::string_view beginning) {
    for (char c : beginning) {
        key_ += c;
        if (c == kEscape) key_ += kEscapedZero;
    }
    return *this;
}

KeyBuilder& KeyBuilder::text(std::string_view part) {
    text_beginning(part);
    key_ += kEscape;
    key_ += kEnd;
    return *this;
}

KeyBuilder& KeyBuilder::number(std::uint64_t part) {
    for (int shift = 56; shift >= 0; shift -= 8)
        key_ += static_cast<char>(part >> shift & 0xff);
    return *this;
}

std::string KeyReader::text() {
    std::string part;
    while (true) {
        auto escape = left_.find(kEscape);
        INVARIANT(escape != std::string_view::npos && escape + 1 < left_.size());
        part += left_.substr(0, escape);
        char kind = left_[escape + 1];
        left_.remove_prefix(escape + 2);
        if (kind == kEnd) return part;
        INVARIANT(kind == kEscapedZero);
        part += kEscape;
    }
}

std::uint64_t KeyReader::number() {
    INVARIANT(left_.size() >= 8);
    std::uint64_t part = 0;
    for (int i = 0; i < 8; ++i)
        part = part << 8 | static_cast<unsigned char>(left_[static_cast<std::size_t>(i)]);
    left_.remove_prefix(8);
    return part;
}

}  // namespace store
