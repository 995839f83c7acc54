"""Users and tags of Amazon Rekognition through boto3. Each test could run against AWS; those with faces need ../shared.

models/ has what boto3 1.26 does not know of users; newer ones know it by themselves.
"""
import uuid

import pytest

from test_rekognition import REGION, blank_png, collection, index, known_people, photos, refusal, rekognition


def face_of(rekognition, collection, photo):
    return index(rekognition, collection, photo, MaxFaces=1)["FaceRecords"][0]["Face"]["FaceId"]


@pytest.fixture
def ann(rekognition, collection, people):
    """Ann is a user with her first photo; gives back her face and her other photos."""
    mine = photos(people, known_people(people)[0])
    rekognition.create_user(CollectionId=collection, UserId="ann")
    face = face_of(rekognition, collection, mine[0])
    rekognition.associate_faces(CollectionId=collection, UserId="ann", FaceIds=[face])
    return face, mine[1:]


def test_a_user_is_created_listed_and_deleted(rekognition, collection):
    for user in ("zoe", "ann"):
        rekognition.create_user(CollectionId=collection, UserId=user)
    assert rekognition.list_users(CollectionId=collection)["Users"] == [
        {"UserId": "zoe", "UserStatus": "CREATED"}, {"UserId": "ann", "UserStatus": "CREATED"}]
    first = rekognition.list_users(CollectionId=collection, MaxResults=1)
    rest = rekognition.list_users(CollectionId=collection, MaxResults=1, NextToken=first["NextToken"])
    assert [user["UserId"] for user in rest["Users"]] == ["ann"] and "NextToken" not in rest
    assert rekognition.describe_collection(CollectionId=collection)["UserCount"] == 2
    rekognition.delete_user(CollectionId=collection, UserId="zoe")
    with pytest.raises(rekognition.exceptions.ResourceNotFoundException):
        rekognition.delete_user(CollectionId=collection, UserId="zoe")
    with pytest.raises(rekognition.exceptions.ConflictException):
        rekognition.create_user(CollectionId=collection, UserId="ann")


def test_a_request_with_the_same_token_is_done_once(rekognition, collection):
    for time in range(2):
        rekognition.create_user(CollectionId=collection, UserId="ann", ClientRequestToken="once")
    with pytest.raises(rekognition.exceptions.IdempotentParameterMismatchException) as raised:
        rekognition.create_user(CollectionId=collection, UserId="bob", ClientRequestToken="once")
    assert raised.value.response["Error"]["Message"] == (
        "The ClientRequestToken: once you have supplied is already in use.")


def test_users_of_what_is_not_there_are_refused(rekognition, collection, name):
    face = str(uuid.uuid4())
    image = {"Bytes": blank_png(100, 100)}
    gone = collection + "-gone"
    for call, arguments in [
        (rekognition.create_user, {"UserId": "ann"}), (rekognition.delete_user, {"UserId": "ann"}),
        (rekognition.list_users, {}), (rekognition.associate_faces, {"UserId": "ann", "FaceIds": [face]}),
        (rekognition.disassociate_faces, {"UserId": "ann", "FaceIds": [face]}),
        (rekognition.search_users, {"UserId": "ann"}), (rekognition.search_users_by_image, {"Image": image}),
    ]:
        assert refusal(call, CollectionId=gone, **arguments) == (
            "ResourceNotFoundException", f"The collection id: {gone} does not exist")
    for call, arguments in [
        (rekognition.delete_user, {"UserId": "ann"}), (rekognition.search_users, {"UserId": "ann"}),
        (rekognition.associate_faces, {"UserId": "ann", "FaceIds": [face]}),
        (rekognition.disassociate_faces, {"UserId": "ann", "FaceIds": [face]}),
        (rekognition.list_faces, {"UserId": "ann"}), (rekognition.search_users, {"FaceId": face}),
    ]:
        assert refusal(call, CollectionId=collection, **arguments)[0] == "ResourceNotFoundException"
    assert refusal(rekognition.search_users, CollectionId=collection)[0] == "InvalidParameterException"


@pytest.mark.parametrize("arguments, sentence", [
    ({"UserId": "a b"}, "at 'userId' failed to satisfy constraint: Member must satisfy regular expression pattern"),
    ({"UserId": "x" * 129}, "length less than or equal to 128"),
    ({"UserId": ""}, "length greater than or equal to 1"),
    ({}, "Value null at 'userId'"),
    ({"UserId": "ann", "ClientRequestToken": "a b"}, "at 'clientRequestToken'"),
])
def test_a_user_must_keep_its_limits(rekognition, collection, arguments, sentence):
    code, message = refusal(rekognition.create_user, CollectionId=collection, **arguments)
    assert code == "ValidationException" and sentence in message


def test_a_picture_without_a_face_is_no_error_when_users_are_searched(rekognition, collection):
    found = rekognition.search_users_by_image(CollectionId=collection, Image={"Bytes": blank_png(200, 200)})
    assert found["UserMatches"] == [] and found["UnsearchedFaces"] == [] and "SearchedFace" not in found


def test_users_are_found_in_photos_that_were_not_enrolled(rekognition, collection, people):
    everybody = known_people(people)
    for person in everybody:
        rekognition.create_user(CollectionId=collection, UserId=person)
        faces = [face_of(rekognition, collection, photo) for photo in photos(people, person)[:-1]]
        # Whoever knows that they are of one person need not ask how alike they are.
        given = rekognition.associate_faces(CollectionId=collection, UserId=person, FaceIds=faces,
                                            UserMatchThreshold=0)
        assert given["AssociatedFaces"] == [{"FaceId": face} for face in faces]
        assert given["UnsuccessfulFaceAssociations"] == [] and given["UserStatus"] == "ACTIVE"
    for person in everybody:
        found = rekognition.search_users_by_image(CollectionId=collection,
                                                  Image={"Bytes": photos(people, person)[-1]})
        assert [match["User"]["UserId"] for match in found["UserMatches"]] == [person]
        assert found["UserMatches"][0]["Similarity"] >= 80
        assert found["SearchedFace"]["FaceDetail"]["Confidence"] > 90
    strangers = [folder.name for folder in people.iterdir() if len(list(folder.iterdir())) == 1]
    for stranger in strangers:
        found = rekognition.search_users_by_image(CollectionId=collection,
                                                  Image={"Bytes": photos(people, stranger)[0]})
        assert found["UserMatches"] == []


def test_faces_are_given_once_and_to_whom_they_resemble(rekognition, collection, people, ann):
    face, others = ann
    bob = face_of(rekognition, collection, photos(people, known_people(people)[1])[0])
    unknown = str(uuid.uuid4())
    refused = rekognition.associate_faces(CollectionId=collection, UserId="ann", FaceIds=[face, bob, unknown])
    assert refused["AssociatedFaces"] == []
    unlike, missing = refused["UnsuccessfulFaceAssociations"]
    assert unlike["FaceId"] == bob and unlike["Reasons"] == ["LOW_MATCH_CONFIDENCE"] and unlike["Confidence"] < 75
    assert missing == {"FaceId": unknown, "Reasons": ["FACE_NOT_FOUND"]}
    rekognition.create_user(CollectionId=collection, UserId="eve")
    stolen = rekognition.associate_faces(CollectionId=collection, UserId="eve", FaceIds=[face])
    assert stolen["UserStatus"] == "CREATED" and stolen["UnsuccessfulFaceAssociations"] == [
        {"FaceId": face, "UserId": "ann", "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]}]


def test_a_face_of_a_user_is_named_listed_and_held(rekognition, collection, ann):
    face, others = ann
    found = rekognition.search_faces_by_image(CollectionId=collection, Image={"Bytes": others[0]})
    assert [match["Face"]["UserId"] for match in found["FaceMatches"]] == ["ann"]
    listed = rekognition.list_faces(CollectionId=collection, UserId="ann")["Faces"]
    assert [one["FaceId"] for one in listed] == [face]
    held = rekognition.delete_faces(CollectionId=collection, FaceIds=[face])
    assert held["DeletedFaces"] == [] and held["UnsuccessfulFaceDeletions"] == [
        {"FaceId": face, "UserId": "ann", "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"]}]
    let_go = rekognition.disassociate_faces(CollectionId=collection, UserId="ann", FaceIds=[face])
    assert let_go["DisassociatedFaces"] == [{"FaceId": face}] and let_go["UserStatus"] == "CREATED"
    assert rekognition.delete_faces(CollectionId=collection, FaceIds=[face])["DeletedFaces"] == [face]


def test_users_are_searched_by_faces_and_by_users(rekognition, collection, ann):
    face, others = ann
    again = face_of(rekognition, collection, others[0])
    by_face = rekognition.search_users(CollectionId=collection, FaceId=again)
    assert by_face["SearchedFace"] == {"FaceId": again}
    assert [match["User"] for match in by_face["UserMatches"]] == [{"UserId": "ann", "UserStatus": "ACTIVE"}]
    rekognition.create_user(CollectionId=collection, UserId="anna")
    rekognition.associate_faces(CollectionId=collection, UserId="anna", FaceIds=[again])
    by_user = rekognition.search_users(CollectionId=collection, UserId="ann")
    assert by_user["SearchedUser"] == {"UserId": "ann"}
    assert [match["User"]["UserId"] for match in by_user["UserMatches"]] == ["anna"]


def test_users_and_their_faces_outlive_the_server_even_when_it_is_killed(new_server, people):
    server = new_server()
    rekognition = server.client("rekognition", region=REGION)
    rekognition.create_collection(CollectionId="staff", Tags={"team": "doors"})
    mine = photos(people, known_people(people)[0])
    rekognition.create_user(CollectionId="staff", UserId="ann")
    face = face_of(rekognition, "staff", mine[0])
    rekognition.associate_faces(CollectionId="staff", UserId="ann", FaceIds=[face])
    server.kill()
    server.start()
    rekognition = server.client("rekognition", region=REGION)
    found = rekognition.search_users_by_image(CollectionId="staff", Image={"Bytes": mine[1]})
    assert [match["User"]["UserId"] for match in found["UserMatches"]] == ["ann"]
    assert [one["FaceId"] for one in rekognition.list_faces(CollectionId="staff", UserId="ann")["Faces"]] == [face]
    arn = rekognition.describe_collection(CollectionId="staff")["CollectionARN"]
    assert rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "doors"}


# --- tags

def test_tags_are_merged_listed_and_taken_away(rekognition, collection):
    arn = rekognition.describe_collection(CollectionId=collection)["CollectionARN"]
    rekognition.tag_resource(ResourceArn=arn, Tags={"team": "doors", "floor": "1"})
    rekognition.tag_resource(ResourceArn=arn.removeprefix("arn:"), Tags={"floor": "2"})
    assert rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "doors", "floor": "2"}
    rekognition.untag_resource(ResourceArn=arn, TagKeys=["team", "unknown"])
    assert rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"floor": "2"}
    code, message = refusal(rekognition.list_tags_for_resource, ResourceArn=arn + "-gone")
    assert code == "ResourceNotFoundException"
    many = {str(number): "" for number in range(200)}
    assert refusal(rekognition.tag_resource, ResourceArn=arn, Tags=many)[0] == "ServiceQuotaExceededException"
    assert refusal(rekognition.tag_resource, ResourceArn=arn, Tags={"aws:team": "x"})[0] == "ValidationException"


# --- comparisons

def test_every_face_of_the_target_is_in_one_of_two_lists(rekognition, people):
    mine = photos(people, known_people(people)[0])
    compared = rekognition.compare_faces(SourceImage={"Bytes": mine[0]}, TargetImage={"Bytes": mine[1]})
    everyone = rekognition.compare_faces(SourceImage={"Bytes": mine[0]}, TargetImage={"Bytes": mine[1]},
                                         SimilarityThreshold=0)
    detected = rekognition.detect_faces(Image={"Bytes": mine[1]})["FaceDetails"]
    assert len(compared["FaceMatches"]) + len(compared["UnmatchedFaces"]) == len(detected)
    assert len(everyone["FaceMatches"]) == len(detected) and everyone["UnmatchedFaces"] == []
    face = compared["FaceMatches"][0]["Face"]
    assert set(face) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}
    assert [landmark["Type"] for landmark in face["Landmarks"]] == [
        "eyeLeft", "eyeRight", "mouthLeft", "mouthRight", "nose"]
    assert set(compared["SourceImageFace"]) == {"BoundingBox", "Confidence"}
