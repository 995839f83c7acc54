#include "services/s3/documents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace services::s3;
    std::string_view body(reinterpret_cast<const char*>(data), size);
    static_cast<void>(parse_location(body).ok());
    if (auto parsed = parse_delete(body); parsed.ok()) INVARIANT(!parsed->objects.empty());
    if (auto parsed = parse_complete(body); parsed.ok()) INVARIANT(!parsed->empty());
    static_cast<void>(parse_tagging(body).ok());
    static_cast<void>(parse_tagging_header(body).ok());
    static_cast<void>(parse_versioning(body).ok());
    if (auto rules = parse_cors(body); rules.ok() && check_cors(*rules).ok()) {
        INVARIANT(!rules->empty());
        // Whoever is at an origin without a wildcard is allowed what its rule says.
        const auto& first = rules->front();
        CrossOrigin asked{.origin = first.origins.front(), .method = first.methods.front(), .headers = {}};
        if (asked.origin.find('*') == std::string::npos) INVARIANT(allowing(*rules, asked) == &first);
    }
    static_cast<void>(parse_notification(body).ok());
    return 0;
}

std::vector<std::string> seeds() {
    return {
        "<CreateBucketConfiguration "
        "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>us-west-2"
        "</LocationConstraint></CreateBucketConfiguration>",
        "<Delete><Object><Key>a</Key><VersionId>null</VersionId></Object><Quiet>true</Quiet></Delete>",
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag></Part></"
        "CompleteMultipartUpload>",
        "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
        "a=b&c=%20d",
        "<CORSConfiguration><CORSRule><AllowedOrigin>http://*.a</AllowedOrigin><AllowedMethod>PUT</"
        "AllowedMethod>"
        "<AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds></"
        "CORSRule>"
        "</CORSConfiguration>",
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
        "<NotificationConfiguration><CloudFunctionConfiguration><Id>1</"
        "Id><CloudFunction>arn:aws:lambda:us-west-2:"
        "111122223333:function:f</CloudFunction><Event>s3:ObjectCreated:*</"
        "Event><Filter><S3Key><FilterRule><Name>"
        "prefix</Name><Value>index/</Value></FilterRule></S3Key></Filter></CloudFunctionConfiguration>"
        "</NotificationConfiguration>",
    };
}
