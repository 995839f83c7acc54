#include "http/parser.h"

#include <gtest/gtest.h>

namespace http {
namespace {

RequestHead parsed(std::string_view head) {
    auto result = parse_request_head(base::view(head));
    EXPECT_TRUE(result.ok()) << head;
    return result.ok() ? std::move(*result) : RequestHead{};
}

void refused(std::string_view head, HeadRefusal why = HeadRefusal::malformed) {
    auto result = parse_request_head(base::view(head));
    ASSERT_FALSE(result.ok()) << head;
    EXPECT_TRUE(result.error().is(why)) << head;
}

TEST(HeadLength, CountsTheEmptyLine) {
    EXPECT_EQ(head_length(base::view("GET / HTTP/1.1\r\n\r\nrest")), 18u);
    EXPECT_EQ(head_length(base::view("GET / HTTP/1.1\r\n\r\n"), 17), 18u);
    EXPECT_EQ(head_length(base::view("GET / HTTP/1.1\r\n")), std::nullopt);
}

TEST(RequestHead, TellsMethodTargetAndFields) {
    auto head = parsed(
        "PUT /b/k%20x?partNumber=1 HTTP/1.1\r\nHost: h:1\r\nContent-Length: 5\r\nExpect: "
        "100-Continue\r\n\r\n");
    EXPECT_EQ(head.request.method, "PUT");
    EXPECT_EQ(head.request.target, "/b/k%20x?partNumber=1");
    EXPECT_EQ(head.request.headers.get("host"), "h:1");
    EXPECT_EQ(head.request.content_length, 5u);
    EXPECT_TRUE(head.expects_continue);
    EXPECT_TRUE(head.keep_alive);
    EXPECT_FALSE(head.chunked);
}

TEST(RequestHead, KeepAliveFollowsTheVersionAndTheConnectionField) {
    EXPECT_TRUE(parsed("GET / HTTP/1.1\r\nHost: h\r\n\r\n").keep_alive);
    EXPECT_FALSE(parsed("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").keep_alive);
    EXPECT_FALSE(parsed("GET / HTTP/1.0\r\n\r\n").keep_alive);
    EXPECT_TRUE(parsed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(RequestHead, AbsoluteTargetsBecomeOriginForm) {
    auto head = parsed("GET http://other:9/a?b HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(head.request.target, "/a?b");
    EXPECT_EQ(head.request.headers.get("host"), "other:9");
    EXPECT_EQ(parsed("GET http://other HTTP/1.1\r\nHost: h\r\n\r\n").request.target, "/");
    EXPECT_EQ(parsed("GET http://other?x HTTP/1.1\r\nHost: h\r\n\r\n").request.target, "/?x");
}

TEST(RequestHead, WhatTwoServersCouldReadDifferentlyIsRefused) {
    refused("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n");
    refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n");
    refused("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n");
    refused("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n");
    refused("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n");
    refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n");
    refused("GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n");
    refused("GET / HTTP/1.1\r\n\r\n");
    refused("GET / HTTP/1.1\r\nHost : h\r\n\r\n");
    refused("GET / HTTP/1.1\r\nHost: h\r\nBroken\r\n\r\n");
    refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(RequestHead, OtherTransferEncodingsAreNotImplemented) {
    refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n",
            HeadRefusal::unsupported_encoding);
    refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
            HeadRefusal::unsupported_encoding);
    refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            HeadRefusal::unsupported_encoding);
}

TEST(RequestHead, BrokenRequestLinesAreRefused) {
    refused("GET\r\n\r\n");
    refused("GET /\r\nHost: h\r\n\r\n");
    refused("GET  / HTTP/1.1\r\nHost: h\r\n\r\n");
    refused("G@T / HTTP/1.1\r\nHost: h\r\n\r\n");
    refused("GET * HTTP/1.1\r\nHost: h\r\n\r\n");
    refused("GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n");
    refused("GET / HTTP/1.1\r\nHost: h\n\r\n\r\n");
    refused("GET / HTTP/2.0\r\nHost: h\r\n\r\n", HeadRefusal::unsupported_version);
}

TEST(ResponseHead, TellsStatusAndFraming) {
    auto head = parse_response_head(base::view("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"));
    ASSERT_TRUE(head.ok());
    EXPECT_EQ(head->status, 200);
    EXPECT_EQ(head->content_length, 7u);
    EXPECT_FALSE(head->chunked);
    EXPECT_FALSE(parse_response_head(base::view("HTTP/1.1 twohundred\r\n\r\n")).ok());
}

// Gives `body` in pieces of `piece` bytes, and takes it out in pieces of `room` bytes.
Result<std::string> decoded(std::string_view body, std::size_t piece, std::size_t room) {
    ChunkedDecoder decoder;
    std::string out, pending;
    std::vector<std::uint8_t> space(room);
    while (!decoder.done()) {
        auto progress = TRY(decoder.decode(base::view(pending), space));
        pending.erase(0, progress.consumed);
        out.append(base::text({space.data(), progress.produced}));
        if (progress.consumed || progress.produced) continue;
        if (decoder.done()) break;
        if (body.empty()) return Error::refusal(Refusal::body_truncated);
        pending.append(body.substr(0, piece));
        body.remove_prefix(std::min(piece, body.size()));
    }
    return out;
}

TEST(ChunkedDecoder, GivesTheBodyHoweverItIsCut) {
    constexpr std::string_view kBody =
        "5;name=value\r\nhello\r\n1\r\n \r\n00005\r\nworld\r\n0\r\nTrailer: x\r\n\r\n";
    for (std::size_t piece : {1, 2, 3, 7, 100})
        for (std::size_t room : {1, 2, 5, 64}) {
            auto body = decoded(kBody, piece, room);
            ASSERT_TRUE(body.ok()) << piece << " " << room;
            EXPECT_EQ(*body, "hello world");
        }
}

TEST(ChunkedDecoder, AnEmptyBodyMayComeByteByByte) {
    auto body = decoded("0\r\n\r\n", 1, 1);
    ASSERT_TRUE(body.ok());
    EXPECT_EQ(*body, "");
}

TEST(ChunkedDecoder, BrokenFramingIsRefused) {
    for (std::string_view body : {"x\r\n", "-1\r\nx\r\n0\r\n\r\n", "2\r\nabc\r\n0\r\n\r\n",
                                  "1\nx\r\n0\r\n\r\n", "11111111111111111\r\nx", "1 \r\nx\r\n0\r\n\r\n"}) {
        auto result = decoded(body, 100, 64);
        ASSERT_FALSE(result.ok()) << body;
        EXPECT_TRUE(result.error().is(Refusal::body_malformed)) << body;
    }
}

TEST(ChunkedDecoder, EndlessExtensionsAreRefused) {
    auto result = decoded("1;" + std::string(100'000, 'x'), 1000, 64);
    ASSERT_FALSE(result.ok());
    EXPECT_TRUE(result.error().is(Refusal::body_malformed));
}

}  // namespace
}  // namespace http
