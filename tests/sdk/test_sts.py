"""Who am I, and temporary credentials."""
import json

import botocore.exceptions
import pytest

from conftest import ACCESS_KEY, ACCOUNT


def refused(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**arguments)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def trust(principal):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]})


@pytest.fixture
def sts(aws):
    return aws("sts")


@pytest.fixture
def role(aws, name):
    """The ARN of a role that this account may assume and that may list users."""
    iam = aws("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust({"AWS": ACCOUNT}))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}}))
    yield arn
    iam.delete_role_policy(RoleName=name, PolicyName="p")
    iam.delete_role(RoleName=name)


def client_with(aws, service, credentials):
    return aws(service, access_key=credentials["AccessKeyId"], secret_key=credentials["SecretAccessKey"],
               token=credentials["SessionToken"])


def test_the_operator_is_the_accounts_root_user(sts):
    identity = sts.get_caller_identity()
    assert identity["Account"] == ACCOUNT
    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"


def test_an_assumed_role_has_the_roles_rights_and_no_more(aws, sts, role, name):
    session = sts.assume_role(RoleArn=role, RoleSessionName="tests")
    assert session["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/tests"
    credentials = session["Credentials"]
    assert credentials["AccessKeyId"].startswith("ASIA")
    assert client_with(aws, "sts", credentials).get_caller_identity()["Arn"] == session["AssumedRoleUser"]["Arn"]
    iam = client_with(aws, "iam", credentials)
    iam.list_users()
    assert refused(iam.list_roles)[1] == "AccessDenied"


def test_a_session_policy_narrows(aws, sts, role):
    credentials = sts.assume_role(RoleArn=role, RoleSessionName="tests", Policy=json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}))["Credentials"]
    assert refused(client_with(aws, "iam", credentials).list_users)[2].endswith(
        "because no session policy allows the iam:ListUsers action")


def test_a_changed_or_missing_token_is_refused(aws, sts, role):
    credentials = sts.assume_role(RoleArn=role, RoleSessionName="tests")["Credentials"]
    middle = len(credentials["SessionToken"]) // 2
    token = credentials["SessionToken"]
    swapped = "A" if token[middle] != "A" else "B"
    changed = dict(credentials, SessionToken=token[:middle] + swapped + token[middle + 1:])
    assert refused(client_with(aws, "sts", changed).get_caller_identity)[:2] == (403, "InvalidClientTokenId")
    without = aws("sts", access_key=credentials["AccessKeyId"], secret_key=credentials["SecretAccessKey"])
    assert refused(without.get_caller_identity)[:2] == (403, "InvalidClientTokenId")


def test_a_role_that_trusts_only_lambda_is_not_for_us(aws, sts, name):
    iam = aws("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust({"Service": "lambda.amazonaws.com"}))["Role"]["Arn"]
    assert refused(sts.assume_role, RoleArn=arn, RoleSessionName="tests") == (
        403, "AccessDenied",
        f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: sts:AssumeRole on resource: {arn}")
    iam.delete_role(RoleName=name)


def test_an_unknown_key_is_refused(aws):
    stranger = aws("sts", access_key="AKIANOBODYKNOWSME001", secret_key="x" * 40)
    assert refused(stranger.get_caller_identity)[:2] == (403, "InvalidClientTokenId")


def test_a_key_tells_its_account(sts):
    assert sts.get_access_key_info(AccessKeyId=ACCESS_KEY)["Account"] == ACCOUNT


def test_a_session_token_speaks_for_the_user_itself(aws, sts):
    credentials = sts.get_session_token(DurationSeconds=900)["Credentials"]
    assert client_with(aws, "sts", credentials).get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
