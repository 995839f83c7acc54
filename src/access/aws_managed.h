// The policies that AWS itself provides: "arn:aws:iam::aws:policy/AmazonRekognitionFullAccess" and its like.
// Each has AWS's name and path and allows what AWS's policy of that name is for, written anew and in short
// for the services that are here; versions, dates and ids are ours.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
#pragma once

#include <string_view>
#include <vector>

#include "access/identity.h"

namespace access_control {

// In the order of their names, without case.
const std::vector<ManagedPolicy>& aws_managed_policies();
// By ARN; null if AWS has no such policy, or it is not built in.
const ManagedPolicy* find_aws_managed_policy(std::string_view arn);

}  // namespace access_control
