"""The likeness service as boto3 and the AWS CLI know it from the model file in sdk/."""
import json
import os
import subprocess
import sys

import boto3
import botocore.config
import pytest

from conftest import ACCESS_KEY, ROOT, SECRET_KEY, SHARED


def likeness_client(server, region="us-west-2"):
    """What AWS_DATA_PATH does, for one client."""
    session = boto3.session.Session()
    loader = session._session.get_component("data_loader")
    loader.search_paths.append(str(ROOT / "sdk"))
    return session.client("likeness", region_name=region, endpoint_url=server.endpoint, aws_access_key_id=ACCESS_KEY,
                          aws_secret_access_key=SECRET_KEY,
                          config=botocore.config.Config(retries={"max_attempts": 0}, parameter_validation=False))


def photos(people, person):
    return [path.read_bytes() for path in sorted((people / person).iterdir())]


def known_people(people):
    """Those with two photos and more."""
    return sorted(folder.name for folder in people.iterdir() if len(list(folder.iterdir())) >= 2)


@pytest.fixture
def enrolled(aws, name, people):
    """A collection with all photos but the last of everybody who has several."""
    rekognition = aws("rekognition")
    rekognition.create_collection(CollectionId=name)
    for person in known_people(people):
        for photo in photos(people, person)[:-1]:
            rekognition.index_faces(CollectionId=name, Image={"Bytes": photo}, MaxFaces=1, ExternalImageId=person)
    return name


def test_every_face_gets_a_name_and_probabilities_that_sum_to_one(server, enrolled, people):
    client = likeness_client(server)
    for folder in sorted(people.iterdir()):
        person, known = folder.name, len(list(folder.iterdir())) - 1
        found = client.identify_faces(CollectionId=enrolled, Image={"Bytes": photos(people, person)[-1]})
        face = found["Faces"][0]
        total = face["UnknownProbability"] + sum(one["Probability"] for one in face["Candidates"])
        assert total == pytest.approx(1, abs=1e-9)
        if known:
            assert face["Person"] == {"ExternalImageId": person}
            best = face["Candidates"][0]
            assert best["Probability"] > 0.9 and best["FalseMatchRate"] < 1e-4
            assert best["ReferenceCount"] == known == len(best["References"])
        elif people.is_relative_to(SHARED):
            assert "Person" not in face and face["UnknownProbability"] > 0.5
        else:  # drawings are more alike than the photographs that probabilities are calibrated on
            assert face["UnknownProbability"] > 0.1


def test_the_model_names_every_member_of_an_answer(server, enrolled, people):
    """boto3 drops members that its model lacks: nothing of what is sent may be lost."""
    client = likeness_client(server)
    raw = []
    client.meta.events.register("before-parse.likeness.*",
                                lambda response_dict, **_: raw.append(json.loads(response_dict["body"])))
    parsed = client.identify_faces(CollectionId=enrolled, Image={"Bytes": photos(people, known_people(people)[0])[-1]})
    if not raw:
        pytest.skip("this boto3 does not show the answer before it is parsed")
    parsed.pop("ResponseMetadata")
    assert parsed == raw[0]


def test_what_people_say_is_heeded_until_it_is_undone(server, enrolled, people):
    client = likeness_client(server)
    ann, bob = known_people(people)[:2]
    photo = {"Bytes": photos(people, ann)[-1]}

    def names():
        found = client.identify_faces(CollectionId=enrolled, Image=photo)["Faces"]
        return [face["Person"]["ExternalImageId"] if "Person" in face else None for face in found]

    before = names()
    assert ann in before
    said = client.confirm_face(CollectionId=enrolled, Image=photo, Person={"ExternalImageId": bob})["Correction"]
    assert said["Verdict"] == "CONFIRMED" and said["Person"] == {"ExternalImageId": bob}
    assert names()[0] == bob
    client.reject_face(CollectionId=enrolled, Image=photo, Person={"ExternalImageId": ann})
    listed = client.list_corrections(CollectionId=enrolled)["Corrections"]
    assert [one["Verdict"] for one in listed] == ["CONFIRMED", "REJECTED"] and listed[0] == said
    client.undo_correction(CollectionId=enrolled, CorrectionId=said["CorrectionId"])
    assert names()[0] not in (ann, bob)
    client.undo_correction(CollectionId=enrolled, CorrectionId=listed[1]["CorrectionId"])
    assert names() == before


def test_an_audit_finds_a_photo_under_anothers_name(server, aws, enrolled, people):
    client = likeness_client(server)
    ann, bob = known_people(people)[:2]
    answer = aws("rekognition").index_faces(CollectionId=enrolled, Image={"Bytes": photos(people, bob)[-1]}, MaxFaces=1,
                                            ExternalImageId=ann)
    wrong = answer["FaceRecords"][0]["Face"]["FaceId"]
    assert wrong in answer["ResponseMetadata"]["HTTPHeaders"]["x-likeness-warning"]
    found = {finding["FaceId"]: finding for finding in client.audit_collection(CollectionId=enrolled)["Findings"]
             if "FaceId" in finding}[wrong]
    assert found["Reason"] == "RESEMBLES_ANOTHER_PERSON" and found["OtherPerson"] == {"ExternalImageId": bob}
    client.reject_face(CollectionId=enrolled, FaceId=wrong, Person={"ExternalImageId": ann})
    found = [finding for finding in client.audit_collection(CollectionId=enrolled)["Findings"]
             if finding.get("FaceId") == wrong]
    assert [finding["Reason"] for finding in found] == ["CONTRADICTS_CORRECTION"]
    assert found[0]["Corrections"][0]["Verdict"] == "REJECTED"


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


def test_boto3_knows_it_from_aws_data_path(server, enrolled, people, tmp_path):
    """As docs/likeness.md says it: nothing but the environment variable."""
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(photos(people, known_people(people)[0])[-1])
    program = """
import boto3, sys
client = boto3.client('likeness')
with open(sys.argv[2], 'rb') as photo:
    found = client.identify_faces(CollectionId=sys.argv[1], Image={'Bytes': photo.read()})
print(found['Faces'][0]['Person']['ExternalImageId'])
"""
    # Debian's boto3 knows AWS_ENDPOINT_URL not yet; the model's own endpoint is that of a host nobody has.
    program = program.replace("('likeness')", f"('likeness', endpoint_url='{server.endpoint}')")
    done = subprocess.run([sys.executable, "-c", program, enrolled, photo], text=True, capture_output=True,
                          env=dict(os.environ, AWS_DATA_PATH=str(ROOT / "sdk"), AWS_ACCESS_KEY_ID=ACCESS_KEY,
                                   AWS_SECRET_ACCESS_KEY=SECRET_KEY, AWS_DEFAULT_REGION="us-west-2"))
    assert done.stdout.strip() == known_people(people)[0], done.stderr


def test_the_cli_knows_it_after_add_model(server, aws, enrolled, people, tmp_path, name):
    environment = dict(os.environ, HOME=str(tmp_path), AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY,
                       AWS_DEFAULT_REGION="us-west-2", AWS_PAGER="", AWS_EC2_METADATA_DISABLED="true")
    model = ROOT / "sdk/likeness/2026-11-01/service-2.json"
    subprocess.run(["aws", "configure", "add-model", "--service-name", "likeness", "--service-model", f"file://{model}"],
                   env=environment, check=True, capture_output=True, text=True)

    def likeness(operation, *arguments, collection=enrolled):
        done = subprocess.run(["aws", "--endpoint-url", server.endpoint, "likeness", operation, "--collection-id", collection,
                               *arguments], env=environment, capture_output=True, text=True)
        return done.stderr if done.returncode else json.loads(done.stdout)

    person = known_people(people)[0]
    bucket = f"photos-{name}"
    aws("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    aws("s3").put_object(Bucket=bucket, Key="a.jpg", Body=photos(people, person)[-1])
    image = ["--image", json.dumps({"S3Object": {"Bucket": bucket, "Name": "a.jpg"}})]
    assert likeness("identify-faces", *image)["Faces"][0]["Person"] == {"ExternalImageId": person}
    said = likeness("confirm-face", *image, "--person", f"ExternalImageId={person}")["Correction"]
    assert likeness("list-corrections")["Corrections"] == [said]
    assert likeness("undo-correction", "--correction-id", said["CorrectionId"])["Correction"] == said
    assert likeness("audit-collection")["PeopleAudited"] == len(known_people(people))
    assert "ResourceNotFoundException" in likeness("identify-faces", *image, collection="nowhere")
