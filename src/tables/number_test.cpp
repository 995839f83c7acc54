#include "tables/number.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

using tables::Number;

namespace {

Number number(std::string_view text) {
    auto parsed = Number::parse(text);
    EXPECT_TRUE(parsed.ok()) << text;
    return parsed.ok() ? *parsed : Number();
}

std::string refusal(std::string_view text) {
    auto parsed = Number::parse(text);
    return parsed.ok() ? "accepted as " + parsed->text() : parsed.error().message();
}

}  // namespace

TEST(Number, IsWrittenPlainlyWhateverWayItCame) {
    EXPECT_EQ(number("1.0").text(), "1");
    EXPECT_EQ(number("+001000").text(), "1000");
    EXPECT_EQ(number("1e3").text(), "1000");
    EXPECT_EQ(number("-1.50E-3").text(), "-0.0015");
    EXPECT_EQ(number(".5").text(), "0.5");
    EXPECT_EQ(number("5.").text(), "5");
    EXPECT_EQ(number("-0").text(), "0");
    EXPECT_EQ(number("0e999999999999999999999").text(), "0");
    EXPECT_EQ(number("12.34").text(), "12.34");
    EXPECT_EQ(Number(-42).text(), "-42");
}

TEST(Number, OutsideItsBoundsIsRefusedWithTheReason) {
    EXPECT_EQ(number("9.9e125").text().size(), 126u);
    EXPECT_EQ(number("0.1e-129"), number("1e-130"));
    EXPECT_THAT(refusal("1e126"), testing::HasSubstr("overflow"));
    EXPECT_THAT(refusal("-1e126"), testing::HasSubstr("overflow"));
    EXPECT_THAT(refusal("1e-131"), testing::HasSubstr("underflow"));
    EXPECT_THAT(refusal("1e99999999999999999999"), testing::HasSubstr("overflow"));
    EXPECT_THAT(refusal("123456789012345678901234567890123456789"),
                testing::HasSubstr("38 significant digits"));
    EXPECT_EQ(number("12345678901234567890123456789012345678000").text(),
              "12345678901234567890123456789012345678000");
}

TEST(Number, TextThatIsNotANumberIsRefused) {
    for (auto text :
         {"", "+", ".", "e5", "1e", "1e+", "1.2.3", " 1", "1 ", "0x10", "Infinity", "NaN", "1,000"})
        EXPECT_THAT(refusal(text), testing::HasSubstr("cannot be converted to a numeric value")) << text;
}

TEST(Number, SumsAreExact) {
    auto sum = [](std::string_view a, std::string_view b) {
        auto result = Number::add(number(a), number(b));
        return result.ok() ? result->text() : result.error().message();
    };
    EXPECT_EQ(sum("0.1", "0.2"), "0.3");
    EXPECT_EQ(sum("999", "1"), "1000");
    EXPECT_EQ(sum("1000", "-0.001"), "999.999");
    EXPECT_EQ(sum("-5", "5"), "0");
    EXPECT_EQ(sum("3", "-10"), "-7");
    EXPECT_EQ(sum("1e37", "1"), "10000000000000000000000000000000000001");
    EXPECT_THAT(sum("1e38", "1"), testing::HasSubstr("overflow"));
    EXPECT_THAT(sum("9e125", "9e125"), testing::HasSubstr("overflow"));
}

TEST(Number, SortableBytesAreInTheOrderOfTheNumbersAndLeadBack) {
    const std::uint32_t seed = 7;
    std::mt19937 random(seed);
    std::vector<Number> numbers = {Number(), number("1e-130"), number("-1e-130"), number("9e125"),
                                   number("-9e125")};
    for (int i = 0; i < 300; ++i) {
        std::string text = random() % 2 ? "-" : "";
        for (auto digits = 1 + random() % 6; digits > 0; --digits)
            text += static_cast<char>('0' + random() % 10);
        text += "e" + std::to_string(static_cast<int>(random() % 9) - 4);
        numbers.push_back(number(text));
    }
    for (const auto& a : numbers) {
        EXPECT_EQ(Number::from_sortable(a.sortable()), a);
        for (const auto& b : numbers)
            EXPECT_EQ(a <=> b, a.sortable().compare(b.sortable()) <=> 0) << a.text() << " and " << b.text();
    }
}
