"""DynamoDB: tables, items, expressions, indexes, transactions."""
import time
import uuid
from decimal import Decimal

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError


@pytest.fixture(scope="session")
def dynamodb(aws):
    return aws("dynamodb")


@pytest.fixture
def make_table(dynamodb):
    made = []

    def make(key="p:S", index=None, **more):
        name = "t" + uuid.uuid4().hex[:12]
        parts = [part.split(":") for part in key.split(",")]
        attributes = {attribute: type_ for attribute, type_ in parts}
        if index:
            parts_of_index = [part.split(":") for part in index.split(",")]
            attributes.update({attribute: type_ for attribute, type_ in parts_of_index})
            more["GlobalSecondaryIndexes"] = [{"IndexName": "index", "KeySchema": schema_of(parts_of_index),
                                               "Projection": {"ProjectionType": "ALL"}}]
        dynamodb.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=schema_of(parts),
            AttributeDefinitions=[{"AttributeName": a, "AttributeType": t} for a, t in attributes.items()], **more)
        made.append(name)
        return name

    yield make
    for name in made:
        try:
            dynamodb.delete_table(TableName=name)
        except ClientError:
            pass  # the test removed it itself


def schema_of(parts):
    return [{"AttributeName": part[0], "KeyType": kind} for part, kind in zip(parts, ["HASH", "RANGE"])]


def to(value):
    return {name: TypeSerializer().serialize(member) for name, member in value.items()}


def of(item):
    return {name: TypeDeserializer().deserialize(member) for name, member in item.items()}


def error_of(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]


def test_a_table_is_active_at_the_first_look(dynamodb, name):
    made = dynamodb.create_table(TableName=name, KeySchema=[{"AttributeName": "RekognitionId", "KeyType": "HASH"}],
                                 AttributeDefinitions=[{"AttributeName": "RekognitionId", "AttributeType": "S"}],
                                 ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})
    assert made["TableDescription"]["TableStatus"] == "CREATING"
    assert made["TableDescription"]["TableArn"] == f"arn:aws:dynamodb:us-west-2:123456789012:table/{name}"
    described = dynamodb.describe_table(TableName=name)["Table"]
    assert described["TableStatus"] == "ACTIVE"
    assert described["ProvisionedThroughput"]["ReadCapacityUnits"] == 1
    assert name in dynamodb.list_tables()["TableNames"]
    assert dynamodb.describe_table(TableName=described["TableArn"])["Table"]["TableId"] == described["TableId"]
    assert error_of(dynamodb.create_table, TableName=name, KeySchema=described["KeySchema"],
                    AttributeDefinitions=described["AttributeDefinitions"], BillingMode="PAY_PER_REQUEST") == (
        "ResourceInUseException", f"Table already exists: {name}")
    assert dynamodb.delete_table(TableName=name)["TableDescription"]["TableStatus"] == "DELETING"
    assert error_of(dynamodb.describe_table, TableName=name) == (
        "ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")


def test_another_region_has_other_tables(aws, make_table):
    table = make_table()
    assert error_of(aws("dynamodb", region="eu-west-1").get_item, TableName=table, Key=to({"p": "a"})) == (
        "ResourceNotFoundException", "Requested resource not found")


def test_items_of_every_type_come_back_as_they_were(dynamodb, make_table):
    table = make_table()
    item = {"p": "a", "text": "Füße", "number": Decimal("-12.5"), "binary": b"\x00\xff", "yes": True, "nothing": None,
            "list": [1, "two", [3]], "map": {"a": {"b": []}}, "texts": {"x", "y"}, "numbers": {Decimal(1), Decimal(2)},
            "binaries": {b"1", b"2"}, "empty": ""}
    dynamodb.put_item(TableName=table, Item=to(item))
    assert of(dynamodb.get_item(TableName=table, Key=to({"p": "a"}))["Item"]) == item
    assert "Item" not in dynamodb.get_item(TableName=table, Key=to({"p": "b"}))


def test_numbers_are_exact_and_written_plainly(dynamodb, make_table):
    table = make_table()
    dynamodb.put_item(TableName=table, Item={"p": {"S": "a"}, "n": {"N": "1.0e2"}})
    assert dynamodb.get_item(TableName=table, Key=to({"p": "a"}))["Item"]["n"] == {"N": "100"}
    code, message = error_of(dynamodb.put_item, TableName=table, Item={"p": {"S": "a"}, "n": {"N": "1e126"}})
    assert (code, message) == ("ValidationException", "Number overflow. Attempting to store a number with magnitude "
                                                      "larger than supported range")


def test_an_item_without_its_key_is_refused(dynamodb, make_table):
    table = make_table("RekognitionId:S")
    assert error_of(dynamodb.put_item, TableName=table, Item=to({"RecognitionId": "x"})) == (
        "ValidationException",
        "One or more parameter values were invalid: Missing the key RekognitionId in the item")
    assert error_of(dynamodb.get_item, TableName=table, Key=to({"RecognitionId": "x"})) == (
        "ValidationException", "The provided key element does not match the schema")


def skip_unless_known(dynamodb, operation, member):
    """Debian's boto3 knows less than AWS does today."""
    if member not in dynamodb.meta.service_model.operation_model(operation).input_shape.members:
        pytest.skip(f"this boto3 does not know {operation}'s {member}")


def test_a_condition_that_fails_shows_the_item_when_asked(dynamodb, make_table):
    skip_unless_known(dynamodb, "PutItem", "ReturnValuesOnConditionCheckFailure")
    table = make_table()
    dynamodb.put_item(TableName=table, Item=to({"p": "a", "n": 1}))
    with pytest.raises(ClientError) as raised:
        dynamodb.put_item(TableName=table, Item=to({"p": "a"}), ConditionExpression="attribute_not_exists(p)",
                          ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert raised.value.response["Error"] == {"Code": "ConditionalCheckFailedException",
                                              "Message": "The conditional request failed"}
    assert of(raised.value.response["Item"]) == {"p": "a", "n": 1}


def test_update_expressions_change_parts(dynamodb, make_table):
    table = make_table()
    dynamodb.put_item(TableName=table, Item=to({"p": "a", "n": 1, "l": [1, 2, 3], "m": {"x": 1}}))
    changed = dynamodb.update_item(
        TableName=table, Key=to({"p": "a"}),
        UpdateExpression="SET n = n + :one, m.#y = if_not_exists(m.#y, :one), l = list_append(l, :list) REMOVE m.x ADD c :one",
        ExpressionAttributeNames={"#y": "name"}, ExpressionAttributeValues=to({":one": 1, ":list": [4]}),
        ReturnValues="ALL_NEW")
    assert of(changed["Attributes"]) == {"p": "a", "n": 2, "l": [1, 2, 3, 4], "m": {"name": 1}, "c": 1}
    code, message = error_of(dynamodb.update_item, TableName=table, Key=to({"p": "a"}),
                             UpdateExpression="SET m.name = :v", ExpressionAttributeValues=to({":v": 5}))
    assert message == "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: name"


def test_syntax_errors_name_the_token(dynamodb, make_table):
    table = make_table()
    assert error_of(dynamodb.update_item, TableName=table, Key=to({"p": "a"}), UpdateExpression="SET a == :v",
                    ExpressionAttributeValues=to({":v": 1})) == (
        "ValidationException", 'Invalid UpdateExpression: Syntax error; token: "=", near: "== :v"')
    assert error_of(dynamodb.put_item, TableName=table, Item=to({"p": "a"}), ConditionExpression="p = :v",
                    ExpressionAttributeValues=to({":v": 1, ":w": 2}))[1] == (
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}")


def test_a_query_reads_sort_keys_in_order_and_pages_join(dynamodb, make_table):
    table = make_table("p:S,c:N")
    for start in range(0, 100, 25):
        requests = [{"PutRequest": {"Item": to({"p": "a", "c": c, "even": c % 2 == 0})}} for c in range(start, start + 25)]
        assert dynamodb.batch_write_item(RequestItems={table: requests})["UnprocessedItems"] == {}
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table, KeyConditionExpression="p = :p AND c BETWEEN :low AND :high", FilterExpression="even = :yes",
        ExpressionAttributeValues=to({":p": "a", ":low": 10, ":high": 89, ":yes": True}),
        PaginationConfig={"PageSize": 7}, ScanIndexForward=False)
    found = [int(of(item)["c"]) for page in pages for item in page["Items"]]
    assert found == list(range(88, 9, -2))
    count = dynamodb.query(TableName=table, KeyConditionExpression="p = :p", Select="COUNT",
                           ExpressionAttributeValues=to({":p": "a"}))
    assert (count["Count"], count["ScannedCount"], "Items" in count) == (100, 100, False)


def test_scan_segments_see_every_item_once(dynamodb, make_table):
    table = make_table()
    names = {f"key{i}" for i in range(50)}
    for name in names:
        dynamodb.put_item(TableName=table, Item=to({"p": name}))
    found = []
    for segment in range(3):
        for page in dynamodb.get_paginator("scan").paginate(TableName=table, Segment=segment, TotalSegments=3):
            found += [of(item)["p"] for item in page["Items"]]
    assert sorted(found) == sorted(names)


def test_an_index_follows_the_items(dynamodb, make_table):
    table = make_table("p:S", index="g:S,n:N")
    for i in range(5):
        dynamodb.put_item(TableName=table, Item=to({"p": str(i), "g": "x", "n": 5 - i}))
    dynamodb.delete_item(TableName=table, Key=to({"p": "2"}))
    found = dynamodb.query(TableName=table, IndexName="index", KeyConditionExpression="g = :g",
                           ExpressionAttributeValues=to({":g": "x"}))
    assert [of(item)["p"] for item in found["Items"]] == ["4", "3", "1", "0"]
    assert error_of(dynamodb.query, TableName=table, IndexName="index", KeyConditionExpression="g = :g",
                    ExpressionAttributeValues=to({":g": "x"}), ConsistentRead=True)[1] == (
        "Consistent reads are not supported on global secondary indexes")


def test_an_index_made_later_is_filled(dynamodb, make_table):
    table = make_table()
    for i in range(30):
        dynamodb.put_item(TableName=table, Item=to({"p": str(i), "g": "x"}))
    dynamodb.update_table(TableName=table, AttributeDefinitions=[{"AttributeName": "g", "AttributeType": "S"}],
                          GlobalSecondaryIndexUpdates=[{"Create": {
                              "IndexName": "later", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                              "Projection": {"ProjectionType": "KEYS_ONLY"}}}])
    deadline = time.time() + 30
    while dynamodb.describe_table(TableName=table)["Table"]["GlobalSecondaryIndexes"][0]["IndexStatus"] != "ACTIVE":
        assert time.time() < deadline
        time.sleep(0.1)
    assert dynamodb.query(TableName=table, IndexName="later", KeyConditionExpression="g = :g",
                          ExpressionAttributeValues=to({":g": "x"}))["Count"] == 30


def test_a_transaction_is_whole_or_absent_and_tells_why(dynamodb, make_table):
    table = make_table()
    put = {"Put": {"TableName": table, "Item": to({"p": "new"})}}
    check = {"ConditionCheck": {"TableName": table, "Key": to({"p": "old"}), "ConditionExpression": "attribute_exists(p)"}}
    with pytest.raises(ClientError) as raised:
        dynamodb.transact_write_items(TransactItems=[put, check])
    answer = raised.value.response
    assert answer["Error"]["Code"] == "TransactionCanceledException"
    assert answer["Error"]["Message"].endswith("specific reasons [None, ConditionalCheckFailed]")
    assert [reason["Code"] for reason in answer["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert "Item" not in dynamodb.get_item(TableName=table, Key=to({"p": "new"}))
    dynamodb.put_item(TableName=table, Item=to({"p": "old"}))
    dynamodb.transact_write_items(TransactItems=[put, check])
    gets = [{"Get": {"TableName": table, "Key": to({"p": key})}} for key in ("old", "new", "none")]
    responses = dynamodb.transact_get_items(TransactItems=gets)["Responses"]
    assert ["Item" in response for response in responses] == [True, True, False]


def test_a_token_makes_a_transaction_happen_once(dynamodb, make_table):
    table = make_table()
    add = {"Update": {"TableName": table, "Key": to({"p": "a"}), "UpdateExpression": "ADD n :one",
                      "ExpressionAttributeValues": to({":one": 1})}}
    token = uuid.uuid4().hex
    for _ in range(2):
        dynamodb.transact_write_items(TransactItems=[add], ClientRequestToken=token)
    assert of(dynamodb.get_item(TableName=table, Key=to({"p": "a"}))["Item"])["n"] == 1
    add["Update"]["UpdateExpression"] = "SET n = :one"
    assert error_of(dynamodb.transact_write_items, TransactItems=[add],
                    ClientRequestToken=token)[0] == "IdempotentParameterMismatchException"


def test_batch_get_finds_what_is_there(dynamodb, make_table):
    table = make_table()
    dynamodb.put_item(TableName=table, Item=to({"p": "a", "x": 1}))
    keys = {table: {"Keys": [to({"p": "a"}), to({"p": "b"})], "ProjectionExpression": "x"}}
    found = dynamodb.batch_get_item(RequestItems=keys)
    assert [of(item) for item in found["Responses"][table]] == [{"x": 1}]
    assert found["UnprocessedKeys"] == {}
    keys[table]["Keys"].append(to({"p": "a"}))
    assert error_of(dynamodb.batch_get_item, RequestItems=keys)[1] == "Provided list of item keys contains duplicates"


def test_legacy_parameters_mean_the_same(dynamodb, make_table):
    table = make_table()
    dynamodb.update_item(TableName=table, Key=to({"p": "a"}),
                         AttributeUpdates={"n": {"Action": "ADD", "Value": {"N": "2"}}})
    dynamodb.update_item(TableName=table, Key=to({"p": "a"}), AttributeUpdates={"x": {"Value": {"S": "y"}}},
                         Expected={"n": {"ComparisonOperator": "GE", "AttributeValueList": [{"N": "2"}]}})
    found = dynamodb.query(TableName=table, AttributesToGet=["x"], KeyConditions={
        "p": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}})
    assert [of(item) for item in found["Items"]] == [{"x": "y"}]
    code, message = error_of(dynamodb.put_item, TableName=table, Item=to({"p": "a"}), ConditionExpression="n = n",
                             Expected={"n": {"Exists": False}})
    assert message.startswith("Can not use both expression and non-expression parameters in the same request")


def test_a_protected_table_stays(dynamodb, make_table):
    skip_unless_known(dynamodb, "CreateTable", "DeletionProtectionEnabled")
    table = make_table(DeletionProtectionEnabled=True)
    assert error_of(dynamodb.delete_table, TableName=table)[0] == "ValidationException"
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)


def test_tags_and_time_to_live_are_kept(dynamodb, make_table):
    table = make_table(Tags=[{"Key": "owner", "Value": "ann"}])
    arn = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "stage", "Value": "test"}])
    dynamodb.untag_resource(ResourceArn=arn, TagKeys=["owner"])
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "stage", "Value": "test"}]
    dynamodb.update_time_to_live(TableName=table,
                                 TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
    assert dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED", "AttributeName": "until"}


def test_what_is_not_built_is_refused_by_name(dynamodb, make_table):
    code, message = error_of(dynamodb.execute_statement, Statement="SELECT * FROM x")
    assert "ExecuteStatement" in message
    assert error_of(dynamodb.create_table, TableName="streams", BillingMode="PAY_PER_REQUEST",
                    KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
                    AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
                    StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})[0] == "ValidationException"


def test_the_resource_interface_of_boto3_works(server, make_table):
    table = make_table("p:S,c:N")
    resource = boto3.resource("dynamodb", region_name="us-west-2", endpoint_url=server.endpoint,
                              aws_access_key_id="AKIALIKENESSTESTS001",
                              aws_secret_access_key="likeness-tests-secret-key-0123456789abcd")
    with resource.Table(table).batch_writer() as batch:
        for c in range(60):
            batch.put_item(Item={"p": "a", "c": c})
    assert resource.Table(table).scan()["Count"] == 60
