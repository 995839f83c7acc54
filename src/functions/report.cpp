#include "functions/report.h"

#include <boost/json.hpp>
#include <cmath>
#include <fmt/format.h>

namespace functions {

namespace json = boost::json;

namespace {

constexpr std::size_t kJsonDepthMax = 128;

struct Verdict {
    std::string payload;
    bool is_error = true;
    std::string status;              // what REPORT adds
    std::vector<std::string> lines;  // before END
};

std::string error_payload(std::string_view type, std::string_view message) {
    json::object out;
    if (!type.empty()) out["errorType"] = type;
    out["errorMessage"] = message;
    return json::serialize(out);
}

Verdict verdict_of(const std::string& request_id, Outcome& outcome, base::Time now) {
    switch (outcome.kind) {
        case Outcome::Kind::answered:
            return {.payload = std::move(outcome.payload), .is_error = false};
        case Outcome::Kind::failed:
            return {.payload = std::move(outcome.payload)};
        case Outcome::Kind::init_failed:
            return {.payload = std::move(outcome.payload),
                    .status = "\tStatus: error\tError Type: Runtime.Unknown"};
        case Outcome::Kind::too_large: {
            auto message = fmt::format(
                "Response payload size exceeded maximum allowed payload size ({} bytes).", kApiBodyBytesMax);
            return {.payload = error_payload("Function.ResponseSizeTooLarge", message), .lines = {message}};
        }
        case Outcome::Kind::timed_out: {
            auto message = fmt::format("{} {} Task timed out after {:.2f} seconds", base::iso8601(now),
                                       request_id, static_cast<double>(outcome.allowed.count()) / 1000);
            return {.payload = error_payload("", message), .status = "\tStatus: timeout", .lines = {message}};
        }
        case Outcome::Kind::exited:
        case Outcome::Kind::unstarted:
            break;
    }
    bool silent = outcome.ending.signal == 0 && outcome.ending.status == 0;
    auto message =
        silent ? fmt::format("RequestId: {} Error: Runtime exited without providing a reason", request_id)
               : fmt::format("RequestId: {} Error: Runtime exited with error: {}", request_id,
                             outcome.ending.text());
    return {.payload = error_payload("Runtime.ExitError", message),
            .status = "\tStatus: error\tError Type: Runtime.ExitError",
            .lines = {message, "Runtime.ExitError"}};
}

}  // namespace

Report report_of(const Function& function, const std::string& request_id, Outcome outcome, base::Time now) {
    auto verdict = verdict_of(request_id, outcome, now);
    auto began = now - std::chrono::duration_cast<base::Duration>(outcome.duration);
    Report report{.payload = std::move(verdict.payload), .is_error = verdict.is_error};
    report.lines.push_back(
        {began, fmt::format("START RequestId: {} Version: {}", request_id, function.version)});
    for (auto& line : outcome.lines)
        report.lines.push_back(std::move(line));
    for (auto& line : verdict.lines)
        report.lines.push_back({now, std::move(line)});
    report.lines.push_back({now, fmt::format("END RequestId: {}", request_id)});
    auto text = fmt::format(
        "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {:.0f} ms\tMemory Size: {} MB\t"
        "Max Memory Used: {} MB",
        request_id, outcome.duration.count(), std::ceil(outcome.duration.count()), function.config.memory_mb,
        (outcome.memory_peak_bytes + (1 << 20) - 1) >> 20);
    if (outcome.init_duration)
        text += fmt::format("\tInit Duration: {:.2f} ms", outcome.init_duration->count());
    report.lines.push_back({now, text + verdict.status});
    // A log takes its lines in the order of time; what was printed while starting up came before START.
    for (auto& line : report.lines)
        line.time = std::clamp(line.time, began, now);
    return report;
}

std::string tail_of(const std::vector<LogLine>& lines) {
    std::string tail;
    for (auto line = lines.rbegin(); line != lines.rend() && tail.size() < kLogTailBytes; ++line)
        tail = line->text + "\n" + tail;
    if (tail.size() > kLogTailBytes) tail.erase(0, tail.size() - kLogTailBytes);
    return tail;
}

Result<void> check_json(std::string_view payload) {
    if (payload.empty()) return {};
    json::stream_parser parser({}, {.max_depth = kJsonDepthMax});
    boost::system::error_code error;
    parser.write(payload, error);
    if (!error) parser.finish(error);
    if (!error) return {};
    return Error::refusal(Refusal::payload_not_json,
                          fmt::format("Could not parse request body into json: {}", error.message()));
}

}  // namespace functions
