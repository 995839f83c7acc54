#include "services/lambda/service.h"

namespace services::lambda {
namespace {

struct Lacking {
    std::string_view name;
    wire::Route route;
};

// What AWS has and this server has not.
constexpr Lacking kLacking[] = {
    {"InvokeAsync", {"POST", "/2014-11-13/functions/{FunctionName}/invoke-async"}},
    {"InvokeWithResponseStream",
     {"POST", "/2021-11-15/functions/{FunctionName}/response-streaming-invocations"}},
    {"CreateEventSourceMapping", {"POST", "/2015-03-31/event-source-mappings"}},
    {"GetEventSourceMapping", {"GET", "/2015-03-31/event-source-mappings/{UUID}"}},
    {"UpdateEventSourceMapping", {"PUT", "/2015-03-31/event-source-mappings/{UUID}"}},
    {"DeleteEventSourceMapping", {"DELETE", "/2015-03-31/event-source-mappings/{UUID}"}},
    {"CreateFunctionUrlConfig", {"POST", "/2021-10-31/functions/{FunctionName}/url"}},
    {"GetFunctionUrlConfig", {"GET", "/2021-10-31/functions/{FunctionName}/url"}},
    {"UpdateFunctionUrlConfig", {"PUT", "/2021-10-31/functions/{FunctionName}/url"}},
    {"DeleteFunctionUrlConfig", {"DELETE", "/2021-10-31/functions/{FunctionName}/url"}},
    {"ListFunctionUrlConfigs", {"GET", "/2021-10-31/functions/{FunctionName}/urls"}},
    {"PutFunctionEventInvokeConfig", {"PUT", "/2019-09-25/functions/{FunctionName}/event-invoke-config"}},
    {"UpdateFunctionEventInvokeConfig", {"POST", "/2019-09-25/functions/{FunctionName}/event-invoke-config"}},
    {"GetFunctionEventInvokeConfig", {"GET", "/2019-09-25/functions/{FunctionName}/event-invoke-config"}},
    {"DeleteFunctionEventInvokeConfig",
     {"DELETE", "/2019-09-25/functions/{FunctionName}/event-invoke-config"}},
    {"ListFunctionEventInvokeConfigs",
     {"GET", "/2019-09-25/functions/{FunctionName}/event-invoke-config/list"}},
    {"PutProvisionedConcurrencyConfig",
     {"PUT", "/2019-09-30/functions/{FunctionName}/provisioned-concurrency"}},
    {"GetProvisionedConcurrencyConfig",
     {"GET", "/2019-09-30/functions/{FunctionName}/provisioned-concurrency"}},
    {"DeleteProvisionedConcurrencyConfig",
     {"DELETE", "/2019-09-30/functions/{FunctionName}/provisioned-concurrency"}},
    {"PutFunctionCodeSigningConfig", {"PUT", "/2020-06-30/functions/{FunctionName}/code-signing-config"}},
    {"DeleteFunctionCodeSigningConfig",
     {"DELETE", "/2020-06-30/functions/{FunctionName}/code-signing-config"}},
    {"CreateCodeSigningConfig", {"POST", "/2020-04-22/code-signing-configs"}},
    {"ListCodeSigningConfigs", {"GET", "/2020-04-22/code-signing-configs"}},
    {"GetCodeSigningConfig", {"GET", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}"}},
    {"UpdateCodeSigningConfig", {"PUT", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}"}},
    {"DeleteCodeSigningConfig", {"DELETE", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}"}},
    {"ListFunctionsByCodeSigningConfig",
     {"GET", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}/functions"}},
    {"ListLayers", {"GET", "/2018-10-31/layers"}},
    {"PublishLayerVersion", {"POST", "/2018-10-31/layers/{LayerName}/versions"}},
    {"ListLayerVersions", {"GET", "/2018-10-31/layers/{LayerName}/versions"}},
    {"GetLayerVersion", {"GET", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}"}},
    {"DeleteLayerVersion", {"DELETE", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}"}},
    {"AddLayerVersionPermission", {"POST", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy"}},
    {"GetLayerVersionPolicy", {"GET", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy"}},
    {"RemoveLayerVersionPermission",
     {"DELETE", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy/{StatementId}"}},
    {"GetRuntimeManagementConfig", {"GET", "/2021-07-20/functions/{FunctionName}/runtime-management-config"}},
    {"PutRuntimeManagementConfig", {"PUT", "/2021-07-20/functions/{FunctionName}/runtime-management-config"}},
    {"GetFunctionRecursionConfig", {"GET", "/2024-08-31/functions/{FunctionName}/recursion-config"}},
    {"PutFunctionRecursionConfig", {"PUT", "/2024-08-31/functions/{FunctionName}/recursion-config"}},
};

}  // namespace

wire::Service service(Rooms& rooms) {
    wire::Service service({.name = "lambda", .protocol = wire::Protocol::rest_json, .fault_of = fault_of});
    add_function_operations(service, rooms);
    add_invocation_operations(service, rooms);
    add_version_operations(service, rooms);
    add_permission_operations(service, rooms);
    add_setting_operations(service, rooms);
    for (const auto& lacking : kLacking)
        service.lacks(lacking.name, lacking.route);
    return service;
}

}  // namespace services::lambda
