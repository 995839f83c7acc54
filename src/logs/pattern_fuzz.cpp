// Patterns of any bytes against lines of any bytes: what is accepted can be used.
#include "logs/pattern.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input(reinterpret_cast<const char*>(data), size);
    auto cut = input.find('\n');
    auto pattern = logs::Pattern::parse(input.substr(0, cut));
    if (!pattern.ok()) return 0;
    auto line = cut == input.npos ? std::string_view() : input.substr(cut + 1);
    pattern->matches(line);
    pattern->matches(R"({"a": {"b": [1, "x", null, true]}})");
    return 0;
}

std::vector<std::string> seeds() {
    return {"ERROR -\"not this\" ?a\nERROR a",
            "{ $.a.b[0] >= 1.5 && ($.c = \"x*y\" || $.d IS NULL) }\n{\"c\": \"xy\"}",
            "{ $.[\"a\"] NOT EXISTS }\n{}"};
}
