// What the lists of keys share: which keys, how they are written, and a page's end.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "services/s3/common.h"

namespace services::s3 {

struct ListInput {
    std::string bucket, prefix, delimiter;
    std::optional<std::string> limit, encoding;
};
// `limit_name` is "MaxKeys" or its like; `of_this_list` the members that only this list has.
template <class... Members>
auto list_members(std::string_view limit_name, std::string_view limit_in_query, Members... of_this_list) {
    return wire::members(
        wire::required("Bucket", &ListInput::bucket),
        wire::optional("Prefix", &ListInput::prefix, wire::in_query("prefix")),
        wire::optional("Delimiter", &ListInput::delimiter, wire::in_query("delimiter")),
        std::move(of_this_list)...,
        wire::optional(limit_name, &ListInput::limit, wire::in_query(limit_in_query)),
        wire::optional("EncodingType", &ListInput::encoding, wire::in_query("encoding-type")));
}

// What an answer tells of its page: the limit, by its name, and whether there is more.
inline void put_page(json::object& result, const ListInput& input, const KeyWriter& write,
                     std::string_view limit_name, std::size_t limit, bool truncated) {
    result[limit_name] = limit;
    if (!input.delimiter.empty()) result["Delimiter"] = write(input.delimiter);
    if (write.encodes()) result["EncodingType"] = "url";
    result["IsTruncated"] = truncated;
}

inline void put_common_prefixes(json::object& result, const std::vector<std::string>& prefixes,
                                const KeyWriter& write) {
    json::array out;
    for (const auto& prefix : prefixes)
        out.push_back(json::object{{"Prefix", write(prefix)}});
    result["CommonPrefixes[]"] = std::move(out);
}

}  // namespace services::s3
