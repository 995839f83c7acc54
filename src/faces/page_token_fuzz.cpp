#include <cstdlib>

#include "faces/page_token.h"

namespace {

const faces::PageTokens& tokens() {
    static const faces::PageTokens all(base::Bytes(32, 7));
    return all;
}

}  // namespace

// Whatever opens is what was sealed: sealing its position again gives a token that opens to the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto position = tokens().open("listing", base::text({data, size}));
    if (position && tokens().open("listing", tokens().seal("listing", *position)) != position) std::abort();
    return 0;
}

std::vector<std::string> seeds() {
    return {tokens().seal("listing", "position"), tokens().seal("listing", ""),
            tokens().seal("other", "position")};
}
