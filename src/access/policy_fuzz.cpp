// Policies come from callers: any bytes are either refused or matched without harm.
#include "access/evaluation.h"
#include "access/policy.h"

std::vector<std::string> seeds() {
    return {
        R"({"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["s3:Get*"],"Resource":"arn:aws:s3:::b/${aws:username}/*","Condition":{"StringLike":{"s3:prefix":["a*","b?"]},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"DateLessThan":{"aws:CurrentTime":"2024-01-01"},"ForAllValues:NumericLessThanIfExists":{"a:b":[1,2.5]},"Null":{"c:d":true},"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:b"},"BinaryEquals":{"e:f":"AQID"}}}]})",
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":["123456789012","arn:aws:iam::123456789012:role/r"],"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}})",
        R"({"Version":"2008-10-17","Id":"x","Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":"*"},"NotAction":"s3:*","NotResource":["*"]}]})",
    };
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace access_control;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    Principal principal = root_of("123456789012");
    principal.kind = PrincipalKind::user;
    principal.user_name = "ann";
    ActionRequest request{"s3:GetObject", "arn:aws:s3:::b/ann/x"};
    request.context = {
        {"s3:prefix", {"a"}}, {"aws:SourceIp", {"10.1.1.1"}}, {"a:b", {"1", "x"}}, {"e:f", {"AQID"}}};
    for (auto kind : {PolicyKind::identity, PolicyKind::trust, PolicyKind::resource}) {
        auto policy = parse_policy(text, kind);
        if (!policy.ok()) continue;
        auto rights = std::make_shared<Rights>();
        rights->identity.push_back(*policy);
        principal.rights = rights;
        evaluate(principal, request);
        evaluate(principal, request, policy->get());
    }
    return 0;
}
