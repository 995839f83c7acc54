// Number: DynamoDB's exact decimals. At most 38 significant digits, magnitudes 1E-130 to 9.99...E+125.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "tables/refusal.h"

namespace tables {

// A value, always normalised: equal numbers have equal members, and 1.0 is 1.
class Number {
public:
    static constexpr int kDigitsMax = 38;
    static constexpr int kMagnitudeMax = 125;  // of the first digit: 9.9E+125
    static constexpr int kMagnitudeMin = -130;

    Number() = default;  // zero
    explicit Number(std::int64_t value);
    // "-12.50e3". Refusal::validation with AWS's sentence for other text, or a number out of bounds.
    static Result<Number> parse(std::string_view text);
    // The inverse of sortable(); nothing for bytes that it did not make.
    static std::optional<Number> from_sortable(std::string_view bytes);

    // Plain decimal notation without an exponent, as DynamoDB answers.
    std::string text() const;
    // Bytes whose order is the order of the numbers; no number's bytes are a prefix of another's.
    std::string sortable() const;
    // What the number counts for in an item's size.
    std::size_t size_bytes() const;

    bool is_zero() const { return digits_.empty(); }
    Number negated() const;

    // Exact, or Refusal::validation where the sum has more than 38 digits or leaves the range.
    static Result<Number> add(const Number& a, const Number& b);

    std::strong_ordering operator<=>(const Number& other) const;
    bool operator==(const Number& other) const = default;

private:
    // +-0.d1d2d3... times 10 to the power of point_; d1 and the last digit are not 0; no digits for zero.
    static Result<Number> make(bool negative, std::string digits, std::int64_t point);
    static std::strong_ordering compare_magnitude(const Number& a, const Number& b);

    bool negative_ = false;
    int point_ = 0;
    std::string digits_;
};

}  // namespace tables
