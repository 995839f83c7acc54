// Any body, as JSON and as a form, into an operation's members: refused or decoded, never more.
#include <cstdint>
#include <string>
#include <vector>

#include "wire/operation.h"

namespace {

struct Rooms {};

struct Item {
    std::string name;
    std::optional<double> weight;
    static auto members() {
        return wire::members(wire::required("Name", &Item::name, wire::length(1, 8), wire::pattern("[a-z]+")),
                             wire::optional("Weight", &Item::weight, wire::range(0, 1)));
    }
};

struct Weigh {
    static constexpr std::string_view name = "Weigh";
    struct Input {
        std::vector<Item> items;
        std::map<std::string, std::string> tags;
        base::Bytes picture;
        boost::json::value document;
        static auto members() {
            return wire::members(wire::required("Items", &Input::items, wire::items(1, 4)),
                                 wire::optional("Tags", &Input::tags),
                                 wire::optional("Picture", &Input::picture),
                                 wire::optional("Document", &Input::document));
        }
    };
    static std::string resource(const Input&, const wire::Call&) { return "*"; }
    static Result<wire::Reply> run(Rooms&, wire::Call&, const Input&) { return wire::Reply(); }
};

}  // namespace

std::vector<std::string> seeds() {
    return {
        R"({"Items":[{"Name":"a","Weight":0.5}],"Tags":{"k":"v"},"Picture":"aGVsbG8=","Document":[1,{"a":null}]})",
        "Action=Weigh&Items.member.1.Name=a&Items.member.1.Weight=0.5&Tags.k=v&Picture=aGVsbG8%3D"};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Rooms rooms;
    static const auto service = [](wire::Protocol protocol) {
        wire::Service made({.name = "demo", .protocol = protocol});
        made.add<Weigh>(rooms);
        return made;
    };
    static const wire::Service json = service(wire::Protocol::json_1_1),
                               query = service(wire::Protocol::query);
    http::Request request{.method = "POST", .target = "/"};
    std::string_view body(reinterpret_cast<const char*>(data), size);
    for (const auto* each : {&json, &query}) {
        auto prepared = each->prepare(each->operations()[0], {request, {}, {}, body});
        if (prepared.ok()) continue;
        if (prepared.error().is_failure()) __builtin_trap();
    }
    return 0;
}
