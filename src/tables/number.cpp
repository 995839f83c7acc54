#include "tables/number.h"

#include <algorithm>

namespace tables {

namespace {

constexpr std::string_view kOverflow =
    "Number overflow. Attempting to store a number with magnitude larger than supported range";
constexpr std::string_view kUnderflow =
    "Number underflow. Attempting to store a number with magnitude smaller than supported range";
constexpr std::string_view kTooPrecise = "Attempting to store more than 38 significant digits in a Number";

// Sign bytes of the sortable form.
constexpr char kNegative = 1;
constexpr char kZero = 2;
constexpr char kPositive = 3;
constexpr int kPointBias = 512;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Both of the same length, most significant first; `a` is not less than `b`.
std::string subtract_digits(std::string a, const std::string& b) {
    int borrow = 0;
    for (std::size_t i = a.size(); i-- > 0;) {
        int difference = a[i] - b[i] - borrow;
        borrow = difference < 0;
        a[i] = static_cast<char>('0' + difference + (borrow ? 10 : 0));
    }
    return a;
}

// Both of the same length; the sum has one digit more.
std::string add_digits(const std::string& a, const std::string& b) {
    std::string sum(a.size() + 1, '0');
    int carry = 0;
    for (std::size_t i = a.size(); i-- > 0;) {
        int digit = (a[i] - '0') + (b[i] - '0') + carry;
        carry = digit >= 10;
        sum[i + 1] = static_cast<char>('0' + digit % 10);
    }
    sum[0] = static_cast<char>('0' + carry);
    return sum;
}

}  // namespace

Number::Number(std::int64_t value) {
    auto parsed = parse(std::to_string(value));
    *this = std::move(parsed).value();
}

Result<Number> Number::make(bool negative, std::string digits, std::int64_t point) {
    auto first = digits.find_first_not_of('0');
    if (first == std::string::npos) return Number();
    digits.erase(0, first);
    point -= static_cast<std::int64_t>(first);
    digits.erase(digits.find_last_not_of('0') + 1);
    if (point - 1 > kMagnitudeMax) return invalid(std::string(kOverflow));
    if (point - 1 < kMagnitudeMin) return invalid(std::string(kUnderflow));
    if (digits.size() > kDigitsMax) return invalid(std::string(kTooPrecise));
    Number out;
    out.negative_ = negative;
    out.point_ = static_cast<int>(point);
    out.digits_ = std::move(digits);
    return out;
}

Result<Number> Number::parse(std::string_view text) {
    auto malformed = [&] {
        std::string message = "The parameter cannot be converted to a numeric value";
        if (!text.empty()) message += ": " + std::string(text);
        return invalid(message);
    };
    std::size_t at = 0;
    bool negative = false;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) negative = text[at++] == '-';
    std::string digits;
    std::int64_t point = 0;
    bool seen_point = false;
    for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !seen_point)); ++at) {
        if (text[at] == '.') {
            seen_point = true;
            continue;
        }
        digits += text[at];
        if (!seen_point) ++point;
    }
    if (digits.empty()) return malformed();
    if (at < text.size()) {
        if (text[at] != 'e' && text[at] != 'E') return malformed();
        ++at;
        bool negative_exponent = false;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) negative_exponent = text[at++] == '-';
        if (at == text.size()) return malformed();
        std::int64_t exponent = 0;
        for (; at < text.size(); ++at) {
            if (!is_digit(text[at])) return malformed();
            // Far outside every bound already; more digits cannot bring it back.
            exponent = std::min<std::int64_t>(exponent * 10 + (text[at] - '0'), 1'000'000'000'000);
        }
        point += negative_exponent ? -exponent : exponent;
    }
    return make(negative, std::move(digits), point);
}

std::string Number::text() const {
    if (is_zero()) return "0";
    std::string out = negative_ ? "-" : "";
    auto count = static_cast<int>(digits_.size());
    if (point_ <= 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-point_), '0');
        out += digits_;
    } else if (point_ >= count) {
        out += digits_;
        out.append(static_cast<std::size_t>(point_ - count), '0');
    } else {
        out += digits_.substr(0, static_cast<std::size_t>(point_));
        out += '.';
        out += digits_.substr(static_cast<std::size_t>(point_));
    }
    return out;
}

std::string Number::sortable() const {
    if (is_zero()) return std::string(1, kZero);
    std::string out;
    int biased = point_ + kPointBias;
    out += static_cast<char>(biased >> 8);
    out += static_cast<char>(biased & 0xff);
    out += digits_;
    out += '\0';  // lower than any digit: 1.2 comes before 1.23
    if (negative_)
        for (char& c : out)
            c = static_cast<char>(~c);
    return (negative_ ? kNegative : kPositive) + out;
}

std::optional<Number> Number::from_sortable(std::string_view bytes) {
    if (bytes.size() == 1 && bytes[0] == kZero) return Number();
    if (bytes.size() < 5 || (bytes[0] != kNegative && bytes[0] != kPositive)) return std::nullopt;
    bool negative = bytes[0] == kNegative;
    std::string rest(bytes.substr(1));
    if (negative)
        for (char& c : rest)
            c = static_cast<char>(~c);
    if (rest.back() != '\0') return std::nullopt;
    std::string digits = rest.substr(2, rest.size() - 3);
    if (!std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
    if (digits.front() == '0' || digits.back() == '0') return std::nullopt;
    int point = (static_cast<unsigned char>(rest[0]) << 8 | static_cast<unsigned char>(rest[1])) - kPointBias;
    auto number = make(negative, std::move(digits), point);
    if (!number.ok()) return std::nullopt;
    return std::move(number).value();
}

std::size_t Number::size_bytes() const {
    // "Approximately (number of significant digits / 2) + 1", and one more for a sign.
    return (digits_.size() + 1) / 2 + 1 + (negative_ ? 1 : 0);
}

Number Number::negated() const {
    Number out = *this;
    if (!is_zero()) out.negative_ = !negative_;
    return out;
}

Result<Number> Number::add(const Number& a, const Number& b) {
    if (a.is_zero()) return b;
    if (b.is_zero()) return a;
    const auto& high = a.point_ >= b.point_ ? a : b;
    const auto& low = a.point_ >= b.point_ ? b : a;
    // The digits of both as whole numbers of one length, aligned at the decimal point. The range bounds the
    // length.
    auto shift = static_cast<std::size_t>(high.point_ - low.point_);
    std::string above = high.digits_;
    std::string below = std::string(shift, '0') + low.digits_;
    auto length = std::max(above.size(), below.size());
    above.resize(length, '0');
    below.resize(length, '0');
    auto sum = a.negative_ == b.negative_ ? make(a.negative_, add_digits(above, below), high.point_ + 1)
               : above >= below           ? make(high.negative_, subtract_digits(above, below), high.point_)
                                          : make(low.negative_, subtract_digits(below, above), high.point_);
    // Of a sum with too many digits DynamoDB says that it overflows.
    if (!sum.ok() && sum.error().message() == kTooPrecise) return invalid(std::string(kOverflow));
    return sum;
}

std::strong_ordering Number::compare_magnitude(const Number& a, const Number& b) {
    if (a.is_zero() || b.is_zero()) return a.digits_.size() <=> b.digits_.size();
    if (a.point_ != b.point_) return a.point_ <=> b.point_;
    return a.digits_.compare(b.digits_) <=> 0;
}

std::strong_ordering Number::operator<=>(const Number& other) const {
    if (negative_ != other.negative_)
        return negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
    return negative_ ? compare_magnitude(other, *this) : compare_magnitude(*this, other);
}

}  // namespace tables
