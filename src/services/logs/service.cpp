#include "services/logs/service.h"

namespace services::logs {

wire::Service service(Rooms& rooms) {
    wire::Service service({.name = "logs",
                           .protocol = wire::Protocol::json_1_1,
                           .target_prefix = "Logs_20140328.",
                           .validation_code = "InvalidParameterException",
                           .fault_of = fault_of});
    add_group_operations(service, rooms);
    add_stream_operations(service, rooms);
    add_event_operations(service, rooms);
    service.lacks({"StartQuery",
                   "StopQuery",
                   "GetQueryResults",
                   "DescribeQueries",
                   "StartLiveTail",
                   "GetLogRecord",
                   "GetLogGroupFields",
                   "PutMetricFilter",
                   "DeleteMetricFilter",
                   "DescribeMetricFilters",
                   "TestMetricFilter",
                   "PutSubscriptionFilter",
                   "DeleteSubscriptionFilter",
                   "DescribeSubscriptionFilters",
                   "PutDestination",
                   "DeleteDestination",
                   "DescribeDestinations",
                   "PutDestinationPolicy",
                   "CreateExportTask",
                   "CancelExportTask",
                   "DescribeExportTasks",
                   "PutResourcePolicy",
                   "DeleteResourcePolicy",
                   "DescribeResourcePolicies",
                   "PutQueryDefinition",
                   "DeleteQueryDefinition",
                   "DescribeQueryDefinitions",
                   "AssociateKmsKey",
                   "DisassociateKmsKey",
                   "PutDataProtectionPolicy",
                   "GetDataProtectionPolicy",
                   "DeleteDataProtectionPolicy",
                   "PutAccountPolicy",
                   "DeleteAccountPolicy",
                   "DescribeAccountPolicies",
                   "TagLogGroup",
                   "UntagLogGroup",
                   "ListLogGroups",
                   "ListAnomalies",
                   "CreateLogAnomalyDetector",
                   "CreateDelivery",
                   "DescribeDeliveries"});
    return service;
}

}  // namespace services::logs
