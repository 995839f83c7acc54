#include "tables/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tables/parser.h"

using namespace tables;
using testing::HasSubstr;

namespace {

const Item kItem = {{"n", Value::of(5)},
                    {"s", Value::of("hello")},
                    {"l", Value(List{Value::of(1), Value::of(2), Value::of(3)})},
                    {"m", Value(Map{{"x", Value::of(1)}, {"y", Value(Map{{"z", Value::of("deep")}})}})},
                    {"ss", Value(StringSet{"cat", "dog"})}};

std::map<std::string, Value> values() {
    return {{":five", Value::of(5)},
            {":six", Value::of(6)},
            {":ell", Value::of("ell")},
            {":hel", Value::of("hel")},
            {":dog", Value::of("dog")},
            {":set", Value(StringSet{"dog", "cow"})},
            {":list", Value(List{Value::of(9)})},
            {":type", Value::of("SS")}};
}

bool is_true(std::string_view text) {
    auto given = Placeholders::create({}, values()).value();
    auto condition = parse_condition(text, "FilterExpression", given);
    EXPECT_TRUE(condition.ok()) << text << ": " << (condition.ok() ? "" : condition.error().message());
    return condition.ok() && holds(*condition, kItem);
}

Result<Item> updated(std::string_view text, const Item& item = kItem, bool exists = true) {
    auto given = Placeholders::create({}, values()).value();
    auto update = TRY(parse_update(text, given));
    return apply(update, item, exists);
}

const Value* at(const Item& item, std::string_view path) {
    Placeholders none;
    auto parsed = parse_projection(path, none);
    return find(item, parsed.value().front());
}

}  // namespace

TEST(Condition, IsTrueOrFalseOfAnItem) {
    for (auto text :
         {"n = :five", "n <> :six", "n < :six", "n BETWEEN :five AND :six", "n IN (:six, :five)",
          "size(s) = :five", "begins_with(s, :hel)", "contains(s, :ell)", "contains(ss, :dog)",
          "attribute_exists(m.y.z)", "attribute_not_exists(m.q)", "attribute_type(ss, :type)", "NOT n = :six",
          "n = :five OR n = :six AND q = :six", "absent <> :five", "contains(l, m.x)"})
        EXPECT_TRUE(is_true(text)) << text;
    for (auto text :
         {"n = :ell", "n < :ell", "s < :six", "absent = :five", "absent < :five", "absent = gone",
          "size(n) = :five", "contains(n, :five)", "l[7] = :five", "NOT (n = :five)", "begins_with(n, :hel)"})
        EXPECT_FALSE(is_true(text)) << text;
}

TEST(Update, ReadsTheItemAsItWasBefore) {
    auto item = updated("SET s = n, n = n + :six REMOVE m.x");
    ASSERT_TRUE(item.ok());
    EXPECT_EQ(item->at("s"), Value::of(5));
    EXPECT_EQ(item->at("n"), Value::of(11));
    EXPECT_EQ(at(*item, "m.x"), nullptr);
}

TEST(Update, CountsListIndexesBeforeAnyRemoval) {
    auto item = updated("REMOVE l[0], l[1] SET l[2] = :six");
    ASSERT_TRUE(item.ok());
    EXPECT_EQ(item->at("l"), Value(List{Value::of(6)}));
}

TEST(Update, AppendsElementsBehindTheEndInTheOrderOfTheirIndexes) {
    auto item = updated("SET l[84] = :six, l[17] = :five REMOVE l[5]");
    ASSERT_TRUE(item.ok());
    EXPECT_EQ(item->at("l"),
              Value(List{Value::of(1), Value::of(2), Value::of(3), Value::of(5), Value::of(6)}));
}

TEST(Update, AddsToNumbersAndSetsAndMakesThem) {
    EXPECT_EQ(updated("ADD n :six")->at("n"), Value::of(11));
    EXPECT_EQ(updated("ADD q :six")->at("q"), Value::of(6));
    EXPECT_EQ(updated("ADD ss :set")->at("ss"), Value(StringSet{"cat", "cow", "dog"}));
    EXPECT_EQ(updated("DELETE ss :set")->at("ss"), Value(StringSet{"cat"}));
    EXPECT_FALSE(updated("DELETE ss :set", {{"ss", Value(StringSet{"dog"})}})->contains("ss"));
    EXPECT_EQ(updated("SET l = list_append(:list, l)")->at("l").get_if<List>()->size(), 4u);
    EXPECT_EQ(updated("SET q = if_not_exists(q, n)")->at("q"), Value::of(5));
}

TEST(Update, RefusesMissingOperandsWrongTypesAndPaths) {
    EXPECT_THAT(updated("SET q = absent").error().message(), HasSubstr("does not exist in the item"));
    EXPECT_THAT(updated("SET n = n + s").error().message(), HasSubstr("incorrect data type"));
    EXPECT_THAT(updated("ADD s :five").error().message(), HasSubstr("incorrect data type"));
    EXPECT_THAT(updated("ADD l :set").error().message(), HasSubstr("incorrect data type"));
    EXPECT_THAT(updated("SET q.r = :five").error().message(), HasSubstr("document path"));
    EXPECT_THAT(updated("SET s[0] = :five").error().message(), HasSubstr("document path"));
    EXPECT_THAT(updated("REMOVE q.r").error().message(), HasSubstr("document path"));
    EXPECT_TRUE(updated("REMOVE q.r", {}, false).ok());
    EXPECT_TRUE(updated("REMOVE m.q, l[9], q").ok());
}

TEST(Projection, KeepsWhatItNamesAndClosesGapsInLists) {
    Placeholders none;
    auto paths = parse_projection("l[2], l[0], m.y.z, absent.x, s", none).value();
    Item expected = {{"l", Value(List{Value::of(1), Value::of(3)})},
                     {"m", Value(Map{{"y", Value(Map{{"z", Value::of("deep")}})}})},
                     {"s", Value::of("hello")}};
    EXPECT_EQ(project(kItem, paths), expected);
}
