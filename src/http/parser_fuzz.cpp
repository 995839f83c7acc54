// Heads and chunked bodies from any bytes. The first byte says how the rest is cut.
#include <string>
#include <vector>

#include "http/parser.h"

namespace {

void decode(base::ByteView body, std::size_t piece, std::size_t room) {
    http::ChunkedDecoder decoder;
    std::vector<std::uint8_t> space(room), pending;
    while (!decoder.done()) {
        auto progress = decoder.decode(pending, space);
        if (!progress.ok()) return;
        if (progress->consumed > pending.size() || progress->produced > room) __builtin_trap();
        pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(progress->consumed));
        if (progress->consumed || progress->produced) continue;
        if (body.empty()) return;
        auto next = body.first(std::min(piece, body.size()));
        pending.insert(pending.end(), next.begin(), next.end());
        body = body.subspan(next.size());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    base::ByteView bytes(data + 1, size - 1);
    if (auto length = http::head_length(bytes)) {
        auto request = http::parse_request_head(bytes.first(*length));
        if (request.ok() && request->request.target.front() != '/') __builtin_trap();
        if (request.ok() && request->chunked && request->request.content_length) __builtin_trap();
        static_cast<void>(http::parse_response_head(bytes.first(*length)));
    }
    decode(bytes, 1 + data[0] % 16, 1 + data[0] / 16);
    return 0;
}

std::vector<std::string> seeds() {
    return {" GET /a?b=c HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n",
            " POST http://h/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
            " PUT / HTTP/1.0\r\nContent-Length: 12\r\nConnection: keep-alive\r\n\r\n",
            " HTTP/1.1 206 Partial Content\r\nContent-Length: 12\r\n\r\n",
            "35;name=value\r\nhello\r\n1\r\n \r\n0\r\nTrailer: x\r\n\r\n",
            "AA\r\n0123456789\r\n0\r\n\r\n"};
}
