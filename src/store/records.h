// Records: ordered byte keys to byte values, with serialisable transactions. The contract that every engine
// keeps; store/embedded is the one on RocksDB. What a record means is its owner's business.
//
// Keys are built with KeyBuilder, so that their byte order is the order of their parts. The first part names
// the room's own table ("objects.version", "faces.face"), and no two rooms share one.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace store {

enum class Refusal {
    conflict,    // a transaction lost against another one, again and again; the caller may retry later
    lease_lost,  // a queue's message was delivered again meanwhile: what came of it belongs to that delivery
};

struct Row {
    std::string key;
    std::string value;
};

// The keys k with from <= k < to, in ascending order, or descending if `reverse`; at most `limit`.
struct Range {
    std::string from;
    std::string to;
    bool reverse = false;
    std::size_t limit = 1000;
};
// All keys that begin with `prefix`.
Range with_prefix(std::string prefix);

// Reads and writes that take effect together or not at all. Lives inside transact() only; confined to it.
// Reads see the transaction's own writes and otherwise the committed state.
class Transaction {
public:
    virtual ~Transaction() = default;
    virtual Result<std::optional<std::string>> get(std::string_view key) = 0;
    // As get, and no other transaction changes the key before this one has ended. Take locks in ascending key
    // order where you can; a deadlock is undone by the engine as a conflict.
    virtual Result<std::optional<std::string>> get_for_update(std::string_view key) = 0;
    // As get, and no other transaction changes the key before this one has ended; others may share it.
    virtual Result<std::optional<std::string>> get_for_share(std::string_view key) = 0;
    virtual Result<std::vector<Row>> scan(const Range& range) = 0;
    virtual Result<void> put(std::string_view key, std::string_view value) = 0;
    virtual Result<void> erase(std::string_view key) = 0;
};

// A consistent view of one moment. Keep it for the length of a request, not longer: it holds space back.
class Snapshot {
public:
    virtual ~Snapshot() = default;
    virtual Result<std::optional<std::string>> get(std::string_view key) const = 0;
    virtual Result<std::vector<Row>> scan(const Range& range) const = 0;
};

// Callable from any thread.
class Records {
public:
    virtual ~Records() = default;

    virtual Result<std::optional<std::string>> get(std::string_view key) const = 0;
    virtual Result<std::vector<Row>> scan(const Range& range) const = 0;
    virtual std::unique_ptr<Snapshot> snapshot() const = 0;

    // Runs `change`, then commits; when it returns, the change is on disk (write-ahead log synced, commits
    // grouped). `change` may be run several times, so it must have no effect but through its Transaction; an
    // error that it returns undoes everything and is passed on.
    virtual Result<void> commit(const std::function<Result<void>(Transaction&)>& change) = 0;

    // As commit, and gives back what `change` gave.
    template <class Change>
    auto transact(Change&& change) -> std::invoke_result_t<Change, Transaction&> {
        using Answer = std::invoke_result_t<Change, Transaction&>;
        std::optional<Answer> answer;
        auto done = commit([&](Transaction& transaction) -> Result<void> {
            answer.emplace(change(transaction));
            if (!answer->ok()) return answer->error();
            return {};
        });
        if (!done.ok()) return std::move(done).error();
        return std::move(*answer);
    }

    // Removes a whole range at once and cheaply; not part of any transaction, synced on return.
    virtual Result<void> erase_range(std::string_view from, std::string_view to) = 0;
};

// Builds keys whose byte order is the order of their parts, part by part.
//   KeyBuilder("objects.version").text(bucket).text(name).number(~generation).str()
class KeyBuilder {
public:
    explicit KeyBuilder(std::string_view table) { text(table); }
    KeyBuilder& text(std::string_view part);  // any bytes; a part is never a prefix of its longer sibling's
    KeyBuilder& number(std::uint64_t part);   // big-endian
    // The beginning of a text part, for ranges only: of the keys whose next part begins with it.
    KeyBuilder& text_beginning(std::string_view beginning);
    const std::string& str() const { return key_; }
    // The range of all keys that begin with the parts so far.
    Range range() const { return with_prefix(key_); }

private:
    std::string key_;
};

// Takes keys apart again, part by part. Reading past the end or a malformed part breaks an invariant: keys
// are ours.
class KeyReader {
public:
    explicit KeyReader(std::string_view key) : left_(key) {}
    std::string text();
    std::uint64_t number();
    bool done() const { return left_.empty(); }

private:
    std::string_view left_;
};

}  // namespace store
