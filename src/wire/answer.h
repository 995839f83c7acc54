// The members of an operation's output, described in the same words as its input (members.h): encoding, the
// service's model file and the tests all read this description.
//
//   struct Output {
//       std::vector<Face> faces;
//       static auto members() { return wire::members(wire::required("Faces", &Output::faces)); }
//   };
//
// The types are those of inputs. A value of an optional type that is not there is left out. base::Time is
// written as seconds since 1970, as json protocols do.
#pragma once

#include "base/time.h"
#include "wire/members.h"

namespace wire {

template <Structure Type>
json::object encode(const Type& value);

template <class Type>
json::value encode_value(const Type& value) {
    if constexpr (IsList<Type>::value) {
        json::array out;
        out.reserve(value.size());
        for (const auto& item : value)
            out.push_back(encode_value(item));
        return out;
    } else if constexpr (IsMap<Type>::value) {
        json::object out;
        for (const auto& [key, item] : value)
            out[key] = encode_value(item);
        return out;
    } else if constexpr (Structure<Type>) {
        return encode(value);
    } else if constexpr (std::is_same_v<Type, base::Bytes>) {
        return json::value(base::base64(value));
    } else if constexpr (std::is_same_v<Type, base::Time>) {
        return json::value(static_cast<double>(value.time_since_epoch().count()) / 1000);
    } else {
        return json::value(value);
    }
}

template <Structure Type>
json::object encode(const Type& value) {
    json::object out;
    auto add = [&](const auto& member) {
        const auto& one = value.*(member.pointer);
        using Value = std::remove_cvref_t<decltype(one)>;
        if constexpr (IsOptional<Value>::value) {
            if (one) out[member.name] = encode_value(*one);
        } else {
            out[member.name] = encode_value(one);
        }
    };
    std::apply([&](const auto&... member) { (add(member), ...); }, Type::members());
    return out;
}

}  // namespace wire
