"""The whole story: photos that index themselves, and what remains when the server is killed in the middle."""
import io
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import threading
import time
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROUNDS = int(os.environ.get("CRASH_ROUNDS", "2"))


def play_demo(server, photos, output):
    environment = dict(os.environ, AWS_ENDPOINT_URL=server.endpoint, AWS_DEFAULT_REGION="us-west-2",
                       AWS_ACCESS_KEY_ID="AKIALIKENESSTESTS001",
                       AWS_SECRET_ACCESS_KEY="likeness-tests-secret-key-0123456789abcd")
    return subprocess.run([sys.executable, str(ROOT / "examples/report/demo.py"), str(photos), str(output)],
                          env=environment, capture_output=True, text=True, timeout=600)


@pytest.mark.parametrize("photos", ["people", "drawn_people"])
def test_the_demo_names_everybody_and_no_stranger(new_server, request, photos, tmp_path):
    people = request.getfixturevalue(photos)
    done = play_demo(new_server(), people, tmp_path)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    everybody = len(list(people.iterdir()))
    assert f"{everybody} of {everybody} as expected" in done.stdout
    assert (tmp_path / "group.jpg").stat().st_size > 10_000
    if photos == "drawn_people":  # nobody stands in the background: each of the six faces is found once
        assert done.stdout.count("  a face at") == 6, done.stdout
        assert done.stdout.count("  not known ") == 1, done.stdout  # one of them is a stranger


def make_story(server, bucket="photos", collection="people", table="names"):
    s3, rekognition, dynamodb, iam, functions = map(server.client, ("s3", "rekognition", "dynamodb", "iam", "lambda"))
    rekognition.create_collection(CollectionId=collection)
    dynamodb.create_table(TableName=table, BillingMode="PAY_PER_REQUEST",
                          AttributeDefinitions=[{"AttributeName": "RekognitionId", "AttributeType": "S"}],
                          KeySchema=[{"AttributeName": "RekognitionId", "KeyType": "HASH"}])
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                     "Principal": {"Service": "lambda.amazonaws.com"}}]}
    access = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", "Action": [
        "s3:GetObject", "dynamodb:PutItem", "rekognition:IndexFaces", "logs:*"]}]}
    role = iam.create_role(RoleName="indexer", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="indexer", PolicyName="access", PolicyDocument=json.dumps(access))
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.write(ROOT / "examples/report/lambda_function.py", "lambda_function.py")
    arn = functions.create_function(FunctionName="indexer", Runtime="python3.11", Role=role, Timeout=60,
                                    Handler="lambda_function.lambda_handler", Code={"ZipFile": code.getvalue()},
                                    Environment={"Variables": {"COLLECTION": collection, "TABLE": table}})["FunctionArn"]
    functions.add_permission(FunctionName="indexer", StatementId="s3", Action="lambda:InvokeFunction",
                             Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::" + bucket)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={
        "LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"],
                                          "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "index/"}]}}}]})


def test_nothing_acknowledged_is_lost_when_the_server_is_killed_at_random_moments(new_server, people):
    """CRASH_ROUNDS=20 for the long form: uploads go on while the server is killed and started again and again. Each
    photo is uploaded several times under names of its own, so that indexing it twice would show as a second face."""
    seed = int(os.environ.get("CRASH_SEED", time.time()))
    print("CRASH_SEED =", seed)
    chance = random.Random(seed)
    server = new_server("--retry-seconds", "1")
    make_story(server)
    photos = sorted(photo for person in people.iterdir() for photo in person.iterdir())
    # Every upload has a name of its own, and the function enrols the face under it: one upload is one item and one face,
    # also where it is repeated after a kill.
    alone = {photo.parent.name: photo for photo in reversed(photos)}
    acknowledged, ended = {}, threading.Event()

    def upload():
        for number in range(200):
            name, photo = list(alone.items())[number % len(alone)]
            key = f"index/{number:03}-{name}.jpg"
            while not ended.is_set():
                try:
                    server.client("s3").put_object(Bucket="photos", Key=key, Body=photo.read_bytes(),
                                                   Metadata={"FullName": f"{name}-{number}"})
                    acknowledged[key] = f"{name}-{number}"
                    break
                except Exception:
                    time.sleep(0.2)

    uploading = threading.Thread(target=upload)
    uploading.start()
    for _ in range(ROUNDS):
        time.sleep(chance.uniform(0.2, 1.5))
        server.kill()
        server.start()
    uploading.join(timeout=300)
    ended.set()
    assert len(acknowledged) == 200

    s3, dynamodb, rekognition = map(server.client, ("s3", "dynamodb", "rekognition"))
    listed = {item["Key"] for item in s3.list_objects_v2(Bucket="photos")["Contents"]}
    assert set(acknowledged) <= listed
    wanted = len(acknowledged)
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        items = dynamodb.scan(TableName="names")["Items"]
        if len(items) == wanted:
            break
        time.sleep(0.5)
    faces = rekognition.list_faces(CollectionId="people")["Faces"]
    assert {item["FullName"]["S"] for item in items} == set(acknowledged.values())
    assert len(items) == wanted
    assert {item["RekognitionId"]["S"] for item in items} == {face["FaceId"] for face in faces}
    assert len({face["FaceId"] for face in faces}) == len(faces) == wanted


def peak_memory_mib(process):
    return int(re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{process.pid}/status").read_text()).group(1)) / 1024


@pytest.mark.skipif("BIG_OBJECT_MIB" not in os.environ, reason="BIG_OBJECT_MIB=1024 with a release binary: a minute of disk")
def test_a_big_object_goes_up_and_down_in_bounded_memory(new_server, tmp_path):
    size = int(os.environ["BIG_OBJECT_MIB"])
    server = new_server()
    server.cli("s3", "mb", "s3://big")
    source, back = tmp_path / "source", tmp_path / "back"
    block = os.urandom(1 << 20)
    with open(source, "wb") as file:
        for number in range(size):
            file.write(number.to_bytes(8, "big") + block[8:])
    with open(source, "rb") as file:
        server.client("s3").put_object(Bucket="big", Key="one-put", Body=file)
    server.cli("s3", "cp", "--only-show-errors", "s3://big/one-put", str(back))
    assert subprocess.run(["cmp", str(source), str(back)]).returncode == 0
    peak = peak_memory_mib(server.process)
    print(f"peak memory of the server: {peak:.0f} MiB")
    assert peak < 150


def test_bad_input_gets_an_error_and_the_server_goes_on(server, aws, name):
    import zlib
    import struct

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    bomb = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 20000, 20000, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000)) + chunk(b"IEND", b""))
    rekognition = aws("rekognition")
    for picture, codes in ((b"this is a text file", {"InvalidImageFormatException", "ResourceNotReadyException"}),
                           (bomb, {"ImageTooLargeException", "ResourceNotReadyException"}),
                           (b"\xff\xd8\xff\xe0" + b"\0" * 100, {"InvalidImageFormatException", "ResourceNotReadyException"})):
        with pytest.raises(rekognition.exceptions.ClientError) as refused:
            rekognition.detect_faces(Image={"Bytes": picture})
        assert refused.value.response["Error"]["Code"] in codes
    s3 = aws("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_object(Bucket=name, Key="empty", Body=b"")
    assert s3.get_object(Bucket=name, Key="empty")["Body"].read() == b""
    with pytest.raises(s3.exceptions.ClientError) as refused:
        s3.put_object(Bucket=name, Key="wrong", Body=b"hello", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")
    assert refused.value.response["Error"]["Code"] == "BadDigest"
    with pytest.raises(s3.exceptions.ClientError) as refused:
        server.client("s3", secret_key="wrong").list_buckets()
    assert refused.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
    with pytest.raises(s3.exceptions.ClientError) as refused:
        server.client("s3", access_key="AKIAUNKNOWNUNKNOWN00").list_buckets()
    assert refused.value.response["Error"]["Code"] == "InvalidAccessKeyId"
    assert s3.list_objects_v2(Bucket=name)["KeyCount"] == 1
