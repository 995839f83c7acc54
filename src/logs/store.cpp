#include "logs/store.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <queue>

#include "base/digest.h"
#include "logs/pattern.h"

namespace logs {
namespace {

using namespace std::chrono_literals;
using store::KeyBuilder;
using store::KeyReader;

constexpr std::uint64_t kVersion = 1;
constexpr base::Duration kPutSpanMax = 24h;
constexpr base::Duration kTooNew = 2h;
constexpr base::Duration kTooOld = 24h * 14;
constexpr std::size_t kErasedAtOnce = 500;
constexpr std::size_t kCursorRows = 256;

std::uint64_t number(base::Time time) {
    return static_cast<std::uint64_t>(std::max<base::Duration::rep>(time.time_since_epoch().count(), 0));
}
base::Time time_of(std::uint64_t number) {
    return base::Time{base::Duration{static_cast<base::Duration::rep>(number)}};
}

KeyBuilder in_place(std::string_view table, const Place& place) {
    return std::move(KeyBuilder(table).text(place.account).text(place.region));
}
std::string group_key(const Place& place, std::string_view group) {
    return in_place("logs.group", place).text(group).str();
}
KeyBuilder streams_key(const Place& place, std::string_view group) {
    return std::move(in_place("logs.stream", place).text(group));
}
std::string stream_key(const Place& place, std::string_view group, std::string_view stream) {
    return streams_key(place, group).text(stream).str();
}
KeyBuilder group_events_key(const Place& place, std::string_view group) {
    return std::move(in_place("logs.event", place).text(group));
}
KeyBuilder events_key(const Place& place, std::string_view group, std::string_view stream) {
    return std::move(group_events_key(place, group).text(stream));
}

// Records are written with the same builder as keys: parts that end themselves.
std::string encode(const Group& group) {
    KeyBuilder out("");
    out.number(kVersion).number(number(group.created));
    out.number(static_cast<std::uint64_t>(group.retention_days.value_or(0)));
    for (const auto& [key, value] : group.tags)
        out.text(key).text(value);
    return out.str();
}
Group decode_group(std::string name, std::string_view bytes) {
    KeyReader in(bytes);
    in.text();
    INVARIANT(in.number() == kVersion);
    Group group{.name = std::move(name), .created = time_of(in.number()), .retention_days = {}, .tags = {}};
    if (auto days = in.number()) group.retention_days = static_cast<int>(days);
    while (!in.done()) {
        auto key = in.text();
        group.tags[key] = in.text();
    }
    return group;
}

// Zero stands for an event that has not come; times before 1970-01-01T00:00:00.001Z are refused by put.
std::string encode(const Stream& stream) {
    auto moment = [](const std::optional<base::Time>& time) { return time ? number(*time) : 0; };
    return KeyBuilder("")
        .number(kVersion)
        .number(number(stream.created))
        .number(moment(stream.first_event))
        .number(moment(stream.last_event))
        .number(moment(stream.last_ingestion))
        .number(stream.stored_bytes)
        .number(stream.next_serial)
        .str();
}
Stream decode_stream(std::string name, std::string_view bytes) {
    KeyReader in(bytes);
    in.text();
    INVARIANT(in.number() == kVersion);
    auto moment = [&]() -> std::optional<base::Time> {
        auto value = in.number();
        return value == 0 ? std::nullopt : std::optional(time_of(value));
    };
    Stream stream{.name = std::move(name), .created = time_of(in.number())};
    stream.first_event = moment();
    stream.last_event = moment();
    stream.last_ingestion = moment();
    stream.stored_bytes = in.number();
    stream.next_serial = in.number();
    return stream;
}

// Where an event stands in its stream.
struct Position {
    std::uint64_t time = 0;
    std::uint64_t serial = 0;
    auto operator<=>(const Position&) const = default;
};

std::string last_part(std::string_view key) {
    KeyReader reader(key);
    std::string part;
    while (!reader.done())
        part = reader.text();
    return part;
}

Position position_of(std::string_view event_key) {
    INVARIANT(event_key.size() > 16);
    KeyReader reader(event_key.substr(event_key.size() - 16));
    Position out;
    out.time = reader.number();
    out.serial = reader.number();
    return out;
}

std::string encode_event(base::Time ingestion, std::string_view message) {
    auto out = KeyBuilder("").number(kVersion).number(number(ingestion)).str();
    return out.append(message);
}

Event decode_event(const std::string& stream, const store::Row& row) {
    static const std::size_t head = encode_event(base::Time{}, "").size();
    INVARIANT(row.value.size() >= head);
    KeyReader in(std::string_view(row.value).substr(0, head));
    in.text();
    INVARIANT(in.number() == kVersion);
    auto position = position_of(row.key);
    Event event{.id = {},
                .stream = stream,
                .time = time_of(position.time),
                .ingestion = time_of(in.number()),
                .message = row.value.substr(head)};
    std::uint64_t of_stream = 0;
    auto digest = base::digest(base::DigestKind::sha1, base::view(stream));
    for (std::size_t i = 0; i < 8; ++i)
        of_stream = of_stream << 8 | digest[i];
    event.id = fmt::format("{:014}{:021}{:021}", position.time, of_stream, position.serial);
    return event;
}

Error invalid(std::string message) {
    return Error::refusal(Refusal::invalid_parameter, std::move(message));
}
Error no_group() {
    return Error::refusal(Refusal::group_missing, "The specified log group does not exist.");
}
Error no_stream() {
    return Error::refusal(Refusal::stream_missing, "The specified log stream does not exist.");
}
Error bad_token() {
    return invalid("The specified nextToken is invalid.");
}

// f/TIME SERIAL/s reads on from there, b/TIME SERIAL/s reads what stands before it.
std::string to_token(char direction, const Position& position) {
    return fmt::format("{}/{:020}{:020}/s", direction, position.time, position.serial);
}
std::optional<std::uint64_t> digits(std::string_view text) {
    std::uint64_t out = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}
Result<Position> from_token(std::string_view token) {
    if (token.size() != 44 || !token.ends_with("/s") || token[1] != '/') return bad_token();
    if (token[0] != 'f' && token[0] != 'b') return bad_token();
    auto time = digits(token.substr(2, 20)), serial = digits(token.substr(22, 20));
    if (!time || !serial) return bad_token();
    return Position{*time, *serial};
}

// The oldest time of an event that a group with this retention still shows.
base::Time shown_from(const Group& group, base::Time now) {
    if (!group.retention_days) return base::Time{};
    return now - std::chrono::days(*group.retention_days);
}

std::size_t page_size(std::size_t limit, std::size_t most) {
    return std::clamp<std::size_t>(limit, 1, most);
}

}  // namespace

Result<void> Store::create_group(const Place& place, const std::string& group,
                                 const std::map<std::string, std::string>& tags) {
    if (tags.size() > kTagsMax) return invalid("A log group can have at most 50 tags.");
    auto key = group_key(place, group);
    return records_.commit([&](store::Transaction& transaction) -> Result<void> {
        if (TRY(transaction.get_for_update(key)))
            return Error::refusal(Refusal::group_exists, "The specified log group already exists");
        return transaction.put(key, encode(Group{group, clock_.now(), {}, tags, 0}));
    });
}

Result<void> Store::delete_group(const Place& place, const std::string& group) {
    auto key = group_key(place, group);
    TRY(records_.commit([&](store::Transaction& transaction) -> Result<void> {
        if (!TRY(transaction.get_for_update(key))) return no_group();
        return transaction.erase(key);
    }));
    auto streams = streams_key(place, group).range();
    TRY(records_.erase_range(streams.from, streams.to));
    auto events = group_events_key(place, group).range();
    return records_.erase_range(events.from, events.to);
}

Result<Group> Store::group(const Place& place, const std::string& group) const {
    auto found = TRY(records_.get(group_key(place, group)));
    if (!found) return no_group();
    return decode_group(group, *found);
}

Result<ListPage<Group>> Store::list_groups(const Place& place, const std::string& prefix,
                                           const std::string& containing, const std::string& token,
                                           std::size_t limit) const {
    limit = page_size(limit, kListMax);
    auto range = in_place("logs.group", place).text_beginning(prefix).range();
    if (!token.empty()) range.from = std::max(range.from, group_key(place, token));
    ListPage<Group> page;
    while (true) {
        auto rows = TRY(records_.scan(range));
        for (const auto& row : rows) {
            auto group = decode_group(last_part(row.key), row.value);
            if (group.name.find(containing) == std::string::npos) continue;
            if (page.items.size() == limit) {
                page.next_token = group.name;
                return page;
            }
            auto streams = streams_key(place, group.name).range();
            for (std::vector<store::Row> found; !(found = TRY(records_.scan(streams))).empty();) {
                for (const auto& stream : found)
                    group.stored_bytes += decode_stream("", stream.value).stored_bytes;
                streams.from = found.back().key + '\0';
            }
            page.items.push_back(std::move(group));
        }
        if (rows.size() < range.limit) return page;
        range.from = rows.back().key + '\0';
    }
}

Result<void> Store::set_retention(const Place& place, const std::string& group, std::optional<int> days) {
    auto key = group_key(place, group);
    return records_.commit([&](store::Transaction& transaction) -> Result<void> {
        auto found = TRY(transaction.get_for_update(key));
        if (!found) return no_group();
        auto changed = decode_group(group, *found);
        changed.retention_days = days;
        return transaction.put(key, encode(changed));
    });
}

Result<void> Store::change_tags(const Place& place, const std::string& group,
                                const std::map<std::string, std::string>& set,
                                const std::vector<std::string>& remove) {
    auto key = group_key(place, group);
    return records_.commit([&](store::Transaction& transaction) -> Result<void> {
        auto found = TRY(transaction.get_for_update(key));
        if (!found) return no_group();
        auto changed = decode_group(group, *found);
        for (const auto& name : remove)
            changed.tags.erase(name);
        for (const auto& [name, value] : set)
            changed.tags[name] = value;
        if (changed.tags.size() > kTagsMax) return invalid("A log group can have at most 50 tags.");
        return transaction.put(key, encode(changed));
    });
}

Result<void> Store::create_stream(const Place& place, const std::string& group, const std::string& stream) {
    return records_.commit([&](store::Transaction& transaction) -> Result<void> {
        if (!TRY(transaction.get(group_key(place, group)))) return no_group();
        auto key = stream_key(place, group, stream);
        if (TRY(transaction.get_for_update(key)))
            return Error::refusal(Refusal::stream_exists, "The specified log stream already exists");
        Stream made;
        made.created = clock_.now();
        return transaction.put(key, encode(made));
    });
}

Result<void> Store::delete_stream(const Place& place, const std::string& group, const std::string& stream) {
    TRY(this->group(place, group));
    auto key = stream_key(place, group, stream);
    TRY(records_.commit([&](store::Transaction& transaction) -> Result<void> {
        if (!TRY(transaction.get_for_update(key))) return no_stream();
        return transaction.erase(key);
    }));
    auto events = events_key(place, group, stream).range();
    return records_.erase_range(events.from, events.to);
}

Result<ListPage<Stream>> Store::list_streams(const Place& place, const std::string& group,
                                             const StreamQuery& query) const {
    TRY(this->group(place, group));
    std::vector<Stream> all;
    auto range = streams_key(place, group).text_beginning(query.prefix).range();
    for (std::vector<store::Row> rows; !(rows = TRY(records_.scan(range))).empty();) {
        for (const auto& row : rows)
            all.push_back(decode_stream(last_part(row.key), row.value));
        range.from = rows.back().key + '\0';
    }
    auto order = [&](const Stream& a, const Stream& b) {
        if (!query.by_last_event) return a.name < b.name;
        return std::tie(a.last_event, a.name) < std::tie(b.last_event, b.name);
    };
    std::sort(all.begin(), all.end(), order);
    if (query.descending) std::reverse(all.begin(), all.end());

    std::size_t from = 0;
    if (!query.token.empty()) {
        auto same = [&](const Stream& stream) { return stream.name == query.token; };
        auto found = std::find_if(all.begin(), all.end(), same);
        if (found == all.end()) return bad_token();
        from = static_cast<std::size_t>(found - all.begin());
    }
    auto until = std::min(all.size(), from + page_size(query.limit, kListMax));
    ListPage<Stream> page;
    for (; from < until; ++from)
        page.items.push_back(std::move(all[from]));
    if (until < all.size()) page.next_token = all[until].name;
    return page;
}

Result<Rejected> Store::put(const Place& place, const std::string& group, const std::string& stream,
                            const std::vector<NewEvent>& events) {
    if (events.empty() || events.size() > kPutEventsMax)
        return invalid("A put must have between 1 and 10000 log events.");
    std::size_t bytes = 0;
    for (const auto& event : events)
        bytes += event.message.size() + kEventOverhead;
    if (bytes > kPutBytesMax)
        return invalid(fmt::format("Upload too large: {} bytes exceeds limit of {}", bytes, kPutBytesMax));
    auto earlier = [](const NewEvent& a, const NewEvent& b) { return a.time < b.time; };
    if (!std::is_sorted(events.begin(), events.end(), earlier))
        return invalid("Log events in a single PutLogEvents request must be in chronological order.");
    if (events.back().time - events.front().time > kPutSpanMax)
        return invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");

    auto now = clock_.now();
    return records_.transact([&](store::Transaction& transaction) -> Result<Rejected> {
        auto found = TRY(transaction.get(group_key(place, group)));
        if (!found) return no_group();
        auto expired_before = shown_from(decode_group(group, *found), now);
        auto key = stream_key(place, group, stream);
        auto held = TRY(transaction.get_for_update(key));
        if (!held) return no_stream();
        auto record = decode_stream(stream, *held);

        Rejected rejected;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const auto& event = events[i];
            if (event.time > now + kTooNew) {
                rejected.too_new_from = i;
                break;
            }
            bool too_old = event.time < now - kTooOld, expired = event.time < expired_before;
            if (too_old) rejected.too_old_until = i + 1;
            if (expired) rejected.expired_until = i + 1;
            if (too_old || expired) continue;
            auto at =
                events_key(place, group, stream).number(number(event.time)).number(record.next_serial++);
            TRY(transaction.put(at.str(), encode_event(now, event.message)));
            record.stored_bytes += event.message.size() + kEventOverhead;
            record.first_event = std::min(record.first_event.value_or(event.time), event.time);
            record.last_event = std::max(record.last_event.value_or(event.time), event.time);
            record.last_ingestion = now;
        }
        TRY(transaction.put(key, encode(record)));
        return rejected;
    });
}

Result<void> Store::append(const Place& place, const std::string& group, const std::string& stream,
                           const std::vector<NewEvent>& events) {
    for (auto next = events.begin(); next != events.end();) {
        std::vector<NewEvent> batch;
        std::size_t bytes = 0;
        for (; next != events.end() && batch.size() < kPutEventsMax; ++next) {
            bytes += next->message.size() + kEventOverhead;
            if (bytes > kPutBytesMax && !batch.empty()) break;
            batch.push_back(*next);
        }
        auto done = put(place, group, stream, batch);
        if (!done.ok() && done.error().is(Refusal::group_missing)) {
            auto made = create_group(place, group);
            if (!made.ok() && !made.error().is(Refusal::group_exists)) return made;
        }
        if (!done.ok() &&
            (done.error().is(Refusal::group_missing) || done.error().is(Refusal::stream_missing))) {
            auto made = create_stream(place, group, stream);
            if (!made.ok() && !made.error().is(Refusal::stream_exists)) return made;
            done = put(place, group, stream, batch);
        }
        if (!done.ok()) return std::move(done).error();
    }
    return {};
}

Result<EventPage> Store::get(const Place& place, const std::string& group, const std::string& stream,
                             const GetQuery& query) const {
    auto record = TRY(this->group(place, group));
    if (!TRY(records_.get(stream_key(place, group, stream)))) return no_stream();

    auto at = [&](const Position& position) {
        return events_key(place, group, stream).number(position.time).number(position.serial).str();
    };
    auto first = std::max(query.from.value_or(base::Time{}), shown_from(record, clock_.now()));
    auto range = events_key(place, group, stream).range();
    range.from = std::max(range.from, at({number(first), 0}));
    if (query.until) range.to = std::min(range.to, at({number(*query.until), 0}));
    range.limit = page_size(query.limit, kPageEventsMax);
    range.reverse = !query.from_head;
    std::optional<Position> given;
    if (!query.token.empty()) {
        given = TRY(from_token(query.token));
        range.reverse = query.token[0] == 'b';
        if (range.reverse)
            range.to = std::min(range.to, at(*given));
        else
            range.from = std::max(range.from, at(*given));
    }

    EventPage page;
    std::size_t bytes = 0;
    Position oldest, newest;
    for (const auto& row : TRY(records_.scan(range))) {
        bytes += row.value.size() + kEventOverhead;
        if (bytes > kPageBytesMax && !page.events.empty()) break;
        auto position = position_of(row.key);
        if (page.events.empty()) oldest = newest = position;
        oldest = std::min(oldest, position);
        newest = std::max(newest, position);
        page.events.push_back(decode_event(stream, row));
    }
    if (range.reverse) std::reverse(page.events.begin(), page.events.end());

    // An empty page gives back where it began, so a reader that stops at equal tokens stops.
    Position here = given.value_or(Position{number(first), 0});
    Position after{newest.time, newest.serial + 1};
    page.backward_token = to_token('b', page.events.empty() ? here : oldest);
    page.forward_token = to_token('f', page.events.empty() ? here : after);
    return page;
}

namespace {

// The events of one stream from a position on, read some hundred at a time.
class Cursor {
public:
    Cursor(const store::Records& records, std::string stream, store::Range range)
        : records_(&records), stream_(std::move(stream)), range_(std::move(range)) {
        range_.limit = kCursorRows;
    }
    // False at the end.
    Result<bool> advance() {
        if (++next_ < rows_.size()) return true;
        if (!rows_.empty()) {
            if (rows_.size() < range_.limit) return false;
            range_.from = rows_.back().key + '\0';
        }
        rows_ = TRY(records_->scan(range_));
        next_ = 0;
        return !rows_.empty();
    }
    const store::Row& row() const { return rows_[next_]; }
    Position position() const { return position_of(row().key); }
    const std::string& stream() const { return stream_; }

private:
    const store::Records* records_;
    std::string stream_;
    store::Range range_;
    std::vector<store::Row> rows_;
    std::size_t next_ = 0;
};

struct Later {
    bool operator()(const Cursor* a, const Cursor* b) const { return order(*a) > order(*b); }
    static std::tuple<std::uint64_t, std::string_view, std::uint64_t> order(const Cursor& cursor) {
        auto position = cursor.position();
        return {position.time, cursor.stream(), position.serial};
    }
};

// Where a page of a filter begins: TIME/SERIAL/STREAM.
struct FilterStart {
    Position position;
    std::string stream;
};
Result<FilterStart> filter_start(const std::string& token) {
    if (token.size() < 43 || token[20] != '/' || token[41] != '/') return bad_token();
    auto time = digits(std::string_view(token).substr(0, 20));
    auto serial = digits(std::string_view(token).substr(21, 20));
    if (!time || !serial) return bad_token();
    return FilterStart{{*time, *serial}, token.substr(42)};
}

}  // namespace

Result<FilterPage> Store::filter(const Place& place, const std::string& group,
                                 const FilterQuery& query) const {
    auto record = TRY(this->group(place, group));
    auto pattern = TRY(Pattern::parse(query.pattern));
    FilterStart start;
    if (!query.token.empty()) start = TRY(filter_start(query.token));

    std::vector<Stream> streams;
    for (const auto& name : query.streams) {
        auto found = TRY(records_.get(stream_key(place, group, name)));
        if (!found) return no_stream();
        streams.push_back(decode_stream(name, *found));
    }
    if (query.streams.empty()) {
        auto range = streams_key(place, group).text_beginning(query.stream_prefix).range();
        for (std::vector<store::Row> rows; !(rows = TRY(records_.scan(range))).empty();) {
            for (const auto& row : rows)
                streams.push_back(decode_stream(last_part(row.key), row.value));
            range.from = rows.back().key + '\0';
        }
    }

    auto first = std::max(
        {query.from.value_or(base::Time{}), shown_from(record, clock_.now()), time_of(start.position.time)});
    std::vector<std::unique_ptr<Cursor>> owned;
    std::priority_queue<Cursor*, std::vector<Cursor*>, Later> cursors;
    for (const auto& stream : streams) {
        if (!stream.last_event || *stream.last_event < first) continue;
        if (query.until && *stream.first_event >= *query.until) continue;
        // In the millisecond where the page begins, streams of a lesser name have been read.
        Position from{number(first), 0};
        if (from.time == start.position.time && stream.name < start.stream) ++from.time;
        if (from.time == start.position.time && stream.name == start.stream)
            from.serial = start.position.serial;
        auto events = events_key(place, group, stream.name);
        auto range = events.range();
        if (query.until) range.to = events_key(place, group, stream.name).number(number(*query.until)).str();
        range.from = events.number(from.time).number(from.serial).str();
        auto cursor = std::make_unique<Cursor>(records_, stream.name, std::move(range));
        if (!TRY(cursor->advance())) continue;
        cursors.push(cursor.get());
        owned.push_back(std::move(cursor));
    }

    FilterPage page;
    auto limit = page_size(query.limit, kPageEventsMax);
    std::size_t bytes = 0;
    for (std::size_t scanned = 0; !cursors.empty(); ++scanned) {
        Cursor& cursor = *cursors.top();
        cursors.pop();
        if (page.events.size() == limit || bytes > kPageBytesMax || scanned == kFilterScanMax) {
            auto position = cursor.position();
            page.next_token =
                fmt::format("{:020}/{:020}/{}", position.time, position.serial, cursor.stream());
            return page;
        }
        auto event = decode_event(cursor.stream(), cursor.row());
        if (pattern.matches(event.message)) {
            bytes += event.message.size() + kEventOverhead;
            page.events.push_back(std::move(event));
        }
        if (TRY(cursor.advance())) cursors.push(&cursor);
    }
    return page;
}

Result<std::size_t> Store::remove_expired() {
    std::size_t removed = 0;
    auto groups = KeyBuilder("logs.group").range();
    for (std::vector<store::Row> rows; !(rows = TRY(records_.scan(groups))).empty();) {
        for (const auto& row : rows) {
            KeyReader reader(row.key);
            reader.text();
            Place place;
            place.account = reader.text();
            place.region = reader.text();
            auto group = decode_group(reader.text(), row.value);
            if (group.retention_days)
                removed += TRY(remove_before(place, group.name, shown_from(group, clock_.now())));
        }
        groups.from = rows.back().key + '\0';
    }
    return removed;
}

Result<std::size_t> Store::remove_before(const Place& place, const std::string& group, base::Time time) {
    std::size_t removed = 0;
    auto streams = streams_key(place, group).range();
    for (std::vector<store::Row> rows; !(rows = TRY(records_.scan(streams))).empty();) {
        for (const auto& row : rows) {
            auto stream = decode_stream(last_part(row.key), row.value);
            if (!stream.first_event || *stream.first_event >= time) continue;
            auto range = events_key(place, group, stream.name).range();
            auto end = range.to;
            range.to = events_key(place, group, stream.name).number(number(time)).str();
            range.limit = kErasedAtOnce;
            for (std::size_t erased = kErasedAtOnce; erased == kErasedAtOnce; removed += erased)
                erased = TRY(remove_some(row.key, range, end));
        }
        streams.from = rows.back().key + '\0';
    }
    return removed;
}

// Erases the first events of `range` and brings the stream's record in step; `end` is where its events end.
Result<std::size_t> Store::remove_some(const std::string& stream_key, const store::Range& range,
                                       const std::string& end) {
    return records_.transact([&](store::Transaction& transaction) -> Result<std::size_t> {
        auto held = TRY(transaction.get_for_update(stream_key));
        if (!held) return std::size_t{0};
        auto stream = decode_stream("", *held);
        auto rows = TRY(transaction.scan(range));
        for (const auto& row : rows) {
            auto bytes = decode_event("", row).message.size() + kEventOverhead;
            stream.stored_bytes -= std::min(stream.stored_bytes, static_cast<std::uint64_t>(bytes));
            TRY(transaction.erase(row.key));
        }
        auto left = TRY(transaction.scan({.from = range.from, .to = end, .limit = 1}));
        stream.first_event =
            left.empty() ? std::nullopt : std::optional(time_of(position_of(left[0].key).time));
        if (left.empty()) stream.last_event.reset();
        TRY(transaction.put(stream_key, encode(stream)));
        return rows.size();
    });
}

}  // namespace logs
