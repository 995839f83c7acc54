// Records on RocksDB's TransactionDB: pessimistic transactions, one lock per key, one write-ahead log.
#include <algorithm>
#include <fmt/format.h>
#include <random>
#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/transaction.h>
#include <rocksdb/utilities/transaction_db.h>
#include <thread>

#include "store/embedded/embedded.h"
#include "store/embedded/folder_lock.h"

namespace store::embedded {
namespace {

using rocksdb::ReadOptions;
using rocksdb::Slice;
using rocksdb::Status;

Slice slice(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
}

Error failure(std::string_view what, const Status& status) {
    return Error::failure(fmt::format("records: {}: {}", what, status.ToString()));
}

// Deadlocks, lock waits that ran out and lost races: what another attempt may win.
bool is_conflict(const Status& status) {
    return status.IsBusy() || status.IsTimedOut() || status.IsTryAgain() || status.IsAborted();
}

Result<std::optional<std::string>> value_of(const Status& status, std::string value) {
    if (status.ok()) return std::optional(std::move(value));
    if (status.IsNotFound()) return std::optional<std::string>();
    return failure("get", status);
}

ReadOptions scan_options(const Range& range, const Slice& to) {
    ReadOptions options;
    // Without the bound an iterator walks over the tombstones behind the range to find its next key.
    if (!range.reverse) options.iterate_upper_bound = &to;
    return options;
}

Result<std::vector<Row>> scan_with(rocksdb::Iterator& iterator, const Range& range) {
    std::vector<Row> rows;
    auto from = slice(range.from);
    auto to = slice(range.to);
    if (range.reverse) {
        iterator.SeekForPrev(to);
        if (iterator.Valid() && iterator.key() == to) iterator.Prev();
    } else {
        iterator.Seek(from);
    }
    while (iterator.Valid() && rows.size() < range.limit) {
        if (range.reverse ? iterator.key().compare(from) < 0 : iterator.key().compare(to) >= 0) break;
        rows.push_back({iterator.key().ToString(), iterator.value().ToString()});
        range.reverse ? iterator.Prev() : iterator.Next();
    }
    if (!iterator.status().ok()) return failure("scan", iterator.status());
    return rows;
}

class EmbeddedTransaction final : public Transaction {
public:
    explicit EmbeddedTransaction(rocksdb::Transaction& inner) : inner_(inner) {}
    // Whether an operation met a conflict, also when `change` hid it.
    bool conflicted() const { return conflicted_; }

    Result<std::optional<std::string>> get(std::string_view key) override {
        std::string value;
        auto status = inner_.Get(ReadOptions(), slice(key), &value);
        return value_of(status, std::move(value));
    }
    Result<std::optional<std::string>> get_for_update(std::string_view key) override {
        return get_locked(key, true);
    }
    Result<std::optional<std::string>> get_for_share(std::string_view key) override {
        return get_locked(key, false);
    }
    Result<std::vector<Row>> scan(const Range& range) override {
        auto to = slice(range.to);
        std::unique_ptr<rocksdb::Iterator> iterator(inner_.GetIterator(scan_options(range, to)));
        return scan_with(*iterator, range);
    }
    Result<void> put(std::string_view key, std::string_view value) override {
        return written(inner_.Put(slice(key), slice(value)));
    }
    Result<void> erase(std::string_view key) override { return written(inner_.Delete(slice(key))); }

private:
    Result<std::optional<std::string>> get_locked(std::string_view key, bool exclusive) {
        std::string value;
        auto status = inner_.GetForUpdate(ReadOptions(), slice(key), &value, exclusive);
        TRY(checked(status));
        return value_of(status, std::move(value));
    }
    Result<void> checked(const Status& status) {
        if (!is_conflict(status)) return {};
        conflicted_ = true;
        return Error::refusal(store::Refusal::conflict);
    }
    Result<void> written(const Status& status) {
        TRY(checked(status));
        if (!status.ok()) return failure("write", status);
        return {};
    }

    rocksdb::Transaction& inner_;
    bool conflicted_ = false;
};

class EmbeddedSnapshot final : public Snapshot {
public:
    explicit EmbeddedSnapshot(rocksdb::DB& db) : db_(db), snapshot_(db.GetSnapshot()) {}
    ~EmbeddedSnapshot() override { db_.ReleaseSnapshot(snapshot_); }
    EmbeddedSnapshot(const EmbeddedSnapshot&) = delete;
    EmbeddedSnapshot& operator=(const EmbeddedSnapshot&) = delete;

    Result<std::optional<std::string>> get(std::string_view key) const override {
        ReadOptions options;
        options.snapshot = snapshot_;
        std::string value;
        auto status = db_.Get(options, slice(key), &value);
        return value_of(status, std::move(value));
    }
    Result<std::vector<Row>> scan(const Range& range) const override {
        auto to = slice(range.to);
        auto options = scan_options(range, to);
        options.snapshot = snapshot_;
        std::unique_ptr<rocksdb::Iterator> iterator(db_.NewIterator(options));
        return scan_with(*iterator, range);
    }

private:
    rocksdb::DB& db_;
    const rocksdb::Snapshot* snapshot_;
};

class EmbeddedRecords final : public Records {
public:
    EmbeddedRecords(FolderLock lock, std::unique_ptr<rocksdb::TransactionDB> db, const Options& options)
        : lock_(std::move(lock)), db_(std::move(db)), options_(options) {}
    ~EmbeddedRecords() override { db_->Close().PermitUncheckedError(); }

    Result<std::optional<std::string>> get(std::string_view key) const override {
        std::string value;
        auto status = db_->Get(ReadOptions(), slice(key), &value);
        return value_of(status, std::move(value));
    }
    Result<std::vector<Row>> scan(const Range& range) const override {
        auto to = slice(range.to);
        std::unique_ptr<rocksdb::Iterator> iterator(db_->NewIterator(scan_options(range, to)));
        return scan_with(*iterator, range);
    }
    std::unique_ptr<Snapshot> snapshot() const override { return std::make_unique<EmbeddedSnapshot>(*db_); }

    Result<void> commit(const std::function<Result<void>(Transaction&)>& change) override {
        for (std::size_t attempt = 1;; ++attempt) {
            bool conflicted = false;
            auto done = attempt_once(change, conflicted);
            if (!conflicted) return done;
            if (attempt == options_.attempts_max)
                return Error::refusal(store::Refusal::conflict, "too many writers of the same record");
            wait_before_next(attempt);
        }
    }

    Result<void> erase_range(std::string_view from, std::string_view to) override {
        rocksdb::WriteBatch batch;
        auto status = batch.DeleteRange(slice(from), slice(to));
        if (!status.ok()) return failure("erase range", status);
        rocksdb::TransactionDBWriteOptimizations direct;
        direct.skip_concurrency_control = true;
        status = db_->Write(synced(), direct, &batch);
        if (!status.ok()) return failure("erase range", status);
        return {};
    }

private:
    static rocksdb::WriteOptions synced() {
        rocksdb::WriteOptions options;
        options.sync = true;
        return options;
    }

    Result<void> attempt_once(const std::function<Result<void>(Transaction&)>& change, bool& conflicted) {
        rocksdb::TransactionOptions transaction_options;
        transaction_options.deadlock_detect = true;
        transaction_options.lock_timeout = options_.lock_wait.count();
        std::unique_ptr<rocksdb::Transaction> inner(db_->BeginTransaction(synced(), transaction_options));
        EmbeddedTransaction transaction(*inner);
        auto done = change(transaction);
        conflicted = transaction.conflicted();
        if (conflicted || !done.ok()) {
            auto undone = inner->Rollback();
            if (!undone.ok()) return failure("rollback", undone);
            return done;
        }
        auto status = inner->Commit();
        conflicted = is_conflict(status);
        if (!status.ok() && !conflicted) return failure("commit", status);
        return {};
    }

    // Twice as long each time, half of it by chance, so that two that met do not meet again.
    static void wait_before_next(std::size_t attempt) {
        thread_local std::minstd_rand chance{std::random_device{}()};
        auto longest_us = std::min<std::size_t>(1'000u << std::min<std::size_t>(attempt, 6), 50'000);
        std::this_thread::sleep_for(std::chrono::microseconds(longest_us / 2 + chance() % (longest_us / 2)));
    }

    FolderLock lock_;
    std::unique_ptr<rocksdb::TransactionDB> db_;
    Options options_;
};

rocksdb::Options engine_options(const Options& options) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(options.cache_bytes);
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.block_size = 8 * 1024;
    table.cache_index_and_filter_blocks = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    table.format_version = 5;

    rocksdb::Options engine;
    engine.create_if_missing = true;
    engine.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    engine.compression = rocksdb::kLZ4Compression;
    engine.write_buffer_size = options.write_buffer_bytes;
    engine.max_write_buffer_number = 2;
    engine.max_total_wal_size = 4 * options.write_buffer_bytes;
    engine.max_background_jobs = 2;
    engine.paranoid_checks = true;
    engine.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    // RocksDB writes its own log beside the records; it names no keys, and its size is bounded here.
    engine.max_log_file_size = 4u << 20;
    engine.keep_log_file_num = 4;
    return engine;
}

}  // namespace

Result<std::unique_ptr<Records>> open_records(const std::filesystem::path& folder, const Options& options) {
    auto lock = TRY(FolderLock::take(folder));
    rocksdb::TransactionDBOptions transaction_options;
    transaction_options.transaction_lock_timeout = options.lock_wait.count();
    transaction_options.default_lock_timeout = options.lock_wait.count();
    rocksdb::TransactionDB* db = nullptr;
    auto status =
        rocksdb::TransactionDB::Open(engine_options(options), transaction_options, folder.string(), &db);
    if (!status.ok()) return failure(fmt::format("open {}", folder.string()), status);
    return std::unique_ptr<Records>(std::make_unique<EmbeddedRecords>(
        std::move(lock), std::unique_ptr<rocksdb::TransactionDB>(db), options));
}

}  // namespace store::embedded
