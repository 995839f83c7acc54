"""The likeness service as boto3 and the AWS CLI know it from the model file in sdk/."""
import json
import os
import subprocess

import boto3
import botocore.config
import pytest

from conftest import ACCESS_KEY, ROOT, SECRET_KEY


def likeness_client(server, region="us-west-2"):
    """What AWS_DATA_PATH does, for one client."""
    session = boto3.session.Session()
    loader = session._session.get_component("data_loader")
    loader.search_paths.append(str(ROOT / "sdk"))
    return session.client("likeness", region_name=region, endpoint_url=server.endpoint, aws_access_key_id=ACCESS_KEY,
                          aws_secret_access_key=SECRET_KEY,
                          config=botocore.config.Config(retries={"max_attempts": 0}, parameter_validation=False))


@pytest.fixture
def enrolled(aws, name, people):
    """A collection with three photos each of twelve people."""
    rekognition = aws("rekognition")
    rekognition.create_collection(CollectionId=name)
    for person in sorted(people.iterdir()):
        photos = sorted(person.iterdir())
        for photo in photos[:-1]:
            rekognition.index_faces(CollectionId=name, Image={"Bytes": photo.read_bytes()}, MaxFaces=1,
                                    ExternalImageId=person.name)
    return name


def test_every_face_gets_a_name_and_probabilities_that_sum_to_one(server, enrolled, people):
    client = likeness_client(server)
    for person in sorted(people.iterdir()):
        photos = sorted(person.iterdir())
        found = client.identify_faces(CollectionId=enrolled, Image={"Bytes": photos[-1].read_bytes()})
        face = found["Faces"][0]
        total = face["UnknownProbability"] + sum(one["Probability"] for one in face["Candidates"])
        assert total == pytest.approx(1, abs=1e-9)
        if len(photos) > 1:
            assert face["Person"] == {"ExternalImageId": person.name}
            best = face["Candidates"][0]
            assert best["Probability"] > 0.9 and best["FalseMatchRate"] < 1e-4
            assert best["ReferenceCount"] == len(photos) - 1 == len(best["References"])
        else:
            assert "Person" not in face and face["UnknownProbability"] > 0.5


def test_the_model_names_every_member_of_an_answer(server, enrolled, people):
    """boto3 drops members that its model lacks: nothing of what is sent may be lost."""
    client = likeness_client(server)
    raw = []
    client.meta.events.register("before-parse.likeness.*",
                                lambda response_dict, **_: raw.append(json.loads(response_dict["body"])))
    photo = sorted((people / "Ian_Thorpe").iterdir())[-1].read_bytes()
    parsed = client.identify_faces(CollectionId=enrolled, Image={"Bytes": photo})
    if not raw:
        pytest.skip("this boto3 does not show the answer before it is parsed")
    parsed.pop("ResponseMetadata")
    assert parsed == raw[0]


def test_refusals_have_names(server, name):
    client = likeness_client(server)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.identify_faces(CollectionId=name, Image={"Bytes": b"no picture"})


def test_a_policy_of_rekognition_alone_does_not_open_it(server, aws, name):
    iam = aws("iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    allowed = {"Effect": "Allow", "Action": "rekognition:*", "Resource": "*"}
    iam.put_user_policy(UserName=name, PolicyName="p",
                        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))
    aws("rekognition").create_collection(CollectionId=name)
    session = boto3.session.Session()
    session._session.get_component("data_loader").search_paths.append(str(ROOT / "sdk"))
    client = session.client("likeness", region_name="us-west-2", endpoint_url=server.endpoint,
                            aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    with pytest.raises(client.exceptions.AccessDeniedException):
        client.identify_faces(CollectionId=name, Image={"Bytes": b"no picture"})


def test_the_cli_knows_it_after_add_model(server, tmp_path, name):
    environment = dict(os.environ, HOME=str(tmp_path), AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY,
                       AWS_DEFAULT_REGION="us-west-2", AWS_PAGER="", AWS_EC2_METADATA_DISABLED="true")
    model = ROOT / "sdk/likeness/2026-11-01/service-2.json"
    subprocess.run(["aws", "configure", "add-model", "--service-name", "likeness", "--service-model", f"file://{model}"],
                   env=environment, check=True, capture_output=True, text=True)
    done = subprocess.run(["aws", "--endpoint-url", server.endpoint, "likeness", "identify-faces", "--collection-id", name,
                           "--image", '{"S3Object":{"Bucket":"photos","Name":"a.jpg"}}'], env=environment,
                          capture_output=True, text=True)
    assert "ResourceNotFoundException" in done.stderr, done.stderr
