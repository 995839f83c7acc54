// The members of an operation's input: names, types, limits and places, described once. Decoding, AWS's
// constraint messages, docs/compatibility.md and the tests all read this description.
//
//   struct Input {
//       std::string collection_id;
//       std::optional<int> max_faces;
//       static auto members() {
//           return wire::members(wire::required("CollectionId", &Input::collection_id, wire::length(1, 255),
//                                               wire::pattern("[a-zA-Z0-9_.\\-]+")),
//                                wire::optional("MaxFaces", &Input::max_faces, wire::range(1, 4096)));
//       }
//   };
//
// A member's C++ type is std::string, bool, int, std::int64_t, float, double, base::Bytes (base64 on the
// wire), another struct with members(), boost::json::value (taken as it is), or optional, vector or
// map<string, ...> of these.
#pragma once

#include <boost/json.hpp>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "wire/fault.h"

namespace wire {

namespace json = boost::json;

// Where a member travels in a REST request. Labels are members whose name stands in the route's path.
enum class Place { body, query, header, header_prefix, whole_body };

struct Limits {
    std::optional<std::size_t> length_min, length_max;  // characters of a string, bytes of a blob
    std::optional<double> value_min, value_max;
    std::optional<std::size_t> items_min, items_max;  // of a list or map
    std::string_view pattern;  // RE2 syntax, whole string, shown as it is in the message
    std::vector<std::string_view> one_of;
    std::vector<Limits> each;  // of a list's items: none or one
    Place place = Place::body;
    std::string_view place_name;
};

// The parts of a member's description.
struct Length {
    std::size_t min, max;
};
struct Range {
    double min, max;
};
struct Pattern {
    std::string_view expression;
};
struct OneOf {
    std::vector<std::string_view> values;
};
struct Items {
    std::size_t min, max;
};
struct Each {
    Limits limits;
};
struct At {
    Place place;
    std::string_view name;
};

inline Length length(std::size_t min, std::size_t max) {
    return {min, max};
}
inline Length length_at_least(std::size_t min) {
    return {min, std::numeric_limits<std::size_t>::max()};
}
inline Range range(double min, double max) {
    return {min, max};
}
inline Range at_least(double min) {
    return {min, std::numeric_limits<double>::infinity()};
}
inline Pattern pattern(std::string_view expression) {
    return {expression};
}
inline OneOf one_of(std::vector<std::string_view> values) {
    return {std::move(values)};
}
inline Items items(std::size_t min, std::size_t max) {
    return {min, max};
}
inline At in_query(std::string_view name) {
    return {Place::query, name};
}
inline At in_header(std::string_view name) {
    return {Place::header, name};
}
inline At in_headers_with_prefix(std::string_view prefix) {
    return {Place::header_prefix, prefix};
}
// The body itself, not a member of a document in it: std::string or base::Bytes.
inline At whole_body() {
    return {Place::whole_body, ""};
}

void apply(Limits& limits, const Length& part);
void apply(Limits& limits, const Range& part);
void apply(Limits& limits, const Pattern& part);
void apply(Limits& limits, const OneOf& part);
void apply(Limits& limits, const Items& part);
void apply(Limits& limits, const Each& part);
void apply(Limits& limits, const At& part);

template <class... Parts>
Each each(const Parts&... parts) {
    Each out;
    (apply(out.limits, parts), ...);
    return out;
}

template <class Owner, class Type>
struct Member {
    std::string_view name;
    Type Owner::*pointer;
    bool is_required;
    Limits limits;
};

template <class Owner, class Type, class... Parts>
Member<Owner, Type> required(std::string_view name, Type Owner::*pointer, const Parts&... parts) {
    Member<Owner, Type> out{name, pointer, true, {}};
    (apply(out.limits, parts), ...);
    return out;
}
template <class Owner, class Type, class... Parts>
Member<Owner, Type> optional(std::string_view name, Type Owner::*pointer, const Parts&... parts) {
    Member<Owner, Type> out{name, pointer, false, {}};
    (apply(out.limits, parts), ...);
    return out;
}
template <class... Members>
std::tuple<Members...> members(Members... all) {
    return {std::move(all)...};
}

template <class Type>
concept Structure = requires {
    Type::members();
};

template <class Type>
struct IsOptional : std::false_type {};
template <class Type>
struct IsOptional<std::optional<Type>> : std::true_type {};
template <class Type>
struct IsList : std::false_type {};
template <class Type>
struct IsList<std::vector<Type>> : std::bool_constant<!std::is_same_v<Type, std::uint8_t>> {};
template <class Type>
struct IsMap : std::false_type {};
template <class Type>
struct IsMap<std::map<std::string, Type>> : std::true_type {};

// Turns a JSON value into typed members, and collects every constraint that is not kept, as AWS does.
class Decoder {
public:
    // `scalars_are_text`: numbers and booleans come as strings (query protocol, headers, query strings).
    explicit Decoder(bool scalars_are_text) : scalars_are_text_(scalars_are_text) {}

    // Trouble::malformed_body for a wrong type, Trouble::validation for broken limits.
    template <Structure Type>
    Result<Type> decode(const json::object& source) {
        Type out;
        structure(source, out, "");
        TRY(verdict());
        return out;
    }

private:
    template <Structure Type>
    void structure(const json::object& source, Type& out, const std::string& path) {
        std::apply([&](const auto&... member) { (one(source, out, member, path), ...); },
                   structure_members<Type>());
    }

    // Built once per type: descriptions hold vectors.
    template <Structure Type>
    static const auto& structure_members() {
        static const auto all = Type::members();
        return all;
    }

    // `Holder` is Owner or derives from it: operations with common members share one struct of them.
    template <class Holder, class Owner, class Type>
    void one(const json::object& source, Holder& out, const Member<Owner, Type>& member,
             const std::string& path) {
        const json::value* found = source.if_contains(member.name);
        std::string here = member_path(path, member.name);
        if (!found || found->is_null()) {
            if (member.is_required) violation_null(here);
            return;
        }
        value(*found, out.*(member.pointer), member.limits, here);
    }

    template <class Type>
    void value(const json::value& source, Type& out, const Limits& limits, const std::string& path) {
        if constexpr (IsOptional<Type>::value) {
            value(source, out.emplace(), limits, path);
        } else if constexpr (IsList<Type>::value) {
            const json::array* list = as_list(source);
            if (!list) return malformed(source, path);
            check_items(list->size(), limits, path);
            static const Limits none;
            const Limits& inner = limits.each.empty() ? none : limits.each[0];
            std::size_t position = 0;
            for (const auto& item : *list) {
                std::string here = path + '.' + std::to_string(++position) + ".member";
                if (item.is_null()) {
                    violation_null(here);
                    continue;
                }
                value(item, out.emplace_back(), inner, here);
            }
        } else if constexpr (IsMap<Type>::value) {
            const json::object* map = source.if_object();
            if (!map) return malformed(source, path);
            check_items(map->size(), limits, path);
            static const Limits none;
            const Limits& inner = limits.each.empty() ? none : limits.each[0];
            for (const auto& [key, item] : *map)
                value(item, out[std::string(key)], inner, path + '.' + std::string(key) + ".member");
        } else if constexpr (Structure<Type>) {
            const json::object* object = source.if_object();
            if (!object) return malformed(source, path);
            structure(*object, out, path);
        } else {
            scalar(source, out, limits, path);
        }
    }

    void scalar(const json::value& source, std::string& out, const Limits& limits, const std::string& path);
    void scalar(const json::value& source, base::Bytes& out, const Limits& limits, const std::string& path);
    void scalar(const json::value& source, bool& out, const Limits& limits, const std::string& path);
    void scalar(const json::value& source, int& out, const Limits& limits, const std::string& path);
    void scalar(const json::value& source, std::int64_t& out, const Limits& limits, const std::string& path);
    void scalar(const json::value& source, float& out, const Limits& limits, const std::string& path);
    void scalar(const json::value& source, double& out, const Limits& limits, const std::string& path);
    void scalar(const json::value& source, json::value& out, const Limits& limits, const std::string& path);
    void scalar(const json::value& source, json::object& out, const Limits& limits, const std::string& path);

    std::optional<double> number(const json::value& source) const;
    const json::array* as_list(const json::value& source) const;
    void check_items(std::size_t count, const Limits& limits, const std::string& path);
    void check_number(double number, const std::string& text, const Limits& limits, const std::string& path);
    void check_length(std::size_t length, const std::string& text, const Limits& limits,
                      const std::string& path);
    void violation(const std::string& text, const std::string& path, const std::string& constraint);
    void violation_null(const std::string& path);
    void malformed(const json::value& source, const std::string& path);
    static std::string member_path(const std::string& path, std::string_view name);
    Result<void> verdict() const;

    bool scalars_are_text_;
    std::optional<std::string> malformed_;
    std::vector<std::string> violations_;
};

// Whether the whole of `text` matches `pattern` (RE2 syntax). Compiled patterns are kept. Callable from any
// thread.
bool matches(std::string_view text, std::string_view pattern);

// What members() says, as data: [{"name", "type", "required", "limits", "members"?}].
template <Structure Type>
json::array describe();

json::value describe_limits(const Limits& limits);

template <class Type>
json::object describe_type() {
    if constexpr (IsOptional<Type>::value) {
        return describe_type<typename Type::value_type>();
    } else if constexpr (IsList<Type>::value) {
        return {{"type", "list"}, {"of", describe_type<typename Type::value_type>()}};
    } else if constexpr (IsMap<Type>::value) {
        return {{"type", "map"}, {"of", describe_type<typename Type::mapped_type>()}};
    } else if constexpr (Structure<Type>) {
        return {{"type", "structure"}, {"members", describe<Type>()}};
    } else if constexpr (std::is_same_v<Type, std::string>) {
        return {{"type", "string"}};
    } else if constexpr (std::is_same_v<Type, base::Bytes>) {
        return {{"type", "blob"}};
    } else if constexpr (std::is_same_v<Type, base::Time>) {
        return {{"type", "timestamp"}};
    } else if constexpr (std::is_same_v<Type, bool>) {
        return {{"type", "boolean"}};
    } else if constexpr (std::is_integral_v<Type>) {
        return {{"type", "integer"}};
    } else if constexpr (std::is_floating_point_v<Type>) {
        return {{"type", "float"}};
    } else {
        return {{"type", "document"}};
    }
}

template <Structure Type>
json::array describe() {
    json::array out;
    auto add = [&](const auto& member) {
        using Value = std::remove_cvref_t<decltype(std::declval<Type>().*(member.pointer))>;
        json::object one = describe_type<Value>();
        one["name"] = member.name;
        one["required"] = member.is_required;
        if (auto limits = describe_limits(member.limits); !limits.is_null()) one["limits"] = limits;
        out.push_back(std::move(one));
    };
    std::apply([&](const auto&... member) { (add(member), ...); }, Type::members());
    return out;
}

}  // namespace wire
