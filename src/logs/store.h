// Log groups, streams and events, kept in store::Records (docs/formats/logs.md). After the CloudWatch Logs
// API reference, 2014-03-28: limits, order rules and the behaviour of tokens are the ones given there.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/records.h"

namespace logs {

enum class Refusal {
    group_missing,
    group_exists,
    stream_missing,
    stream_exists,
    invalid_parameter,  // order, span, size of a put; a token or pattern that cannot be read
};

constexpr std::size_t kPutEventsMax = 10'000;
constexpr std::size_t kPutBytesMax = 1024 * 1024;  // messages as UTF-8 and kEventOverhead for each
constexpr std::size_t kEventOverhead = 26;
constexpr std::size_t kPageEventsMax = 10'000;
constexpr std::size_t kPageBytesMax = 1024 * 1024;
constexpr std::size_t kListMax = 50;
constexpr std::size_t kFilterScanMax = 50'000;  // events looked at for one page of a filter
constexpr std::size_t kTagsMax = 50;

// Groups of different accounts or regions know nothing of each other.
struct Place {
    std::string account;
    std::string region;
};

struct Group {
    std::string name;
    base::Time created{};
    std::optional<int> retention_days;  // without it, events are kept for ever
    std::map<std::string, std::string> tags;
    std::uint64_t stored_bytes = 0;  // summed when asked for
};

struct Stream {
    std::string name;
    base::Time created{};
    std::optional<base::Time> first_event, last_event, last_ingestion;
    std::uint64_t stored_bytes = 0;
    std::uint64_t next_serial = 0;  // tells events of one millisecond apart, in the order of their arrival
};

struct NewEvent {
    base::Time time{};
    std::string message;
};

struct Event {
    std::string id;  // 56 digits; the same for the same event always
    std::string stream;
    base::Time time{};
    base::Time ingestion{};
    std::string message;
};

// Which events of a put were not taken; the rest was. Indexes into the put's list.
struct Rejected {
    std::optional<std::size_t> too_new_from;   // this one and all after it
    std::optional<std::size_t> too_old_until;  // all before this one
    std::optional<std::size_t> expired_until;  // all before this one
    bool any() const { return too_new_from || too_old_until || expired_until; }
};

struct GetQuery {
    std::optional<base::Time> from, until;  // from <= time < until
    std::string token;                      // of an earlier page; empty at first
    bool from_head = false;                 // without a token: the oldest page, else the newest
    std::size_t limit = kPageEventsMax;
};
struct EventPage {
    std::vector<Event> events;  // oldest first
    std::string forward_token, backward_token;
};

struct FilterQuery {
    std::vector<std::string> streams;  // empty: all
    std::string stream_prefix;         // used where `streams` is empty
    std::optional<base::Time> from, until;
    std::string pattern;
    std::string token;
    std::size_t limit = kPageEventsMax;
};
struct FilterPage {
    std::vector<Event> events;  // by time; those of one moment by stream
    std::string next_token;     // empty at the end
};

template <class Item>
struct ListPage {
    std::vector<Item> items;
    std::string next_token;  // empty at the end
};

struct StreamQuery {
    std::string prefix;
    bool by_last_event = false;  // else by name
    bool descending = false;
    std::string token;
    std::size_t limit = kListMax;
};

// Callable from any thread.
class Store {
public:
    Store(store::Records& records, const base::Clock& clock) : records_(records), clock_(clock) {}

    Result<void> create_group(const Place& place, const std::string& group,
                              const std::map<std::string, std::string>& tags = {});
    Result<void> delete_group(const Place& place, const std::string& group);
    Result<Group> group(const Place& place, const std::string& group) const;
    // `containing` is looked for anywhere in the name; empty matches all.
    Result<ListPage<Group>> list_groups(const Place& place, const std::string& prefix,
                                        const std::string& containing, const std::string& token,
                                        std::size_t limit) const;
    Result<void> set_retention(const Place& place, const std::string& group, std::optional<int> days);
    // Gives each of `set` its value and takes `remove` away.
    Result<void> change_tags(const Place& place, const std::string& group,
                             const std::map<std::string, std::string>& set,
                             const std::vector<std::string>& remove);

    Result<void> create_stream(const Place& place, const std::string& group, const std::string& stream);
    Result<void> delete_stream(const Place& place, const std::string& group, const std::string& stream);
    Result<ListPage<Stream>> list_streams(const Place& place, const std::string& group,
                                          const StreamQuery& query) const;

    Result<Rejected> put(const Place& place, const std::string& group, const std::string& stream,
                         const std::vector<NewEvent>& events);
    // As put, for the server's own lines: makes the group and the stream where they are missing. Longer lists
    // than a put may have are cut into several puts.
    Result<void> append(const Place& place, const std::string& group, const std::string& stream,
                        const std::vector<NewEvent>& events);
    Result<EventPage> get(const Place& place, const std::string& group, const std::string& stream,
                          const GetQuery& query) const;
    Result<FilterPage> filter(const Place& place, const std::string& group, const FilterQuery& query) const;

    // Takes events off the disk whose group's retention has ended; how many. To be called now and then.
    Result<std::size_t> remove_expired();

private:
    Result<std::size_t> remove_before(const Place& place, const std::string& group, base::Time time);
    Result<std::size_t> remove_some(const std::string& stream_key, const store::Range& range,
                                    const std::string& end);

    store::Records& records_;
    const base::Clock& clock_;
};

}  // namespace logs
