"""IAM as programs use it: roles with policies, users with keys whose rights the server keeps."""
import json

import botocore.exceptions
import pytest

TRUST_LAMBDA = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


def policy(action, resource="*", effect="Allow"):
    return {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": resource}]}


def refused(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**arguments)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


@pytest.fixture
def iam(aws):
    return aws("iam")


@pytest.fixture
def user(iam, name):
    """A user that is gone after the test, with all it had."""
    iam.create_user(UserName=name)
    yield name
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    for inline in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=inline)
    for attached in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]:
        iam.detach_user_policy(UserName=name, PolicyArn=attached["PolicyArn"])
    for group in iam.list_groups_for_user(UserName=name)["Groups"]:
        iam.remove_user_from_group(UserName=name, GroupName=group["GroupName"])
    iam.delete_user(UserName=name)


@pytest.fixture
def as_user(iam, aws, user):
    """as_user("s3"): a client with the user's own key."""
    key = iam.create_access_key(UserName=user)["AccessKey"]
    return lambda service: aws(service, access_key=key["AccessKeyId"], secret_key=key["SecretAccessKey"])


def test_a_role_with_policies_lives_as_in_the_report(iam, name):
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST_LAMBDA, Description="for tests",
                           Tags=[{"Key": "team", "Value": "red"}])["Role"]
    assert role["Arn"].endswith(f":role/{name}")
    assert role["RoleId"].startswith("AROA")
    assert role["AssumeRolePolicyDocument"] == json.loads(TRUST_LAMBDA)
    for managed in ("AmazonRekognitionFullAccess", "AmazonDynamoDBFullAccess", "AmazonS3FullAccess", "IAMFullAccess",
                    "service-role/AWSLambdaBasicExecutionRole"):
        iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{managed}")
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(policy("s3:GetObject")))
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert {one["PolicyName"] for one in attached} >= {"AmazonRekognitionFullAccess", "AWSLambdaBasicExecutionRole"}
    assert iam.get_role_policy(RoleName=name, PolicyName="inline")["PolicyDocument"] == policy("s3:GetObject")
    assert iam.get_role(RoleName=name)["Role"]["Tags"] == [{"Key": "team", "Value": "red"}]
    assert refused(iam.delete_role, RoleName=name) == (
        409, "DeleteConflict", "Cannot delete entity, must detach all policies first.")
    for one in attached:
        iam.detach_role_policy(RoleName=name, PolicyArn=one["PolicyArn"])
    iam.delete_role_policy(RoleName=name, PolicyName="inline")
    iam.delete_role(RoleName=name)
    assert refused(iam.get_role, RoleName=name) == (
        404, "NoSuchEntity", f"The role with name {name} cannot be found.")


def test_typed_exceptions_are_raised(iam, name):
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_user(UserName=name)
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException):
        iam.create_policy(PolicyName=name, PolicyDocument="{}")


def test_a_users_rights_are_kept_from_the_next_request_on(iam, as_user, user):
    own = as_user("iam")
    status, code, message = refused(own.list_roles)
    assert (status, code) == (403, "AccessDenied")
    assert message.startswith("User: arn:aws:iam::") and message.endswith(
        "because no identity-based policy allows the iam:ListRoles action")
    iam.attach_user_policy(UserName=user, PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    own.list_roles()
    assert refused(own.create_group, GroupName="x")[1] == "AccessDenied"
    iam.put_user_policy(UserName=user, PolicyName="no", PolicyDocument=json.dumps(policy("iam:List*", effect="Deny")))
    assert refused(own.list_roles)[2].endswith("with an explicit deny in an identity-based policy")


def test_a_group_gives_its_rights_to_members(iam, as_user, user, name):
    group = name + "-group"
    iam.create_group(GroupName=group)
    iam.put_group_policy(GroupName=group, PolicyName="p", PolicyDocument=json.dumps(policy("iam:ListUsers")))
    iam.add_user_to_group(GroupName=group, UserName=user)
    as_user("iam").list_users()
    assert [one["UserName"] for one in iam.get_group(GroupName=group)["Users"]] == [user]
    iam.remove_user_from_group(GroupName=group, UserName=user)
    iam.delete_group_policy(GroupName=group, PolicyName="p")
    iam.delete_group(GroupName=group)


def test_a_renamed_user_goes_on_with_its_key_and_groups(iam, as_user, user, name):
    group, renamed = name + "-group", name + "-renamed"
    iam.create_group(GroupName=group)
    iam.put_group_policy(GroupName=group, PolicyName="p", PolicyDocument=json.dumps(policy("iam:*")))
    iam.add_user_to_group(GroupName=group, UserName=user)
    own = as_user("iam")
    iam.update_user(UserName=user, NewUserName=renamed, NewPath="/people/")
    assert own.get_user()["User"]["Arn"].endswith(":user/people/" + renamed)
    iam.update_group(GroupName=group, NewGroupName=group + "2")
    assert [one["GroupName"] for one in own.list_groups_for_user(UserName=renamed)["Groups"]] == [group + "2"]
    iam.update_user(UserName=renamed, NewUserName=user)
    iam.remove_user_from_group(GroupName=group + "2", UserName=user)
    iam.delete_group_policy(GroupName=group + "2", PolicyName="p")
    iam.delete_group(GroupName=group + "2")


def test_an_inactive_key_is_an_unknown_one(iam, aws, user):
    key = iam.create_access_key(UserName=user)["AccessKey"]
    client = aws("sts", access_key=key["AccessKeyId"], secret_key=key["SecretAccessKey"])
    assert client.get_caller_identity()["Arn"].endswith(f":user/{user}")
    iam.update_access_key(UserName=user, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert refused(client.get_caller_identity)[:2] == (403, "InvalidClientTokenId")


def test_a_wrong_secret_does_not_sign(iam, aws, user):
    key = iam.create_access_key(UserName=user)["AccessKey"]
    client = aws("iam", access_key=key["AccessKeyId"], secret_key="x" * 40)
    assert refused(client.get_user)[:2] == (403, "SignatureDoesNotMatch")


def test_a_managed_policy_has_versions(iam, name):
    arn = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(policy("s3:*")))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(policy("logs:*")), SetAsDefault=True)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"] == policy("logs:*")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy(PolicyArn=arn)


def test_lists_page_through_the_sdks_paginator(iam, name):
    names = {f"{name}-{i}" for i in range(5)}
    for one in names:
        iam.create_user(UserName=one, Path=f"/{name}/")
    pages = iam.get_paginator("list_users").paginate(PathPrefix=f"/{name}/", PaginationConfig={"PageSize": 2})
    assert {user["UserName"] for page in pages for user in page["Users"]} == names
    for one in names:
        iam.delete_user(UserName=one)


def test_a_simulation_says_what_would_be_allowed(iam, user):
    iam.put_user_policy(UserName=user, PolicyName="p",
                        PolicyDocument=json.dumps(policy("s3:Get*", "arn:aws:s3:::photos/*")))
    arn = iam.get_user(UserName=user)["User"]["Arn"]
    results = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["s3:GetObject", "s3:PutObject"],
                                            ResourceArns=["arn:aws:s3:::photos/a.jpg"])["EvaluationResults"]
    assert [one["EvalDecision"] for one in results] == ["allowed", "implicitDeny"]


def test_what_is_missing_is_refused_by_name(iam, name):
    status, _, message = refused(iam.create_instance_profile, InstanceProfileName=name)
    assert status == 400 and message == "not implemented: CreateInstanceProfile"


def test_the_command_line_creates_a_role(server, name):
    made = json.loads(server.cli("iam", "create-role", "--role-name", name, "--assume-role-policy-document",
                                 TRUST_LAMBDA, "--output", "json").stdout)
    assert made["Role"]["RoleName"] == name
    server.cli("iam", "delete-role", "--role-name", name)
