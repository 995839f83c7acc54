// The members, limits and answers that several operations share.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/lambda/rooms.h"
#include "wire/operation.h"

namespace services::lambda {

namespace json = boost::json;

inline constexpr std::string_view kFunctionNamePattern =
    R"((arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\d{1}:)?(\d{12}:)?)"
    R"((function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?)";
inline constexpr std::string_view kQualifierPattern = R"((|[a-zA-Z0-9$_-]+))";
inline constexpr std::string_view kAliasPattern = R"([a-zA-Z0-9-_]*[a-zA-Z-_][a-zA-Z0-9-_]*)";
inline constexpr std::string_view kRolePattern =
    R"(arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+)";
inline constexpr std::string_view kTagResourcePattern =
    R"(arn:(aws[a-zA-Z-]*):lambda:[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:.+)";
inline constexpr std::size_t kPageMax = 50;
inline constexpr std::string_view kFunctions = "/2015-03-31/functions";

template <class Owner>
auto function_name(std::string Owner::*member) {
    return wire::required("FunctionName", member, wire::length(1, 170), wire::pattern(kFunctionNamePattern));
}
template <class Owner>
auto qualifier_in_query(std::string Owner::*member) {
    return wire::optional("Qualifier", member, wire::length(1, 128), wire::pattern(kQualifierPattern),
                          wire::in_query("Qualifier"));
}
template <class Owner>
auto marker(std::string Owner::*member) {
    return wire::optional("Marker", member, wire::in_query("Marker"));
}
template <class Owner>
auto max_items(int Owner::*member) {
    return wire::optional("MaxItems", member, wire::range(1, 10'000), wire::in_query("MaxItems"));
}
// AWS gives pages of at most 50, whatever is asked for.
std::size_t page_size(int max_items);

// The function that a request names; a qualifier given beside the name must not contradict one within it.
Result<functions::Reference> reference_of(const std::string& name, const wire::Call& call,
                                          const std::string& qualifier = {});
// The permission that an operation needs on the function, version or alias.
Result<std::vector<wire::Permission>> on_function(std::string_view action, const std::string& name,
                                                  const wire::Call& call, const std::string& qualifier = {});

Error invalid(std::string message);

// FunctionConfiguration.
json::object shape(const functions::Function& function);
std::string lambda_time(base::Time time);  // 2024-01-31T23:59:59.123+0000

}  // namespace services::lambda
