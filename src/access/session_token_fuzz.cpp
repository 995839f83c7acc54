// Session tokens come from callers: any text is refused unless this server sealed it.
#include "access/session_token.h"
#include "base/result.h"

namespace {

const std::string kServerKey(32, 'k');

access_control::SessionClaims claims() {
    access_control::SessionClaims out;
    out.access_key_id = "ASIAABCDEFGHIJKLMNOP";
    out.account = "123456789012";
    out.name = "reader";
    out.tags = {{"team", "red"}};
    return out;
}

}  // namespace

std::vector<std::string> seeds() {
    return {access_control::seal(claims(), base::view(kServerKey))};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::string genuine = access_control::seal(claims(), base::view(kServerKey));
    std::string_view token(reinterpret_cast<const char*>(data), size);
    auto opened = access_control::unseal(token, base::view(kServerKey));
    INVARIANT(!opened || token == genuine);
    return 0;
}
