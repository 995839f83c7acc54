#include "base/time.h"

#include <cmath>
#include <ctime>
#include <fmt/format.h>

namespace base {
namespace {

struct Parts {
    std::tm tm{};
    int millisecond = 0;
};

Parts split(Time time) {
    using namespace std::chrono;
    auto seconds = floor<std::chrono::seconds>(time);
    Parts parts;
    std::time_t count = seconds.time_since_epoch().count();
    gmtime_r(&count, &parts.tm);
    parts.millisecond = static_cast<int>((time - seconds).count());
    return parts;
}

constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// The number that `text` holds in [at, at + count), or nothing if there are other characters.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return std::nullopt;
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

std::optional<Time> join(std::optional<int> year, std::optional<int> month, std::optional<int> day,
                         std::optional<int> hour, std::optional<int> minute, std::optional<int> second) {
    using namespace std::chrono;
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                        std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    return Time{sys_days(date)} + hours(*hour) + minutes(*minute) + seconds(*second);
}

}  // namespace

std::string iso8601(Time time) {
    auto [tm, millisecond] = split(time);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", tm.tm_year + 1900, tm.tm_mon + 1,
                       tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, millisecond);
}

std::string iso8601_seconds(Time time) {
    auto [tm, millisecond] = split(time);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                       tm.tm_hour, tm.tm_min, tm.tm_sec);
}

std::string basic_iso8601(Time time) {
    auto [tm, millisecond] = split(time);
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                       tm.tm_hour, tm.tm_min, tm.tm_sec);
}

std::string http_date(Time time) {
    auto [tm, millisecond] = split(time);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[tm.tm_wday], tm.tm_mday,
                       kMonths[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

double epoch_seconds(Time time) {
    return static_cast<double>(time.time_since_epoch().count()) / 1000.0;
}

std::optional<Time> from_basic_iso8601(std::string_view text) {
    if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
    return join(digits(text, 0, 4), digits(text, 4, 2), digits(text, 6, 2), digits(text, 9, 2),
                digits(text, 11, 2), digits(text, 13, 2));
}

std::optional<Time> from_iso8601(std::string_view text) {
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
        text[16] != ':' || text.back() != 'Z')
        return std::nullopt;
    auto whole = join(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2), digits(text, 11, 2),
                      digits(text, 14, 2), digits(text, 17, 2));
    auto fraction = text.substr(19, text.size() - 20);
    if (!whole || fraction.empty()) return whole;
    if (fraction[0] != '.' || fraction.size() < 2 || fraction.size() > 10) return std::nullopt;
    auto value = digits(fraction, 1, fraction.size() - 1);
    if (!value) return std::nullopt;
    double scale = std::pow(10.0, 3.0 - static_cast<double>(fraction.size() - 1));
    return *whole + Duration(static_cast<Duration::rep>(*value * scale));
}

std::optional<Time> from_http_date(std::string_view text) {
    if (text.size() != 29 || text.substr(25) != " GMT") return std::nullopt;
    for (int month = 0; month < 12; ++month)
        if (text.substr(8, 3) == kMonths[month])
            return join(digits(text, 12, 4), month + 1, digits(text, 5, 2), digits(text, 17, 2),
                        digits(text, 20, 2), digits(text, 23, 2));
    return std::nullopt;
}

}  // namespace base
