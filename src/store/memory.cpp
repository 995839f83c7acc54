#include "store/memory.h"

#include <algorithm>
#include <map>

#include "base/guarded.h"
#include "base/random.h"

namespace store {
namespace {

using Table = std::map<std::string, std::string, std::less<>>;

std::vector<Row> scan_table(const Table& table, const Range& range) {
    std::vector<Row> rows;
    if (range.from >= range.to) return rows;
    auto begin = table.lower_bound(range.from);
    auto end = table.lower_bound(range.to);
    if (range.reverse) {
        while (end != begin && rows.size() < range.limit) {
            --end;
            rows.push_back({end->first, end->second});
        }
        return rows;
    }
    for (; begin != end && rows.size() < range.limit; ++begin)
        rows.push_back({begin->first, begin->second});
    return rows;
}

std::optional<std::string> get_from(const Table& table, std::string_view key) {
    auto found = table.find(key);
    if (found == table.end()) return std::nullopt;
    return found->second;
}

// Works on a copy of everything, which takes the place of the original at the commit.
class MemoryTransaction final : public Transaction {
public:
    explicit MemoryTransaction(Table table) : table_(std::move(table)) {}
    Result<std::optional<std::string>> get(std::string_view key) override { return get_from(table_, key); }
    Result<std::optional<std::string>> get_for_update(std::string_view key) override { return get(key); }
    Result<std::optional<std::string>> get_for_share(std::string_view key) override { return get(key); }
    Result<std::vector<Row>> scan(const Range& range) override { return scan_table(table_, range); }
    Result<void> put(std::string_view key, std::string_view value) override {
        written_.insert_or_assign(std::string(key), std::string(value));
        table_.insert_or_assign(std::string(key), std::string(value));
        return {};
    }
    Result<void> erase(std::string_view key) override {
        written_.insert_or_assign(std::string(key), std::nullopt);
        table_.erase(std::string(key));
        return {};
    }
    void apply(Table& to) const {
        for (const auto& [key, value] : written_) {
            if (value)
                to.insert_or_assign(key, *value);
            else
                to.erase(key);
        }
    }

private:
    Table table_;
    std::map<std::string, std::optional<std::string>> written_;
};

class MemorySnapshot final : public Snapshot {
public:
    explicit MemorySnapshot(Table table) : table_(std::move(table)) {}
    Result<std::optional<std::string>> get(std::string_view key) const override {
        return get_from(table_, key);
    }
    Result<std::vector<Row>> scan(const Range& range) const override { return scan_table(table_, range); }

private:
    Table table_;
};

class MemoryRecords final : public Records {
public:
    Result<std::optional<std::string>> get(std::string_view key) const override {
        return table_.with([&](const Table& table) { return get_from(table, key); });
    }
    Result<std::vector<Row>> scan(const Range& range) const override {
        return table_.with([&](const Table& table) { return scan_table(table, range); });
    }
    std::unique_ptr<Snapshot> snapshot() const override { return std::make_unique<MemorySnapshot>(copy()); }
    Result<void> commit(const std::function<Result<void>(Transaction&)>& change) override {
        std::lock_guard one_at_a_time(commits_);
        MemoryTransaction transaction(copy());
        TRY(change(transaction));
        table_.with([&](Table& table) { transaction.apply(table); });
        return {};
    }
    Result<void> erase_range(std::string_view from, std::string_view to) override {
        std::lock_guard one_at_a_time(commits_);
        table_.with([&](Table& table) {
            if (from < to) table.erase(table.lower_bound(from), table.lower_bound(to));
        });
        return {};
    }

private:
    Table copy() const {
        return table_.with([](const Table& table) { return table; });
    }

    std::mutex commits_;
    base::Guarded<Table> table_;
};

using Content = std::shared_ptr<const base::Bytes>;
using Contents = base::Guarded<std::map<BlobId, Content>>;

class MemoryReader final : public BlobReader {
public:
    explicit MemoryReader(Content content) : content_(std::move(content)) {}
    std::uint64_t size() const override { return content_->size(); }
    Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) const override {
        if (offset >= content_->size()) return std::size_t{0};
        auto count = std::min<std::uint64_t>(out.size(), content_->size() - offset);
        std::copy_n(content_->begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
        return static_cast<std::size_t>(count);
    }

private:
    Content content_;
};

class MemoryWriter final : public BlobWriter {
public:
    MemoryWriter(Contents& contents, BlobId id) : contents_(contents), id_(std::move(id)) {}
    Result<void> write(base::ByteView bytes) override {
        written_.insert(written_.end(), bytes.begin(), bytes.end());
        return {};
    }
    Result<BlobId> commit() override {
        auto content = std::make_shared<const base::Bytes>(std::move(written_));
        contents_.with([&](auto& blobs) { blobs.emplace(id_, std::move(content)); });
        return id_;
    }

private:
    Contents& contents_;
    BlobId id_;
    base::Bytes written_;
};

class MemoryBlobs final : public Blobs {
public:
    Result<std::unique_ptr<BlobWriter>> create() override {
        return std::unique_ptr<BlobWriter>(
            std::make_unique<MemoryWriter>(contents_, BlobId(base::uuid_random(random_))));
    }
    Result<std::shared_ptr<BlobReader>> open(const BlobId& id) const override {
        auto content = contents_.with([&](const auto& blobs) {
            auto found = blobs.find(id);
            return found == blobs.end() ? Content() : found->second;
        });
        if (!content) return Error::failure("no blob " + id.str());
        return std::shared_ptr<BlobReader>(std::make_shared<MemoryReader>(std::move(content)));
    }
    Result<void> remove(const BlobId& id) override {
        contents_.with([&](auto& blobs) { blobs.erase(id); });
        return {};
    }
    Result<std::size_t> sweep(const std::function<Result<bool>(const BlobId&)>&) override {
        return std::size_t{0};  // a crash leaves nothing
    }

private:
    base::SystemRandom random_;
    Contents contents_;
};

}  // namespace

std::unique_ptr<Records> memory_records() {
    return std::make_unique<MemoryRecords>();
}

std::unique_ptr<Blobs> memory_blobs() {
    return std::make_unique<MemoryBlobs>();
}

}  // namespace store
