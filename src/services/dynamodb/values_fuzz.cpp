// Attribute values come from outside: whatever JSON they are, they are refused or lead back to themselves.
#include "services/dynamodb/values.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    boost::system::error_code error;
    boost::json::parse_options options;
    options.max_depth = 96;
    auto parsed = boost::json::parse(boost::json::string_view(reinterpret_cast<const char*>(data), size),
                                     error, {}, options);
    if (error || !parsed.is_object()) return 0;
    auto item = services::dynamodb::to_item(parsed.get_object());
    if (!item.ok()) return 0;
    auto again = services::dynamodb::to_item(services::dynamodb::from_item(*item));
    INVARIANT(again.ok() && *again == *item);
    return 0;
}

std::vector<std::string> seeds() {
    return {R"({"p": {"S": "a"}, "n": {"N": "-1.5e3"}, "b": {"B": "AP8="}})",
            R"({"m": {"M": {"x": {"L": [{"BOOL": true}, {"NULL": true}]}}}})",
            R"({"ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2"]}, "bs": {"BS": ["MQ=="]}})"};
}
