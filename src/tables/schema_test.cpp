#include "tables/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tables;
using testing::HasSubstr;

namespace {

class SchemaTest : public testing::Test {
protected:
    SchemaTest() {
        definition.attributes = {{"p", Type::string}, {"c", Type::number}};
        definition.key = {{"p"}, {"c", true}};
        definition.throughput = Throughput{1, 1};
    }
    std::string refusal() {
        auto made = make_schema({"1", "r", "table"}, definition, clock.now(), random);
        return made.ok() ? "accepted" : made.error().message();
    }
    IndexDefinition index(std::string name) {
        return {std::move(name), {{"p"}, {"c", true}}, Projected::all, {}, Throughput{1, 1}};
    }

    TableDefinition definition;
    base::ManualClock clock;
    base::SeededRandom random{1};
};

}  // namespace

TEST_F(SchemaTest, KeysMustBeOneHashThenOneRange) {
    EXPECT_EQ(refusal(), "accepted");
    definition.key = {{"p", true}, {"c", true}};
    EXPECT_EQ(refusal(), "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
    definition.key = {{"p"}, {"c"}};
    EXPECT_EQ(refusal(), "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
    definition.key = {{"p"}, {"p", true}};
    EXPECT_EQ(refusal(), "Both the Hash Key and the Range Key element in the KeySchema have the same name");
}

TEST_F(SchemaTest, AttributesMustBeDefinedAndUsedOnce) {
    definition.key = {{"p"}};
    EXPECT_THAT(refusal(), HasSubstr("Number of attributes in KeySchema does not exactly match"));
    definition.key = {{"q"}};
    EXPECT_EQ(refusal(),
              "One or more parameter values were invalid: Some index key attributes are not defined in "
              "AttributeDefinitions. Keys: [q], AttributeDefinitions: [p, c]");
    definition.key = {{"p"}, {"c", true}};
    definition.attributes.push_back({"p", Type::number});
    EXPECT_THAT(refusal(), HasSubstr("Duplicate AttributeName in AttributeDefinitions: p"));
}

TEST_F(SchemaTest, BillingDecidesWhetherThroughputIsGiven) {
    definition.throughput.reset();
    EXPECT_THAT(refusal(), HasSubstr("must both be specified when BillingMode is PROVISIONED"));
    definition.billing = Billing::per_request;
    EXPECT_EQ(refusal(), "accepted");
    definition.throughput = Throughput{1, 1};
    EXPECT_THAT(refusal(), HasSubstr("can be specified when BillingMode is PAY_PER_REQUEST"));
}

TEST_F(SchemaTest, IndexesAreChecked) {
    definition.global_indexes = {{index("one"), index("one")}};
    EXPECT_THAT(refusal(), HasSubstr("Duplicate index name: one"));
    definition.global_indexes->pop_back();
    definition.global_indexes->front().throughput.reset();
    EXPECT_THAT(refusal(), HasSubstr("ProvisionedThroughput must be specified for index: one"));
    definition.global_indexes = std::vector<IndexDefinition>{};
    EXPECT_THAT(refusal(), HasSubstr("List of GlobalSecondaryIndexes is empty"));
    definition.global_indexes.reset();
    definition.local_indexes = {{index("local")}};
    EXPECT_EQ(refusal(), "accepted");
    definition.local_indexes->front().key = {{"c"}, {"p", true}};
    EXPECT_THAT(refusal(), HasSubstr("does not have the same leading hash key"));
    definition.local_indexes->front() = index("local");
    definition.local_indexes->front().projected = Projected::include;
    EXPECT_THAT(refusal(), HasSubstr("ProjectionType is INCLUDE, but NonKeyAttributes is not specified"));
    definition.local_indexes->front().projected.reset();
    EXPECT_THAT(refusal(), HasSubstr("Unknown ProjectionType: null"));
    definition.local_indexes = std::vector<IndexDefinition>();
    for (int i = 0; i < 6; ++i)
        definition.local_indexes->push_back(index("local" + std::to_string(i)));
    EXPECT_THAT(refusal(), HasSubstr("exceeds per-table limit of 5"));
}

TEST_F(SchemaTest, ItsRecordLeadsBackToIt) {
    definition.global_indexes = {{index("one")}};
    definition.tags = {{"owner", "ann"}};
    definition.deletion_protection = true;
    auto schema = make_schema({"1", "r", "table"}, definition, clock.now(), random).value();
    schema.expiry_attribute = "until";
    EXPECT_EQ(decode_schema(encode(schema)).value(), schema);
    EXPECT_FALSE(decode_schema(encode(schema).substr(0, 40)).ok());
}

TEST_F(SchemaTest, OnlyOneIndexIsMadeAtATime) {
    auto schema = make_schema({"1", "r", "table"}, definition, clock.now(), random).value();
    TableChange change;
    EXPECT_THAT(change_schema(schema, change, clock.now(), random).error().message(),
                HasSubstr("At least one of"));
    change.attributes = definition.attributes;
    change.indexes = {index("one"), index("two")};
    EXPECT_TRUE(change_schema(schema, change, clock.now(), random).error().is(Refusal::limit_exceeded));
    change.indexes.pop_back();
    auto changed = change_schema(schema, change, clock.now(), random).value();
    EXPECT_EQ(changed.indexes.front().status, Index::Status::creating);
    change.indexes = {TableChange::DeleteIndex{"none"}};
    EXPECT_TRUE(change_schema(changed, change, clock.now(), random).error().is(Refusal::resource_missing));
}

TEST_F(SchemaTest, TagsAreCountedInCharactersAndHoldNoOddSigns) {
    std::string umlauts;
    for (int i = 0; i < 128; ++i)
        umlauts += "\xc3\xbc";
    EXPECT_TRUE(check_tags({{umlauts, "a b+c-d=e.f_g:h/i@j"}}).ok());
    EXPECT_FALSE(check_tags({{umlauts + "x", ""}}).ok());
    EXPECT_FALSE(check_tags({{"hi!", ""}}).ok());
    EXPECT_FALSE(check_tags({{"key", "d%g"}}).ok());
    EXPECT_FALSE(check_tags({{"aws:key", ""}}).ok());
}
