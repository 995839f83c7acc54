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


INVALID = "One or more parameter values were invalid: "


@pytest.mark.parametrize("value, sentence", [
    ({"SS": []}, "may not be empty"), ({"NS": []}, "may not be empty"),
    ({"BS": []}, "Binary sets should not be empty"),
    ({"SS": ["a", "a"]}, "duplicates"), ({"NS": ["1", "1.0"]}, "duplicates"), ({"BS": [b"a", b"a"]}, "duplicates"),
    ({"N": "1" * 39}, "Attempting to store more than 38 significant digits in a Number"),
    ({"N": "1e-131"}, "Number underflow"), ({"N": "one"}, "The parameter cannot be converted to a numeric value: one"),
    ({"N": ""}, "The parameter cannot be converted to a numeric value"),
    ({"S": "x" * 400 * 1024}, "Item size has exceeded the maximum allowed size"),
    ({"N": "1", "S": "a"}, "must contain exactly one of the supported datatypes"),
])
def test_values_that_no_item_can_hold_are_refused(dynamodb, make_table, value, sentence):
    code, message = error_of(dynamodb.put_item, TableName=make_table(), Item={"p": {"S": "a"}, "v": value})
    assert code == "ValidationException" and sentence in message


def test_keys_that_do_not_fit_are_refused(dynamodb, make_table):
    table = make_table("p:S,r:N")
    for item, sentence in (
            ({"p": {"N": "1"}, "r": {"N": "1"}}, INVALID + "Type mismatch for key p expected: S actual: N"),
            ({"p": {"S": "a"}}, INVALID + "Missing the key r in the item"),
            ({"p": {"S": ""}, "r": {"N": "1"}}, "One or more parameter values are not valid. The AttributeValue for a "
                                                "key attribute cannot contain an empty string value. Key: p"),
            ({"p": {"S": "x" * 2049}, "r": {"N": "1"}}, "")):
        code, message = error_of(dynamodb.put_item, TableName=table, Item=item)
        assert code == "ValidationException" and sentence in message
    for key in ({"p": "a"}, {"p": "a", "r": 1, "z": "x"}, {"p": "a", "r": "1"}):
        code, message = error_of(dynamodb.get_item, TableName=table, Key=to(key))
        assert (code, message) == ("ValidationException", "The provided key element does not match the schema")
    unicode = to({"p": "\u043a\u043b\u044e\u0447 \u65e5\u672c", "r": Decimal("1.5"), "\u0438\u043c\u044f": "\U0001f600"})
    dynamodb.put_item(TableName=table, Item=unicode)
    assert dynamodb.get_item(TableName=table, Key={name: unicode[name] for name in ("p", "r")})["Item"] == unicode


@pytest.mark.parametrize("expression, values, message", [
    ("", {}, "Invalid UpdateExpression: The expression can not be empty;"),
    ("SET x = :o SET y = :o", {":o": 1},
     'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;'),
    ("SET m.k = :o, m = :o", {":o": 1}, "Invalid UpdateExpression: Two document paths overlap with each other; must "
                                        "remove or rewrite one of these paths; path one: [m, k], path two: [m]"),
    ("SET nope.k = :o", {":o": 1}, "The document path provided in the update expression is invalid for update"),
    ("SET p = :o", {":o": "x"}, INVALID + "Cannot update attribute p. This attribute is part of the key"),
    ("SET x = :o", {}, "Invalid UpdateExpression: An expression attribute value used in expression is not defined; "
                       "attribute value: :o"),
    ("SET x = l + :o", {":o": 1}, "An operand in the update expression has an incorrect data type"),
    ("SET x = nope + :o", {":o": 1}, "The provided expression refers to an attribute that does not exist in the item"),
    ("SET x = :o", {":o": 1, ":q": 2}, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:q}"),
])
def test_updates_that_mean_nothing_are_refused(dynamodb, make_table, expression, values, message):
    table = make_table()
    dynamodb.put_item(TableName=table, Item=to({"p": "a", "l": [], "m": {"k": 1}}))
    more = {"ExpressionAttributeValues": to(values)} if values else {}
    assert error_of(dynamodb.update_item, TableName=table, Key=to({"p": "a"}), UpdateExpression=expression, **more) == (
        "ValidationException", message)


@pytest.mark.parametrize("arguments, values, sentence", [
    ({}, {}, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."),
    ({"KeyConditionExpression": "r = :v"}, {":v": 1}, "Query condition missed key schema element: p"),
    ({"KeyConditionExpression": "p = :v OR r = :w"}, {":v": "a", ":w": 1},
     "Invalid operator used in KeyConditionExpression: OR"),
    ({"KeyConditionExpression": "p <> :v"}, {":v": "a"}, ""),
    ({"KeyConditionExpression": "p = :v AND begins_with(r, :w)"}, {":v": "a", ":w": 1}, ""),
    ({"KeyConditionExpression": "p = :v", "FilterExpression": "r > :w"}, {":v": "a", ":w": 1},
     "Filter Expression can only contain non-primary key attributes: Primary key attribute: r"),
    ({"KeyConditionExpression": "p = :v", "IndexName": "none"}, {":v": "a"},
     "The table does not have the specified index: none"),
    ({"KeyConditionExpression": "p = :v", "Limit": 0}, {":v": "a"}, "at 'limit' failed to satisfy constraint"),
    ({"KeyConditionExpression": "p = :v", "ExclusiveStartKey": {"p": {"S": "a"}}}, {":v": "a"},
     "The provided starting key is invalid"),
])
def test_queries_that_cannot_be_asked_are_refused(dynamodb, make_table, arguments, values, sentence):
    more = {"ExpressionAttributeValues": to(values)} if values else {}
    code, message = error_of(dynamodb.query, TableName=make_table("p:S,r:N"), **arguments, **more)
    assert code == "ValidationException" and sentence in message


@pytest.mark.parametrize("arguments, values, sentence", [
    ({"FilterExpression": "x BETWEEN :a AND :b"}, {":a": 5, ":b": 2},
     "The BETWEEN operator requires upper bound to be greater than or equal to lower bound"),
    ({"FilterExpression": "attribute_type(x, :a)"}, {":a": "ZZ"}, "Invalid attribute type name found"),
    ({"FilterExpression": "status = :a"}, {":a": 1},
     "Invalid FilterExpression: Attribute name is a reserved keyword; reserved keyword: status"),
    ({"FilterExpression": "x IN (" + ", ".join(f":v{i}" for i in range(101)) + ")"},
     {f":v{i}": i for i in range(101)}, ""),
    ({"FilterExpression": "a = :a" + " OR a = :a" * 500}, {":a": 1},
     "Expression size has exceeded the maximum allowed size"),
    ({"Segment": 3, "TotalSegments": 3}, {},
     "The Segment parameter is zero-based and must be less than parameter TotalSegments"),
    ({"ProjectionExpression": "m, m.k"}, {}, "Two document paths overlap"),
])
def test_scans_that_cannot_be_done_are_refused(dynamodb, make_table, arguments, values, sentence):
    more = {"ExpressionAttributeValues": to(values)} if values else {}
    code, message = error_of(dynamodb.scan, TableName=make_table(), **arguments, **more)
    assert code == "ValidationException" and sentence in message


def test_batches_and_transactions_have_their_limits(dynamodb, make_table):
    table, other = make_table(), make_table()
    keys = lambda count: {"Keys": [to({"p": str(i)}) for i in range(count)]}
    assert error_of(dynamodb.batch_get_item, RequestItems={table: keys(60), other: keys(60)}) == (
        "ValidationException", "Too many items requested for the BatchGetItem call")
    puts = [{"PutRequest": {"Item": to({"p": str(i)})}} for i in range(26)]
    assert error_of(dynamodb.batch_write_item, RequestItems={table: puts})[0] == "ValidationException"
    assert error_of(dynamodb.batch_write_item, RequestItems={table: puts[:1] * 2}) == (
        "ValidationException", "Provided list of item keys contains duplicates")
    put = {"Put": {"TableName": table, "Item": to({"p": "a"})}}
    assert error_of(dynamodb.transact_write_items, TransactItems=[put, put]) == (
        "ValidationException", "Transaction request cannot include multiple operations on one item")
    many = [{"Put": {"TableName": table, "Item": to({"p": str(i)})}} for i in range(101)]
    assert error_of(dynamodb.transact_write_items, TransactItems=many)[0] == "ValidationException"
    nowhere = {"ConditionCheck": {"TableName": table, "Key": to({"p": "b"}), "ConditionExpression": "attribute_exists(p)"}}
    assert error_of(dynamodb.transact_write_items, TransactItems=[put, nowhere]) == (
        "TransactionCanceledException", "Transaction cancelled, please refer cancellation reasons for specific reasons "
                                        "[None, ConditionalCheckFailed]")
    assert dynamodb.scan(TableName=table)["Count"] == 0


@pytest.mark.parametrize("arguments, sentence", [
    ({}, INVALID + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"),
    ({"BillingMode": "PAY_PER_REQUEST", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}, ""),
    ({"BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "q", "AttributeType": "S"}]},
     "Some index key attributes are not defined in AttributeDefinitions"),
    ({"BillingMode": "PAY_PER_REQUEST", "TableName": "ab"}, ""),
    ({"BillingMode": "PAY_PER_REQUEST", "TableName": "a b"}, ""),
])
def test_tables_that_cannot_be_made_are_refused(dynamodb, name, arguments, sentence):
    asked = {"TableName": name, "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
             "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}], **arguments}
    code, message = error_of(dynamodb.create_table, **asked)
    assert code == "ValidationException" and sentence in message


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
