"""S3 as programs use it: boto3 and the AWS CLI, over the network."""
import base64
import concurrent.futures
import datetime
import hashlib
import http.client
import random
import urllib.error
import urllib.parse
import urllib.request

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import conftest
import pytest

MIB = 1 << 20


def refused(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**arguments)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"].get("Message", "")


@pytest.fixture
def s3(aws):
    return aws("s3")


def empty(s3, bucket):
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        every = [{"Key": one["Key"], "VersionId": one["VersionId"]}
                 for one in page.get("Versions", []) + page.get("DeleteMarkers", [])]
        if every:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": every})


@pytest.fixture
def bucket(s3, name):
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    yield name
    empty(s3, name)
    s3.delete_bucket(Bucket=name)


def test_an_object_comes_back_as_it_was_put(s3, bucket):
    put = s3.put_object(Bucket=bucket, Key="index/ann lee+1.jpg", Body=b"hello", ContentType="image/jpeg",
                        Metadata={"FullName": "Ann Lee"})
    assert put["ETag"] == '"5d41402abc4b2a76b9719d911017c592"'
    got = s3.get_object(Bucket=bucket, Key="index/ann lee+1.jpg")
    assert got["Body"].read() == b"hello"
    assert got["Metadata"] == {"fullname": "Ann Lee"}
    assert got["ContentType"] == "image/jpeg"
    head = s3.head_object(Bucket=bucket, Key="index/ann lee+1.jpg")
    assert head["ContentLength"] == 5 and head["Metadata"] == {"fullname": "Ann Lee"}
    assert s3.get_object(Bucket=bucket, Key="index/ann lee+1.jpg", Range="bytes=1-3")["Body"].read() == b"ell"


def test_what_is_missing_is_said_in_s3s_words(s3, bucket, name):
    assert refused(s3.get_object, Bucket=bucket, Key="a") == (404, "NoSuchKey", "The specified key does not exist.")
    assert refused(s3.head_object, Bucket=bucket, Key="a")[:2] == (404, "404")
    assert refused(s3.list_objects_v2, Bucket=name + "-x") == (404, "NoSuchBucket", "The specified bucket does not exist")
    assert refused(s3.head_bucket, Bucket=name + "-x")[:2] == (404, "404")
    assert refused(s3.get_bucket_website, Bucket=bucket)[:2] == (404, "NoSuchWebsiteConfiguration")
    assert s3.delete_object(Bucket=bucket, Key="a")["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_buckets_are_listed_with_their_region(s3, bucket):
    assert bucket in [one["Name"] for one in s3.list_buckets()["Buckets"]]
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == "us-west-2"
    headers = s3.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-bucket-region"] == "us-west-2"
    assert refused(s3.create_bucket, Bucket=bucket,
                   CreateBucketConfiguration={"LocationConstraint": "us-west-2"})[:2] == (409, "BucketAlreadyOwnedByYou")


def test_paging_sees_every_key_once(s3, bucket):
    keys = sorted([f"dir{i % 3}/file{i}" for i in range(25)] + ["a", "z", "ä"], key=lambda key: key.encode())
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 4})
    assert [one["Key"] for page in pages for one in page["Contents"]] == keys
    top = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [one["Prefix"] for one in top["CommonPrefixes"]] == ["dir0/", "dir1/", "dir2/"]
    assert [one["Key"] for one in top["Contents"]] == ["a", "z", "ä"]
    old = s3.get_paginator("list_objects").paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 2})
    assert [one["Prefix"] for page in old for one in page.get("CommonPrefixes", [])] == ["dir0/", "dir1/", "dir2/"]


def test_many_are_deleted_in_one_request(s3, bucket):
    for i in range(5):
        s3.put_object(Bucket=bucket, Key=f"k{i}", Body=b"x")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": f"k{i}"} for i in range(6)]})
    assert len(answer["Deleted"]) == 6 and "Errors" not in answer
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_large_file_goes_up_in_parts_and_comes_back(s3, bucket, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(random.Random(1).randbytes(20 * MIB + 12345))
    s3.upload_file(str(source), bucket, "large", ExtraArgs={"Metadata": {"name": "Ann"}})
    head = s3.head_object(Bucket=bucket, Key="large")
    assert head["ETag"].endswith('-3"') and head["Metadata"] == {"name": "Ann"}
    s3.download_file(bucket, "large", str(tmp_path / "copy"))
    assert (tmp_path / "copy").read_bytes() == source.read_bytes()
    assert s3.get_object(Bucket=bucket, Key="large", PartNumber=3)["ContentLength"] == 4 * MIB + 12345
    s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "copied")
    assert s3.head_object(Bucket=bucket, Key="copied")["ContentLength"] == 20 * MIB + 12345


def test_wrong_bytes_are_refused(s3, bucket):
    md5 = base64.b64encode(hashlib.md5(b"hello").digest()).decode()
    assert refused(s3.put_object, Bucket=bucket, Key="a", Body=b"hellO", ContentMD5=md5)[:2] == (400, "BadDigest")
    assert refused(s3.put_object, Bucket=bucket, Key="a", Body=b"hellO", ChecksumCRC32="NhCmhg==")[:2] == (400, "BadDigest")
    assert refused(s3.get_object, Bucket=bucket, Key="a")[:2] == (404, "NoSuchKey")


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_checksums_are_kept_and_verified_by_the_client(s3, bucket, algorithm):
    put = s3.put_object(Bucket=bucket, Key="a", Body=b"hello", ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key="a", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"hello"
    assert got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]


def put_if(s3, bucket, key, body, header, value):
    """Conditional writes are younger than Debian's boto3, which would leave the parameter out."""
    def add(request, **_):
        request.headers[header] = value
    s3.meta.events.register("before-sign.s3.PutObject", add)
    try:
        return s3.put_object(Bucket=bucket, Key=key, Body=body)["ETag"]
    finally:
        s3.meta.events.unregister("before-sign.s3.PutObject", add)


def test_conditional_requests(s3, bucket):
    etag = put_if(s3, bucket, "a", b"x", "If-None-Match", "*")
    again = dict(s3=s3, bucket=bucket, key="a", body=b"y", header="If-None-Match", value="*")
    assert refused(put_if, **again)[:2] == (412, "PreconditionFailed")
    assert refused(s3.get_object, Bucket=bucket, Key="a", IfNoneMatch=etag)[:2] == (304, "304")
    assert put_if(s3, bucket, "a", b"y", "If-Match", etag) != etag


def test_conditions_of_writes_and_which_of_two_counts(s3, bucket):
    old = s3.put_object(Bucket=bucket, Key="a", Body=b"1")["ETag"]
    new = s3.put_object(Bucket=bucket, Key="a", Body=b"2")["ETag"]
    long_ago, since = datetime.datetime(2020, 1, 1), datetime.datetime(2099, 1, 1)
    assert s3.get_object(Bucket=bucket, Key="a", IfMatch=new, IfUnmodifiedSince=long_ago)["ETag"] == new
    assert s3.get_object(Bucket=bucket, Key="a", IfNoneMatch=old, IfModifiedSince=since)["ETag"] == new
    assert refused(s3.get_object, Bucket=bucket, Key="a", IfMatch=old)[:2] == (412, "PreconditionFailed")
    assert refused(s3.get_object, Bucket=bucket, Key="a", IfUnmodifiedSince=long_ago)[:2] == (412, "PreconditionFailed")
    for condition in ({"CopySourceIfMatch": old}, {"CopySourceIfNoneMatch": new}):
        assert refused(s3.copy_object, Bucket=bucket, Key="b", CopySource={"Bucket": bucket, "Key": "a"}, **condition)[
            :2] == (412, "PreconditionFailed")
    status, code, message = refused(s3.copy_object, Bucket=bucket, Key="a", CopySource={"Bucket": bucket, "Key": "a"})
    assert (status, code) == (400, "InvalidRequest")
    for span in ("bytes=-1", "bytes=-9", "bytes=0-", "bytes=0-0,0-0", "lines=1-2"):
        assert s3.get_object(Bucket=bucket, Key="a", Range=span)["Body"].read() == b"2"
    assert refused(s3.get_object, Bucket=bucket, Key="a", Range="bytes=1-")[:2] == (416, "InvalidRange")


def test_requests_beyond_the_limits_of_s3_are_refused(s3, bucket):
    assert refused(s3.put_object, Bucket=bucket, Key="k" * 1025, Body=b"")[:2] == (400, "KeyTooLongError")
    assert refused(s3.put_object, Bucket=bucket, Key="a", Metadata={"a": "x" * 2050})[:2] == (400, "MetadataTooLarge")
    keys = [{"Key": str(number)} for number in range(1001)]
    assert refused(s3.delete_objects, Bucket=bucket, Delete={"Objects": keys})[:2] == (400, "MalformedXML")
    assert refused(s3.list_objects_v2, Bucket=bucket, ContinuationToken="not one")[:2] == (400, "InvalidArgument")
    assert s3.list_objects_v2(Bucket=bucket, MaxKeys=5000)["MaxKeys"] == 1000
    for name in ("AB", "a..b", "192.168.1.1", "-abc", "a_b", "a" * 64):
        assert refused(s3.create_bucket, Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})[
            :2] == (400, "InvalidBucketName")
    tags = [{"Key": str(number), "Value": ""} for number in range(11)]
    s3.put_object(Bucket=bucket, Key="a", Body=b"")
    assert refused(s3.put_object_tagging, Bucket=bucket, Key="a", Tagging={"TagSet": tags})[1] == "InvalidTag"
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]
    parts = [{"PartNumber": number, "ETag": s3.upload_part(Bucket=bucket, Key="a", UploadId=upload, PartNumber=number,
                                                           Body=b"small")["ETag"]} for number in (1, 2)]
    complete = lambda parts: refused(s3.complete_multipart_upload, Bucket=bucket, Key="a", UploadId=upload,
                                     MultipartUpload={"Parts": parts})[1]
    assert complete(parts) == "EntityTooSmall" and complete(parts[::-1]) == "InvalidPartOrder"
    assert complete([dict(parts[0], ETag='"' + "0" * 32 + '"')]) == "InvalidPart"
    s3.abort_multipart_upload(Bucket=bucket, Key="a", UploadId=upload)
    assert refused(s3.abort_multipart_upload, Bucket=bucket, Key="a", UploadId=upload)[:2] == (404, "NoSuchUpload")


def test_versions_can_be_kept_and_brought_back(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="a", Body=b"1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="a", Body=b"2")
    marker = s3.delete_object(Bucket=bucket, Key="a")
    assert marker["DeleteMarker"] is True
    assert refused(s3.get_object, Bucket=bucket, Key="a")[:2] == (404, "NoSuchKey")
    assert s3.get_object(Bucket=bucket, Key="a", VersionId=first)["Body"].read() == b"1"
    s3.delete_object(Bucket=bucket, Key="a", VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"2"


@pytest.mark.parametrize("signature", ["s3", "s3v4"])
def test_a_presigned_address_needs_no_keys(aws, bucket, signature):
    aws("s3").put_object(Bucket=bucket, Key="a b", Body=b"hello")
    s3 = aws("s3", signature_version=signature)
    address = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a b",
                                                       "ResponseContentType": "text/x-likeness"})
    with urllib.request.urlopen(address) as answer:
        assert answer.read() == b"hello" and answer.headers["Content-Type"] == "text/x-likeness"
    put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "up"})
    urllib.request.urlopen(urllib.request.Request(put, data=b"sent", method="PUT", headers={"Content-Type": ""}))
    assert aws("s3").get_object(Bucket=bucket, Key="up")["Body"].read() == b"sent"
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(address.replace("Signature=", "Signature=0"))
    assert error.value.code == 403


@pytest.mark.parametrize("signature", ["s3", "s3v4"])
def test_an_address_can_list_say_its_headers_and_expire(aws, bucket, signature):
    key = "Ordner/\u00fc \u65e5\u672c+&?#%.jpg"
    aws("s3").put_object(Bucket=bucket, Key=key, Body=b"hello")
    s3 = aws("s3", signature_version=signature)
    said = {"ResponseContentDisposition": 'attachment; filename="a b.jpg"', "ResponseCacheControl": "no-cache",
            "ResponseContentLanguage": "de", "ResponseExpires": "Thu, 01 Dec 1994 16:00:00 GMT"}
    with urllib.request.urlopen(s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key, **said})) as answer:
        assert answer.read() == b"hello"
        assert answer.headers["Content-Disposition"] == said["ResponseContentDisposition"]
        assert answer.headers["Cache-Control"] == "no-cache" and answer.headers["Content-Language"] == "de"
        assert answer.headers["Expires"] == said["ResponseExpires"]
    # Not version 2 of the list: of that, boto3 1.26 signs another address than it gives.
    listing = s3.generate_presigned_url("list_objects", {"Bucket": bucket, "Prefix": "Ordner/", "Delimiter": "/"})
    assert b"<Key>Ordner/" in urllib.request.urlopen(listing).read()
    if signature == "s3":  # with version 4 the shortest life is a second
        late = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, ExpiresIn=-60)
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(late)
        assert error.value.code == 403 and b"<Message>Request has expired</Message>" in error.value.read()


def test_a_wrong_signature_is_told_what_was_to_be_signed(aws, bucket):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        aws("s3", secret_key="another").put_object(Bucket=bucket, Key="a b", Body=b"x")
    told = error.value.response["Error"]
    assert told["Code"] == "SignatureDoesNotMatch" and told["AWSAccessKeyId"] == conftest.ACCESS_KEY
    assert told["CanonicalRequest"].startswith(f"PUT\n/{bucket}/a%20b\n\n")
    digest = hashlib.sha256(told["CanonicalRequest"].encode()).hexdigest()
    assert told["StringToSign"].startswith("AWS4-HMAC-SHA256\n") and told["StringToSign"].endswith(digest)
    assert len(told["SignatureProvided"]) == 64


def test_parts_of_an_object_are_told(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a", ChecksumAlgorithm="SHA256")["UploadId"]
    parts = []
    for number, body in ((1, b"x" * (5 << 20)), (2, b"end")):
        part = s3.upload_part(Bucket=bucket, Key="a", UploadId=upload, PartNumber=number, Body=body,
                              ChecksumAlgorithm="SHA256")
        parts.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]})
    s3.complete_multipart_upload(Bucket=bucket, Key="a", UploadId=upload, MultipartUpload={"Parts": parts})
    told = s3.get_object_attributes(Bucket=bucket, Key="a", ObjectAttributes=["ETag", "ObjectParts", "ObjectSize"])
    assert told["ObjectSize"] == (5 << 20) + 3 and told["ETag"].endswith("-2")
    assert told["ObjectParts"]["TotalPartsCount"] == 2
    assert [part["Size"] for part in told["ObjectParts"]["Parts"]] == [5 << 20, 3]
    head = s3.head_object(Bucket=bucket, Key="a", PartNumber=2)
    assert head["PartsCount"] == 2 and head["ContentLength"] == 3


def post_form(address, fields, file):
    """Sends a form as a browser does; gives back status, headers and body."""
    body = b""
    for name, value in fields.items():
        body += b'--frontier\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value.encode())
    body += b'--frontier\r\nContent-Disposition: form-data; name="file"; filename="me.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    body += file + b"\r\n--frontier--\r\n"
    parts = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port)
    connection.request("POST", parts.path, body, {"Content-Type": "multipart/form-data; boundary=frontier"})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read().decode()


@pytest.mark.parametrize("signature", ["s3", "s3v4"])
def test_a_browser_uploads_with_a_signed_form(aws, s3, bucket, signature):
    form = aws("s3", signature_version=signature).generate_presigned_post(
        bucket, "up/${filename}", Fields={"x-amz-meta-FullName": "Ann Lee", "success_action_status": "201"},
        Conditions=[{"x-amz-meta-FullName": "Ann Lee"}, {"success_action_status": "201"},
                    ["content-length-range", 1, 300_000]])
    photo = bytes(range(256)) * 1000 + b"\r\n--frontie"
    status, headers, body = post_form(form["url"], form["fields"], photo)
    assert status == 201 and "<Key>up/me.jpg</Key>" in body, body
    found = s3.get_object(Bucket=bucket, Key="up/me.jpg")
    assert found["Body"].read() == photo and found["Metadata"] == {"fullname": "Ann Lee"}
    assert headers["ETag"] == found["ETag"]

    status, _, body = post_form(form["url"], form["fields"], photo + b"x" * 100_000)
    assert status == 400 and "<Code>EntityTooLarge</Code>" in body, body
    status, _, body = post_form(form["url"], dict(form["fields"], key="elsewhere"), photo)
    assert status == 403 and "Policy Condition failed" in body, body
    status, _, body = post_form(form["url"], dict(form["fields"], policy=form["fields"]["policy"][:-4] + "AAAA"), photo)
    assert status == 403 and "<Code>SignatureDoesNotMatch</Code>" in body, body
    status, _, body = post_form(form["url"], {"key": "a"}, photo)
    assert status == 403 and "<Code>AccessDenied</Code>" in body, body
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["up/me.jpg"]


def test_a_form_is_as_good_as_its_signers_rights_and_session(server, aws, bucket, name):
    iam = aws("iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    keys = dict(access_key=key["AccessKeyId"], secret_key=key["SecretAccessKey"])
    form = server.client("s3", signature_version="s3v4", **keys).generate_presigned_post(bucket, "a")
    assert post_form(form["url"], form["fields"], b"x")[0] == 403
    iam.put_user_policy(UserName=name, PolicyName="put", PolicyDocument="""{"Version": "2012-10-17", "Statement":
        [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::%s/a"}]}""" % bucket)
    assert post_form(form["url"], form["fields"], b"x")[0] == 204
    session = server.client("sts", **keys).get_session_token()["Credentials"]
    form = server.client("s3", signature_version="s3v4", access_key=session["AccessKeyId"],
                         secret_key=session["SecretAccessKey"],
                         token=session["SessionToken"]).generate_presigned_post(bucket, "a")
    assert post_form(form["url"], form["fields"], b"x")[0] == 204
    status, _, body = post_form(form["url"], dict(form["fields"], **{"x-amz-security-token": "other"}), b"x")
    assert status == 400 and "<Code>InvalidToken</Code>" in body, body
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=name, PolicyName="put")
    iam.delete_user(UserName=name)


def ask(address, method="GET", **headers):
    """Sends a request as a browser does for a page of another origin; gives back status and headers."""
    parts = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port)
    connection.request(method, parts.path + ("?" + parts.query if parts.query else ""), headers={
        name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.headers


def test_pages_of_other_origins_read_what_the_buckets_rules_say(s3, server, bucket):
    assert refused(s3.get_bucket_cors, Bucket=bucket)[:2] == (404, "NoSuchCORSConfiguration")
    rules = [{"ID": "app", "AllowedOrigins": ["https://*.example.com"], "AllowedMethods": ["GET", "PUT"],
              "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 600}]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == rules
    s3.put_object(Bucket=bucket, Key="a", Body=b"hello")

    # A preflight carries the signature of the request that is to come, and is none.
    upload = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "up"})
    page = {"Origin": "https://app.example.com", "Access_Control_Request_Method": "PUT"}
    status, headers = ask(upload, "OPTIONS", Access_Control_Request_Headers="content-type", **page)
    assert status == 200 and headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert headers["Access-Control-Allow-Headers"] == "content-type" and headers["Access-Control-Max-Age"] == "600"
    assert ask(upload, "OPTIONS", **dict(page, Origin="https://example.org"))[0] == 403
    assert ask(upload, "OPTIONS", **dict(page, Access_Control_Request_Method="DELETE"))[0] == 403

    address = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a"})
    status, headers = ask(address, Origin="https://app.example.com")
    assert status == 200 and headers["Access-Control-Expose-Headers"] == "ETag"
    assert "Origin" in headers["Vary"]
    status, headers = ask(f"{server.endpoint}/{bucket}/a", Origin="https://app.example.com")
    assert status == 403 and headers["Access-Control-Allow-Origin"] == "https://app.example.com", "pages see errors too"
    assert "Access-Control-Allow-Origin" not in ask(address, Origin="https://example.org")[1]
    assert "Access-Control-Allow-Origin" not in ask(address)[1]
    s3.delete_bucket_cors(Bucket=bucket)
    assert "Access-Control-Allow-Origin" not in ask(address, Origin="https://app.example.com")[1]


def test_a_stranger_reads_only_what_a_policy_opens(s3, server, bucket):
    s3.put_object(Bucket=bucket, Key="public/a", Body=b"hello")
    address = f"{server.endpoint}/{bucket}/public/a"
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(address)
    assert error.value.code == 403
    s3.put_bucket_policy(Bucket=bucket, Policy="""{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::%s/public/*"}]}""" % bucket)
    assert urllib.request.urlopen(address).read() == b"hello"
    assert refused(s3.put_bucket_policy, Bucket=bucket, Policy="nonsense")[:2] == (400, "MalformedPolicy")
    for resource in (f"arn:aws:s3:::{bucket}-other/*", "arn:aws:s3:::other", "arn:aws:lambda:us-west-2:1:function:f"):
        assert refused(s3.put_bucket_policy, Bucket=bucket, Policy="""{"Version": "2012-10-17", "Statement": [{"Effect":
            "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::%s/*", "%s"]}]}"""
            % (bucket, resource)) == (400, "MalformedPolicy", "Policy has invalid resource")
    s3.delete_bucket_policy(Bucket=bucket)


def test_a_virtual_host_names_the_bucket(s3, server, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"hello")
    host, port = server.endpoint.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port))
    connection.request("GET", "/a", headers={"Host": f"{bucket}.s3.localhost:{port}"})
    assert b"AccessDenied" in connection.getresponse().read()  # and not NoSuchBucket


def test_chunked_uploads_with_a_trailing_checksum(s3, server, bucket):
    """What boto3 sends over https: here put together by hand, with chunks that are not signed and a trailer."""
    body = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
    request = botocore.awsrequest.AWSRequest("PUT", f"{server.endpoint}/{bucket}/a", data=body, headers={
        "X-Amz-Trailer": "x-amz-checksum-crc32", "X-Amz-Decoded-Content-Length": "5",
        "Content-Encoding": "aws-chunked"})
    request.context.update(checksum={"request_algorithm": {"in": "trailer"}}, signing={"bucket": bucket})
    keys = botocore.credentials.Credentials(conftest.ACCESS_KEY, conftest.SECRET_KEY)
    signer = botocore.auth.S3SigV4Auth(keys, "s3", "us-west-2")
    signer._is_streaming_checksum_payload = lambda _: True
    signer.add_auth(request)
    assert request.headers["X-Amz-Content-SHA256"] == "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    sent = urllib.request.Request(request.url, data=body, method="PUT",
                                  headers={**dict(request.headers.items()), "Content-Type": ""})
    assert urllib.request.urlopen(sent).status == 200
    got = s3.get_object(Bucket=bucket, Key="a")
    assert got["Body"].read() == b"hello" and got.get("ContentEncoding", "") == ""


def test_tags(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x", Tagging="colour=red")
    assert s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"] == [{"Key": "colour", "Value": "red"}]
    s3.put_object_tagging(Bucket=bucket, Key="a", Tagging={"TagSet": [{"Key": "size", "Value": "2"}]})
    assert s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"] == [{"Key": "size", "Value": "2"}]
    assert refused(s3.get_bucket_tagging, Bucket=bucket)[:2] == (404, "NoSuchTagSet")


def test_what_is_not_there_is_refused_by_name(s3, bucket):
    status, code, message = refused(s3.put_bucket_lifecycle_configuration, Bucket=bucket, LifecycleConfiguration={
        "Rules": [{"ID": "a", "Status": "Enabled", "Prefix": "", "Expiration": {"Days": 1}}]})
    assert (status, code) == (501, "NotImplemented") and "PutBucketLifecycleConfiguration" in message


def test_uploads_of_one_key_at_the_same_time_leave_one_whole_object(s3, bucket):
    bodies = [bytes([i]) * (200_000 + i) for i in range(12)]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda body: s3.put_object(Bucket=bucket, Key="a", Body=body), bodies))
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() in bodies


def test_the_cli_makes_fills_lists_and_empties_a_bucket(server, name, tmp_path):
    (tmp_path / "photos").mkdir()
    for i in range(3):
        (tmp_path / "photos" / f"{i}.jpg").write_bytes(bytes([i]) * 1000)
    large = random.Random(2).randbytes(9 * MIB)
    (tmp_path / "photos" / "large.bin").write_bytes(large)
    server.cli("s3", "mb", f"s3://{name}")
    server.cli("s3", "cp", "--recursive", str(tmp_path / "photos"), f"s3://{name}/index/", "--metadata", "fullname=Ann Lee")
    listed = server.cli("s3", "ls", "--recursive", f"s3://{name}").stdout
    assert [line.split()[-1] for line in listed.splitlines()] == [f"index/{i}.jpg" for i in range(3)] + ["index/large.bin"]
    server.cli("s3", "sync", f"s3://{name}/index", str(tmp_path / "back"))
    assert (tmp_path / "back" / "large.bin").read_bytes() == large
    server.cli("s3", "mv", f"s3://{name}/index/0.jpg", f"s3://{name}/moved.jpg")
    assert "moved.jpg" in server.cli("s3", "ls", f"s3://{name}").stdout
    address = server.cli("s3", "presign", f"s3://{name}/moved.jpg").stdout.strip()
    assert urllib.request.urlopen(address).read() == bytes([0]) * 1000
    server.cli("s3", "rb", "--force", f"s3://{name}")
    assert name not in server.cli("s3", "ls").stdout
