// Values as bytes and back: what the records of this room are written with. Little-endian; texts and lists of
// floats carry their length as 16 bits (docs/formats/faces.md).
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "search/segment.h"

namespace faces {

static_assert(std::endian::native == std::endian::little, "records are little-endian");

// A value.
class Writer {
public:
    template <class Number>
    requires std::is_arithmetic_v<Number> Writer& number(Number value) {
        bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
        return *this;
    }
    Writer& text(std::string_view value) {
        INVARIANT(value.size() <= 0xffff);
        number(static_cast<std::uint16_t>(value.size()));
        bytes_ += value;
        return *this;
    }
    Writer& optional_text(const std::optional<std::string>& value) {
        number(static_cast<std::uint8_t>(value.has_value()));
        return value ? text(*value) : *this;
    }
    Writer& time(base::Time value) { return number(std::int64_t{value.time_since_epoch().count()}); }
    Writer& key(const search::Key& value) {
        bytes_.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
        return *this;
    }
    Writer& floats(const std::vector<float>& values) {
        number(static_cast<std::uint16_t>(values.size()));
        bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
        return *this;
    }
    std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

// After the first read past the end everything reads as zero or empty, and whole() is false.
class Reader {
public:
    explicit Reader(std::string_view bytes) : left_(bytes) {}

    template <class Number>
    requires std::is_arithmetic_v<Number> Number number() {
        Number value{};
        const auto bytes = take(sizeof value);
        if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
        return value;
    }
    std::string text() { return std::string(take(number<std::uint16_t>())); }
    std::optional<std::string> optional_text() {
        if (number<std::uint8_t>() == 0) return std::nullopt;
        return text();
    }
    base::Time time() { return base::Time{base::Duration{number<std::int64_t>()}}; }
    search::Key key() {
        search::Key out;
        const auto bytes = take(out.bytes.size());
        if (!bytes.empty()) std::memcpy(out.bytes.data(), bytes.data(), bytes.size());
        return out;
    }
    std::vector<float> floats() {
        const auto bytes = take(number<std::uint16_t>() * sizeof(float));
        std::vector<float> values(bytes.size() / sizeof(float));
        if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
        return values;
    }
    bool whole() const { return !short_ && left_.empty(); }

private:
    std::string_view take(std::size_t count) {
        short_ = short_ || count > left_.size();
        if (short_) return {};
        const auto taken = left_.substr(0, count);
        left_.remove_prefix(count);
        return taken;
    }

    std::string_view left_;
    bool short_ = false;
};

}  // namespace faces
