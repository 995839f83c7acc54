#include "services/dynamodb/values.h"

#include "base/bytes.h"
#include "tables/parser.h"
#include "tables/refusal.h"
#include "wire/fault.h"

namespace services::dynamodb {

namespace {

using tables::invalid;
using tables::invalid_parameter;
using tables::Type;
using tables::Value;

Error malformed(std::string message) {
    return Error::refusal(wire::Trouble::malformed_body, std::move(message));
}

Result<std::string> to_text(const json::value& source) {
    const auto* text = source.if_string();
    if (!text) {
        if (source.is_number()) return malformed("NUMBER_VALUE cannot be converted to String");
        if (source.is_bool())
            return malformed(source.get_bool() ? "TRUE_VALUE cannot be converted to String"
                                               : "FALSE_VALUE cannot be converted to String");
        return malformed("Unexpected value type in payload");
    }
    return std::string(text->data(), text->size());
}

Result<tables::Binary> to_binary(const json::value& source) {
    auto text = TRY(to_text(source));
    auto bytes = base::from_base64(text);
    if (!bytes)
        return malformed(
            "Base64 encoded length is expected a multiple of 4 bytes, or a character is not base64");
    return tables::Binary{std::string(bytes->begin(), bytes->end())};
}

Result<tables::Number> to_number(const json::value& source) {
    return tables::Number::parse(TRY(to_text(source)));
}

Result<Value> to_value(const json::value& source, int depth);

Result<tables::Map> to_map(const json::object& source, int depth) {
    tables::Map out;
    for (const auto& [name, value] : source) {
        // Names within documents may be empty, names of attributes may not.
        if (depth == 0 && name.empty()) return invalid_parameter("Empty attribute name");
        if (name.size() > tables::kAttributeNameBytesMax)
            return invalid_parameter("Attribute name is too large, must be less than 65536 bytes");
        auto member = TRY(to_value(value, depth));
        out.insert_or_assign(std::string(name), std::move(member));
    }
    return out;
}

Result<tables::List> to_list(const json::value& source, int depth) {
    const auto* array = source.if_array();
    if (!array) return malformed("Unexpected value type in payload");
    tables::List out;
    for (const auto& value : *array)
        out.push_back(TRY(to_value(value, depth)));
    return out;
}

template <class Member>
Result<Value> to_set(const json::value& source, Result<Member> (*to_member)(const json::value&),
                     std::string_view empty) {
    const auto* array = source.if_array();
    if (!array) return malformed("Unexpected value type in payload");
    if (array->empty()) return invalid_parameter(std::string(empty));
    std::set<Member> out;
    for (const auto& value : *array) {
        auto member = TRY(to_member(value));
        if (!out.insert(std::move(member)).second)
            return invalid_parameter("Input collection " + json::serialize(*array) + " contains duplicates.");
    }
    return Value(std::move(out));
}

Result<Value> to_value(const json::value& source, int depth) {
    const auto* object = source.if_object();
    if (!object) return malformed("Unexpected value type in payload");
    const json::key_value_pair* found = nullptr;
    std::optional<Type> type;
    for (const auto& member : *object) {
        auto named = tables::type_from_name(member.key());
        // As AWS does, members that are no types, and those that are null, count as absent.
        if (!named || member.value().is_null()) continue;
        if (found)
            return invalid(
                "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
                "supported "
                "datatypes");
        found = &member;
        type = named;
    }
    if (!found)
        return invalid(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
    const auto& content = found->value();
    if ((*type == Type::map || *type == Type::list) && depth >= tables::kNestingMax)
        return invalid(
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond "
            "supported limit");
    switch (*type) {
        case Type::string:
            return Value(TRY(to_text(content)));
        case Type::number:
            return Value(TRY(to_number(content)));
        case Type::binary:
            return Value(TRY(to_binary(content)));
        case Type::boolean:
            if (!content.is_bool()) return malformed("Unexpected value type in payload");
            return Value(content.get_bool());
        case Type::null:
            if (!content.is_bool()) return malformed("Unexpected value type in payload");
            if (!content.get_bool())
                return invalid_parameter("Null attribute value types must have the value of true");
            return Value(tables::Null{});
        case Type::map:
            if (!content.is_object()) return malformed("Unexpected value type in payload");
            return Value(TRY(to_map(content.get_object(), depth + 1)));
        case Type::list:
            return Value(TRY(to_list(content, depth + 1)));
        case Type::string_set:
            return to_set<std::string>(content, to_text, "An string set  may not be empty");
        case Type::number_set:
            return to_set<tables::Number>(content, to_number, "An number set  may not be empty");
        case Type::binary_set:
            return to_set<tables::Binary>(content, to_binary, "Binary sets should not be empty");
    }
    base::unreachable();
}

std::string base64_of(const tables::Binary& binary) {
    return base::base64(base::view(binary.bytes));
}

struct Content {
    json::value operator()(const std::string& text) const { return json::string(text); }
    json::value operator()(const tables::Number& number) const { return json::string(number.text()); }
    json::value operator()(const tables::Binary& binary) const { return json::string(base64_of(binary)); }
    json::value operator()(bool value) const { return value; }
    json::value operator()(const tables::Null&) const { return true; }
    json::value operator()(const tables::Map& map) const { return from_item(map); }
    json::value operator()(const tables::List& list) const {
        json::array out;
        for (const auto& value : list)
            out.push_back(from_value(value));
        return out;
    }
    template <class Member>
    json::value operator()(const std::set<Member>& set) const {
        json::array out;
        for (const auto& member : set)
            out.push_back((*this)(member));
        return out;
    }
};

}  // namespace

Result<Value> to_value(const json::value& source) {
    return to_value(source, 0);
}

Result<tables::Item> to_item(const json::object& source) {
    return to_map(source, 0);
}

Result<std::vector<Value>> to_values(const std::vector<json::value>& source) {
    std::vector<Value> out;
    for (const auto& value : source)
        out.push_back(TRY(to_value(value, 0)));
    return out;
}

json::object from_value(const Value& value) {
    json::object out;
    out[tables::type_name(value.type())] = std::visit(Content{}, value.content());
    return out;
}

json::object from_item(const tables::Item& item) {
    json::object out;
    for (const auto& [name, value] : item)
        out[name] = from_value(value);
    return out;
}

}  // namespace services::dynamodb
