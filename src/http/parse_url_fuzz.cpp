// parse_url on any text: what it accepts, it reads again the same from its parts.
#include <string>
#include <vector>

#include "http/client.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto url = http::parse_url({reinterpret_cast<const char*>(data), size});
    if (!url) return 0;
    auto again = http::parse_url((url->secure ? "https://" : "http://") + url->authority() + url->target);
    if (!again || again->host != url->host || again->port != url->port || again->target != url->target)
        __builtin_trap();
    return 0;
}

std::vector<std::string> seeds() {
    return {"https://h.example:8443/a?b=c", "http://[::1]:80?x", "http://127.0.0.1"};
}
