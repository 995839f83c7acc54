"""Clients of every service at once, on the same things, and a stop in the middle: what was acknowledged is true.

LOAD_SECONDS=60 for the long form. `scripts/races` runs it on a binary with ThreadSanitizer, whose exit status tells of
every race that it saw.
"""
import collections
import io
import json
import os
import threading
import time
import urllib.request
import zipfile

import pytest
from botocore.exceptions import BotoCoreError, ClientError

SECONDS = float(os.environ.get("LOAD_SECONDS", "6"))
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {
    "Service": "lambda.amazonaws.com", "AWS": "*"}}]}
# What a server that stops or has no room may say; everything else is a fault of the server.
MAY_SAY = {"SlowDown", "ServiceUnavailable", "ThrottlingException", "TooManyRequestsException", "ServiceException", "503"}
CODE = """
import boto3
s3 = boto3.client('s3')
def handler(event, context):
    for record in event.get('Records', []):
        s3.head_object(Bucket=record['s3']['bucket']['name'], Key=record['s3']['object']['key'])
    print('TOLD', len(event.get('Records', [])))
    return event
"""


class Load:
    """Workers that repeat their round until the end, each with clients of its own. What a round raises fails the test,
    but for what a stopping server may say once `stopping` is set."""

    def __init__(self, server):
        self.server = server
        self.rounds = collections.Counter()
        self.troubles = []
        self.stopping = threading.Event()
        self.ended = threading.Event()
        self.threads = []

    def add(self, round_of, clients, count=1):
        for number in range(count):
            thread = threading.Thread(target=self.run, args=(round_of, clients, number), name=round_of.__name__)
            self.threads.append(thread)
            thread.start()

    def run(self, round_of, clients, number):
        # Read timeouts long enough for a binary that a sanitizer slows down.
        made = [self.server.client(service, read_timeout=300) for service in clients]
        step = 0
        while not self.ended.is_set():
            try:
                round_of(number, step, *made)
                self.rounds[round_of.__name__] += 1
            except ClientError as error:
                if not self.stopping.is_set() or error.response["Error"]["Code"] not in MAY_SAY:
                    self.troubles.append(f"{round_of.__name__}: {error}")
            except (BotoCoreError, OSError) as error:
                if not self.stopping.is_set():
                    self.troubles.append(f"{round_of.__name__}: {error!r}")
                return
            except Exception as error:
                self.troubles.append(f"{round_of.__name__}: {error!r}")
                return
            step += 1

    def join(self):
        self.ended.set()
        for thread in self.threads:
            thread.join(timeout=300)
            assert not thread.is_alive(), f"{thread.name} hangs"


def package(code):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("code.py", code)
    return out.getvalue()


def furnish(server, models):
    """A bucket whose uploads call a function, a table, a role, a collection."""
    s3, dynamodb, iam, functions = map(server.client, ("s3", "dynamodb", "iam", "lambda"))
    s3.create_bucket(Bucket="load", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    dynamodb.create_table(TableName="load", BillingMode="PAY_PER_REQUEST",
                          AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "kind")],
                          KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                          GlobalSecondaryIndexes=[{"IndexName": "kinds", "Projection": {"ProjectionType": "ALL"},
                                                   "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"},
                                                                 {"AttributeName": "id", "KeyType": "RANGE"}]}])
    role = iam.create_role(RoleName="load", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="load", PolicyName="all", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
    arn = functions.create_function(FunctionName="load", Runtime="python3.11", Role=role, Handler="code.handler", Timeout=120,
                                    Code={"ZipFile": package(CODE)})["FunctionArn"]
    functions.add_permission(FunctionName="load", StatementId="s3", Action="lambda:InvokeFunction",
                             Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::load")
    s3.put_bucket_notification_configuration(Bucket="load", NotificationConfiguration={"LambdaFunctionConfigurations": [
        {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"],
         "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "index/"}]}}}]})
    if models:
        server.client("rekognition").create_collection(CollectionId="load")


def test_clients_of_every_service_at_once_and_a_stop_in_the_middle(new_server, models, request):
    server = new_server("--retry-seconds", "1")
    furnish(server, models)
    load = Load(server)
    kept = {}  # key -> the body of the last upload that was acknowledged; one worker per key
    counted = collections.Counter()

    def objects(number, step, s3):
        key, shared = f"{number}/{step % 7}", f"shared/{step % 3}"
        body = f"{number} {step} ".encode() * (1 + 4000 * (step % 5))
        kept.pop(key, None)
        s3.put_object(Bucket="load", Key=key, Body=body)
        kept[key] = body
        assert s3.get_object(Bucket="load", Key=key)["Body"].read() == body
        s3.put_object(Bucket="load", Key=shared, Body=bytes([number]) * 200_000)
        found = s3.get_object(Bucket="load", Key=shared)["Body"].read()
        assert len(found) == 200_000 and found == found[:1] * 200_000, "two uploads mixed"
        assert key in {item["Key"] for item in s3.list_objects_v2(Bucket="load")["Contents"]}
        upload = s3.create_multipart_upload(Bucket="load", Key=f"parts/{number}")["UploadId"]
        tag = s3.upload_part(Bucket="load", Key=f"parts/{number}", UploadId=upload, PartNumber=1, Body=body)["ETag"]
        s3.complete_multipart_upload(Bucket="load", Key=f"parts/{number}", UploadId=upload,
                                     MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})
        s3.copy_object(Bucket="load", Key=f"copies/{number}", CopySource={"Bucket": "load", "Key": key})
        s3.delete_object(Bucket="load", Key=f"copies/{number}")

    def uploads_that_tell(number, step, s3):
        s3.put_object(Bucket="load", Key=f"index/{number}-{step % 5}", Body=b"x")
        time.sleep(0.2)

    def items(number, step, dynamodb):
        dynamodb.update_item(TableName="load", Key={"id": {"S": "sum"}}, UpdateExpression="ADD seen :one",
                             ExpressionAttributeValues={":one": {"N": "1"}})
        counted["sum"] += 1
        dynamodb.put_item(TableName="load", Item={"id": {"S": f"{number}-{step % 11}"}, "kind": {"S": "a"}})
        dynamodb.query(TableName="load", IndexName="kinds", KeyConditionExpression="kind = :k",
                       ExpressionAttributeValues={":k": {"S": "a"}})
        dynamodb.scan(TableName="load", TotalSegments=2, Segment=step % 2)
        dynamodb.batch_write_item(RequestItems={"load": [{"DeleteRequest": {"Key": {"id": {"S": f"{number}-{step % 11}"}}}}]})
        try:
            dynamodb.transact_write_items(TransactItems=[
                {"Update": {"TableName": "load", "Key": {"id": {"S": "left"}}, "UpdateExpression": "ADD seen :one",
                            "ExpressionAttributeValues": {":one": {"N": "1"}}}},
                {"Update": {"TableName": "load", "Key": {"id": {"S": "right"}}, "UpdateExpression": "ADD seen :one",
                            "ExpressionAttributeValues": {":one": {"N": "1"}}}}])
        except dynamodb.exceptions.TransactionCanceledException as error:  # AWS cancels one of two that meet, too
            assert "TransactionConflict" in str(error), error

    def functions(number, step, client, logs):
        answer = client.invoke(FunctionName="load", Payload=json.dumps({"step": step}))
        if answer["StatusCode"] == 200 and "FunctionError" not in answer:
            assert json.load(answer["Payload"]) == {"step": step}
        elif not load.stopping.is_set():
            raise AssertionError(answer["Payload"].read())
        client.invoke(FunctionName="load", InvocationType="Event", Payload=b"{}")
        if step % 5 == 4:
            client.update_function_code(FunctionName="load", ZipFile=package(CODE + f"# {number} {step}\n"))
        logs.filter_log_events(logGroupName="/aws/lambda/load", filterPattern="TOLD", limit=20)
        logs.describe_log_streams(logGroupName="/aws/lambda/load")

    def callers(number, step, iam, sts):
        name = f"caller-{number}-{step}"
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        iam.put_user_policy(UserName=name, PolicyName="read", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}))
        own = server.client("s3", access_key=key["AccessKeyId"], secret_key=key["SecretAccessKey"], read_timeout=300)
        own.list_objects_v2(Bucket="load", MaxKeys=1)
        iam.delete_user_policy(UserName=name, PolicyName="read")
        with pytest.raises(ClientError):
            own.list_objects_v2(Bucket="load", MaxKeys=1)
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        iam.delete_user(UserName=name)
        iam.list_users()
        sts.get_caller_identity()

    def pages(number, step):
        for page in ("health", "metrics"):
            with urllib.request.urlopen(f"{server.endpoint}/_likeness/{page}", timeout=300) as answer:
                assert answer.status == 200
        time.sleep(0.05)

    load.add(objects, ["s3"], 3)
    load.add(uploads_that_tell, ["s3"], 1)
    load.add(items, ["dynamodb"], 3)
    load.add(functions, ["lambda", "logs"], 2)
    load.add(callers, ["iam", "sts"], 2)
    load.add(pages, [])
    if models:
        people = request.getfixturevalue("drawn_people")
        photos = sorted(photo for person in people.iterdir() for photo in person.iterdir())

        def faces(number, step, rekognition):
            photo = photos[(number * 7 + step) % len(photos)].read_bytes()
            found = rekognition.index_faces(CollectionId="load", Image={"Bytes": photo}, MaxFaces=1)["FaceRecords"]
            rekognition.search_faces_by_image(CollectionId="load", Image={"Bytes": photo})
            ids = [record["Face"]["FaceId"] for record in found]
            if ids:
                rekognition.search_faces(CollectionId="load", FaceId=ids[0])
                rekognition.list_faces(CollectionId="load")
            if number == 0 and ids:
                rekognition.delete_faces(CollectionId="load", FaceIds=ids)
            rekognition.detect_faces(Image={"Bytes": photo}, Attributes=["ALL"])
            rekognition.compare_faces(SourceImage={"Bytes": photo}, TargetImage={"Bytes": photo})

        load.add(faces, ["rekognition"], 2)

    time.sleep(SECONDS)
    load.stopping.set()
    began = time.monotonic()
    server.stop()  # asserts that it ends by itself, with 0
    took = time.monotonic() - began
    load.join()
    print(f"stopped in {took:.1f} s after rounds {dict(load.rounds)}")
    assert load.troubles == []
    assert all(load.rounds[thread.name] > 0 for thread in load.threads), load.rounds

    server.start()
    s3, dynamodb = server.client("s3"), server.client("dynamodb")
    for key, body in kept.items():
        assert s3.get_object(Bucket="load", Key=key)["Body"].read() == body, key

    def seen(name):
        return int(dynamodb.get_item(TableName="load", Key={"id": {"S": name}})["Item"]["seen"]["N"])

    assert counted["sum"] <= seen("sum") <= counted["sum"] + 3  # an answer may be lost, once for each worker
    assert seen("left") == seen("right") > 0
    server.stop()
