#include "services/logs/shapes.h"

namespace services::logs {

::logs::Place place_of(const wire::Call& call) {
    return {call.caller.account, call.region};
}

std::string group_arn(const wire::Call& call, std::string_view group) {
    return call.arn("logs", "log-group:" + std::string(group));
}

std::string stream_arn(const wire::Call& call, std::string_view group, std::string_view stream) {
    return group_arn(call, group) + ":log-stream:" + std::string(stream);
}

std::int64_t milliseconds(base::Time time) {
    return time.time_since_epoch().count();
}

base::Time from_milliseconds(std::int64_t time) {
    return base::Time{base::Duration{time}};
}

Result<std::string> group_of(const std::string& name, const std::string& identifier) {
    if (name.empty() == identifier.empty())
        return Error::refusal(::logs::Refusal::invalid_parameter,
                              "Exactly one of logGroupName and logGroupIdentifier must be given.");
    if (!name.empty()) return name;
    auto mark = identifier.find(":log-group:");
    if (mark == identifier.npos) return identifier;
    auto found = identifier.substr(mark + std::string_view(":log-group:").size());
    if (found.ends_with(":*")) found.resize(found.size() - 2);
    return found;
}

}  // namespace services::logs
