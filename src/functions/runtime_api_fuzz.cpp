// A connection's bytes, in pieces of any size: the same requests come out, and memory stays bounded.
#include <algorithm>
#include <string>
#include <vector>

#include "functions/runtime_api.h"

namespace {

std::vector<std::string> read(std::string_view bytes, std::size_t piece) {
    functions::ApiReader reader;
    std::vector<std::string> out;
    while (!bytes.empty()) {
        auto size = std::min(piece, bytes.size());
        if (!reader.feed(bytes.substr(0, size)).ok()) return out;
        bytes.remove_prefix(size);
        while (auto request = reader.next()) {
            out.push_back(request->request_id + "|" + request->body);
            if (!reader.feed("").ok()) return out;
        }
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 8 * 1024));
    if (read(bytes, 1) != read(bytes, 7)) __builtin_trap();
    return 0;
}

std::vector<std::string> seeds() {
    return {
        "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n",
        "POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
        "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n",
        "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx"};
}
