#include "http/message.h"

#include <cstring>
#include <gtest/gtest.h>

namespace http {
namespace {

class Pieces final : public BodyReader {
public:
    explicit Pieces(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        if (next_ == pieces_.size()) return std::size_t{0};
        const std::string& piece = pieces_[next_++];
        std::memcpy(out.data(), piece.data(), piece.size());
        return piece.size();
    }

private:
    std::vector<std::string> pieces_;
    std::size_t next_ = 0;
};

TEST(Headers, NamesCompareWithoutCase) {
    Headers headers;
    headers.add("Content-Type", "text/plain");
    EXPECT_EQ(headers.get("content-type"), "text/plain");
    EXPECT_FALSE(headers.has("content-typ"));
}

TEST(Headers, FieldsOfOneNameAreJoinedInOrder) {
    Headers headers;
    headers.add("X-A", "1");
    headers.add("Other", "2");
    headers.add("x-a", "3");
    EXPECT_EQ(headers.joined("X-A"), "1,3");
    EXPECT_EQ(headers.joined("X-B"), std::nullopt);
}

TEST(Headers, SetReplacesAllFieldsOfThatName) {
    Headers headers;
    headers.add("X-A", "1");
    headers.add("x-a", "2");
    headers.set("X-a", "3");
    EXPECT_EQ(headers.size(), 1u);
    EXPECT_EQ(headers.get("x-a"), "3");
}

TEST(Request, TargetIsCutAtTheFirstQuestionMark) {
    Request request;
    request.target = "/a%3Fb?x=1?2";
    EXPECT_EQ(request.path(), "/a%3Fb");
    EXPECT_EQ(request.query(), "x=1?2");
    request.target = "/plain";
    EXPECT_EQ(request.path(), "/plain");
    EXPECT_EQ(request.query(), "");
}

TEST(ParseQuery, NamesAndValuesAreDecoded) {
    auto parameters = parse_query("a%20b=c%2Bd&uploads&&e==f&g=");
    ASSERT_TRUE(parameters);
    ASSERT_EQ(parameters->size(), 4u);
    EXPECT_EQ((*parameters)[0].name, "a b");
    EXPECT_EQ((*parameters)[0].value, "c+d");
    EXPECT_EQ((*parameters)[1].name, "uploads");
    EXPECT_EQ((*parameters)[1].value, "");
    EXPECT_EQ((*parameters)[2].value, "=f");
    EXPECT_EQ((*parameters)[3].value, "");
}

TEST(ParseQuery, PlusIsASpaceInFormsOnly) {
    EXPECT_EQ(parse_query("a=b+c")->front().value, "b+c");
    EXPECT_EQ(parse_query("a=b+c", true)->front().value, "b c");
}

TEST(ParseQuery, BrokenEscapesAreRefused) {
    EXPECT_FALSE(parse_query("a=%"));
    EXPECT_FALSE(parse_query("a=%1"));
    EXPECT_FALSE(parse_query("%zz=1"));
}

TEST(ReadAll, GathersThePieces) {
    Pieces body({"ab", "c"});
    auto all = read_all(body, 3);
    ASSERT_TRUE(all.ok());
    EXPECT_EQ(*all, "abc");
}

TEST(ReadAll, RefusesOneByteTooMany) {
    Pieces body({"ab", "c"});
    auto all = read_all(body, 2);
    ASSERT_FALSE(all.ok());
    EXPECT_TRUE(all.error().is(Refusal::body_too_large));
}

}  // namespace
}  // namespace http
