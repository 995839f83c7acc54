"""An object event invokes a function: from PutObject to the function's log."""
import io
import json
import time
import uuid
import zipfile

import pytest
from botocore.exceptions import ClientError
from test_s3 import post_form

ACCOUNT = "123456789012"
CODE = """
import boto3
s3 = boto3.client('s3')
def handler(event, context):
    record = event['Records'][0]
    name, key = record['s3']['bucket']['name'], record['s3']['object']['key']
    head = s3.head_object(Bucket=name, Key=key)
    print('TOLD', record['eventName'], key, head['Metadata'].get('fullname'), record['s3']['object']['size'])
"""


@pytest.fixture(scope="module")
def bucket(aws):
    s3 = aws("s3")
    name = "trigger-" + uuid.uuid4().hex[:8]
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    return name


@pytest.fixture(scope="module")
def function(aws):
    iam, client, name = aws("iam"), aws("lambda"), "trigger-" + uuid.uuid4().hex[:8]
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    may_read = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_role_policy(RoleName=name, PolicyName="read", PolicyDocument=json.dumps(may_read))
    zip_file = io.BytesIO()
    with zipfile.ZipFile(zip_file, "w") as archive:
        archive.writestr("code.py", CODE)
    return client.create_function(FunctionName=name, Runtime="python3.11", Role=role, Handler="code.handler",
                                  Code={"ZipFile": zip_file.getvalue()}, Timeout=30)["FunctionArn"]


def notify(aws, bucket, function):
    aws("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={
        "LambdaFunctionConfigurations": [{"LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"], "Filter": {
            "Key": {"FilterRules": [{"Name": "prefix", "Value": "index/"}]}}}]})


def told(aws, function, count, seconds=60):
    logs, group = aws("logs"), "/aws/lambda/" + function.rsplit(":", 1)[1]
    end = time.time() + seconds
    lines = []
    while time.time() < end:
        try:
            lines = [e["message"].strip() for e in logs.filter_log_events(logGroupName=group, filterPattern="TOLD")["events"]]
        except logs.exceptions.ResourceNotFoundException:
            pass
        if len(lines) >= count:
            return lines
        time.sleep(0.2)
    return lines


def test_a_function_that_s3_may_not_invoke_cannot_be_a_target(aws, bucket, function):
    with pytest.raises(ClientError) as raised:
        notify(aws, bucket, function)
    error = raised.value.response["Error"]
    assert error["Code"] == "InvalidArgument"
    assert error["Message"] == "Unable to validate the following destination configurations"


def test_objects_under_the_prefix_reach_the_function_and_no_others(aws, bucket, function):
    aws("lambda").add_permission(FunctionName=function, StatementId="s3", Action="lambda:InvokeFunction",
                                 Principal="s3.amazonaws.com", SourceArn=f"arn:aws:s3:::{bucket}")
    notify(aws, bucket, function)
    s3 = aws("s3")
    s3.put_object(Bucket=bucket, Key="Index/other", Body=b"x")
    s3.put_object(Bucket=bucket, Key="index/a.jpg", Body=b"seven b", Metadata={"FullName": "Ann Lee"})
    s3.copy_object(Bucket=bucket, Key="index/b.jpg", CopySource={"Bucket": bucket, "Key": "index/a.jpg"})
    form = s3.generate_presigned_post(bucket, "index/c.jpg")
    assert post_form(form["url"], form["fields"], b"form")[0] == 204
    lines = told(aws, function, 3)
    assert sorted(lines) == ["TOLD ObjectCreated:Copy index/b.jpg Ann Lee 7",
                             "TOLD ObjectCreated:Post index/c.jpg None 4",
                             "TOLD ObjectCreated:Put index/a.jpg Ann Lee 7"]
