"""Amazon Rekognition through boto3 and the AWS CLI: collections, and faces in real photographs.

Each test could run against AWS. What a picture shows is only tested with the photos of ../shared.
"""
import io
import json
import struct
import time
import urllib.error
import urllib.request
import uuid
import zlib

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from PIL import Image, ImageDraw

from conftest import ACCESS_KEY, SECRET_KEY, SHARED

REGION = "us-west-2"
NO_FACE = "There are no faces in the image. Should be at least 1."


@pytest.fixture
def rekognition(aws):
    return aws("rekognition", region=REGION)


@pytest.fixture
def collection(rekognition, name):
    """A collection for one test."""
    rekognition.create_collection(CollectionId=name)
    yield name
    try:
        rekognition.delete_collection(CollectionId=name)
    except rekognition.exceptions.ResourceNotFoundException:
        pass  # the test did it


def photos(people, person):
    return [path.read_bytes() for path in sorted((people / person).iterdir())]


def known_people(people):
    """The names of those with two photos or more."""
    return sorted(folder.name for folder in people.iterdir() if len(list(folder.iterdir())) >= 2)


def blank_png(width, height):
    """A white picture: the smallest input that is a picture and has no face."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" + b"\xff" * width
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * height))
            + chunk(b"IEND", b""))


def refusal(call, **arguments):
    """The code and message with which a call is refused."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    return error["Error"]["Code"], error["Error"]["Message"]


def index(rekognition, collection, photo, **more):
    answer = rekognition.index_faces(CollectionId=collection, Image={"Bytes": photo}, **more)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    return answer


# --- collections

def test_a_collection_is_created_described_listed_and_deleted(rekognition, collection, name):
    described = rekognition.describe_collection(CollectionId=name)
    assert described["FaceCount"] == 0
    assert described["CollectionARN"].startswith("arn:aws:rekognition:us-west-2:")
    assert described["CollectionARN"].endswith(":collection/" + name)
    assert described["CreationTimestamp"].year >= 2024
    listed = rekognition.get_paginator("list_collections").paginate(PaginationConfig={"PageSize": 1})
    pages = list(listed)
    assert name in [one for page in pages for one in page["CollectionIds"]]
    assert all(len(page["CollectionIds"]) == len(page["FaceModelVersions"]) for page in pages)
    assert rekognition.delete_collection(CollectionId=name)["StatusCode"] == 200
    code, message = refusal(rekognition.describe_collection, CollectionId=name)
    assert code == "ResourceNotFoundException" and name in message


# Existing callers put "arn:" before it themselves.
def test_the_arn_of_a_new_collection_lacks_its_beginning(rekognition, name):
    answer = rekognition.create_collection(CollectionId=name, Tags={"team": "doors"})
    assert answer["StatusCode"] == 200
    assert answer["CollectionArn"].startswith("aws:rekognition:us-west-2:")
    assert answer["FaceModelVersion"] == "7.0"
    rekognition.delete_collection(CollectionId=name)


def test_a_name_is_taken_once_in_its_region(aws, rekognition, collection):
    with pytest.raises(rekognition.exceptions.ResourceAlreadyExistsException):
        rekognition.create_collection(CollectionId=collection)
    elsewhere = aws("rekognition", region="eu-west-1")
    elsewhere.create_collection(CollectionId=collection)
    elsewhere.delete_collection(CollectionId=collection)


# boto3 does not check patterns and upper limits; the server must.
@pytest.mark.parametrize("arguments, sentence", [
    ({"CollectionId": "a b"}, "regular expression pattern"),
    ({"CollectionId": "x" * 256}, "length less than or equal to 255"),
    ({"CollectionId": ""}, "length greater than or equal to 1"),
    ({}, "Value null at 'collectionId'"),
])
def test_a_name_must_keep_its_limits(rekognition, arguments, sentence):
    code, message = refusal(rekognition.create_collection, **arguments)
    assert code == "ValidationException" and sentence in message


def test_tokens_that_were_not_given_are_refused(rekognition, collection):
    with pytest.raises(rekognition.exceptions.InvalidPaginationTokenException):
        rekognition.list_collections(NextToken="AAAA")
    with pytest.raises(rekognition.exceptions.InvalidPaginationTokenException):
        rekognition.list_faces(CollectionId=collection, NextToken="AAAA")


def test_calls_on_a_collection_that_is_not_there_are_refused(rekognition, name):
    face = str(uuid.uuid4())
    picture = {"Bytes": blank_png(100, 100)}
    for call, arguments in [
        (rekognition.describe_collection, {}), (rekognition.delete_collection, {}), (rekognition.list_faces, {}),
        (rekognition.delete_faces, {"FaceIds": [face]}), (rekognition.search_faces, {"FaceId": face}),
        (rekognition.search_faces_by_image, {"Image": picture}), (rekognition.index_faces, {"Image": picture}),
    ]:
        code, message = refusal(call, CollectionId=name, **arguments)
        assert (code, message) == ("ResourceNotFoundException", f"The collection id: {name} does not exist")


# --- operations that are not there

@pytest.mark.parametrize("call", ["detect_labels", "detect_text", "start_face_search", "list_stream_processors"])
def test_what_is_not_implemented_says_so_by_name_and_at_once(rekognition, call):
    code, message = refusal(getattr(rekognition, call))
    assert call.replace("_", "") in message.lower()


# --- the door

def post(server, headers, body=b"{}", access_key=ACCESS_KEY, secret_key=SECRET_KEY, signed=True):
    """A request as an SDK would sign it, whatever is in it; gives back status, headers and the answer."""
    request = AWSRequest("POST", server.endpoint + "/", data=body,
                         headers={"Content-Type": "application/x-amz-json-1.1", **headers})
    if signed:
        SigV4Auth(Credentials(access_key, secret_key), "rekognition", REGION).add_auth(request)
    try:
        sent = urllib.request.Request(request.url, data=body, headers=dict(request.headers.items()))
        with urllib.request.urlopen(sent) as answer:
            return answer.status, answer.headers, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, error.headers, json.loads(error.read())


@pytest.mark.parametrize("target, body, more, code", [
    ("RekognitionService.DetectDogs", b"{}", {}, "UnknownOperationException"),
    ("Rekognition.ListCollections", b"{}", {}, "UnknownOperationException"),
    (None, b"{}", {}, "UnknownOperationException"),
    ("RekognitionService.ListCollections", b"no json", {}, "SerializationException"),
    ("RekognitionService.ListCollections", b"[]", {}, "SerializationException"),
    ("RekognitionService.ListCollections", b'{"MaxResults": "one"}', {}, "SerializationException"),
    ("RekognitionService.ListCollections", b"{}", {"signed": False}, "MissingAuthenticationTokenException"),
    ("RekognitionService.ListCollections", b"{}", {"access_key": "AKIANOBODY0000000000"}, "UnrecognizedClientException"),
    ("RekognitionService.ListCollections", b"{}", {"secret_key": "another"}, "InvalidSignatureException"),
])
def test_a_request_that_cannot_be_understood_is_refused_at_the_door(server, target, body, more, code):
    status, headers, answer = post(server, {"X-Amz-Target": target} if target else {}, body, **more)
    assert status == 400 and headers["x-amzn-ErrorType"] == code and answer["__type"].endswith(code)
    assert headers["Content-Type"] == "application/x-amz-json-1.1" and uuid.UUID(headers["x-amzn-RequestId"])
    assert answer["message"]


def test_a_malformed_or_old_signature_is_refused(server):
    target = {"X-Amz-Target": "RekognitionService.ListCollections"}
    status, headers, _ = post(server, {**target, "Authorization": "AWS4-HMAC-SHA256 Credential=x"}, signed=False)
    assert status == 400 and headers["x-amzn-ErrorType"] == "IncompleteSignatureException"
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() - 600))
    signature = (f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{date[:8]}/{REGION}/rekognition/aws4_request, "
                 f"SignedHeaders=host;x-amz-date;x-amz-target, Signature={'0' * 64}")
    status, headers, answer = post(server, {**target, "X-Amz-Date": date, "Authorization": signature}, signed=False)
    assert status == 400 and headers["x-amzn-ErrorType"] == "InvalidSignatureException"
    assert answer["message"].startswith(f"Signature expired: {date} is now earlier than ")


# Other SDKs read the header, botocore reads the body.
def test_a_refusal_is_told_in_the_header_and_in_the_body(server, name):
    status, headers, answer = post(server, {"X-Amz-Target": "RekognitionService.DescribeCollection"},
                                   json.dumps({"CollectionId": name}).encode())
    assert status == 400 and headers["x-amzn-ErrorType"] == "ResourceNotFoundException"
    assert answer["__type"] == answer["Code"] == "ResourceNotFoundException"
    assert answer["Message"] == f"The collection id: {name} does not exist" and answer["Logref"]


# --- pictures

def test_a_picture_without_a_face_is_an_error_for_searches_only(rekognition, collection):
    picture = {"Bytes": blank_png(200, 200)}
    assert rekognition.detect_faces(Image=picture)["FaceDetails"] == []
    indexed = index(rekognition, collection, picture["Bytes"])
    assert indexed["FaceRecords"] == [] and indexed["UnindexedFaces"] == []
    with pytest.raises(rekognition.exceptions.InvalidParameterException) as raised:
        rekognition.search_faces_by_image(CollectionId=collection, Image=picture)
    assert raised.value.response["Error"]["Message"] == NO_FACE
    assert refusal(rekognition.compare_faces, SourceImage=picture, TargetImage=picture) == (
        "InvalidParameterException", NO_FACE)


def test_beards_eyes_and_sunglasses_are_told_when_asked_for(rekognition, collection, drawn_people):
    """With every pack: what `open` has no network for comes from the one that is part of the program."""
    members = ("Beard", "Mustache", "EyesOpen", "Sunglasses", "Eyeglasses", "Smile", "MouthOpen")
    whole = {person: photos(drawn_people, person)[0] for person in known_people(drawn_people)[:4]}
    for person, photo in whole.items():
        detail, = rekognition.detect_faces(Image={"Bytes": photo}, Attributes=["ALL"])["FaceDetails"]
        for member in members:
            assert detail[member]["Value"] in (True, False) and 50 <= detail[member]["Confidence"] <= 100, (person, member)
        assert len(detail["Landmarks"]) == 30
    indexed = index(rekognition, collection, photo, DetectionAttributes=["BEARD", "EYES_OPEN"])
    detail = indexed["FaceRecords"][0]["FaceDetail"]
    assert {"Beard", "EyesOpen", "Pose"} <= set(detail) and not {"Mustache", "Sunglasses", "Smile"} & set(detail)


@pytest.mark.parametrize("image, code", [
    ({"Bytes": b"a text that was given the name of a picture"}, "InvalidImageFormatException"),
    ({"Bytes": b"\xff\xd8\xff\xe0 cut short"}, "InvalidImageFormatException"),
    ({"Bytes": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"}, "InvalidImageFormatException"),
    ({"Bytes": b""}, "ValidationException"),
    ({"Bytes": b"\xff" * 5_242_881}, "ValidationException"),
    ({}, "InvalidParameterException"),
    ({"Bytes": b"x", "S3Object": {"Bucket": "photos", "Name": "x"}}, "InvalidParameterException"),
    ({"S3Object": {"Bucket": "no-such-bucket-at-all", "Name": "x"}}, "InvalidS3ObjectException"),
    ({"S3Object": {"Bucket": "a b c", "Name": "x"}}, "ValidationException"),
])
def test_what_is_no_picture_is_refused(rekognition, image, code):
    assert refusal(rekognition.detect_faces, Image=image)[0] == code


def test_pictures_must_be_neither_too_small_nor_too_large(rekognition):
    assert rekognition.detect_faces(Image={"Bytes": blank_png(80, 80)})["FaceDetails"] == []
    assert refusal(rekognition.detect_faces, Image={"Bytes": blank_png(79, 300)})[0] == "InvalidParameterException"
    # Some twenty kilobytes that would be 400 million pixels.
    bomb = blank_png(20_000, 20_000)
    assert refusal(rekognition.detect_faces, Image={"Bytes": bomb})[0] == "ImageTooLargeException"


# Two pictures of five megabytes make a request of fourteen.
def test_pictures_of_the_largest_sizes_are_taken(aws, rekognition, name):
    picture = blank_png(100, 100)
    largest = {"Bytes": picture + bytes(5_242_880 - len(picture))}
    assert rekognition.detect_faces(Image=largest)["FaceDetails"] == []
    assert refusal(rekognition.compare_faces, SourceImage=largest, TargetImage=largest) == (
        "InvalidParameterException", NO_FACE)
    s3 = aws("s3", region=REGION)
    bucket = name + "-photos"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    for size, code in ((15_728_640, None), (15_728_641, "ImageTooLargeException")):
        s3.put_object(Bucket=bucket, Key="a.png", Body=picture + bytes(size - len(picture)))
        image = {"S3Object": {"Bucket": bucket, "Name": "a.png"}}
        if code:
            assert refusal(rekognition.detect_faces, Image=image) == (code, "Image size is too large.")
        else:
            assert rekognition.detect_faces(Image=image)["FaceDetails"] == []
    s3.delete_object(Bucket=bucket, Key="a.png")
    s3.delete_bucket(Bucket=bucket)


# --- faces

def test_people_are_recognised_in_photos_that_were_not_enrolled(rekognition, collection, people):
    names = {}
    for person in known_people(people):
        for photo in photos(people, person)[:-1]:
            record = index(rekognition, collection, photo, ExternalImageId=person, MaxFaces=1)["FaceRecords"][0]
            names[record["Face"]["FaceId"]] = person
    assert rekognition.describe_collection(CollectionId=collection)["FaceCount"] == len(names)
    for person in known_people(people):
        found = rekognition.search_faces_by_image(CollectionId=collection,
                                                  Image={"Bytes": photos(people, person)[-1]})
        assert {match["Face"]["ExternalImageId"] for match in found["FaceMatches"]} == {person}
        similarities = [match["Similarity"] for match in found["FaceMatches"]]
        assert similarities == sorted(similarities, reverse=True) and min(similarities) >= 80
        assert 0 < found["SearchedFaceBoundingBox"]["Width"] < 1
    strangers = [folder.name for folder in people.iterdir() if len(list(folder.iterdir())) == 1]
    for stranger in strangers:
        found = rekognition.search_faces_by_image(CollectionId=collection,
                                                  Image={"Bytes": photos(people, stranger)[0]})
        assert found["FaceMatches"] == []


def test_the_same_photo_again_adds_nothing(rekognition, collection, people):
    photo = photos(people, known_people(people)[0])[0]
    first = index(rekognition, collection, photo, ExternalImageId="one")
    again = index(rekognition, collection, photo, ExternalImageId="one")
    assert first["FaceRecords"] == again["FaceRecords"]
    count = rekognition.describe_collection(CollectionId=collection)["FaceCount"]
    assert count == len(first["FaceRecords"])
    other = index(rekognition, collection, photo, ExternalImageId="two")
    assert other["FaceRecords"][0]["Face"]["FaceId"] != first["FaceRecords"][0]["Face"]["FaceId"]
    assert other["FaceRecords"][0]["Face"]["ImageId"] == first["FaceRecords"][0]["Face"]["ImageId"]


# The report's function returns the whole answer, so it must be JSON.
def test_the_answer_of_index_faces_is_json(rekognition, collection, people):
    answer = index(rekognition, collection, photos(people, known_people(people)[0])[0])
    record = json.loads(json.dumps(answer))["FaceRecords"][0]
    assert record["Face"]["IndexFacesModelVersion"] == "7.0"
    assert "ExternalImageId" not in record["Face"]
    detail = record["FaceDetail"]
    assert [landmark["Type"] for landmark in detail["Landmarks"]] == [
        "eyeLeft", "eyeRight", "mouthLeft", "mouthRight", "nose"]
    eyes = [landmark["X"] for landmark in detail["Landmarks"][:2]]
    assert eyes[0] < eyes[1]
    assert detail["Confidence"] > 90
    assert set(detail) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}


def test_faces_are_listed_searched_and_deleted(rekognition, collection, people):
    person = known_people(people)[0]
    ids = [index(rekognition, collection, photo, MaxFaces=1)["FaceRecords"][0]["Face"]["FaceId"]
           for photo in photos(people, person)[:2]]
    pages = rekognition.get_paginator("list_faces").paginate(CollectionId=collection,
                                                             PaginationConfig={"PageSize": 1})
    assert [face["FaceId"] for page in pages for face in page["Faces"]] == sorted(ids)
    found = rekognition.search_faces(CollectionId=collection, FaceId=ids[0])
    assert found["SearchedFaceId"] == ids[0]
    assert [match["Face"]["FaceId"] for match in found["FaceMatches"]] == ids[1:]
    unknown = str(uuid.uuid4())
    deleted = rekognition.delete_faces(CollectionId=collection, FaceIds=[ids[1], unknown])
    assert deleted["DeletedFaces"] == [ids[1]]
    assert deleted["UnsuccessfulFaceDeletions"] == [{"FaceId": unknown, "Reasons": ["FACE_NOT_FOUND"]}]
    assert rekognition.search_faces(CollectionId=collection, FaceId=ids[0])["FaceMatches"] == []
    assert refusal(rekognition.search_faces, CollectionId=collection, FaceId=ids[1]) == (
        "InvalidParameterException", "faceId was not found in the collection")


def test_two_photos_of_one_person_are_alike_and_of_two_people_are_not(rekognition, people):
    ann, bob = known_people(people)[:2]
    compare = lambda source, target: rekognition.compare_faces(
        SourceImage={"Bytes": source}, TargetImage={"Bytes": target})
    same = compare(photos(people, ann)[0], photos(people, ann)[1])
    assert same["FaceMatches"][0]["Similarity"] >= 80
    itself = compare(photos(people, ann)[0], photos(people, ann)[0])
    assert itself["FaceMatches"][0]["Similarity"] > 99.9
    other = compare(photos(people, ann)[0], photos(people, bob)[0])
    assert other["FaceMatches"] == [] and len(other["UnmatchedFaces"]) >= 1


def test_a_photo_of_two_people_enrols_both(rekognition, collection):
    if not (SHARED / "faces" / "photos").is_dir():
        pytest.skip("needs the photographs of ../shared, which are not here")
    photo = (SHARED / "faces" / "photos" / "two_people.jpg").read_bytes()
    answer = index(rekognition, collection, photo)
    assert len(answer["FaceRecords"]) == 2 and answer["UnindexedFaces"] == []


def test_a_face_that_could_be_anybodys_is_not_enrolled(new_server, drawn_people, name):
    """Sharp, bright and large, but with a bar in front of the eyes: only the embedder knows what it is not worth."""
    server = new_server("--models", "builtin")
    rekognition = server.client("rekognition", region=REGION)
    rekognition.create_collection(CollectionId=name)
    label = next(label for label in map(json.loads, open(drawn_people.parent / "labels.jsonl"))
                 if label["file"].startswith("Ada/Ada_00"))
    photo = (drawn_people / label["file"]).read_bytes()
    picture = Image.open(io.BytesIO(photo))
    one, other = label["landmarks"][:2]
    middle, eyes = (one[1] + other[1]) / 2, other[0] - one[0]
    ImageDraw.Draw(picture).rectangle([one[0] - 0.35 * eyes, middle - 0.45 * eyes, other[0] + 0.35 * eyes, middle + 0.45 * eyes],
                                      fill=(20, 20, 20))
    hidden = io.BytesIO()
    picture.save(hidden, "PNG")

    assert len(index(rekognition, name, photo)["FaceRecords"]) == 1
    answer = index(rekognition, name, hidden.getvalue())
    assert answer["FaceRecords"] == []
    assert [face["Reasons"] for face in answer["UnindexedFaces"]] == [["LOW_FACE_QUALITY"]]
    assert len(index(rekognition, name, hidden.getvalue(), QualityFilter="NONE")["FaceRecords"]) == 1
    server.stop()


def test_a_photo_in_a_bucket_is_read(aws, rekognition, collection, people, name):
    s3 = aws("s3", region=REGION)
    bucket, key = name + "-photos", "index/ann 1.jpg"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    photo = photos(people, known_people(people)[0])[0]
    s3.put_object(Bucket=bucket, Key=key, Body=photo)
    from_bucket = rekognition.index_faces(CollectionId=collection,
                                          Image={"S3Object": {"Bucket": bucket, "Name": key}})
    assert from_bucket["FaceRecords"] == index(rekognition, collection, photo)["FaceRecords"]
    missing = {"S3Object": {"Bucket": bucket, "Name": "index/ann+1.jpg"}}
    assert refusal(rekognition.index_faces, CollectionId=collection, Image=missing) == (
        "InvalidS3ObjectException",
        "Unable to get object metadata from S3. Check object key, region and/or access permissions.")
    elsewhere = aws("rekognition", region="eu-west-1")
    assert refusal(elsewhere.detect_faces, Image={"S3Object": {"Bucket": bucket, "Name": key}})[0] == (
        "InvalidS3ObjectException")
    s3.delete_object(Bucket=bucket, Key=key)
    s3.delete_bucket(Bucket=bucket)


def test_a_version_of_a_photo_is_read(aws, rekognition, people, name):
    s3 = aws("s3", region=REGION)
    bucket, key = name + "-photos", "\u00fc/ann.jpg"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    photo = photos(people, known_people(people)[0])[0]
    old = s3.put_object(Bucket=bucket, Key=key, Body=photo)["VersionId"]
    new = s3.put_object(Bucket=bucket, Key=key, Body=blank_png(100, 100), ContentType="image/jpeg")["VersionId"]
    faces = lambda **version: rekognition.detect_faces(
        Image={"S3Object": {"Bucket": bucket, "Name": key, **version}})["FaceDetails"]
    assert faces() == faces(Version=new) == []
    assert len(faces(Version=old)) >= 1
    gone = s3.delete_object(Bucket=bucket, Key=key)["VersionId"]
    for version in ({}, {"Version": gone}, {"Version": "unknown"}):
        image = {"S3Object": {"Bucket": bucket, "Name": key, **version}}
        assert refusal(rekognition.detect_faces, Image=image)[0] == "InvalidS3ObjectException"
    for version in (old, new, gone):
        s3.delete_object(Bucket=bucket, Key=key, VersionId=version)
    s3.delete_bucket(Bucket=bucket)


# The report's role may index faces; without s3:GetObject it learns nothing about the object.
def test_a_photo_is_read_as_the_caller(aws, rekognition, collection, people, name):
    s3, iam = aws("s3", region=REGION), aws("iam")
    bucket = name + "-photos"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=bucket, Key="ann.jpg", Body=photos(people, known_people(people)[0])[0])
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    clerk = aws("rekognition", region=REGION, access_key=key["AccessKeyId"], secret_key=key["SecretAccessKey"])
    call = {"CollectionId": collection, "Image": {"S3Object": {"Bucket": bucket, "Name": "ann.jpg"}}}
    assert refusal(clerk.index_faces, **call)[0] == "AccessDeniedException"
    # Asked before anything is looked up: whoever may not learn of collections does not learn which there are.
    for asked in (collection, collection + "-gone"):
        code, message = refusal(clerk.describe_collection, CollectionId=asked)
        assert code == "AccessDeniedException" and message.endswith(
            f":user/{name} is not authorized to perform: rekognition:DescribeCollection on resource: "
            f"arn:aws:rekognition:{REGION}:{message.split(':')[5]}:collection/{asked} because no identity-based policy "
            "allows the rekognition:DescribeCollection action")

    def allow(*statements):
        document = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in statements]}
        iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=json.dumps(document))

    allow(("rekognition:IndexFaces", "*"))
    assert refusal(clerk.index_faces, **call)[0] == "InvalidS3ObjectException"
    allow(("rekognition:IndexFaces", "*"), ("s3:GetObject", f"arn:aws:s3:::{bucket}/*"))
    assert len(clerk.index_faces(**call)["FaceRecords"]) >= 1

    iam.delete_user_policy(UserName=name, PolicyName="may")
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)
    s3.delete_object(Bucket=bucket, Key="ann.jpg")
    s3.delete_bucket(Bucket=bucket)


def test_faces_outlive_the_server_even_when_it_is_killed(new_server, people):
    server = new_server()
    rekognition = server.client("rekognition", region=REGION)
    rekognition.create_collection(CollectionId="staff")
    person = known_people(people)[0]
    face = index(rekognition, "staff", photos(people, person)[0], MaxFaces=1)["FaceRecords"][0]["Face"]["FaceId"]
    server.kill()
    server.start()
    rekognition = server.client("rekognition", region=REGION)
    found = rekognition.search_faces_by_image(CollectionId="staff", Image={"Bytes": photos(people, person)[1]})
    assert [match["Face"]["FaceId"] for match in found["FaceMatches"]] == [face]


# --- the command line

def test_the_cli_goes_through_the_life_of_a_collection(server, people, name):
    created = server.cli("rekognition", "create-collection", "--collection-id", name)
    assert json.loads(created.stdout)["StatusCode"] == 200
    photo = sorted((people / known_people(people)[0]).iterdir())[0]
    indexed = server.cli("rekognition", "index-faces", "--collection-id", name, "--image-bytes", f"fileb://{photo}")
    face = json.loads(indexed.stdout)["FaceRecords"][0]["Face"]["FaceId"]
    listed = server.cli("rekognition", "list-faces", "--collection-id", name, "--query", "Faces[].FaceId")
    assert face in json.loads(listed.stdout)
    found = server.cli("rekognition", "search-faces-by-image", "--collection-id", name, "--image-bytes",
                       f"fileb://{photo}")
    assert json.loads(found.stdout)["FaceMatches"][0]["Similarity"] > 99.9
    compared = server.cli("rekognition", "compare-faces", "--source-image-bytes", f"fileb://{photo}",
                          "--target-image-bytes", f"fileb://{photo}")
    assert json.loads(compared.stdout)["FaceMatches"][0]["Similarity"] > 99.9
    server.cli("rekognition", "delete-collection", "--collection-id", name)
