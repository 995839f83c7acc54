// XML answers from the same JSON values that the JSON protocols send.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

namespace wire {

// <?xml ...?><root xmlns="...">...</root>. Objects become nested elements and scalars text. A list is written
// as <name><member>...</member></name>, or, where its name ends in "[]", as repeated <name> elements. Members
// whose name begins with "@" are attributes of their element, and one named "#text" is its text. Null members
// are left out.
std::string xml_document(std::string_view root, std::string_view xml_namespace,
                         const boost::json::object& members);

}  // namespace wire
