// What the operations of this service work with.
#pragma once

#include <functional>
#include <string>

#include "functions/invoker.h"
#include "functions/store.h"
#include "wire/operation.h"

namespace services::lambda {

// A code package in a bucket.
struct CodeObject {
    std::string bucket;
    std::string key;
    std::string version;  // empty: the current one
};

struct Rooms {
    functions::Store& functions;
    functions::Invoker& invoker;
    // The bytes of an object, at most functions::kZipBytesMax of them, read as the caller. A refusal's
    // message is shown.
    std::function<Result<base::Bytes>(wire::Call&, const CodeObject&)> read_code;
    // Whether the role is there and trusts lambda.amazonaws.com.
    std::function<Result<bool>(const std::string& role_arn)> role_is_assumable;
};

}  // namespace services::lambda
