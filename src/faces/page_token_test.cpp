#include "faces/page_token.h"

#include <gtest/gtest.h>

namespace faces {
namespace {

const PageTokens kTokens(base::Bytes(32, 1));

TEST(PageToken, OpensToThePositionThatWasSealed) {
    const std::string longest(kPositionBytesMax, '\xff');
    for (const std::string& position : {std::string(), std::string("a"), std::string("\0b", 2), longest}) {
        const auto token = kTokens.seal("faces of a", position);
        EXPECT_LE(token.size(), kPageTokenLengthMax);
        EXPECT_EQ(kTokens.open("faces of a", token), position);
    }
}

TEST(PageToken, OfAnotherListingOrAnotherServerIsNone) {
    const auto token = kTokens.seal("faces of a", "here");
    EXPECT_FALSE(kTokens.open("faces of b", token));
    EXPECT_FALSE(PageTokens(base::Bytes(32, 2)).open("faces of a", token));
}

TEST(PageToken, ThatWasChangedOrMadeUpIsNone) {
    auto token = kTokens.seal("faces of a", "here");
    for (std::string_view other : {"", "AAAA", "not base64!", "====", "a"})
        EXPECT_FALSE(kTokens.open("faces of a", other)) << other;
    EXPECT_FALSE(kTokens.open("faces of a", token + "AAAA"));
    EXPECT_FALSE(kTokens.open("faces of a", std::string(300, 'A')));
    token[5] = token[5] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(kTokens.open("faces of a", token));
}

}  // namespace
}  // namespace faces
