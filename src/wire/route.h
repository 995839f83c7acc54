// Which operation a REST request names: method, path, query words and a header, as a table and never as
// nested ifs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace wire {

struct Route {
    std::string_view method;
    // "/2015-03-31/functions/{FunctionName}/code", "/{Bucket}/{Key+}": a label fills one segment, with + all
    // that is left.
    std::string_view path;
    // Words that the query must hold, joined with '&': "uploads", "partNumber&uploadId", "list-type=2".
    std::string_view query = "";
    // A header that must be there, or be there and begin with a value: "x-amz-copy-source",
    // "content-type=multipart/".
    std::string_view header = "";
};

using Labels = std::map<std::string, std::string, std::less<>>;

// The labels' decoded values if `path` (still percent-encoded) fits; nothing otherwise.
std::optional<Labels> match_path(std::string_view pattern, std::string_view path);
// Whether the query words and the header are there.
bool conditions_hold(const Route& route, const http::Request& request,
                     const std::vector<http::QueryParameter>& query);
// How special a route is: of two that fit, the one with more conditions is meant.
std::size_t condition_count(const Route& route);

}  // namespace wire
