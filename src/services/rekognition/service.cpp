#include "services/rekognition/service.h"

#include "services/rekognition/errors.h"
#include "services/rekognition/images.h"

namespace services::rekognition {

wire::Service service(Rooms& rooms) {
    wire::Service out({.name = "rekognition",
                       .protocol = wire::Protocol::json_1_1,
                       .target_prefix = "RekognitionService.",
                       .long_fault_members = true,
                       .body_bytes_max = kBodyBytesMax,
                       .fault_of = fault_of});
    add_collection_operations(out, rooms);
    add_indexing_operations(out, rooms);
    add_search_operations(out, rooms);
    add_detection_operations(out, rooms);
    add_comparison_operations(out, rooms);
    add_user_operations(out, rooms);
    add_user_search_operations(out, rooms);
    add_tag_operations(out, rooms);
    out.lacks({
        // other analysis of pictures
        "DetectLabels",
        "DetectText",
        "DetectModerationLabels",
        "RecognizeCelebrities",
        "GetCelebrityInfo",
        "DetectProtectiveEquipment",
        // liveness and bulk jobs
        "CreateFaceLivenessSession",
        "GetFaceLivenessSessionResults",
        "StartMediaAnalysisJob",
        "GetMediaAnalysisJob",
        "ListMediaAnalysisJobs",
        // stored video
        "StartCelebrityRecognition",
        "GetCelebrityRecognition",
        "StartContentModeration",
        "GetContentModeration",
        "StartFaceDetection",
        "GetFaceDetection",
        "StartFaceSearch",
        "GetFaceSearch",
        "StartLabelDetection",
        "GetLabelDetection",
        "StartPersonTracking",
        "GetPersonTracking",
        "StartSegmentDetection",
        "GetSegmentDetection",
        "StartTextDetection",
        "GetTextDetection",
        // streaming video
        "CreateStreamProcessor",
        "DeleteStreamProcessor",
        "DescribeStreamProcessor",
        "ListStreamProcessors",
        "StartStreamProcessor",
        "StopStreamProcessor",
        "UpdateStreamProcessor",
        // custom labels
        "CreateProject",
        "DeleteProject",
        "DescribeProjects",
        "CreateProjectVersion",
        "DeleteProjectVersion",
        "DescribeProjectVersions",
        "CopyProjectVersion",
        "StartProjectVersion",
        "StopProjectVersion",
        "DetectCustomLabels",
        "CreateDataset",
        "DeleteDataset",
        "DescribeDataset",
        "DistributeDatasetEntries",
        "ListDatasetEntries",
        "ListDatasetLabels",
        "UpdateDatasetEntries",
        "PutProjectPolicy",
        "DeleteProjectPolicy",
        "ListProjectPolicies",
    });
    return out;
}

}  // namespace services::rekognition
