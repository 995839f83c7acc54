// The members and limits that several operations share.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "services/logs/service.h"

namespace services::logs {

namespace json = boost::json;

inline constexpr std::string_view kGroupPattern = R"([\.\-_/#A-Za-z0-9]+)";
inline constexpr std::string_view kStreamPattern = R"([^:*]*)";

template <class Owner>
auto group_name(std::string Owner::*member) {
    return wire::required("logGroupName", member, wire::length(1, 512), wire::pattern(kGroupPattern));
}
template <class Owner>
auto stream_name(std::string Owner::*member) {
    return wire::required("logStreamName", member, wire::length(1, 512), wire::pattern(kStreamPattern));
}
template <class Owner>
auto next_token(std::string Owner::*member) {
    return wire::optional("nextToken", member, wire::length(1, 2048));
}
template <class Owner>
auto limit(int Owner::*member, int most) {
    return wire::optional("limit", member, wire::range(1, most));
}
// Instead of the name, where an operation takes either.
template <class Owner>
auto group_identifier(std::string Owner::*member) {
    return wire::optional("logGroupIdentifier", member, wire::length(1, 2048),
                          wire::pattern(R"([\w#+=/:,.@-]*)"));
}

::logs::Place place_of(const wire::Call& call);
// arn:aws:logs:REGION:ACCOUNT:log-group:NAME, without the ":*" that answers have.
std::string group_arn(const wire::Call& call, std::string_view group);
std::string stream_arn(const wire::Call& call, std::string_view group, std::string_view stream);
std::int64_t milliseconds(base::Time time);
base::Time from_milliseconds(std::int64_t time);

// The group's name, from the name or from an ARN. Refusal::invalid_parameter for neither or both.
Result<std::string> group_of(const std::string& name, const std::string& identifier);

}  // namespace services::logs
