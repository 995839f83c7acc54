#include "events/event.h"

#include <boost/json.hpp>

#include "base/bytes.h"

namespace events {

namespace json = boost::json;

std::string encode_event_key(std::string_view key) {
    auto out = base::percent_encode(key, "/ ");
    for (char& c : out)
        if (c == ' ') c = '+';
    return out;
}

std::string event_document(const ObjectEvent& event, std::string_view subscription_id) {
    json::object object = {{"key", encode_event_key(event.key)}};
    if (event.size) object["size"] = *event.size;
    if (!event.etag.empty()) object["eTag"] = event.etag;
    if (!event.version_id.empty()) object["versionId"] = event.version_id;
    object["sequencer"] = event.sequencer;
    json::object record = {
        {"eventVersion", "2.1"},
        {"eventSource", "aws:s3"},
        {"awsRegion", event.region},
        {"eventTime", base::iso8601(event.time)},
        {"eventName", event.name},
        {"userIdentity", {{"principalId", "AWS:" + event.principal_id}}},
        {"requestParameters", {{"sourceIPAddress", event.source_address}}},
        {"responseElements", {{"x-amz-request-id", event.request_id}, {"x-amz-id-2", event.request_id}}},
        {"s3",
         {{"s3SchemaVersion", "1.0"},
          {"configurationId", subscription_id},
          {"bucket",
           {{"name", event.bucket},
            {"ownerIdentity", {{"principalId", event.account}}},
            {"arn", "arn:aws:s3:::" + event.bucket}}},
          {"object", std::move(object)}}},
    };
    return json::serialize(json::object{{"Records", json::array{std::move(record)}}});
}

}  // namespace events
