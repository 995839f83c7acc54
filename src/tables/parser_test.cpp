#include "tables/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tables/reserved.h"

using namespace tables;
using testing::HasSubstr;

namespace {

Placeholders placeholders() {
    return Placeholders::create({{"#n", "name"}, {"#a", "a"}, {"#dot", "x.y"}},
                                {{":s", Value::of("s")},
                                 {":t", Value::of("t")},
                                 {":n", Value::of(1)},
                                 {":m", Value::of(2)},
                                 {":l", Value(List{})},
                                 {":set", Value(StringSet{"x"})},
                                 {":b", Value(true)}})
        .value();
}

std::string condition_refusal(std::string_view text) {
    auto given = placeholders();
    auto parsed = parse_condition(text, "ConditionExpression", given);
    return parsed.ok() ? "accepted" : parsed.error().message();
}

std::string update_refusal(std::string_view text) {
    auto given = placeholders();
    auto parsed = parse_update(text, given);
    return parsed.ok() ? "accepted" : parsed.error().message();
}

std::string projection_refusal(std::string_view text) {
    auto given = placeholders();
    auto parsed = parse_projection(text, given);
    return parsed.ok() ? "accepted" : parsed.error().message();
}

}  // namespace

TEST(ConditionExpression, KnowsEveryOperatorAndFunction) {
    for (auto text : {"a = :s",
                      "a <> :s",
                      "a < :n",
                      "a<=:n",
                      "a > b",
                      ":n >= a",
                      "a BETWEEN :n AND :m",
                      "a between b and c",
                      "a IN (:s, :n, b)",
                      "NOT a = :s",
                      "a = :s AND b = :s OR NOT (c = :s)",
                      "attribute_exists(a.b[3].#n)",
                      "attribute_not_exists(a)",
                      "attribute_type(a, :s) OR a = :s",
                      "begins_with(a, :s)",
                      "contains(a, :n)",
                      "size(a) > :n",
                      "size(:s) = :n",
                      "(a = :s)",
                      "((a = :s) AND b = :s)",
                      "not not a = :b"})
        EXPECT_THAT(condition_refusal(text), testing::AnyOf("accepted", HasSubstr("Invalid attribute type")))
            << text;
}

TEST(ConditionExpression, SyntaxErrorsNameTheTokenAndItsSurroundings) {
    EXPECT_EQ(condition_refusal("a = = :s"),
              "Invalid ConditionExpression: Syntax error; token: \"=\", near: \"= = :s\"");
    EXPECT_EQ(condition_refusal("a ="),
              "Invalid ConditionExpression: Syntax error; token: \"<EOF>\", near: \"=\"");
    for (auto text : {"a", "a = :s AND", "(a = :s", "a = :s)", "a BETWEEN :n", "a IN ()", "a IN :s",
                      "_a = :s", "a.1 = :s", "a[:n] = :s", "a[-1] = :s", "AND", "f(", "a = \"x\"", ":s",
                      "a b = :s", "# = :s", ": = a"})
        EXPECT_THAT(condition_refusal(text), HasSubstr("Syntax error; token: ")) << text;
}

TEST(ConditionExpression, SyntaxErrorsComeBeforeAnythingElseThatIsWrong) {
    EXPECT_THAT(condition_refusal("name = :undefined AND"), HasSubstr("Syntax error"));
    EXPECT_THAT(condition_refusal("f(#undefined) ("), HasSubstr("Syntax error"));
}

TEST(ConditionExpression, RefusesWhatItsOperandsCanNeverAnswer) {
    EXPECT_THAT(
        condition_refusal("a < :l"),
        HasSubstr(
            "Incorrect operand type for operator or function; operator or function: <, operand type: L"));
    EXPECT_THAT(condition_refusal("begins_with(a, :n)"), HasSubstr("begins_with, operand type: N"));
    EXPECT_THAT(condition_refusal("size(:n) = :n"), HasSubstr("size, operand type: N"));
    EXPECT_THAT(condition_refusal("a BETWEEN :m AND :n"),
                HasSubstr("upper bound to be greater than or equal"));
    EXPECT_THAT(condition_refusal("a BETWEEN :s AND :n"), HasSubstr("same data type"));
    EXPECT_THAT(condition_refusal("a = a"), HasSubstr("must be distinct"));
    EXPECT_THAT(condition_refusal("a = #a"), HasSubstr("must be distinct"));
    EXPECT_THAT(condition_refusal("contains(a, a)"), HasSubstr("must be distinct"));
    EXPECT_THAT(condition_refusal("size(a)"), HasSubstr("not allowed to be used this way"));
    EXPECT_THAT(condition_refusal("a = begins_with(b, :s)"), HasSubstr("not allowed to be used this way"));
    EXPECT_THAT(condition_refusal("attribute_exists(:s)"), HasSubstr("requires a document path"));
    EXPECT_THAT(condition_refusal("attribute_type(a, :t)"),
                HasSubstr("Invalid attribute type name found; type: t"));
    EXPECT_THAT(condition_refusal("dog(a)"), HasSubstr("Invalid function name; function: dog"));
    EXPECT_THAT(condition_refusal("ATTRIBUTE_EXISTS(a)"), HasSubstr("Invalid function name"));
    EXPECT_THAT(condition_refusal("contains(a)"), HasSubstr("Incorrect number of operands"));
}

TEST(ConditionExpression, RefusesReservedWordsAndUndefinedPlaceholders) {
    EXPECT_EQ(condition_refusal("Name = :s"),
              "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: Name");
    EXPECT_THAT(condition_refusal("#x = :s"), HasSubstr("attribute name: #x"));
    EXPECT_THAT(condition_refusal("a = :x"), HasSubstr("attribute value: :x"));
    EXPECT_TRUE(is_reserved("zOnE"));
    EXPECT_FALSE(is_reserved("zones"));
}

TEST(ConditionExpression, IsBoundedInSizeOperatorsAndDepth) {
    EXPECT_THAT(condition_refusal(std::string(4097, ' ') + "a"), HasSubstr("expression size: 4098"));
    EXPECT_THAT(condition_refusal(" "), HasSubstr("can not be empty"));
    std::string many = "a<b";
    for (int i = 0; i < 149; ++i)
        many += " or a<b";
    EXPECT_EQ(condition_refusal(many), "accepted");
    EXPECT_THAT(condition_refusal(many + " or a<b"), HasSubstr("too many operators"));
    EXPECT_THAT(condition_refusal(std::string(4096, '(')), HasSubstr("nested too deeply"));
    EXPECT_THAT(condition_refusal("((a = :s))"), HasSubstr("redundant parentheses"));
    std::string choices = "a IN (:n";
    for (int i = 0; i < 100; ++i)
        choices += ", :n";
    EXPECT_THAT(condition_refusal(choices + ")"), HasSubstr("too many operands"));
}

TEST(UpdateExpression, KnowsItsFourSectionsInAnyOrder) {
    for (auto text :
         {"SET a = :s", "set a=:s,b.c[1] = a + :n", "SET a = if_not_exists(a, :n) - :n REMOVE b, c[2]",
          "ADD a :n DELETE b :set SET c = list_append(:l, c)", "SET #dot = a", "REMOVE a SET b = a"})
        EXPECT_EQ(update_refusal(text), "accepted") << text;
}

TEST(UpdateExpression, RefusesWhatIsNotOne) {
    EXPECT_EQ(update_refusal("SET _123 = :s"),
              "Invalid UpdateExpression: Syntax error; token: \"_\", near: \"SET _123\"");
    for (auto text : {"HELLO b = :s", "SET a = :n + :n + :n", "SET :s = :s", "SET a", "ADD a b",
                      "SET a = (:n)", "SET a = :s,"})
        EXPECT_THAT(update_refusal(text), HasSubstr("Syntax error; token: ")) << text;
    EXPECT_EQ(update_refusal("SET a = :s SET b = :s"),
              "Invalid UpdateExpression: The \"SET\" section can only be used once in an update expression;");
    EXPECT_THAT(update_refusal("ADD a :s"), HasSubstr("operator: ADD, operand type: STRING"));
    EXPECT_THAT(update_refusal("DELETE a :n"), HasSubstr("operator: DELETE, operand type: NUMBER"));
    EXPECT_THAT(update_refusal("SET a = :s + :n"), HasSubstr("operator or function: +, operand type: S"));
    EXPECT_THAT(update_refusal("SET a = list_append(list_append(:l, :l), :l)"),
                HasSubstr("function: list_append"));
    EXPECT_THAT(update_refusal("SET a = size(b)"), HasSubstr("not allowed in an update expression"));
}

TEST(UpdateExpression, RefusesPathsThatOverlapOrConflict) {
    EXPECT_EQ(update_refusal("SET a = :s, a.b = :s"),
              "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite "
              "one of these "
              "paths; path one: [a], path two: [a, b]");
    EXPECT_THAT(update_refusal("SET #a = :s REMOVE a"), HasSubstr("overlap"));
    EXPECT_THAT(update_refusal("SET a.b = :s, a[1] = :s"), HasSubstr("conflict"));
    EXPECT_EQ(update_refusal("SET a[0] = :s, a[1] = :s"), "accepted");
}

TEST(ProjectionExpression, IsAListOfPaths) {
    EXPECT_EQ(projection_refusal("a, b.c[2].#n,d"), "accepted");
    EXPECT_THAT(projection_refusal("a,"), HasSubstr("Syntax error"));
    EXPECT_THAT(projection_refusal("a, a[1]"), HasSubstr("overlap"));
    EXPECT_THAT(projection_refusal("a[99999999999]"),
                HasSubstr("List index is not within the allowable range"));
}

TEST(Placeholders, ThatNoExpressionUsesAreNamed) {
    auto given = Placeholders::create({{"#n", "name"}, {"#m", "m"}}, {{":v", Value::of(1)}}).value();
    ASSERT_TRUE(parse_condition("#n = :v", "ConditionExpression", given).ok());
    EXPECT_EQ(given.check_all_used().error().message(),
              "Value provided in ExpressionAttributeNames unused in expressions: keys: {#m}");
}

TEST(Placeholders, RefuseBadKeysAndNames) {
    EXPECT_FALSE(Placeholders::create({{"n", "name"}}, {}).ok());
    EXPECT_FALSE(Placeholders::create({{"#", "name"}}, {}).ok());
    EXPECT_FALSE(Placeholders::create({{"#a-b", "name"}}, {}).ok());
    EXPECT_FALSE(Placeholders::create({{"#a", ""}}, {}).ok());
    EXPECT_FALSE(Placeholders::create({{"#a", std::string(65536, 'x')}}, {}).ok());
    EXPECT_FALSE(Placeholders::create({}, {{"v", Value::of(1)}}).ok());
}
