// The contract of store::Records, kept alike by RocksDB and by its plain twin in memory.
#include "store/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <thread>

#include "base/file.h"
#include "store/embedded/embedded.h"
#include "store/memory.h"

namespace store::embedded {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> keys_of(const std::vector<Row>& rows) {
    std::vector<std::string> keys;
    for (const auto& row : rows)
        keys.push_back(row.key);
    return keys;
}

class Contract : public testing::TestWithParam<std::string> {
protected:
    base::TemporaryFolder folder;
    std::unique_ptr<Records> records = GetParam() == "memory"
                                           ? memory_records()
                                           : std::move(open_records(folder.path() / "records")).value();

    void put(std::string_view key, std::string_view value = "") {
        ASSERT_TRUE(records->commit([&](Transaction& t) { return t.put(key, value); }).ok());
    }
};
INSTANTIATE_TEST_SUITE_P(Engines, Contract, testing::Values("memory", "embedded"),
                         [](const auto& engine) { return engine.param; });

TEST_P(Contract, a_committed_value_is_there_and_an_erased_one_is_gone) {
    put("a", "1");
    EXPECT_EQ(*records->get("a"), "1");
    ASSERT_TRUE(records->commit([](Transaction& t) { return t.erase("a"); }).ok());
    EXPECT_EQ(*records->get("a"), std::nullopt);
}

TEST_P(Contract, keys_and_values_hold_any_bytes) {
    auto bytes = std::string("\0\xff\0", 3);
    put(bytes, bytes);
    EXPECT_EQ(*records->get(bytes), bytes);
}

TEST_P(Contract, an_error_undoes_the_transaction) {
    auto done = records->commit([](Transaction& t) -> Result<void> {
        TRY(t.put("a", "1"));
        return Error::failure("no");
    });
    EXPECT_EQ(done.error().detail(), "no");
    EXPECT_EQ(*records->get("a"), std::nullopt);
}

TEST_P(Contract, a_transaction_sees_its_own_writes_and_others_do_not) {
    put("b");
    auto seen = records->transact([&](Transaction& t) -> Result<std::vector<std::string>> {
        TRY(t.put("a", ""));
        TRY(t.put("c", ""));
        TRY(t.erase("b"));
        EXPECT_THAT(keys_of(*records->scan({.from = "a", .to = "z"})), ElementsAre("b"));
        return keys_of(TRY(t.scan({.from = "a", .to = "z"})));
    });
    EXPECT_THAT(*seen, ElementsAre("a", "c"));
}

TEST_P(Contract, a_range_holds_its_beginning_but_not_its_end_in_both_directions) {
    for (auto key : {"a", "b", "c", "d"})
        put(key);
    EXPECT_THAT(keys_of(*records->scan({.from = "b", .to = "d"})), ElementsAre("b", "c"));
    EXPECT_THAT(keys_of(*records->scan({.from = "b", .to = "d", .reverse = true})), ElementsAre("c", "b"));
    EXPECT_THAT(keys_of(*records->scan({.from = "a", .to = "z", .limit = 2})), ElementsAre("a", "b"));
    EXPECT_THAT(keys_of(*records->scan({.from = "d", .to = "b"})), IsEmpty());
    auto backwards = records->transact([](Transaction& t) -> Result<std::vector<std::string>> {
        TRY(t.put("bb", ""));
        return keys_of(TRY(t.scan({.from = "b", .to = "d", .reverse = true})));
    });
    EXPECT_THAT(*backwards, ElementsAre("c", "bb", "b"));
}

TEST_P(Contract, a_snapshot_stays_as_it_was) {
    put("a", "1");
    auto before = records->snapshot();
    put("a", "2");
    put("b");
    EXPECT_EQ(*before->get("a"), "1");
    EXPECT_THAT(keys_of(*before->scan({.from = "a", .to = "z"})), ElementsAre("a"));
}

TEST_P(Contract, an_erased_range_is_gone_and_its_neighbours_stay) {
    for (auto key : {"a", "b", "c", "d"})
        put(key);
    ASSERT_TRUE(records->erase_range("b", "d").ok());
    EXPECT_THAT(keys_of(*records->scan({.from = "a", .to = "z"})), ElementsAre("a", "d"));
}

TEST_P(Contract, counting_up_from_many_threads_loses_no_step) {
    constexpr int kThreads = 4, kSteps = 25;
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i)
        threads.emplace_back([&] {
            for (int step = 0; step < kSteps; ++step)
                ASSERT_TRUE(records
                                ->commit([](Transaction& t) -> Result<void> {
                                    auto now = TRY(t.get_for_update("count"));
                                    return t.put("count", std::to_string(std::stoi(now.value_or("0")) + 1));
                                })
                                .ok());
        });
    threads.clear();
    EXPECT_EQ(*records->get("count"), std::to_string(kThreads * kSteps));
}

TEST_P(Contract, two_that_lock_the_same_keys_in_opposite_order_both_get_through) {
    auto swap = [&](std::string_view first, std::string_view second) {
        for (int i = 0; i < 20; ++i)
            ASSERT_TRUE(records
                            ->commit([&](Transaction& t) -> Result<void> {
                                TRY(t.get_for_update(first));
                                TRY(t.get_for_update(second));
                                return t.put(first, "x");
                            })
                            .ok());
    };
    std::jthread other([&] { swap("b", "a"); });
    swap("a", "b");
}

TEST(EmbeddedRecords, do_what_the_plain_twin_does) {
    base::TemporaryFolder folder;
    auto engine = std::move(open_records(folder.path())).value();
    auto twin = memory_records();
    std::mt19937 random(7);
    auto key = [&] { return KeyBuilder("t").text(std::string(random() % 3, char(random() % 3))).str(); };
    for (int round = 0; round < 60; ++round) {
        auto seed = random();
        auto change = [&](Transaction& t) -> Result<void> {
            random.seed(seed);
            for (int i = 0; i < 5; ++i) {
                if (random() % 3 == 0)
                    TRY(t.erase(key()));
                else
                    TRY(t.put(key(), std::to_string(random())));
            }
            if (random() % 4 == 0) return Error::failure("undone");
            return {};
        };
        EXPECT_EQ(engine->commit(change).ok(), twin->commit(change).ok());
        Range range{.from = key(), .to = KeyBuilder("t").range().to, .reverse = random() % 2 == 0};
        auto a = *engine->scan(range), b = *twin->scan(range);
        ASSERT_EQ(keys_of(a), keys_of(b)) << "round " << round;
        for (std::size_t i = 0; i < a.size(); ++i)
            EXPECT_EQ(a[i].value, b[i].value);
    }
}

TEST(EmbeddedRecords, a_record_that_stays_locked_is_a_conflict) {
    base::TemporaryFolder folder;
    auto records = *open_records(folder.path(), {.lock_wait = base::Duration(5), .attempts_max = 2});
    auto done = records->commit([&](Transaction& t) -> Result<void> {
        TRY(t.get_for_update("a"));
        std::optional<Result<void>> inner;
        std::jthread([&] {
            inner = records->commit([](Transaction& other) { return other.put("a", "2"); });
        }).join();
        return *inner;
    });
    EXPECT_TRUE(done.error().is(store::Refusal::conflict));
}

TEST(EmbeddedRecords, a_shared_record_can_be_shared_but_not_changed) {
    base::TemporaryFolder folder;
    auto records = *open_records(folder.path(), {.lock_wait = base::Duration(5), .attempts_max = 2});
    std::optional<Result<void>> shared, changed;
    auto done = records->commit([&](Transaction& t) -> Result<void> {
        TRY(t.get_for_share("a"));
        std::jthread([&] {
            shared = records->commit([](Transaction& other) -> Result<void> {
                TRY(other.get_for_share("a"));
                return {};
            });
            changed = records->commit([](Transaction& other) { return other.put("a", "2"); });
        }).join();
        return {};
    });
    EXPECT_TRUE(done.ok());
    EXPECT_TRUE(shared->ok());
    EXPECT_TRUE(changed->error().is(store::Refusal::conflict));
}

TEST(EmbeddedRecords, a_folder_has_one_owner) {
    base::TemporaryFolder folder;
    auto first = *open_records(folder.path());
    auto second = open_records(folder.path());
    ASSERT_FALSE(second.ok());
    EXPECT_TRUE(second.error().is(Refusal::folder_in_use));
    first.reset();
    EXPECT_TRUE(open_records(folder.path()).ok());
}

TEST(EmbeddedRecords, are_there_again_after_a_restart) {
    base::TemporaryFolder folder;
    {
        auto records = *open_records(folder.path());
        ASSERT_TRUE(records->commit([](Transaction& t) { return t.put("a", "1"); }).ok());
        ASSERT_TRUE(records->commit([](Transaction& t) { return t.put("b", "1"); }).ok());
        ASSERT_TRUE(records->erase_range("a", "b").ok());
    }
    auto records = *open_records(folder.path());
    EXPECT_EQ(*records->get("a"), std::nullopt);
    EXPECT_EQ(*records->get("b"), "1");
}

}  // namespace
}  // namespace store::embedded
