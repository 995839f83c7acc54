"""Collections that move to another face model, with boto3: what is kept, what is told, and what a kill does to it."""
import json
import shutil
import time
import urllib.request

import boto3
import pytest

from conftest import ROOT, SHARED, Server
from test_likeness import known_people, likeness_client

SECOND = "second/second-1"


def install_second(data):
    """The networks of `builtin` under another name: another model, as far as the server can tell."""
    folder = data / "models" / "second"
    shutil.copytree(ROOT / "models" / "builtin", folder)
    lines = (folder / "pack.toml").read_text().splitlines()
    for key, value in (("name", "second"), ("engine_version", "second-1")):
        at = next(i for i, line in enumerate(lines) if line.startswith(key + " "))
        lines[at] = f'{key} = "{value}"'
    (folder / "pack.toml").write_text("\n".join(lines) + "\n")


@pytest.fixture
def moving(tmp_path, models):
    """moving(*options): a server that runs `builtin` and could run `second`, and `open` where that is."""
    data = tmp_path / "data"
    (data / "models").mkdir(parents=True)
    install_second(data)
    if models:
        (data / "models" / "open").symlink_to(f"{models}/models/open")
    servers = []

    def start(*options):
        servers.append(Server(data, *options, models="builtin"))
        return servers[-1]

    yield start
    for server in servers:
        if server.lives():
            server.stop()


@pytest.fixture
def photos(drawn_people):
    """name -> bytes of two photos each of six people."""
    return {f"{person}-{number}.jpg": path.read_bytes() for person in known_people(drawn_people)[:6]
            for number, path in enumerate(sorted((drawn_people / person).iterdir())[:2])}


def upload(server, bucket, photos):
    s3 = server.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    for name, photo in photos.items():
        s3.put_object(Bucket=bucket, Key=name, Body=photo)


def in_bucket(bucket, name):
    return {"S3Object": {"Bucket": bucket, "Name": name}}


def index(server, collection, images):
    """images: name -> Image. The FaceIds by name."""
    rekognition = server.client("rekognition")
    rekognition.create_collection(CollectionId=collection)
    return {name: rekognition.index_faces(CollectionId=collection, Image=image, MaxFaces=1, QualityFilter="NONE",
                                          ExternalImageId=name)["FaceRecords"][0]["Face"]["FaceId"]
            for name, image in images.items()}


def index_from(server, bucket, collection, photos):
    return index(server, collection, {name: in_bucket(bucket, name) for name in photos})


def described(server, collection):
    return likeness_client(server).describe_reembedding(CollectionId=collection)


def ended(server, collection):
    for _ in range(1200):
        facts = described(server, collection)
        if facts["Reembedding"]["Status"] not in ("QUEUED", "IN_PROGRESS"):
            return facts
        time.sleep(0.1)
    raise AssertionError(facts)


def matches(server, collection, photo):
    found = server.client("rekognition").search_faces_by_image(CollectionId=collection, Image={"Bytes": photo},
                                                               FaceMatchThreshold=0)
    told = [(match["Face"]["ExternalImageId"], round(match["Similarity"], 3)) for match in found["FaceMatches"]]
    return sorted(told, key=lambda match: (-match[1], match[0]))  # equals come by FaceId, which the model goes into


@pytest.mark.parametrize("target", [SECOND, "open/open-1"])
def test_afterwards_it_is_as_if_it_had_been_made_with_the_new_model(moving, models, photos, target):
    if target.startswith("open") and not models:
        pytest.skip(f"the pack open is not at {SHARED}")
    server = moving()
    upload(server, "photos", photos)
    ids = index_from(server, "photos", "people", photos)
    rekognition, client = server.client("rekognition"), likeness_client(server)
    rekognition.create_user(CollectionId="people", UserId="ann")
    first = sorted(photos)[0]
    rekognition.associate_faces(CollectionId="people", UserId="ann", FaceIds=[ids[first]])
    before = matches(server, "people", photos[first])

    assert described(server, "people")["FaceModel"].startswith("builtin/")
    started = client.reembed_collection(CollectionId="people", FaceModel=target)["Reembedding"]
    assert started["Status"] == "QUEUED" and started["ToFaceModel"] == target
    # Searched meanwhile, whole: with the old model until it is moved, then with the new one.
    while described(server, "people")["Reembedding"]["Status"] != "SUCCEEDED":
        assert len(matches(server, "people", photos[first])) == len(photos)
    facts = ended(server, "people")
    assert facts["FaceModel"] == target and facts["FacesLeftCount"] == 0 and facts["UnmovedFaces"] == []
    assert facts["Reembedding"]["MovedFaceCount"] == len(photos) == facts["FaceCount"]
    listed = rekognition.list_faces(CollectionId="people")["Faces"]
    assert {face["ExternalImageId"]: face["FaceId"] for face in listed} == ids
    assert [face["UserId"] for face in listed if face["FaceId"] == ids[first]] == ["ann"]
    users = rekognition.search_users_by_image(CollectionId="people", Image={"Bytes": photos[first]})["UserMatches"]
    assert [match["User"]["UserId"] for match in users] == ["ann"]

    server.stop()
    server.models = target.split("/")[0]
    server.start()
    index_from(server, "photos", "fresh", photos)
    for name in sorted(photos)[::3]:
        assert matches(server, "people", photos[name]) == matches(server, "fresh", photos[name])
    assert len(before) == len(photos)
    # Pictures that are indexed once more are the faces they were.
    again = {name: server.client("rekognition").index_faces(
        CollectionId="people", Image=in_bucket("photos", name), MaxFaces=1, QualityFilter="NONE",
        ExternalImageId=name)["FaceRecords"][0]["Face"]["FaceId"] for name in sorted(photos)[:4]}
    assert again == {name: ids[name] for name in again}


def test_after_kills_every_face_is_moved_once(moving, photos):
    server = moving()
    upload(server, "photos", photos)
    ids = index_from(server, "photos", "people", photos)
    likeness_client(server).reembed_collection(CollectionId="people", FaceModel=SECOND)
    moved = 0
    for kills in range(3):
        while True:
            facts = described(server, "people")
            if facts["Reembedding"]["MovedFaceCount"] > moved or facts["Reembedding"]["Status"] == "SUCCEEDED":
                break
            time.sleep(0.01)
        assert kills or facts["Reembedding"]["Status"] == "IN_PROGRESS"
        moved = facts["Reembedding"]["MovedFaceCount"]
        server.kill()
        server.start()
        assert described(server, "people")["Reembedding"]["MovedFaceCount"] >= moved
    facts = ended(server, "people")
    assert facts["Reembedding"]["Status"] == "SUCCEEDED" and facts["FaceModel"] == SECOND
    assert facts["Reembedding"]["MovedFaceCount"] == len(photos) == facts["FaceCount"]
    for name in sorted(photos)[::4]:
        best = server.client("rekognition").search_faces_by_image(CollectionId="people", Image={"Bytes": photos[name]})
        assert best["FaceMatches"][0]["Face"]["FaceId"] == ids[name]
    with urllib.request.urlopen(server.endpoint + "/_likeness/metrics") as page:
        text = page.read().decode()
    assert "likeness_reembeddings_running 0" in text and "likeness_unmoved_faces 0" in text
    log = server.log_text()
    assert "reembedding incarnation=" in log and not any(name.split("-")[0] in log for name in photos)


def test_pictures_are_read_as_whoever_started_it(moving, photos):
    server = moving()
    chosen = dict(sorted(photos.items())[:2])
    upload(server, "photos", chosen)
    index_from(server, "photos", "people", chosen)
    iam = server.client("iam")
    iam.create_user(UserName="mover")
    key = iam.create_access_key(UserName="mover")["AccessKey"]

    def allow(*actions):
        document = {"Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
        iam.put_user_policy(UserName="mover", PolicyName="p", PolicyDocument=json.dumps(document))

    session = boto3.session.Session()
    session._session.get_component("data_loader").search_paths.append(str(ROOT / "sdk"))
    mover = session.client("likeness", region_name="us-west-2", endpoint_url=server.endpoint,
                           aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    with pytest.raises(mover.exceptions.AccessDeniedException):
        mover.reembed_collection(CollectionId="people", FaceModel=SECOND)
    allow("likeness:*")
    mover.reembed_collection(CollectionId="people", FaceModel=SECOND)
    facts = ended(server, "people")
    assert facts["Reembedding"]["Status"] == "FAILED"
    assert {face["Reason"] for face in facts["UnmovedFaces"]} == {"ORIGINAL_UNREADABLE"}
    assert len(facts["UnmovedFaces"]) == 2 and facts["FaceModel"].startswith("builtin/")
    allow("likeness:*", "s3:GetObject")
    mover.reembed_collection(CollectionId="people", FaceModel=SECOND)
    assert ended(server, "people")["Reembedding"]["Status"] == "SUCCEEDED"


def test_an_overwritten_picture_is_found_in_a_bucket_that_keeps_versions(moving, photos):
    server = moving()
    s3 = server.client("s3")
    first, second = sorted(photos)[:2]
    for bucket in ("plain", "versioned"):
        upload(server, bucket, {})
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    for bucket in ("plain", "versioned"):
        s3.put_object(Bucket=bucket, Key="photo.jpg", Body=photos[first])
        index(server, bucket, {"ann": in_bucket(bucket, "photo.jpg")})
        s3.put_object(Bucket=bucket, Key="photo.jpg", Body=photos[second])
        likeness_client(server).reembed_collection(CollectionId=bucket, FaceModel=SECOND)
    assert ended(server, "versioned")["Reembedding"]["Status"] == "SUCCEEDED"
    facts = ended(server, "plain")
    assert facts["Reembedding"]["Status"] == "FAILED"
    assert [face["Reason"] for face in facts["UnmovedFaces"]] == ["ORIGINAL_CHANGED"]


@pytest.mark.parametrize("crops", ["off", "on"])
def test_pictures_that_were_sent_in_the_request_move_where_crops_are_kept(moving, photos, crops):
    server = moving("--keep-crops", crops)
    index(server, "people", {name: {"Bytes": photo} for name, photo in photos.items()})
    before = {name: matches(server, "people", photo) for name, photo in sorted(photos.items())[::3]}
    likeness_client(server).reembed_collection(CollectionId="people", FaceModel=SECOND)
    facts = ended(server, "people")
    if crops == "off":
        assert {face["Reason"] for face in facts["UnmovedFaces"]} == {"NO_ORIGINAL"}
        assert facts["Reembedding"]["Status"] == "FAILED" and facts["FaceModel"].startswith("builtin/")
        return
    assert facts["Reembedding"]["Status"] == "SUCCEEDED", facts
    # The same networks look at the crop and at the photo: nearly the same face.
    for name, old in before.items():
        new = matches(server, "people", photos[name])
        assert new[0][0] == name and new[0][1] > 99, (old[0], new[0])
