#include "access/pattern.h"

#include <gtest/gtest.h>

namespace access_control {
namespace {

ContextLookup facts(std::map<std::string, std::vector<std::string>> all) {
    return [all = std::move(all)](std::string_view key) -> std::optional<std::vector<std::string>> {
        auto found = all.find(std::string(key));
        if (found == all.end()) return std::nullopt;
        return found->second;
    };
}

TEST(pattern, a_star_stands_for_any_characters_also_across_colons_and_slashes) {
    Wildcard pattern("arn:aws:s3:::*/photos/*.jpg");
    EXPECT_TRUE(pattern.matches("arn:aws:s3:::bucket/2024/photos/a/b.jpg"));
    EXPECT_FALSE(pattern.matches("arn:aws:s3:::bucket/photos/a.png"));
    EXPECT_TRUE(Wildcard("*").matches(""));
    EXPECT_TRUE(Wildcard("a*").matches("a:b:c"));
}

TEST(pattern, a_question_mark_stands_for_one_character) {
    EXPECT_TRUE(Wildcard("a?c").matches("abc"));
    EXPECT_FALSE(Wildcard("a?c").matches("ac"));
    EXPECT_FALSE(Wildcard("?").matches(""));
}

TEST(pattern, a_pattern_without_wildcards_matches_itself_only) {
    EXPECT_TRUE(Wildcard("abc").matches("abc"));
    EXPECT_FALSE(Wildcard("abc").matches("abcd"));
    EXPECT_FALSE(Wildcard("").matches("a"));
    EXPECT_EQ(Wildcard("abc").literal(), "abc");
    EXPECT_EQ(Wildcard("ab*").literal(), std::nullopt);
}

TEST(pattern, many_stars_cost_no_more_than_length_times_length) {
    std::string pattern, text(20'000, 'a');
    for (int i = 0; i < 500; ++i)
        pattern += "a*";
    pattern += 'b';
    EXPECT_FALSE(Wildcard(pattern).matches(text));
}

TEST(pattern, a_variable_stands_for_a_fact_about_the_request) {
    auto pattern = Template::parse("arn:aws:s3:::homes/${aws:username}/*", true, true);
    ASSERT_TRUE(pattern);
    EXPECT_TRUE(pattern->matches("arn:aws:s3:::homes/ann/a.jpg", facts({{"aws:username", {"ann"}}})));
    EXPECT_FALSE(pattern->matches("arn:aws:s3:::homes/bob/a.jpg", facts({{"aws:username", {"ann"}}})));
}

TEST(pattern, what_a_variable_gives_is_never_a_wildcard) {
    auto pattern = Template::parse("homes/${aws:username}/*", true, true);
    ASSERT_TRUE(pattern);
    EXPECT_FALSE(pattern->matches("homes/bob/a", facts({{"aws:username", {"*"}}})));
    EXPECT_TRUE(pattern->matches("homes/*/a", facts({{"aws:username", {"*"}}})));
}

TEST(pattern, a_variable_without_a_value_matches_nothing_unless_a_default_is_written) {
    auto without = Template::parse("homes/${aws:username}", true, true);
    auto with = Template::parse("homes/${aws:username, 'nobody'}", true, true);
    ASSERT_TRUE(without && with);
    EXPECT_FALSE(without->matches("homes/", facts({})));
    EXPECT_FALSE(without->matches("homes/${aws:username}", facts({})));
    EXPECT_FALSE(without->matches("homes/a", facts({{"aws:username", {"a", "b"}}})));
    EXPECT_TRUE(with->matches("homes/nobody", facts({})));
}

TEST(pattern, escaped_wildcards_are_plain_characters) {
    auto pattern = Template::parse("a${*}b${?}c${$}*", true, true);
    ASSERT_TRUE(pattern);
    EXPECT_TRUE(pattern->matches("a*b?c$anything", facts({})));
    EXPECT_FALSE(pattern->matches("axbyc$", facts({})));
}

TEST(pattern, variables_are_plain_text_in_the_older_policy_version) {
    auto pattern = Template::parse("${aws:username}", false, true);
    ASSERT_TRUE(pattern);
    EXPECT_TRUE(pattern->matches("${aws:username}", facts({{"aws:username", {"ann"}}})));
    EXPECT_FALSE(pattern->matches("ann", facts({{"aws:username", {"ann"}}})));
}

TEST(pattern, a_variable_that_is_not_closed_or_has_no_vendor_is_refused) {
    EXPECT_FALSE(Template::parse("a${aws:username", true, true));
    EXPECT_FALSE(Template::parse("a${username}", true, true));
    EXPECT_FALSE(Template::parse("a${aws:username, nobody}", true, true));
}

}  // namespace
}  // namespace access_control
