#include "wire/xml.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <pugixml.hpp>
#include <sstream>

namespace wire {
namespace {

namespace json = boost::json;

// Characters that XML 1.0 cannot hold at all are replaced; S3 keys may have them, and clients then ask for
// encoding-type=url.
std::string legal(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        out.push_back(byte < 0x20 && c != '\t' && c != '\n' && c != '\r' ? '?' : c);
    }
    return out;
}

std::string scalar_text(const json::value& value) {
    if (const auto* text = value.if_string()) return legal({text->data(), text->size()});
    if (value.is_bool()) return value.get_bool() ? "true" : "false";
    if (value.is_int64()) return std::to_string(value.get_int64());
    if (value.is_uint64()) return std::to_string(value.get_uint64());
    return fmt::format("{}", value.get_double());
}

void write(pugi::xml_node parent, std::string_view name, const json::value& value);

void write_members(pugi::xml_node node, const json::object& members) {
    for (const auto& [name, value] : members)
        write(node, name, value);
}

void write(pugi::xml_node parent, std::string_view name, const json::value& value) {
    if (value.is_null()) return;
    if (name.starts_with('@')) {
        parent.append_attribute(std::string(name.substr(1)).c_str()).set_value(scalar_text(value).c_str());
        return;
    }
    if (name == "#text") {
        parent.text().set(scalar_text(value).c_str());
        return;
    }
    bool flat = name.ends_with("[]");
    std::string element(flat ? name.substr(0, name.size() - 2) : name);
    if (const auto* list = value.if_array()) {
        if (!flat) parent = parent.append_child(element.c_str());
        for (const auto& item : *list)
            write(parent, flat ? element : "member", item);
        return;
    }
    auto node = parent.append_child(element.c_str());
    if (const auto* object = value.if_object())
        write_members(node, *object);
    else
        node.text().set(scalar_text(value).c_str());
}

}  // namespace

std::string xml_document(std::string_view root, std::string_view xml_namespace, const json::object& members) {
    pugi::xml_document document;
    auto node = document.append_child(std::string(root).c_str());
    if (!xml_namespace.empty()) node.append_attribute("xmlns").set_value(std::string(xml_namespace).c_str());
    write_members(node, members);
    std::ostringstream out;
    out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    document.save(out, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
    return std::move(out).str();
}

}  // namespace wire
