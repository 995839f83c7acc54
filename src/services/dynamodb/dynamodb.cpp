#include "services/dynamodb/dynamodb.h"

#include "services/dynamodb/operations.h"

namespace services::dynamodb {

wire::Service make_service(Rooms& rooms) {
    wire::ServiceDescription description{.name = "dynamodb", .protocol = wire::Protocol::json_1_0};
    description.target_prefix = "DynamoDB_20120810.";
    description.fault_namespace = "com.amazonaws.dynamodb.v20120810#";
    description.crc32_header = true;
    description.body_bytes_max = 16 * 1024 * 1024;
    description.fault_of = fault_of;
    wire::Service service(std::move(description));
    add_table_operations(service, rooms);
    add_setting_operations(service, rooms);
    add_item_operations(service, rooms);
    add_read_operations(service, rooms);
    add_batch_operations(service, rooms);
    add_transaction_operations(service, rooms);
    service.lacks({"BatchExecuteStatement",
                   "CreateBackup",
                   "CreateGlobalTable",
                   "DeleteBackup",
                   "DeleteResourcePolicy",
                   "DescribeBackup",
                   "DescribeContributorInsights",
                   "DescribeExport",
                   "DescribeGlobalTable",
                   "DescribeGlobalTableSettings",
                   "DescribeImport",
                   "DescribeKinesisStreamingDestination",
                   "DescribeTableReplicaAutoScaling",
                   "DisableKinesisStreamingDestination",
                   "EnableKinesisStreamingDestination",
                   "ExecuteStatement",
                   "ExecuteTransaction",
                   "ExportTableToPointInTime",
                   "GetResourcePolicy",
                   "ImportTable",
                   "ListBackups",
                   "ListContributorInsights",
                   "ListExports",
                   "ListGlobalTables",
                   "ListImports",
                   "PutResourcePolicy",
                   "RestoreTableFromBackup",
                   "RestoreTableToPointInTime",
                   "UpdateContinuousBackups",
                   "UpdateContributorInsights",
                   "UpdateGlobalTable",
                   "UpdateGlobalTableSettings",
                   "UpdateKinesisStreamingDestination",
                   "UpdateTableReplicaAutoScaling"});
    return service;
}

}  // namespace services::dynamodb
