"""S3 as programs use it: boto3 and the AWS CLI, over the network."""
import base64
import concurrent.futures
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
    assert refused(s3.get_bucket_cors, Bucket=bucket)[:2] == (404, "NoSuchCORSConfiguration")
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
