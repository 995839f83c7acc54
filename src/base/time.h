// Time as something that is given, and the forms in which the AWS protocols write it.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace base {

// UTC to the millisecond.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

// Callable from any thread.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
};

class SystemClock final : public Clock {
public:
    Time now() const override {
        return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    }
};

// Stands still until it is moved; for tests.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Time start = Time{std::chrono::hours(24 * 365 * 54)})
        : now_(start.time_since_epoch().count()) {}
    Time now() const override { return Time{Duration{now_}}; }
    void advance(Duration by) { now_ += by.count(); }

private:
    std::atomic<Duration::rep> now_;
};

std::string iso8601(Time time);          // 2024-01-31T23:59:59.123Z
std::string iso8601_seconds(Time time);  // 2024-01-31T23:59:59Z
std::string basic_iso8601(Time time);    // 20240131T235959Z, as SigV4 writes it
std::string http_date(Time time);        // Wed, 31 Jan 2024 23:59:59 GMT (RFC 7231)
double epoch_seconds(Time time);         // with fraction, as json services write it

std::optional<Time> from_basic_iso8601(std::string_view text);
std::optional<Time> from_iso8601(std::string_view text);  // with or without fraction; Z only
std::optional<Time> from_http_date(std::string_view text);

}  // namespace base
