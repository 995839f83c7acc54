// Any head and any body: a forged signature never verifies, and nothing but refusals comes of it.
#include <cstdint>
#include <string>
#include <vector>

#include "wire/payload.h"
#include "wire/signature.h"

namespace {

class TextBody final : public http::BodyReader {
public:
    explicit TextBody(std::string_view text) : text_(text) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        std::size_t count = std::min(out.size(), text_.size());
        std::copy_n(text_.begin(), count, out.begin());
        text_.remove_prefix(count);
        return count;
    }

private:
    std::string_view text_;
};

}  // namespace

// Lines of the head ("target", then "name: value"), an empty line, the body.
std::vector<std::string> seeds() {
    return {
        "/b/k?x=1\nHost: a\nX-Amz-Date: 20240131T120000Z\nAuthorization: AWS4-HMAC-SHA256 "
        "Credential=A/20240131/r/s3/"
        "aws4_request, SignedHeaders=host;x-amz-date, Signature=ab\nx-amz-content-sha256: "
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD\nx-amz-decoded-content-length: "
        "5\n\n5;chunk-signature=ab\r\nhello\r\n",
        "/b/"
        "k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20240131%2Fr%2Fs3%2Faws4_request&X-Amz-Date="
        "20240131T120000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=ab\nHost: a\n\n",
        "/b/k?AWSAccessKeyId=A&Signature=ab&Expires=1706706000\nHost: a\n\n",
        "/\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\nx-amz-decoded-content-length: "
        "5\nx-amz-trailer: "
        "x-amz-checksum-crc32\n\n5\r\nhello\r\n0\r\nx-amz-checksum-crc32:a\r\n\r\n"};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    http::Request request{.method = "PUT"};
    while (true) {
        auto end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (request.target.empty()) {
            request.target = '/' + std::string(line);
            continue;
        }
        auto colon = line.find(": ");
        if (colon == std::string_view::npos) break;
        request.headers.add(std::string(line.substr(0, colon)), std::string(line.substr(colon + 2)));
    }
    auto query = http::parse_query(request.query());
    if (!query) return 0;
    auto authorization = wire::read_authorization(request, *query);
    const wire::Authorization* found = authorization.ok() && *authorization ? &**authorization : nullptr;
    if (found) {
        auto verified = wire::verify_signature(*found, request, *query, "a secret that no input knows", "",
                                               base::Time(found->time), {});
        if (verified.ok()) __builtin_trap();
    }
    TextBody body(text);
    auto payload = wire::open_payload(request, body, found, "secret");
    if (payload.ok()) (void)http::read_all(**payload, 1 << 16).ok();
    return 0;
}
