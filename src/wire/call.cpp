#include "wire/call.h"

#include <fmt/format.h>

namespace wire {

std::string Call::arn(std::string_view service, std::string_view resource) const {
    return fmt::format("arn:aws:{}:{}:{}:{}", service, region, caller.account, resource);
}

}  // namespace wire
