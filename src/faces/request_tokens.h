// ClientRequestToken: a request that is sent again, because its answer got lost, is done once and answered as
// the first time. AWS does not say for how long it remembers; here it is until the end of the next day (UTC).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "faces/record.h"
#include "store/records.h"

namespace faces {

// A request as its token names it.
struct Request {
    std::string token;           // empty: every request is a new one
    std::string_view operation;  // a token counts for one operation of one collection
    std::string parameters;      // everything else that the request says
};

// Callable from any thread. What it is given outlives it.
class RequestTokens {
public:
    RequestTokens(store::Records& records, const base::Clock& clock) : records_(records), clock_(clock) {}

    using Change = std::function<Result<std::string>(store::Transaction&)>;
    // What `change` answers, or, if this very request was answered before, that answer again without running
    // it. The change and the memory of it are one commit; an error is not remembered. Refuses
    // request_token_taken, and store::Refusal::conflict.
    Result<std::string> once(Incarnation collection, const Request& request, const Change& change);

private:
    Result<void> forget_days_before(std::uint64_t day);

    store::Records& records_;
    const base::Clock& clock_;
    std::atomic<std::uint64_t> forgotten_before_ = 0;  // a day
};

}  // namespace faces
