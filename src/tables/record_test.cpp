#include "tables/record.h"

#include <gtest/gtest.h>

using namespace tables;

namespace {

Item every_type() {
    return {{"s", Value::of("text")},
            {"n", Value::of(-12)},
            {"b", Value(Binary{std::string("\0\xff", 2)})},
            {"t", Value(true)},
            {"z", Value(Null{})},
            {"m", Value(Map{{"inner", Value(List{Value::of(1), Value(Map{})})}})},
            {"ss", Value(StringSet{"a", "b"})},
            {"ns", Value(NumberSet{Number(1), Number(2)})},
            {"bs", Value(BinarySet{Binary{"x"}})}};
}

}  // namespace

TEST(Record, OfAnItemWithEveryTypeLeadsBackToIt) {
    auto decoded = decode(encode(every_type()));
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(*decoded, every_type());
}

TEST(Record, CutAnywhereIsAFailure) {
    auto record = encode(every_type());
    for (std::size_t size = 0; size < record.size(); ++size)
        EXPECT_FALSE(decode(std::string_view(record).substr(0, size)).ok()) << size;
    EXPECT_FALSE(decode(record + "x").ok());
}

TEST(Record, KeyBytesOfBinariesSortAsUnsignedBytes) {
    EXPECT_LT(key_bytes(Value(Binary{"\x7f"})), key_bytes(Value(Binary{"\x80"})));
}

TEST(Value, SizesCountNamesValuesAndOverheads) {
    EXPECT_EQ(size_bytes(Item{{"p", Value::of("abc")}}), 4u);
    EXPECT_EQ(size_bytes(Value(List{Value::of("ab")})), 3u + 1 + 2);
    EXPECT_EQ(size_bytes(Value(Null{})), 1u);
    EXPECT_EQ(size_bytes(Value::of(1234)), 3u);
}

TEST(Value, NestingCountsListsAndMaps) {
    EXPECT_EQ(nesting(Value::of("x")), 0);
    EXPECT_EQ(nesting(Value(List{Value(Map{{"a", Value(List{})}})})), 3);
}

TEST(Value, OnlyOrderedTypesOfOneKindCompare) {
    EXPECT_EQ(compare(Value::of(2), Value::of(10)), std::strong_ordering::less);
    EXPECT_EQ(compare(Value::of("2"), Value::of("10")), std::strong_ordering::greater);
    EXPECT_FALSE(compare(Value::of(2), Value::of("2")));
    EXPECT_FALSE(compare(Value(true), Value(false)));
}
