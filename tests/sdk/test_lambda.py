"""AWS Lambda: functions, versions, permissions, invocation."""
import base64
import hashlib
import io
import json
import pathlib
import time
import uuid
import zipfile

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


def package(code, name="code.py"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, code)
    return out.getvalue()


ECHO = "def handler(event, context):\n    print('seen', event)\n    return {'event': event}\n"


@pytest.fixture
def client(aws):
    return aws("lambda")


@pytest.fixture
def role(aws):
    iam = aws("iam")
    name = "role-" + uuid.uuid4().hex[:8]
    return iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]


@pytest.fixture
def make(client, role):
    """Makes functions, and removes them at the end."""
    names = []

    def create(code=ECHO, **more):
        name = "f-" + uuid.uuid4().hex[:8]
        settings = dict(FunctionName=name, Runtime="python3.11", Role=role, Handler="code.handler",
                        Code={"ZipFile": package(code)}, Timeout=30)
        settings.update(more)
        made = client.create_function(**settings)
        names.append(name)
        return made

    yield create
    for name in names:
        client.delete_function(FunctionName=name)


def refused(code, status=None):
    class Check:
        def __enter__(self):
            self.context = pytest.raises(ClientError)
            self.raised = self.context.__enter__()
            return self

        def __exit__(self, *details):
            self.context.__exit__(*details)
            error = self.raised.value.response
            assert error["Error"]["Code"] == code, error
            if status:
                assert error["ResponseMetadata"]["HTTPStatusCode"] == status
            self.message = error["Error"]["Message"]
            return True

    return Check()


def test_a_created_function_has_the_fields_of_aws(client, make):
    zip_file = package(ECHO)
    made = make(Code={"ZipFile": zip_file}, Description="d", Environment={"Variables": {"A1": "b"}}, Tags={"t": "v"})
    name = made["FunctionName"]
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert made["FunctionArn"] == f"arn:aws:lambda:us-west-2:{ACCOUNT}:function:{name}"
    assert made["CodeSha256"] == base64.b64encode(hashlib.sha256(zip_file).digest()).decode()
    assert made["CodeSize"] == len(zip_file)
    assert made["State"] == "Active" and made["Version"] == "$LATEST" and made["MemorySize"] == 128
    got = client.get_function(FunctionName=name)
    assert got["Configuration"]["Environment"]["Variables"] == {"A1": "b"}
    assert got["Tags"] == {"t": "v"}
    assert client.get_function_configuration(FunctionName=made["FunctionArn"])["RevisionId"] == made["RevisionId"]
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    assert name in [f["FunctionName"] for page in client.get_paginator("list_functions").paginate()
                    for f in page["Functions"]]


def test_creation_is_refused_as_aws_refuses_it(client, make, role):
    made = make()
    with refused("ResourceConflictException", 409) as error:
        make(FunctionName=made["FunctionName"])
    assert error.message == "Function already exist: " + made["FunctionName"]
    with refused("InvalidParameterValueException", 400) as error:
        make(Role=f"arn:aws:iam::{ACCOUNT}:role/nobody-knows")
    assert error.message == "The role defined for the function cannot be assumed by Lambda."
    with refused("InvalidParameterValueException", 400) as error:
        make(Code={"ZipFile": b"no zip"})
    assert error.message == "Could not unzip uploaded file. Please check your file, then try to upload again."
    with refused("InvalidParameterValueException", 400) as error:
        make(Environment={"Variables": {"AWS_REGION": "x"}})
    assert error.message.endswith("Reserved keys used in this request: AWS_REGION")
    with refused("InvalidParameterValueException", 400):
        make(Runtime="nodejs20.x")
    with refused("InvalidParameterValueException", 400):
        make(Runtime="cobol")
    with refused("ValidationException", 400):
        make(Timeout=901)
    with refused("ValidationException", 400):
        make(Role="nonsense")
    with refused("InvalidParameterValueException", 400) as error:
        make(Layers=["arn:aws:lambda:us-west-2:123456789012:layer:l:1"])
    assert error.message == "not implemented: Layers"


def test_what_is_not_there_is_not_found(client):
    for call in (client.get_function, client.delete_function, client.invoke, client.get_policy):
        with refused("ResourceNotFoundException", 404) as error:
            call(FunctionName="nothing")
        assert error.message == f"Function not found: arn:aws:lambda:us-west-2:{ACCOUNT}:function:nothing"


def test_an_invocation_gives_answer_log_and_version(client, make):
    name = make()["FunctionName"]
    answer = client.invoke(FunctionName=name, Payload=b'{"a": [1, "\xc3\xa9"]}', LogType="Tail")
    assert answer["StatusCode"] == 200 and answer["ExecutedVersion"] == "$LATEST" and "FunctionError" not in answer
    assert json.loads(answer["Payload"].read()) == {"event": {"a": [1, "é"]}}
    log = base64.b64decode(answer["LogResult"]).decode()
    assert log.startswith("START RequestId: ") and "seen {'a': [1, 'é']}\n" in log and "\nREPORT RequestId: " in log


def test_an_exception_is_an_answer_of_status_200(client, make):
    name = make("def handler(event, context):\n    return event['fullname']\n")["FunctionName"]
    answer = client.invoke(FunctionName=name, Payload=b"{}")
    assert answer["StatusCode"] == 200 and answer["FunctionError"] == "Unhandled"
    error = json.loads(answer["Payload"].read())
    assert error["errorType"] == "KeyError" and error["errorMessage"] == "'fullname'"
    assert error["stackTrace"] == ['  File "/var/task/code.py", line 2, in handler\n    return event[\'fullname\']\n']


def test_a_timeout_is_reported_in_the_words_of_aws(client, make):
    name = make("import time\ndef handler(event, context):\n    time.sleep(60)\n", Timeout=1)["FunctionName"]
    answer = client.invoke(FunctionName=name)
    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read())["errorMessage"].endswith("Task timed out after 1.00 seconds")


def test_a_dry_run_runs_nothing_and_bad_json_is_refused(client, make):
    name = make()["FunctionName"]
    assert client.invoke(FunctionName=name, InvocationType="DryRun")["StatusCode"] == 204
    with refused("InvalidRequestContentException", 400):
        client.invoke(FunctionName=name, Payload=b"{")


def wait_for_line(logs, group, text, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        try:
            events = logs.filter_log_events(logGroupName=group, filterPattern=f'"{text}"')["events"]
            if events:
                return events
        except logs.exceptions.ResourceNotFoundException:
            pass
        time.sleep(0.2)
    raise AssertionError(f"{text} has not been logged")


def test_an_event_is_accepted_at_once_and_its_output_can_be_read_in_the_logs(aws, client, make):
    name = make()["FunctionName"]
    mark = uuid.uuid4().hex
    answer = client.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(mark))
    assert answer["StatusCode"] == 202 and answer["Payload"].read() == b""
    logs = aws("logs")
    events = wait_for_line(logs, "/aws/lambda/" + name, mark)
    assert events[0]["message"] == f"seen {mark}"
    assert "/[$LATEST]" in events[0]["logStreamName"]


def test_the_function_reaches_the_server_with_the_rights_of_its_role(aws, client, make, role):
    code = """
import boto3
def handler(event, context):
    return boto3.client('sts').get_caller_identity()['Arn']
"""
    name = make(code)["FunctionName"]
    answer = client.invoke(FunctionName=name)
    arn = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, arn
    role_name = role.rsplit("/", 1)[1]
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/{role_name}/{name}"


@pytest.mark.parametrize("listen", ["localhost:0", "[::1]:0", "0.0.0.0:0"])
def test_a_function_reaches_a_server_that_listens_by_name_on_ipv6_or_everywhere(new_server, listen):
    server = new_server("--listen", listen)
    role = server.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    code = "import boto3\ndef handler(event, context):\n    return boto3.client('sts').get_caller_identity()['Account']\n"
    client = server.client("lambda")
    client.create_function(FunctionName="f", Runtime="python3.11", Role=role, Handler="code.handler", Timeout=30,
                           Code={"ZipFile": package(code)})
    assert json.loads(client.invoke(FunctionName="f")["Payload"].read()) == ACCOUNT


def test_code_and_configuration_can_be_changed(client, make):
    made = make()
    name = made["FunctionName"]
    client.invoke(FunctionName=name)
    changed = client.update_function_code(FunctionName=name, ZipFile=package("def handler(e, c):\n    return 'new'\n"))
    assert changed["RevisionId"] != made["RevisionId"]
    assert client.invoke(FunctionName=name)["Payload"].read() == b'"new"'
    changed = client.update_function_configuration(FunctionName=name, Timeout=7, MemorySize=256)
    assert (changed["Timeout"], changed["MemorySize"], changed["Handler"]) == (7, 256, "code.handler")
    with refused("PreconditionFailedException", 412):
        client.update_function_configuration(FunctionName=name, Timeout=8, RevisionId=made["RevisionId"])


def test_code_comes_from_a_bucket_or_s3_says_why_not(aws, client, make):
    s3 = aws("s3")
    bucket = "code-" + uuid.uuid4().hex[:8]
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_object(Bucket=bucket, Key="code.zip", Body=package("def handler(e, c):\n    return 'from a bucket'\n"))
    name = make(Code={"S3Bucket": bucket, "S3Key": "code.zip"})["FunctionName"]
    assert json.loads(client.invoke(FunctionName=name)["Payload"].read()) == "from a bucket"
    with refused("InvalidParameterValueException", 400) as error:
        client.update_function_code(FunctionName=name, S3Bucket=bucket, S3Key="none.zip")
    assert error.message == ("Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified "
                             "key does not exist.")
    with refused("InvalidParameterValueException", 400) as error:
        make(Code={"S3Bucket": bucket + "-gone", "S3Key": "code.zip"})
    assert "S3 Error Code: NoSuchBucket." in error.message
    s3.delete_object(Bucket=bucket, Key="code.zip")
    s3.delete_bucket(Bucket=bucket)


def test_versions_and_aliases_keep_what_was_published(client, make):
    name = make("def handler(e, c):\n    return 1\n")["FunctionName"]
    assert client.publish_version(FunctionName=name)["Version"] == "1"
    client.update_function_code(FunctionName=name, ZipFile=package("def handler(e, c):\n    return 2\n"), Publish=True)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    answer = client.invoke(FunctionName=name, Qualifier="live")
    assert (answer["ExecutedVersion"], answer["Payload"].read()) == ("1", b"1")
    client.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
    client.update_function_code(FunctionName=name,
                                ZipFile=package("def handler(e, c):\n    return c.invoked_function_arn\n"))
    for qualifier in ("$LATEST", ""):
        arn = json.loads(client.invoke(FunctionName=name + (qualifier and ":" + qualifier))["Payload"].read())
        assert arn.endswith(f":function:{name}" + (qualifier and ":" + qualifier))
    assert client.invoke(FunctionName=name + ":live")["Payload"].read() == b"2"
    assert [v["Version"] for v in client.list_versions_by_function(FunctionName=name)["Versions"]] == [
        "$LATEST", "1", "2"]
    assert [a["Name"] for a in client.list_aliases(FunctionName=name)["Aliases"]] == ["live"]
    client.delete_alias(FunctionName=name, Name="live")
    with refused("ResourceNotFoundException", 404):
        client.get_alias(FunctionName=name, Name="live")


def test_a_permission_is_a_statement_of_the_functions_policy(client, make):
    made = make()
    name = made["FunctionName"]
    grant = dict(FunctionName=name, StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com",
                 SourceArn="arn:aws:s3:::photos", SourceAccount=ACCOUNT)
    statement = json.loads(client.add_permission(**grant)["Statement"])
    assert statement == {
        "Sid": "s3", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction", "Resource": made["FunctionArn"],
        "Condition": {"StringEquals": {"AWS:SourceAccount": ACCOUNT},
                      "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::photos"}}}
    with refused("ResourceConflictException", 409) as error:
        client.add_permission(**grant)
    assert error.message == ("The statement id (s3) provided already exists. Please provide a new statement id, or "
                             "remove the existing statement.")
    assert json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"] == [statement]
    client.remove_permission(FunctionName=name, StatementId="s3")
    with refused("ResourceNotFoundException", 404):
        client.get_policy(FunctionName=name)


def test_reserved_concurrency_of_zero_stops_a_function(client, make):
    name = make()["FunctionName"]
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with refused("TooManyRequestsException", 429):
        client.invoke(FunctionName=name)
    client.delete_function_concurrency(FunctionName=name)
    assert client.invoke(FunctionName=name)["StatusCode"] == 200


def test_tags_are_kept_by_arn(client, make):
    arn = make(Tags={"a": "1"})["FunctionArn"]
    client.tag_resource(Resource=arn, Tags={"b": "2"})
    client.untag_resource(Resource=arn, TagKeys=["a"])
    assert client.list_tags(Resource=arn)["Tags"] == {"b": "2"}


def test_what_is_lacking_is_refused_by_name(client):
    with pytest.raises(ClientError) as raised:
        client.list_layers()
    assert "not implemented: ListLayers" in str(raised.value)
    assert client.list_event_source_mappings()["EventSourceMappings"] == []
    assert client.get_account_settings()["AccountLimit"]["CodeSizeUnzipped"] == 262144000


def processes_of(function):
    """Processes, inside sandboxes too, that run for the function; only those that this user may look at."""
    found = []
    for environment in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"AWS_LAMBDA_FUNCTION_NAME={function}\0".encode() in environment.read_bytes():
                found.append(environment.parent.name)
        except OSError:
            pass
    return found


def test_after_kill_9_no_process_is_left_and_every_accepted_event_happens(new_server):
    server = new_server()
    role = server.client("iam").create_role(RoleName="crash", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    code = "import time\ndef handler(event, context):\n    time.sleep(0.5)\n    print('done', event)\n"
    client = server.client("lambda")
    client.create_function(FunctionName="crash", Runtime="python3.11", Role=role, Handler="code.handler",
                           Code={"ZipFile": package(code)}, Timeout=30)
    marks = [uuid.uuid4().hex for _ in range(6)]
    for mark in marks:
        client.invoke(FunctionName="crash", InvocationType="Event", Payload=json.dumps(mark))
    end = time.time() + 20
    while not processes_of("crash") and time.time() < end:
        time.sleep(0.05)
    server.kill()
    end = time.time() + 5
    while processes_of("crash") and time.time() < end:
        time.sleep(0.05)
    assert processes_of("crash") == []
    server.start()
    for mark in marks:
        wait_for_line(server.client("logs"), "/aws/lambda/crash", mark)
    server.stop()
    assert processes_of("crash") == []
