// What came of an invocation, in the words of AWS Lambda: the payload that its caller gets and the lines in
// its log.
#pragma once

#include <string>
#include <vector>

#include "functions/function.h"
#include "functions/worker.h"

namespace functions {

constexpr std::size_t kLogTailBytes = 4096;

struct Report {
    std::string payload;
    bool is_error = false;
    std::vector<LogLine> lines;  // START, what the function printed, END, REPORT
};

Report report_of(const Function& function, const std::string& request_id, Outcome outcome, base::Time now);

// The last kLogTailBytes of the log, a line each.
std::string tail_of(const std::vector<LogLine>& lines);

// Refusal::payload_not_json unless it is JSON; an empty payload counts as {}.
Result<void> check_json(std::string_view payload);

}  // namespace functions
