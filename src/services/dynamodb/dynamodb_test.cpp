#include "services/dynamodb/dynamodb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.h"
#include "services/dynamodb/values.h"
#include "store/memory.h"
#include "tables/refusal.h"

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

// Runs operations without a gateway: what is asked for, decoded and run; what it would have to be allowed,
// remembered.
class DynamodbTest : public testing::Test {
protected:
    http::Response send(std::string operation, const json::object& members) {
        http::Request request;
        request.method = "POST";
        request.target = "/";
        request.headers.set("x-amz-target", "DynamoDB_20120810." + operation);
        auto body = json::serialize(members);
        wire::Call call{.request = request};
        call.caller.account = "123456789012";
        call.region = "us-west-2";
        permissions.clear();
        auto serve = [&]() -> Result<http::Response> {
            auto found = TRY(service.find(request, {}, body));
            auto prepared = TRY(service.prepare(*found.operation, {request, {}, found.labels, body}));
            for (const auto& permission : TRY(prepared->permissions(call)))
                permissions.push_back(permission.action + " " + permission.resource);
            auto reply = TRY(prepared->run(call));
            return service.write(*found.operation, request, "id", std::move(reply));
        };
        auto served = serve();
        return served.ok() ? std::move(served).value()
                           : service.write(request, "id", service.fault_of(served.error()));
    }
    json::object answer(std::string operation, const json::object& members) {
        auto response = send(std::move(operation), members);
        return json::parse(std::get<std::string>(response.body)).as_object();
    }
    void create() {
        auto made =
            answer("CreateTable", json::parse(R"json({"TableName": "table", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}]})json")
                                      .as_object());
        ASSERT_TRUE(made.contains("TableDescription")) << json::serialize(made);
    }

    std::unique_ptr<store::Records> records = store::memory_records();
    base::ManualClock clock;
    base::SeededRandom random{1};
    tables::Store tables{*records, clock, random};
    services::dynamodb::Rooms rooms{tables};
    wire::Service service = services::dynamodb::make_service(rooms);
    std::vector<std::string> permissions;
};

std::string refusal(std::string_view text) {
    auto value = services::dynamodb::to_value(json::parse(text));
    return value.ok() ? "accepted" : value.error().message();
}

}  // namespace

TEST_F(DynamodbTest, PermissionsNameTheTableTheIndexAndEachActionOfATransaction) {
    const std::string arn = "arn:aws:dynamodb:us-west-2:123456789012:table/table";
    send("GetItem", {{"TableName", "table"}, {"Key", json::object{}}});
    EXPECT_THAT(permissions, ElementsAre("dynamodb:GetItem " + arn));
    send("GetItem", {{"TableName", arn}, {"Key", json::object{}}});
    EXPECT_THAT(permissions, ElementsAre("dynamodb:GetItem " + arn));
    send("Query", {{"TableName", "table"}, {"IndexName", "index"}});
    EXPECT_THAT(permissions, ElementsAre("dynamodb:Query " + arn + "/index/index"));
    send("TransactWriteItems", json::parse(R"json({"TransactItems": [
        {"Put": {"TableName": "table", "Item": {}}},
        {"ConditionCheck": {"TableName": "table", "Key": {}, "ConditionExpression": "a = b"}}]})json")
                                   .as_object());
    EXPECT_THAT(permissions, ElementsAre("dynamodb:PutItem " + arn, "dynamodb:ConditionCheckItem " + arn));
}

TEST_F(DynamodbTest, AnswersCarryTheChecksumOfTheirBody) {
    auto response = send("ListTables", {});
    base::Checksum checksum(base::ChecksumKind::crc32);
    checksum.update(base::view(std::get<std::string>(response.body)));
    auto bytes = checksum.finish();
    auto number = std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
                  std::uint32_t{bytes[2]} << 8 | bytes[3];
    EXPECT_EQ(response.headers.get("x-amz-crc32"), std::to_string(number));
}

TEST_F(DynamodbTest, FaultsNameTheirTypeAsAwsDoes) {
    auto missing = answer("DescribeTable", {{"TableName", "none"}});
    EXPECT_EQ(missing["__type"], "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException");
    EXPECT_EQ(missing["message"], "Requested resource not found: Table: none not found");
    create();
    auto failed = answer("PutItem", json::parse(R"json({"TableName": "table", "Item": {"p": {"S": "a"}},
        "ConditionExpression": "attribute_exists(p)"
})json")
                                        .as_object());
    EXPECT_EQ(failed["__type"], "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException");
}

TEST_F(DynamodbTest, TablesOfOtherAccountsCannotBeReached) {
    auto denied = answer("GetItem", {{"TableName", "arn:aws:dynamodb:us-west-2:210987654321:table/table"},
                                     {"Key", json::object{}}});
    EXPECT_THAT(std::string(denied["__type"].as_string()), HasSubstr("AccessDenied"));
}

TEST_F(DynamodbTest, EveryOperationOfTheServiceIsKnownByName) {
    EXPECT_EQ(service.operations().size(), 57u);
    EXPECT_THAT(std::string(answer("ExecuteStatement", {})["message"].as_string()),
                HasSubstr("ExecuteStatement"));
}

TEST(AttributeValues, OfEveryTypeLeadBackToTheirJson) {
    auto source =
        json::parse(
            R"({"b": {"B": "AP8="}, "bs": {"BS": ["MQ==", "Mg=="]}, "l": {"L": [{"N": "1"}, {"M": {}}]},
        "n": {"N": "-1.5"}, "ns": {"NS": ["1", "2"]}, "s": {"S": "text"}, "ss": {"SS": ["a", "b"]}, "t": {"BOOL": false},
        "z": {"NULL": true}})")
            .as_object();
    auto item = services::dynamodb::to_item(source);
    ASSERT_TRUE(item.ok()) << item.error().message();
    EXPECT_EQ(services::dynamodb::from_item(*item), source);
}

TEST(AttributeValues, ThatAreNotOneTypeAreRefused) {
    EXPECT_THAT(refusal(R"({})"), HasSubstr("Supplied AttributeValue is empty"));
    EXPECT_THAT(refusal(R"({"X": "a"})"), HasSubstr("Supplied AttributeValue is empty"));
    EXPECT_THAT(refusal(R"({"S": "a", "N": "1"})"), HasSubstr("more than one datatypes"));
    EXPECT_THAT(refusal(R"({"N": 1})"), HasSubstr("NUMBER_VALUE cannot be converted to String"));
    EXPECT_THAT(refusal(R"({"N": "x"})"), HasSubstr("cannot be converted to a numeric value: x"));
    EXPECT_THAT(refusal(R"({"SS": []})"), HasSubstr("An string set  may not be empty"));
    EXPECT_THAT(refusal(R"({"NS": ["1", "1.0"]})"), HasSubstr("contains duplicates"));
    EXPECT_THAT(refusal(R"({"NULL": false})"), HasSubstr("must have the value of true"));
    EXPECT_NE(refusal(R"({"B": "a"})"), "accepted");
    std::string deep, end;
    for (int i = 0; i < 33; ++i) {
        deep += R"({"L": [)";
        end += "]}";
    }
    json::parse_options options;
    options.max_depth = 100;
    auto value = services::dynamodb::to_value(json::parse(deep + R"({"S": "x"})" + end, {}, options));
    EXPECT_THAT(value.error().message(), HasSubstr("Nesting Levels have exceeded supported limits"));
}
