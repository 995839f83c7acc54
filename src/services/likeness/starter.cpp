#include "services/likeness/starter.h"

#include <boost/json.hpp>

namespace services::likeness {

namespace json = boost::json;

Starter starter_of(const wire::Call& call) {
    return {call.caller.access_key_id, call.caller.session_token, call.request.remote_address,
            call.request.secure};
}

std::string to_text(const Starter& starter) {
    return json::serialize(json::object{{"access_key_id", starter.access_key_id},
                                        {"session_token", starter.session_token},
                                        {"address", starter.address},
                                        {"secure", starter.secure}});
}

Result<Starter> starter_in(std::string_view text) {
    const auto malformed = Error::failure("who started a reembedding is malformed");
    boost::system::error_code problem;
    const auto value = json::parse(text, problem);
    const auto* object = problem ? nullptr : value.if_object();
    if (!object) return malformed;
    Starter out;
    for (auto [name, member] : {std::pair("access_key_id", &out.access_key_id),
                                {"session_token", &out.session_token},
                                {"address", &out.address}}) {
        const auto* found = object->if_contains(name);
        if (!found || !found->is_string()) return malformed;
        *member = found->as_string();
    }
    const auto* secure = object->if_contains("secure");
    if (!secure || !secure->is_bool()) return malformed;
    out.secure = secure->as_bool();
    return out;
}

}  // namespace services::likeness
