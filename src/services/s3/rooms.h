// What the operations of this service work with.
#pragma once

#include <functional>
#include <string>

#include "events/bus.h"
#include "objects/store.h"

namespace services::s3 {

// Whether S3 may call the function (an ARN) on behalf of the bucket (an ARN) of the account: the function is
// there and its own policy allows s3.amazonaws.com to invoke it.
using MayNotify = std::function<Result<bool>(const std::string& function, const std::string& bucket,
                                             const std::string& account)>;

// Whether the document can be the policy of this bucket: any refusal's message is AWS's sentence.
using CheckPolicy = std::function<Result<void>(const std::string& document, const std::string& bucket)>;

struct Rooms {
    objects::Store& objects;
    events::Bus& events;
    MayNotify may_notify;
    CheckPolicy check_policy;
};

// For objects::Store: each event of an object is enqueued in the transaction of what it tells of.
objects::Observers observers(events::Bus& bus);

}  // namespace services::s3
