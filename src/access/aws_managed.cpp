#include "access/aws_managed.h"

#include "base/digest.h"

namespace access_control {
namespace {

struct BuiltIn {
    std::string_view name;
    std::string_view path;
    int version;
    std::string_view created;
    std::string_view document;
};

// clang-format off
constexpr BuiltIn kBuiltIn[] = {
    {"AdministratorAccess", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"},
    {"AmazonDynamoDBFullAccess", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:*","lambda:Get*",
"lambda:List*","iam:GetRole","iam:ListRoles"],"Resource":"*"},{"Effect":"Allow",
"Action":"iam:PassRole","Resource":"*",
"Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}]})"},
    {"AmazonDynamoDBFullAccess_v2", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:*"],"Resource":"*"}]})"},
    {"AmazonDynamoDBReadOnlyAccess", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:BatchGetItem",
"dynamodb:ConditionCheckItem","dynamodb:Describe*","dynamodb:Get*","dynamodb:List*",
"dynamodb:PartiQLSelect","dynamodb:Query","dynamodb:Scan","iam:GetRole","iam:ListRoles"],
"Resource":"*"}]})"},
    {"AmazonRekognitionFullAccess", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"rekognition:*","Resource":"*"}]})"},
    {"AmazonRekognitionReadOnlyAccess", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["rekognition:CompareFaces",
"rekognition:DescribeCollection","rekognition:DescribeProjects",
"rekognition:DescribeProjectVersions","rekognition:DescribeStreamProcessor","rekognition:Detect*",
"rekognition:GetCelebrityInfo","rekognition:Get*","rekognition:List*",
"rekognition:RecognizeCelebrities","rekognition:SearchFaces","rekognition:SearchFacesByImage",
"rekognition:SearchUsers","rekognition:SearchUsersByImage"],"Resource":"*"}]})"},
    {"AmazonRekognitionServiceRole", "/service-role/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sns:Publish",
"Resource":"arn:aws:sns:*:*:AmazonRekognition*"},{"Effect":"Allow","Action":["kinesis:PutRecord",
"kinesis:PutRecords"],"Resource":"arn:aws:kinesis:*:*:stream/AmazonRekognition*"}]})"},
    {"AmazonS3FullAccess", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","s3-object-lambda:*"],
"Resource":"*"}]})"},
    {"AmazonS3ReadOnlyAccess", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*",
"s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]})"},
    {"AWSLambda_FullAccess", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:*","iam:GetPolicy",
"iam:GetPolicyVersion","iam:GetRole","iam:GetRolePolicy","iam:ListAttachedRolePolicies",
"iam:ListRolePolicies","iam:ListRoles","logs:DescribeLogGroups","logs:DescribeLogStreams",
"logs:FilterLogEvents","logs:GetLogEvents"],"Resource":"*"},{"Effect":"Allow",
"Action":"iam:PassRole","Resource":"*",
"Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}]})"},
    {"AWSLambda_ReadOnlyAccess", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:Get*","lambda:List*",
"iam:GetPolicy","iam:GetPolicyVersion","iam:GetRole","iam:GetRolePolicy",
"iam:ListAttachedRolePolicies","iam:ListRolePolicies","iam:ListRoles","logs:DescribeLogGroups",
"logs:DescribeLogStreams","logs:FilterLogEvents","logs:GetLogEvents"],"Resource":"*"}]})"},
    {"AWSLambdaBasicExecutionRole", "/service-role/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup",
"logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]})"},
    {"AWSLambdaDynamoDBExecutionRole", "/service-role/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:DescribeStream",
"dynamodb:GetRecords","dynamodb:GetShardIterator","dynamodb:ListStreams","logs:CreateLogGroup",
"logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]})"},
    {"AWSLambdaExecute", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*",
"Resource":"arn:aws:logs:*:*:*"},{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],
"Resource":"arn:aws:s3:::*"}]})"},
    {"AWSLambdaRole", "/service-role/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:InvokeFunction",
"Resource":"*"}]})"},
    {"CloudWatchLogsFullAccess", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]})"},
    {"CloudWatchLogsReadOnlyAccess", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:Describe*","logs:Get*",
"logs:List*","logs:FilterLogEvents","logs:StartQuery","logs:StopQuery","logs:TestMetricFilter"],
"Resource":"*"}]})"},
    {"IAMFullAccess", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*"],"Resource":"*"}]})"},
    {"IAMReadOnlyAccess", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:Get*","iam:List*",
"iam:Simulate*","iam:Generate*"],"Resource":"*"}]})"},
    {"PowerUserAccess", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*",
"account:*"],"Resource":"*"},{"Effect":"Allow","Action":["iam:ListRoles",
"iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole"],"Resource":"*"}]})"},
    {"ReadOnlyAccess", "/", 1, "2015-02-06T18:40:00Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:BatchGetItem",
"dynamodb:ConditionCheckItem","dynamodb:Describe*","dynamodb:Get*","dynamodb:List*",
"dynamodb:PartiQLSelect","dynamodb:Query","dynamodb:Scan","iam:Generate*","iam:Get*","iam:List*",
"iam:Simulate*","lambda:Get*","lambda:List*","logs:Describe*","logs:FilterLogEvents","logs:Get*",
"logs:List*","logs:StartQuery","logs:StopQuery","logs:TestMetricFilter","rekognition:CompareFaces",
"rekognition:DescribeCollection","rekognition:DescribeProjectVersions",
"rekognition:DescribeProjects","rekognition:DescribeStreamProcessor","rekognition:Detect*",
"rekognition:Get*","rekognition:GetCelebrityInfo","rekognition:List*",
"rekognition:RecognizeCelebrities","rekognition:SearchFaces","rekognition:SearchFacesByImage",
"rekognition:SearchUsers","rekognition:SearchUsersByImage","s3:Describe*","s3:Get*","s3:List*",
"sts:GetAccessKeyInfo","sts:GetCallerIdentity"],"Resource":"*"}]})"},
};
// clang-format on

// Stable over restarts, as a policy's id must be; not the id that AWS has given it.
std::string id_of(std::string_view name) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    auto digest = base::digest(base::DigestKind::sha256, base::view(name));
    std::string out = "ANPA";
    for (std::size_t i = 0; i < 17; ++i)
        out.push_back(kAlphabet[digest[i] % kAlphabet.size()]);
    return out;
}

std::vector<ManagedPolicy> build() {
    std::vector<ManagedPolicy> out;
    for (const auto& entry : kBuiltIn) {
        ManagedPolicy policy;
        policy.account = "aws";
        policy.name = entry.name;
        policy.path = entry.path;
        policy.id = id_of(entry.name);
        policy.created = policy.updated = base::from_iso8601(entry.created).value();
        policy.versions = {{entry.version, std::string(entry.document), policy.created}};
        policy.default_version = entry.version;
        policy.next_version = entry.version + 1;
        out.push_back(std::move(policy));
    }
    return out;
}

}  // namespace

const std::vector<ManagedPolicy>& aws_managed_policies() {
    static const auto all = build();
    return all;
}

const ManagedPolicy* find_aws_managed_policy(std::string_view arn) {
    constexpr std::string_view kPrefix = "arn:aws:iam::aws:policy";
    if (!arn.starts_with(kPrefix)) return nullptr;
    arn.remove_prefix(kPrefix.size());
    for (const auto& policy : aws_managed_policies())
        if (arn.size() == policy.path.size() + policy.name.size() && arn.starts_with(policy.path) &&
            arn.ends_with(policy.name))
            return &policy;
    return nullptr;
}

}  // namespace access_control
