#include "tables/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/memory.h"
#include "tables/document.h"
#include "tables/legacy.h"
#include "tables/parser.h"

using namespace tables;
using testing::HasSubstr;
using namespace std::chrono_literals;

namespace {

Value text(std::string_view value) {
    return Value::of(value);
}
Value number(std::int64_t value) {
    return Value::of(value);
}

// Attributes are written "p:S"; the first key element is the partition key.
std::vector<KeyPart> attributes(std::initializer_list<std::string_view> all) {
    std::vector<KeyPart> out;
    for (auto one : all)
        out.push_back(
            {std::string(one.substr(0, one.find(':'))), *type_from_name(one.substr(one.find(':') + 1))});
    return out;
}

class TablesTest : public testing::Test {
protected:
    TableName name(std::string table) { return {"000000000000", "us-east-1", std::move(table)}; }

    void create(const std::string& table, TableDefinition definition) {
        definition.billing = Billing::per_request;
        auto made = tables.create(name(table), std::move(definition));
        ASSERT_TRUE(made.ok()) << made.error().message();
    }
    // Partition key p, sort key c: both strings but for c, a number.
    void create_orders() {
        TableDefinition definition{attributes({"p:S", "c:N", "g:S"}), {{"p"}, {"c", true}}};
        definition.global_indexes = {{{"by_g", {{"g"}, {"c", true}}, Projected::keys_only}}};
        definition.local_indexes = {{{"by_p_g", {{"p"}, {"g", true}}, Projected::include, {{"kept"}}}}};
        create("orders", definition);
    }
    void create_plain() { create("plain", {attributes({"p:S"}), {{"p"}}}); }

    Written put(const std::string& table, Item item) {
        auto written = tables.write(Put{name(table), std::move(item)});
        EXPECT_TRUE(written.ok()) << (written.ok() ? "" : written.error().message());
        return written.ok() ? *written : Written{};
    }
    std::optional<Item> get(const std::string& table, Item key) {
        auto found = tables.get({name(table), std::move(key)});
        EXPECT_TRUE(found.ok()) << (found.ok() ? "" : found.error().message());
        return found.ok() ? found->item : std::nullopt;
    }
    Condition condition(std::string_view expression, std::map<std::string, Value> values = {}) {
        auto placeholders = Placeholders::create({}, std::move(values)).value();
        return parse_condition(expression, "ConditionExpression", placeholders).value();
    }
    Update update(std::string_view expression, std::map<std::string, Value> values = {}) {
        auto placeholders = Placeholders::create({}, std::move(values)).value();
        return parse_update(expression, placeholders).value();
    }
    Page query(std::string_view keys, std::map<std::string, Value> values,
               std::optional<std::string> index = {}, bool forward = true) {
        Query query{name("orders"), std::move(index), condition(keys, std::move(values))};
        query.forward = forward;
        auto page = tables.query(query);
        EXPECT_TRUE(page.ok()) << (page.ok() ? "" : page.error().message());
        return page.ok() ? std::move(page).value() : Page{};
    }
    std::vector<std::string> column(const Page& page, std::string_view attribute) {
        std::vector<std::string> out;
        for (const auto& item : page.items)
            if (const auto* value = item.find(attribute)->second.get_if<Number>())
                out.push_back(value->text());
        return out;
    }
    void keep_up() {
        auto kept = tables.upkeep([] { return false; });
        ASSERT_TRUE(kept.ok()) << kept.error().detail();
    }
    std::size_t rows() {
        std::size_t count = 0;
        for (auto table : {"tables.item", "tables.index"})
            count += records->scan(store::KeyBuilder(table).range()).value().size();
        return count;
    }

    std::unique_ptr<store::Records> records = store::memory_records();
    base::ManualClock clock;
    base::SeededRandom random{1};
    Store tables{*records, clock, random};
};

}  // namespace

TEST_F(TablesTest, AnItemIsReplacedAsAWholeAndReadBack) {
    create_plain();
    EXPECT_FALSE(put("plain", {{"p", text("a")}, {"x", number(1)}}).before);
    EXPECT_EQ(put("plain", {{"p", text("a")}, {"y", number(2)}}).before->at("x"), number(1));
    EXPECT_EQ(get("plain", {{"p", text("a")}}), (Item{{"p", text("a")}, {"y", number(2)}}));
    EXPECT_EQ(get("plain", {{"p", text("b")}}), std::nullopt);
}

TEST_F(TablesTest, TablesOfOtherRegionsAndAccountsAreOthers) {
    create_plain();
    TableName elsewhere{"000000000000", "eu-west-1", "plain"};
    EXPECT_TRUE(tables.write(Put{elsewhere, {{"p", text("a")}}}).error().is(Refusal::resource_missing));
    EXPECT_TRUE(tables.create(name("plain"), {attributes({"p:S"}), {{"p"}}, {}, {}, Billing::per_request})
                    .error()
                    .is(Refusal::resource_in_use));
}

TEST_F(TablesTest, KeysAreCheckedAgainstTheSchema) {
    create_orders();
    auto refusal = [&](Write write) { return tables.write(write).error().message(); };
    EXPECT_EQ(refusal(Put{name("orders"), {{"p", text("a")}}}),
              "One or more parameter values were invalid: Missing the key c in the item");
    EXPECT_EQ(refusal(Put{name("orders"), {{"p", text("a")}, {"c", text("1")}}}),
              "One or more parameter values were invalid: Type mismatch for key c expected: N actual: S");
    EXPECT_THAT(refusal(Put{name("orders"), {{"p", text("")}, {"c", number(1)}}}),
                HasSubstr("empty string value. Key: p"));
    EXPECT_THAT(refusal(Put{name("orders"), {{"p", text(std::string(2049, 'x'))}, {"c", number(1)}}}),
                HasSubstr("maximum size limit of2048 bytes"));
    EXPECT_THAT(refusal(Put{name("orders"), {{"p", text("a")}, {"c", number(1)}, {"g", number(1)}}}),
                HasSubstr("Type mismatch for Index Key g Expected: S Actual: N IndexName: by_p_g"));
    EXPECT_EQ(refusal(Delete{name("orders"), {{"p", text("a")}}}),
              "The provided key element does not match the schema");
    EXPECT_EQ(
        refusal(UpdateItem{
            name("orders"), {{"p", text("a")}, {"c", number(1)}}, update("SET c = :v", {{":v", number(2)}})}),
        "One or more parameter values were invalid: Cannot update attribute c. This attribute is part of the "
        "key");
    EXPECT_EQ(refusal(Put{name("orders"),
                          {{"p", text("a")}, {"c", number(1)}, {"x", text(std::string(410000, 'x'))}}}),
              "Item size has exceeded the maximum allowed size");
}

TEST_F(TablesTest, AWriteWhoseConditionFailsChangesNothing) {
    create_plain();
    put("plain", {{"p", text("a")}, {"x", number(1)}});
    Put again{name("plain"), {{"p", text("a")}, {"x", number(2)}}, condition("attribute_not_exists(p)")};
    auto written = tables.write(again);
    ASSERT_TRUE(written.ok());
    EXPECT_FALSE(written->condition_held);
    EXPECT_EQ(written->before->at("x"), number(1));
    EXPECT_EQ(get("plain", {{"p", text("a")}})->at("x"), number(1));
}

TEST_F(TablesTest, AnUpdateMakesTheItemUnlessItOnlyRemoves) {
    create_plain();
    ASSERT_TRUE(
        tables.write(UpdateItem{name("plain"), {{"p", text("a")}}, update("ADD n :n", {{":n", number(3)}})})
            .ok());
    EXPECT_EQ(get("plain", {{"p", text("a")}})->at("n"), number(3));
    ASSERT_TRUE(tables.write(UpdateItem{name("plain"), {{"p", text("b")}}, update("REMOVE n")}).ok());
    EXPECT_FALSE(get("plain", {{"p", text("b")}}));
    ASSERT_TRUE(tables.write(UpdateItem{name("plain"), {{"p", text("c")}}, {}}).ok());
    EXPECT_TRUE(get("plain", {{"p", text("c")}}));
}

TEST_F(TablesTest, AQueryReadsTheSortKeysInOrder) {
    create_orders();
    for (int c : {10, -5, 2, 0, 100})
        put("orders", {{"p", text("a")}, {"c", number(c)}});
    put("orders", {{"p", text("ab")}, {"c", number(3)}});
    std::map<std::string, Value> a = {{":p", text("a")}};
    EXPECT_THAT(column(query("p = :p", a), "c"), testing::ElementsAre("-5", "0", "2", "10", "100"));
    EXPECT_THAT(column(query("p = :p", a, {}, false), "c"),
                testing::ElementsAre("100", "10", "2", "0", "-5"));
    a.emplace(":c", number(2));
    EXPECT_THAT(column(query("p = :p AND c = :c", a), "c"), testing::ElementsAre("2"));
    EXPECT_THAT(column(query("p = :p AND c < :c", a), "c"), testing::ElementsAre("-5", "0"));
    EXPECT_THAT(column(query("p = :p AND c <= :c", a), "c"), testing::ElementsAre("-5", "0", "2"));
    EXPECT_THAT(column(query(":c < c AND p = :p", a), "c"), testing::ElementsAre("10", "100"));
    EXPECT_THAT(column(query("p = :p AND c >= :c", a), "c"), testing::ElementsAre("2", "10", "100"));
    a.emplace(":d", number(10));
    EXPECT_THAT(column(query("p = :p AND c BETWEEN :c AND :d", a), "c"), testing::ElementsAre("2", "10"));
}

TEST_F(TablesTest, AQueryThatNoRangeCanAnswerIsRefused) {
    create_orders();
    std::map<std::string, Value> values = {{":p", text("a")}, {":c", number(1)}};
    auto refusal = [&](std::string_view keys) {
        return tables.query({name("orders"), {}, condition(keys, values)}).error().message();
    };
    EXPECT_EQ(refusal("c = :c"), "Query condition missed key schema element: p");
    EXPECT_EQ(refusal("p > :p"), "Query key condition not supported");
    EXPECT_EQ(refusal("p = :p AND x = :c"), "Query condition missed key schema element: c");
    EXPECT_EQ(refusal("p = :p OR c = :c"), "Invalid operator used in KeyConditionExpression: OR");
    EXPECT_THAT(refusal("p = :p AND c > :c AND c < :c"),
                HasSubstr("Conditions can be of length 1 or 2 only"));
    EXPECT_THAT(refusal("p = :p AND p = :p"), HasSubstr("must only contain one condition per key"));
    EXPECT_THAT(refusal("p = :c"), HasSubstr("Condition parameter type does not match schema type"));
}

TEST_F(TablesTest, AnIndexKeyOfSeveralAttributesIsReadFromTheLeft) {
    TableDefinition definition{attributes({"p:S", "a:S", "b:S", "c:N", "d:N"}), {{"p"}}};
    definition.global_indexes = {{{"wide", {{"a"}, {"b"}, {"c", true}, {"d", true}}, Projected::all}}};
    create("orders", definition);
    for (int i = 0; i < 6; ++i)
        put("orders", {{"p", text(std::to_string(i))},
                       {"a", text("x")},
                       {"b", text("y")},
                       {"c", number(i / 3)},
                       {"d", number(i)}});
    std::map<std::string, Value> values = {
        {":a", text("x")}, {":b", text("y")}, {":c", number(1)}, {":d", number(4)}};
    EXPECT_THAT(column(query("a = :a AND b = :b AND c = :c AND d >= :d", values, "wide"), "d"),
                testing::ElementsAre("4", "5"));
    EXPECT_THAT(column(query("a = :a AND b = :b AND c < :c", values, "wide"), "d"),
                testing::ElementsAre("0", "1", "2"));
    auto refusal = [&](std::string_view keys) {
        return tables.query({name("orders"), "wide", condition(keys, values)}).error().message();
    };
    EXPECT_THAT(refusal("a = :a"), HasSubstr("every HASH key attribute must have an equality condition: b"));
    EXPECT_THAT(refusal("a = :a AND b = :b AND d = :d"), HasSubstr("every RANGE key attribute before"));
    EXPECT_THAT(refusal("a = :a AND b = :b AND c > :c AND d = :d"),
                HasSubstr("every RANGE key attribute before"));
}

TEST_F(TablesTest, PagesJoinWithoutGapOrOverlap) {
    create_orders();
    for (int c = 0; c < 25; ++c)
        put("orders", {{"p", text("a")}, {"c", number(c)}, {"g", text("x")}});
    for (auto index : {std::optional<std::string>(), std::optional<std::string>("by_g")}) {
        for (bool forward : {true, false}) {
            std::vector<std::string> seen;
            Query query{name("orders"), index,
                        condition(index ? "g = :v" : "p = :v", {{":v", text(index ? "x" : "a")}})};
            query.limit = 7;
            query.forward = forward;
            do {
                auto page = tables.query(query);
                ASSERT_TRUE(page.ok()) << page.error().message();
                for (auto& one : column(*page, "c"))
                    seen.push_back(one);
                query.start = page->last_key;
            } while (query.start);
            EXPECT_EQ(seen.size(), 25u);
            EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 25u);
            EXPECT_EQ(seen.front(), forward ? "0" : "24");
        }
    }
}

TEST_F(TablesTest, APageEndsAfterAMegabyte) {
    create_orders();
    for (int c = 0; c < 5; ++c)
        put("orders", {{"p", text("a")}, {"c", number(c)}, {"x", text(std::string(300'000, 'x'))}});
    auto page = query("p = :p", {{":p", text("a")}});
    EXPECT_EQ(page.scanned, 4u);
    EXPECT_EQ(page.last_key, (Item{{"p", text("a")}, {"c", number(3)}}));
}

TEST_F(TablesTest, AStartKeyMustFitTheSchemaAndTheQuery) {
    create_orders();
    put("orders", {{"p", text("a")}, {"c", number(1)}});
    Query query{name("orders"), {}, condition("p = :p", {{":p", text("a")}})};
    query.start = Item{{"p", text("a")}};
    EXPECT_THAT(tables.query(query).error().message(), HasSubstr("The provided starting key is invalid"));
    query.start = Item{{"p", text("b")}, {"c", number(1)}};
    EXPECT_THAT(tables.query(query).error().message(), HasSubstr("outside query boundaries"));
}

TEST_F(TablesTest, ScanSegmentsTogetherSeeEachItemOnce) {
    create_plain();
    for (int i = 0; i < 60; ++i)
        put("plain", {{"p", text("key" + std::to_string(i))}});
    for (std::uint32_t segments : {1u, 2u, 7u}) {
        std::multiset<std::string> seen;
        for (std::uint32_t segment = 0; segment < segments; ++segment) {
            Scan scan{name("plain")};
            scan.segment = segment;
            scan.segments = segments;
            scan.limit = 5;
            do {
                auto page = tables.scan(scan);
                ASSERT_TRUE(page.ok());
                for (const auto& item : page->items)
                    seen.insert(*item.at("p").get_if<std::string>());
                scan.start = page->last_key;
            } while (scan.start);
        }
        EXPECT_EQ(seen.size(), 60u);
        EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 60u);
    }
}

TEST_F(TablesTest, IndexesFollowEveryWrite) {
    create_orders();
    auto by_g = [&](std::string_view g) { return query("g = :g", {{":g", text(g)}}, "by_g").items; };
    put("orders",
        {{"p", text("a")}, {"c", number(1)}, {"g", text("x")}, {"kept", number(5)}, {"rest", number(6)}});
    put("orders", {{"p", text("b")}, {"c", number(1)}});
    EXPECT_THAT(by_g("x"), testing::ElementsAre(Item{{"p", text("a")}, {"c", number(1)}, {"g", text("x")}}));
    EXPECT_EQ(rows(), 4u);
    auto local = query("p = :p", {{":p", text("a")}}, "by_p_g");
    EXPECT_EQ(local.items.front().count("kept"), 1u);
    EXPECT_EQ(local.items.front().count("rest"), 0u);
    Item key{{"p", text("a")}, {"c", number(1)}};
    ASSERT_TRUE(
        tables.write(UpdateItem{name("orders"), key, update("SET g = :g", {{":g", text("y")}})}).ok());
    EXPECT_TRUE(by_g("x").empty());
    EXPECT_EQ(by_g("y").size(), 1u);
    ASSERT_TRUE(tables.write(UpdateItem{name("orders"), key, update("REMOVE g")}).ok());
    EXPECT_TRUE(by_g("y").empty());
    EXPECT_EQ(rows(), 2u);
}

TEST_F(TablesTest, ALocalIndexFetchesWhatItDoesNotHoldAndAGlobalOneRefuses) {
    create_orders();
    put("orders", {{"p", text("a")}, {"c", number(1)}, {"g", text("x")}, {"rest", number(6)}});
    Query query{name("orders"), "by_p_g", condition("p = :p", {{":p", text("a")}})};
    query.projection = {Path{"rest"}};
    EXPECT_EQ(tables.query(query)->items.front().at("rest"), number(6));
    Query global{name("orders"), "by_g", condition("g = :g", {{":g", text("x")}})};
    global.projection = {Path{"rest"}};
    EXPECT_THAT(tables.query(global).error().message(), HasSubstr("does not project [rest]"));
    global.consistent = true;
    EXPECT_THAT(tables.query(global).error().message(), HasSubstr("Consistent reads are not supported"));
}

TEST_F(TablesTest, AnIndexMadeLaterHoldsWhatWasThereBefore) {
    create_plain();
    for (int i = 0; i < 150; ++i)
        put("plain", {{"p", text(std::to_string(i))}, {"g", i % 2 ? text("odd") : number(i)}});
    TableChange change;
    change.attributes = attributes({"p:S", "g:S"});
    change.indexes = {IndexDefinition{"by_g", {{"g"}}, Projected::all}};
    ASSERT_TRUE(tables.update_table(name("plain"), change).ok());
    Query query{name("plain"), "by_g", condition("g = :g", {{":g", text("odd")}})};
    EXPECT_THAT(tables.query(query).error().message(), HasSubstr("backfilling"));
    keep_up();
    EXPECT_EQ(tables.query(query)->count, 75u);
    change.attributes.clear();
    change.indexes = {TableChange::DeleteIndex{"by_g"}};
    ASSERT_TRUE(tables.update_table(name("plain"), change).ok());
    keep_up();
    EXPECT_EQ(rows(), 150u);
    EXPECT_EQ(tables.describe(name("plain"))->schema.attributes.size(), 1u);
}

TEST_F(TablesTest, ATransactionTakesEffectWholeOrNotAtAll) {
    create_plain();
    put("plain", {{"p", text("a")}, {"n", number(1)}});
    std::vector<Write> writes = {
        Put{name("plain"), {{"p", text("b")}}},
        Check{name("plain"), {{"p", text("a")}}, condition("n = :n", {{":n", number(2)}})}};
    auto failed = tables.transact(writes, {});
    ASSERT_TRUE(failed.ok());
    ASSERT_EQ(failed->reasons.size(), 2u);
    EXPECT_EQ(failed->reasons[0].code, Outcome::Code::none);
    EXPECT_EQ(failed->reasons[1].code, Outcome::Code::condition_failed);
    EXPECT_EQ(failed->reasons[1].item->at("n"), number(1));
    EXPECT_FALSE(get("plain", {{"p", text("b")}}));
    std::get<Check>(writes[1]).condition = condition("n = :n", {{":n", number(1)}});
    ASSERT_TRUE(tables.transact(writes, {})->reasons.empty());
    EXPECT_TRUE(get("plain", {{"p", text("b")}}));
}

TEST_F(TablesTest, ATransactionIsRefusedIfItNamesOneItemTwice) {
    create_plain();
    std::vector<Write> writes = {Put{name("plain"), {{"p", text("b")}}},
                                 Delete{name("plain"), {{"p", text("b")}}}};
    EXPECT_EQ(tables.transact(writes, {}).error().message(),
              "Transaction request cannot include multiple operations on one item");
}

TEST_F(TablesTest, ATokenMakesATransactionHappenOnce) {
    create_plain();
    std::vector<Write> writes = {
        UpdateItem{name("plain"), {{"p", text("a")}}, update("ADD n :n", {{":n", number(1)}})}};
    Store::Token token{"token", "digest"};
    EXPECT_FALSE(tables.transact(writes, token)->repeated);
    EXPECT_TRUE(tables.transact(writes, token)->repeated);
    EXPECT_EQ(get("plain", {{"p", text("a")}})->at("n"), number(1));
    EXPECT_TRUE(
        tables.transact(writes, Store::Token{"token", "other"}).error().is(Refusal::idempotent_mismatch));
    clock.advance(11min);
    keep_up();
    EXPECT_FALSE(tables.transact(writes, Store::Token{"token", "other"})->repeated);
}

TEST_F(TablesTest, ARemovedTableLeavesNoRowsAndANewOneOfItsNameIsEmpty) {
    create_orders();
    put("orders", {{"p", text("a")}, {"c", number(1)}, {"g", text("x")}});
    ASSERT_TRUE(tables.remove_table(name("orders")).ok());
    EXPECT_TRUE(tables.describe(name("orders")).error().is(Refusal::resource_missing));
    create_orders();
    EXPECT_FALSE(get("orders", {{"p", text("a")}, {"c", number(1)}}));
    keep_up();
    EXPECT_EQ(rows(), 0u);
}

TEST_F(TablesTest, AProtectedTableStays) {
    create("kept", {attributes({"p:S"}), {{"p"}}, {}, {}, {}, {}, true});
    EXPECT_THAT(tables.remove_table(name("kept")).error().message(), HasSubstr("protected against deletion"));
    TableChange change;
    change.deletion_protection = false;
    ASSERT_TRUE(tables.update_table(name("kept"), change).ok());
    EXPECT_TRUE(tables.remove_table(name("kept")).ok());
}

TEST_F(TablesTest, ExpiredItemsGoAndOthersStay) {
    create_plain();
    ASSERT_TRUE(tables.set_expiry(name("plain"), "until", true).ok());
    auto second = std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch()).count();
    put("plain", {{"p", text("old")}, {"until", number(second - 10)}});
    put("plain", {{"p", text("ancient")}, {"until", number(second - 6LL * 365 * 24 * 3600)}});
    put("plain", {{"p", text("new")}, {"until", number(second + 1000)}});
    put("plain", {{"p", text("other")}, {"until", text("soon")}});
    keep_up();
    EXPECT_FALSE(get("plain", {{"p", text("old")}}));
    EXPECT_EQ(tables.describe(name("plain"))->table.items, 3);
    clock.advance(2000s);
    keep_up();
    EXPECT_FALSE(get("plain", {{"p", text("new")}}));
    EXPECT_THAT(tables.set_expiry(name("plain"), "other", true).error().message(),
                HasSubstr("different AttributeName"));
}

TEST_F(TablesTest, CountsFollowWritesAndAreFoundAgainAfterAStart) {
    create_orders();
    put("orders", {{"p", text("a")}, {"c", number(1)}, {"g", text("x")}});
    put("orders", {{"p", text("a")}, {"c", number(2)}});
    put("orders", {{"p", text("a")}, {"c", number(2)}});
    auto described = tables.describe(name("orders"));
    EXPECT_EQ(described->table.items, 2);
    EXPECT_EQ(described->indexes["by_g"].items, 1);
    Store restarted(*records, clock, random);
    ASSERT_TRUE(restarted.upkeep([] { return false; }).ok());
    auto again = restarted.describe(name("orders"));
    EXPECT_EQ(again->table.items, 2);
    EXPECT_EQ(again->table.bytes, described->table.bytes);
    EXPECT_EQ(again->indexes["by_g"].bytes, described->indexes["by_g"].bytes);
}

TEST_F(TablesTest, ListingGoesOnAfterAName) {
    for (auto table : {"aaa", "bbb", "ccc"})
        create(table, {attributes({"p:S"}), {{"p"}}});
    auto first = tables.list("000000000000", "us-east-1", "", 2);
    EXPECT_THAT(first->names, testing::ElementsAre("aaa", "bbb"));
    EXPECT_TRUE(first->more);
    auto second = tables.list("000000000000", "us-east-1", "bbb", 2);
    EXPECT_THAT(second->names, testing::ElementsAre("ccc"));
    EXPECT_FALSE(second->more);
}

TEST_F(TablesTest, CapacityIsCountedAsAwsCountsIt) {
    create_orders();
    auto written = put("orders", {{"p", text("a")}, {"c", number(1)}, {"x", text(std::string(1500, 'x'))}});
    EXPECT_EQ(written.consumed.table, 2);
    auto indexed = put("orders", {{"p", text("a")}, {"c", number(2)}, {"g", text("x")}});
    EXPECT_EQ(indexed.consumed.table, 1);
    EXPECT_EQ(indexed.consumed.global.at("by_g"), 1);
    Get get{name("orders"), {{"p", text("a")}, {"c", number(1)}}};
    EXPECT_EQ(tables.get(get)->consumed.table, 0.5);
    get.consistent = true;
    EXPECT_EQ(tables.get(get)->consumed.table, 1);
    EXPECT_EQ(tables.get_batch({get}, kBatchReadBytesMax, true)->front().consumed.table, 2);
}

TEST_F(TablesTest, LegacyConditionsMeanWhatExpressionsMean) {
    const Item item = {{"a", number(5)}, {"s", text("hello")}};
    auto is_true = [&](LegacyCondition one) {
        return holds(condition_of({std::move(one)}, false).value(), item);
    };
    EXPECT_TRUE(is_true({"a", "EQ", {{number(5)}}}));
    EXPECT_TRUE(is_true({"q", "NE", {{number(5)}}}));
    EXPECT_TRUE(is_true({"s", "BEGINS_WITH", {{text("he")}}}));
    EXPECT_TRUE(is_true({"a", "BETWEEN", {{number(1), number(9)}}}));
    EXPECT_TRUE(is_true({"q", "NULL"}));
    EXPECT_FALSE(is_true({"q", "NOT_CONTAINS", {{number(5)}}}));
    EXPECT_TRUE(is_true({"a", {}, {}, number(5)}));
    EXPECT_FALSE(is_true({"a", {}, {}, {}, false}));
    EXPECT_THAT(condition_of({{"a", "EQ", {{}}}}, false).error().message(),
                HasSubstr("number of argument(s) for the EQ"));
    EXPECT_THAT(condition_of({{"a", "LT", {{Value(List{})}}}}, false).error().message(),
                HasSubstr("ComparisonOperator LT is not valid for L AttributeValue type"));
    EXPECT_FALSE(condition_of({{"a", "eq", {{number(1)}}}}, false).ok());
}
