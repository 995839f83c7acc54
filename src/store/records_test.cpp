#include "store/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "store/memory.h"

namespace store {
namespace {

using testing::ElementsAre;

std::vector<std::string> keys_of(const std::vector<Row>& rows) {
    std::vector<std::string> keys;
    for (const auto& row : rows)
        keys.push_back(row.key);
    return keys;
}

TEST(Keys, sort_as_their_parts_do_whatever_bytes_the_parts_hold) {
    std::mt19937 random(1);
    auto part = [&] {
        std::string text(random() % 4, 'x');
        for (char& c : text)
            c = std::string_view(
                "\0\x01\xff\xfe"
                "ab",
                6)[random() % 6];
        return text;
    };
    for (int i = 0; i < 20'000; ++i) {
        std::pair a{part(), part()}, b{part(), part()};
        auto key_a = KeyBuilder("t").text(a.first).text(a.second).str();
        auto key_b = KeyBuilder("t").text(b.first).text(b.second).str();
        ASSERT_EQ(a < b, key_a < key_b);
        ASSERT_EQ(a == b, key_a == key_b);
    }
}

TEST(Keys, are_taken_apart_into_what_they_were_built_from) {
    auto zeros = std::string("\0a\0\xff\0", 5);
    auto key = KeyBuilder("table").text(zeros).number(~std::uint64_t{7}).text("").number(0).str();
    KeyReader reader(key);
    EXPECT_EQ(reader.text(), "table");
    EXPECT_EQ(reader.text(), zeros);
    EXPECT_EQ(reader.number(), ~std::uint64_t{7});
    EXPECT_EQ(reader.text(), "");
    EXPECT_EQ(reader.number(), 0u);
    EXPECT_TRUE(reader.done());
}

TEST(Keys, the_range_of_a_prefix_ends_before_the_next_table) {
    auto range = KeyBuilder("a").range();
    EXPECT_LT(KeyBuilder("a").text("\xff\xff").str(), range.to);
    EXPECT_LE(range.to, KeyBuilder("a\x01").str());
    auto all_ones = with_prefix("a\xff\xff");
    EXPECT_EQ(all_ones.to, "b");
}

TEST(Keys, a_beginning_of_a_text_part_spans_all_parts_that_begin_so) {
    auto range = KeyBuilder("t").text_beginning("ph").range();
    auto holds = [&](std::string_view part) {
        auto key = KeyBuilder("t").text(part).str();
        return range.from <= key && key < range.to;
    };
    EXPECT_TRUE(holds("ph"));
    EXPECT_TRUE(holds("photo"));
    EXPECT_FALSE(holds("p"));
    EXPECT_FALSE(holds("pi"));
}

TEST(MemoryRecords, an_error_undoes_the_transaction_and_is_passed_on) {
    auto records = memory_records();
    auto done = records->commit([](Transaction& transaction) -> Result<void> {
        TRY(transaction.put("a", "1"));
        return Error::failure("no");
    });
    EXPECT_EQ(done.error().detail(), "no");
    EXPECT_FALSE(records->get("a").value().has_value());
}

TEST(MemoryRecords, a_scan_is_ordered_bounded_and_can_go_backwards) {
    auto records = memory_records();
    ASSERT_TRUE(records
                    ->commit([](Transaction& transaction) -> Result<void> {
                        for (auto key : {"a", "b", "c", "d"})
                            TRY(transaction.put(key, ""));
                        return {};
                    })
                    .ok());
    EXPECT_THAT(keys_of(*records->scan({.from = "b", .to = "d"})), ElementsAre("b", "c"));
    EXPECT_THAT(keys_of(*records->scan({.from = "a", .to = "d", .reverse = true, .limit = 2})),
                ElementsAre("c", "b"));
}

TEST(MemoryRecords, a_snapshot_stays_as_it_was) {
    auto records = memory_records();
    auto before = records->snapshot();
    ASSERT_TRUE(records->commit([](Transaction& transaction) { return transaction.put("a", "1"); }).ok());
    EXPECT_FALSE(before->get("a").value().has_value());
    EXPECT_EQ(records->get("a").value(), "1");
}

}  // namespace
}  // namespace store
