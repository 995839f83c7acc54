#include "wire/payload.h"

#include <gtest/gtest.h>

#include "base/digest.h"

namespace wire {
namespace {

// Gives its text in small pieces, so that every boundary is crossed somewhere.
class TextBody final : public http::BodyReader {
public:
    TextBody(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        std::size_t count = std::min({out.size(), piece_, text_.size() - at_});
        std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), count, out.begin());
        at_ += count;
        return count;
    }

private:
    std::string text_;
    std::size_t piece_, at_ = 0;
};

struct Outcome {
    std::string text;
    std::optional<Trouble> trouble;
    std::map<std::string, std::string> trailers;
};

Outcome read(const http::Request& request, std::string wire_text,
             const Authorization* authorization = nullptr, std::string_view secret = "") {
    std::optional<Outcome> first;
    for (std::size_t piece : {100'000u, 1u, 7u}) {
        TextBody body(wire_text, piece);
        auto payload = open_payload(request, body, authorization, secret);
        if (!payload.ok()) return {"", payload.error().as<Trouble>(), {}};
        Outcome outcome;
        auto all = http::read_all(**payload, 1 << 20);
        if (all.ok())
            outcome.text = *all;
        else
            outcome.trouble = all.error().as<Trouble>();
        for (const auto& [name, value] : (*payload)->trailers())
            outcome.trailers[name] = value;
        if (!first) first = outcome;
        EXPECT_EQ(first->text, outcome.text);
        EXPECT_EQ(first->trouble, outcome.trouble);
    }
    return *first;
}

http::Request request_of(std::vector<std::pair<std::string, std::string>> headers) {
    http::Request request{.method = "PUT", .target = "/b/k"};
    for (auto& [name, value] : headers)
        request.headers.add(name, value);
    return request;
}

TEST(Payload, AStatedDigestIsCheckedAtTheEnd) {
    auto request = request_of({{"x-amz-content-sha256", base::sha256_hex("hello")}});
    EXPECT_EQ(read(request, "hello").text, "hello");
    EXPECT_EQ(read(request, "hellO").trouble, Trouble::digest_mismatch);
    EXPECT_EQ(read(request_of({{"x-amz-content-sha256", "UNSIGNED-PAYLOAD"}}), "hello").text, "hello");
    EXPECT_EQ(read(request_of({}), "hello").text, "hello");
    EXPECT_EQ(read(request_of({{"x-amz-content-sha256", "nonsense"}}), "hello").trouble, Trouble::validation);
}

http::Request trailer_request(std::string length, std::string promised = "x-amz-checksum-crc32") {
    return request_of({{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                       {"x-amz-decoded-content-length", std::move(length)},
                       {"x-amz-trailer", std::move(promised)}});
}

TEST(Payload, AnUnsignedTrailerIsTakenOffTheBody) {
    auto outcome = read(trailer_request("5"), "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n");
    EXPECT_EQ(outcome.text, "hello");
    EXPECT_EQ(outcome.trailers["x-amz-checksum-crc32"], "NhCmhg==");
    EXPECT_EQ(
        read(trailer_request("5"), "3\r\nhel\r\n2\r\nlo\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n").text,
        "hello");
    EXPECT_EQ(read(trailer_request("0", ""), "0\r\n\r\n").text, "");
}

TEST(Payload, ATrailerIsThereExactlyIfItWasPromised) {
    EXPECT_EQ(read(trailer_request("5"), "5\r\nhello\r\n0\r\n\r\n").trouble, Trouble::malformed_trailer);
    EXPECT_EQ(read(trailer_request("5"), "5\r\nhello\r\n0\r\nx-amz-other:a\r\n\r\n").trouble,
              Trouble::malformed_trailer);
    EXPECT_EQ(read(trailer_request("5"), "5\r\nhello\r\n0\r\nnonsense\r\n\r\n").trouble,
              Trouble::malformed_trailer);
}

TEST(Payload, BrokenFramingIsABodyThatEndedEarly) {
    for (auto text : {"5\r\nhel", "5\r\nhello", "6\r\nhello!\r\n0\r\n\r\n",
                      "4\r\nhell\r\n0\r\nx-amz-checksum-crc32:a\r\n\r\n", "zz\r\nhello\r\n", "",
                      "5\r\nhelloXX0\r\n\r\n", "ffffffffffffffff\r\nhello"})
        EXPECT_EQ(read(trailer_request("5"), text).trouble, Trouble::body_truncated) << text;
    EXPECT_EQ(read(trailer_request(""), "0\r\n\r\n").trouble, Trouble::missing_length);
    EXPECT_EQ(read(trailer_request("-1"), "0\r\n\r\n").trouble, Trouble::missing_length);
}

// Example of the Amazon S3 API reference, "Signature Calculations: Transferring Payload in Multiple Chunks".
struct ChunkExample {
    Authorization authorization;
    http::Request request = request_of({{"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
                                        {"x-amz-decoded-content-length", "66560"}});
    std::string secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    std::string text =
        "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" +
        std::string(65536, 'a') +
        "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" +
        std::string(1024, 'a') +
        "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
    ChunkExample() {
        authorization.signature = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
        authorization.time = *base::from_basic_iso8601("20130524T000000Z");
        authorization.date = "20130524";
        authorization.region = "us-east-1";
        authorization.service = "s3";
    }
};

TEST(Payload, SignedChunksFollowTheExampleOfTheReference) {
    ChunkExample example;
    EXPECT_EQ(read(example.request, example.text, &example.authorization, example.secret).text,
              std::string(66560, 'a'));
}

TEST(Payload, AChangedChunkOrSignatureIsNoticed) {
    for (std::size_t place : {30u, 200u, 65800u, 66750u}) {
        ChunkExample example;
        example.text[place] ^= 1;
        EXPECT_EQ(read(example.request, example.text, &example.authorization, example.secret).trouble,
                  Trouble::signature_mismatch)
            << place;
    }
}

}  // namespace
}  // namespace wire
