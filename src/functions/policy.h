// A function's resource policy: who else may invoke it. A JSON document in IAM's language, one statement at a
// time.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "functions/function.h"

namespace functions {

// What AddPermission gives.
struct Grant {
    std::string sid;
    std::string action;     // "lambda:InvokeFunction"
    std::string principal;  // a service ("s3.amazonaws.com"), an account, an ARN, or "*"
    std::string source_arn, source_account, principal_org;  // conditions; empty: none
};

// The statement, as IAM reads it. `resource` is the ARN of the function, version or alias.
boost::json::object statement_of(const Grant& grant, const std::string& resource);

// {"Version": ..., "Id": "default", "Statement": [...]}; empty for no statements.
std::string policy_document(const std::map<std::string, boost::json::object>& statements);

// Whether the policy lets a service invoke the function for a source: S3 for a bucket's events.
// `source_account` owns the source.
bool allows_service(std::string_view policy, std::string_view service, std::string_view source_arn,
                    std::string_view source_account);

}  // namespace functions
