// parse_query on any bytes: what it accepts, it can read again after encoding.
#include <string>
#include <vector>

#include "http/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view query(reinterpret_cast<const char*>(data), size);
    for (bool plus_is_space : {false, true}) {
        auto parameters = http::parse_query(query, plus_is_space);
        if (!parameters) continue;
        std::string again;
        for (const auto& parameter : *parameters) {
            if (!again.empty()) again += '&';
            again += base::percent_encode(parameter.name) + "=" + base::percent_encode(parameter.value);
        }
        auto reread = http::parse_query(again, plus_is_space);
        if (!reread || reread->size() != parameters->size()) __builtin_trap();
        for (std::size_t i = 0; i < reread->size(); ++i)
            if ((*reread)[i].name != (*parameters)[i].name || (*reread)[i].value != (*parameters)[i].value)
                __builtin_trap();
    }
    return 0;
}

std::vector<std::string> seeds() {
    return {"list-type=2&prefix=index%2F&delimiter=%2F&encoding-type=url", "uploads", "a=b+c&a=%2B",
            "=&==&%00=x"};
}
