// Asynchronous invocations: from the queue to the function, again and again where it must be, to the record
// of failure.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/log.h"
#include "functions/invoker.h"
#include "functions/record.h"
#include "functions/report.h"

namespace functions {

namespace json = boost::json;

namespace {

using namespace std::chrono_literals;

// Longer than any invocation: a cold start and a run of fifteen minutes each.
constexpr base::Duration kLease = 35min;
constexpr base::Duration kThrottlePauseMax = 5min;
constexpr std::chrono::milliseconds kBusyPause{10};
constexpr std::chrono::milliseconds kIdlePause{500};
constexpr std::chrono::seconds kBusyFor{2};
constexpr std::size_t kFailuresMax = 1000;  // kept for one function; the oldest go first

store::KeyBuilder failures_key(const FunctionId& id) {
    return std::move(store::KeyBuilder("functions.failure").text(id.account).text(id.region).text(id.name));
}

}  // namespace

struct Invoker::QueuedInvocation {
    FunctionId id;
    std::string qualifier;
    Invocation invocation;
    std::uint32_t attempt = 1;
    base::Time came{};

    std::string encode() const {
        return write_record({{"account", id.account},
                             {"region", id.region},
                             {"name", id.name},
                             {"qualifier", qualifier},
                             {"request_id", invocation.request_id},
                             {"payload", invocation.payload},
                             {"client_context", invocation.client_context},
                             {"attempt", static_cast<std::int64_t>(attempt)},
                             {"came", came.time_since_epoch().count()}});
    }
    static Result<QueuedInvocation> decode(std::string_view bytes) {
        auto record = TRY(read_record(bytes));
        QueuedInvocation out;
        out.id.account = TRY(text_of(record, "account"));
        out.id.region = TRY(text_of(record, "region"));
        out.id.name = TRY(text_of(record, "name"));
        out.qualifier = TRY(text_of(record, "qualifier"));
        out.invocation.request_id = TRY(text_of(record, "request_id"));
        out.invocation.payload = TRY(text_of(record, "payload"));
        out.invocation.client_context = TRY(text_of(record, "client_context"));
        out.attempt = static_cast<std::uint32_t>(TRY(number_of(record, "attempt")));
        out.came = base::Time{base::Duration{TRY(number_of(record, "came"))}};
        return out;
    }
};

Result<void> Invoker::invoke_async(const FunctionId& id, const std::string& qualifier,
                                   const Invocation& invocation) {
    return records_.commit([&](store::Transaction& transaction) {
        return invoke_async(transaction, id, qualifier, invocation);
    });
}

Result<void> Invoker::invoke_async(store::Transaction& transaction, const FunctionId& id,
                                   const std::string& qualifier, const Invocation& invocation) {
    if (invocation.payload.size() > kAsyncPayloadBytesMax)
        return Error::refusal(
            Refusal::payload_too_large,
            fmt::format("Request must be smaller than {} bytes for the InvokeFunction operation",
                        kAsyncPayloadBytesMax));
    TRY(check_json(invocation.payload));
    QueuedInvocation queued{
        .id = id, .qualifier = qualifier, .invocation = invocation, .attempt = 1, .came = clock_.now()};
    TRY(queue_.send(transaction, queued.encode(), clock_.now()));
    std::lock_guard lock(mutex_);
    queue_busy_until_ = std::chrono::steady_clock::now() + kBusyFor;
    changed_.notify_all();
    return {};
}

void Invoker::run_async() {
    while (auto message = receive())
        attempt(*message);
}

// Nothing when the invoker stops.
std::optional<store::QueueMessage> Invoker::receive() {
    std::lock_guard receiving(receiving_);
    while (true) {
        std::chrono::milliseconds pause = kIdlePause;
        {
            std::lock_guard lock(mutex_);
            if (stopping_) return std::nullopt;
            if (std::chrono::steady_clock::now() < queue_busy_until_) pause = kBusyPause;
        }
        auto messages = queue_.receive(1, kLease);
        if (messages.ok() && !messages->empty()) return std::move(messages->front());
        if (!messages.ok()) base::log().error("functions: receive failed: {}", messages.error().detail());
        std::unique_lock lock(mutex_);
        if (!stopping_) changed_.wait_for(lock, pause);
    }
}

void Invoker::attempt(const store::QueueMessage& message) {
    auto done = [&]() -> Result<void> {
        auto queued = TRY(QueuedInvocation::decode(message.payload));
        queued.invocation.qualifier = queued.qualifier;
        auto function = store_.get(queued.id, queued.qualifier);
        if (!function.ok() && function.error().is(Refusal::function_missing))
            return give_up(message, queued, function.error().message());
        auto invoked = function.ok() ? invoke(*function, queued.invocation)
                                     : Result<Invoked>(std::move(function).error());
        return settle_async(message, std::move(queued), invoked);
    }();
    if (!done.ok()) base::log().error("functions: invocation not settled: {}", done.error().detail());
}

Result<void> Invoker::settle_async(const store::QueueMessage& message, QueuedInvocation queued,
                                   const Result<Invoked>& invoked) {
    if (invoked.ok() && invoked->function_error.empty()) return queue_.acknowledge(message);
    auto now = clock_.now();
    if (!invoked.ok() && invoked.error().is(Refusal::stopping)) return queue_.retry(message, now);

    // Want of room and troubles of the server are not the function's fault: they use up time, not attempts.
    bool ours = !invoked.ok() && (invoked.error().is_failure() || invoked.error().is(Refusal::throttled));
    auto reason = invoked.ok()                   ? invoked->payload
                  : invoked.error().is_failure() ? "The server could not run the function."
                                                 : invoked.error().message();
    if (!invoked.ok() && invoked.error().is_failure())
        base::log().error("functions: {} not run: {}", queued.id.arn(), invoked.error().detail());
    if (now - queued.came >= options_.async_age_max) return give_up(message, queued, reason);
    if (ours) {
        auto doublings = std::min<std::uint32_t>(message.deliveries - 1, 16);
        return queue_.retry(message,
                            now + std::min(options_.throttle_pause * (1 << doublings), kThrottlePauseMax));
    }
    if (queued.attempt >= options_.async_attempts_max) return give_up(message, queued, reason);
    base::Duration pause{0};
    if (!options_.async_pauses.empty())
        pause =
            options_.async_pauses[std::min<std::size_t>(queued.attempt, options_.async_pauses.size()) - 1];
    ++queued.attempt;
    return records_.commit([&](store::Transaction& transaction) -> Result<void> {
        TRY(queue_.acknowledge(transaction, message));
        return queue_.send(transaction, queued.encode(), now + pause);
    });
}

Result<void> Invoker::give_up(const store::QueueMessage& message, const QueuedInvocation& queued,
                              const std::string& reason) {
    auto now = clock_.now();
    auto text = fmt::format("ERROR RequestId: {} Asynchronous invocation given up after {} attempts: {}",
                            queued.invocation.request_id, queued.attempt, reason);
    auto function = store_.get(queued.id, queued.qualifier);  // may be gone by now
    auto group = function.ok() ? function->log_group() : queued.id.log_group();
    log({queued.id, group, "asynchronous-failures", {{now, text}}});
    return records_.commit([&](store::Transaction& transaction) -> Result<void> {
        TRY(queue_.acknowledge(transaction, message));
        auto range = failures_key(queued.id).range();
        range.limit = kFailuresMax;
        auto kept = TRY(transaction.scan(range));
        if (kept.size() == kFailuresMax) TRY(transaction.erase(kept[0].key));
        auto key = failures_key(queued.id)
                       .number(static_cast<std::uint64_t>(now.time_since_epoch().count()))
                       .text(queued.invocation.request_id)
                       .str();
        return transaction.put(key, write_record({{"request_id", queued.invocation.request_id},
                                                  {"attempts", static_cast<std::int64_t>(queued.attempt)},
                                                  {"time", now.time_since_epoch().count()},
                                                  {"payload", queued.invocation.payload},
                                                  {"reason", reason}}));
    });
}

Result<std::vector<FailedInvocation>> Invoker::failures(const FunctionId& id, std::size_t limit) const {
    auto range = failures_key(id).range();
    range.limit = limit;
    std::vector<FailedInvocation> out;
    for (const auto& row : TRY(records_.scan(range))) {
        auto record = TRY(read_record(row.value));
        auto& failure = out.emplace_back();
        failure.request_id = TRY(text_of(record, "request_id"));
        failure.time = base::Time{base::Duration{TRY(number_of(record, "time"))}};
        failure.attempts = static_cast<std::uint32_t>(TRY(number_of(record, "attempts")));
        failure.payload = TRY(text_of(record, "payload"));
        failure.reason = TRY(text_of(record, "reason"));
    }
    return out;
}

}  // namespace functions
