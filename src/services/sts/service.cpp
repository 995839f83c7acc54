#include "services/sts/service.h"

namespace services::sts {

wire::Service service(access_control::Directory& directory) {
    wire::Service service({.name = "sts",
                           .protocol = wire::Protocol::query,
                           .api_version = "2011-06-15",
                           .xml_namespace = "https://sts.amazonaws.com/doc/2011-06-15/",
                           .validation_code = "ValidationError",
                           .fault_of = fault_of});
    add_session_operations(service, directory);
    service.lacks({"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "AssumeRoot",
                   "DecodeAuthorizationMessage", "GetDelegatedAccessToken", "GetFederationToken",
                   "GetWebIdentityToken"});
    return service;
}

}  // namespace services::sts
