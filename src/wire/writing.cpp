// Answers and faults in each protocol's form. Nothing else in the server writes a fault.
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/digest.h"
#include "wire/operation.h"
#include "wire/xml.h"

namespace wire {
namespace {

std::string_view content_type(Protocol protocol) {
    switch (protocol) {
        case Protocol::json_1_0:
            return "application/x-amz-json-1.0";
        case Protocol::json_1_1:
            return "application/x-amz-json-1.1";
        case Protocol::rest_json:
            return "application/json";
        case Protocol::rest_xml:
            return "application/xml";
        case Protocol::query:
            return "text/xml";
    }
    base::unreachable();
}

void add_request_id(http::Response& response, Protocol protocol, std::string_view request_id) {
    if (protocol == Protocol::rest_xml) {
        response.headers.set("x-amz-request-id", std::string(request_id));
        response.headers.set("x-amz-id-2", base::base64(base::view(request_id)));
    } else {
        response.headers.set("x-amzn-RequestId", std::string(request_id));
    }
}

std::string fault_document(const ServiceDescription& service, const http::Request& request,
                           std::string_view request_id, const Fault& fault) {
    json::object body;
    switch (service.protocol) {
        case Protocol::json_1_0:
        case Protocol::json_1_1: {
            std::string prefix = service.fault_namespace;
            if (!prefix.empty() && fault.code == service.validation_code)
                prefix = "com.amazon.coral.validate#";
            else if (!prefix.empty() && fault.front_end)
                prefix = "com.amazon.coral.service#";
            body["__type"] = prefix + fault.code;
            if (service.long_fault_members && !fault.front_end) {
                body["Code"] = fault.code;
                body["Logref"] = request_id;
                body["Message"] = fault.message;
            } else {
                body["message"] = fault.message;
            }
            for (const auto& [name, value] : fault.more)
                body[name] = value;
            return json::serialize(body);
        }
        case Protocol::rest_json:
            if (!fault.front_end) body["Type"] = fault.status >= 500 ? "Service" : "User";
            body[fault.front_end ? "message" : "Message"] = fault.message;
            for (const auto& [name, value] : fault.more)
                body[name] = value;
            return json::serialize(body);
        case Protocol::query:
            body["Error"] = {{"Type", fault.status >= 500 ? "Receiver" : "Sender"},
                             {"Code", fault.code},
                             {"Message", fault.message}};
            body["RequestId"] = request_id;
            return xml_document("ErrorResponse", service.xml_namespace, body);
        case Protocol::rest_xml:
            body["Code"] = fault.code;
            body["Message"] = fault.message;
            for (const auto& [name, value] : fault.more)
                body[name] = value;
            body["Resource"] = request.path();
            body["RequestId"] = request_id;
            body["HostId"] = base::base64(base::view(request_id));
            return xml_document("Error", "", body);
    }
    base::unreachable();
}

std::string reply_document(const ServiceDescription& service, const Operation& operation,
                           std::string_view request_id, const json::object& members) {
    switch (service.protocol) {
        case Protocol::json_1_0:
        case Protocol::json_1_1:
        case Protocol::rest_json:
            return json::serialize(members);
        case Protocol::query: {
            json::object body;
            if (!members.empty()) body[operation.name + "Result"] = members;
            body["ResponseMetadata"] = {{"RequestId", request_id}};
            return xml_document(operation.name + "Response", service.xml_namespace, body);
        }
        case Protocol::rest_xml: {
            // The one member is the document's root element.
            INVARIANT(members.size() == 1);
            const auto& root = *members.begin();
            return xml_document(root.key(), service.xml_namespace, root.value().as_object());
        }
    }
    base::unreachable();
}

}  // namespace

http::Response Service::write(const Operation& operation, const http::Request& request,
                              std::string_view request_id, Reply reply) const {
    if (reply.fault) return write(request, request_id, *reply.fault);
    http::Response response;
    response.status = reply.status;
    response.headers = std::move(reply.headers);
    response.head_content_length = reply.head_content_length;
    add_request_id(response, description_.protocol, request_id);
    if (reply.raw) {
        std::visit([&](auto& body) { response.body = std::move(body); }, *reply.raw);
        return response;
    }
    bool bodiless = reply.body.empty() && description_.protocol == Protocol::rest_xml;
    if (reply.status == 204 || bodiless) return response;
    std::string document = reply_document(description_, operation, request_id, reply.body);
    if (description_.crc32_header) {
        base::Checksum crc(base::ChecksumKind::crc32);
        crc.update(base::view(document));
        std::uint32_t value = 0;
        for (auto byte : crc.finish())
            value = value << 8 | byte;
        response.headers.set("x-amz-crc32", std::to_string(value));
    }
    response.headers.set("Content-Type", std::string(content_type(description_.protocol)));
    response.body = std::move(document);
    return response;
}

http::Response Service::write(const http::Request& request, std::string_view request_id,
                              const Fault& fault) const {
    http::Response response;
    response.status = fault.status;
    response.headers = fault.headers;
    add_request_id(response, description_.protocol, request_id);
    if (description_.protocol != Protocol::rest_xml && description_.protocol != Protocol::query)
        response.headers.set("x-amzn-ErrorType", fault.code);
    response.headers.set("Content-Type", std::string(content_type(description_.protocol)));
    // 304 and answers to HEAD have no body.
    if (request.method != "HEAD" && fault.status != 304)
        response.body = fault_document(description_, request, request_id, fault);
    return response;
}

}  // namespace wire
