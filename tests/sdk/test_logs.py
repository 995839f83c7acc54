"""CloudWatch Logs: groups, streams, events."""
import time
import uuid

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def logs(aws):
    return aws("logs")


@pytest.fixture
def group(logs):
    name = "/test/" + uuid.uuid4().hex[:8]
    logs.create_log_group(logGroupName=name)
    yield name
    logs.delete_log_group(logGroupName=name)


@pytest.fixture
def stream(logs, group):
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    return "s"


def now():
    return int(time.time() * 1000)


def put(logs, group, stream, *messages):
    start = now()
    return logs.put_log_events(logGroupName=group, logStreamName=stream,
                               logEvents=[{"timestamp": start + i, "message": m} for i, m in enumerate(messages)])


def error_of(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_groups_are_described_with_their_arn(logs, group):
    found = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert [g["logGroupName"] for g in found] == [group]
    assert found[0]["arn"] == f"arn:aws:logs:us-west-2:123456789012:log-group:{group}:*"
    assert "retentionInDays" not in found[0]
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["retentionInDays"] == 7
    logs.delete_retention_policy(logGroupName=group)


def test_troubles_have_the_names_of_aws(logs, group, stream):
    assert error_of(logs.create_log_group, logGroupName=group) == (
        "ResourceAlreadyExistsException", "The specified log group already exists")
    assert error_of(logs.put_log_events, logGroupName=group, logStreamName="x",
                    logEvents=[{"timestamp": now(), "message": "m"}]) == (
        "ResourceNotFoundException", "The specified log stream does not exist.")
    assert error_of(logs.describe_log_streams, logGroupName="nothing") == (
        "ResourceNotFoundException", "The specified log group does not exist.")
    assert error_of(logs.create_log_group, logGroupName="a b")[0] == "InvalidParameterException"
    assert error_of(logs.put_log_events, logGroupName=group, logStreamName=stream,
                    logEvents=[{"timestamp": now(), "message": "b"}, {"timestamp": now() - 1000, "message": "a"}])[
        0] == "InvalidParameterException"
    assert "not implemented: StartQuery" in error_of(logs.start_query, logGroupName=group, startTime=0, endTime=1,
                                                     queryString="fields @message")[1]


def test_limits_are_those_of_aws(logs, group, stream):
    event = {"timestamp": now(), "message": "m"}
    for call, arguments in [
        (logs.create_log_group, {"logGroupName": "a" * 513}),
        (logs.create_log_stream, {"logGroupName": group, "logStreamName": "a:b"}),
        (logs.create_log_stream, {"logGroupName": group, "logStreamName": "a*b"}),
        (logs.put_log_events, {"logGroupName": group, "logStreamName": stream, "logEvents": []}),
        (logs.put_log_events, {"logGroupName": group, "logStreamName": stream,
                               "logEvents": [dict(event, message="x" * 200_000)] * 6}),
        (logs.put_log_events, {"logGroupName": group, "logStreamName": stream,
                               "logEvents": [dict(event, timestamp=now() - 25 * 3_600_000), event]}),
        (logs.put_retention_policy, {"logGroupName": group, "retentionInDays": 8}),
        (logs.get_log_events, {"logGroupName": group, "logStreamName": stream, "nextToken": "f/another"}),
        (logs.filter_log_events, {"logGroupName": group, "filterPattern": "{ $.a > }"}),
        (logs.filter_log_events, {"logGroupName": group, "logStreamNames": ["s"], "logStreamNamePrefix": "s"}),
        (logs.describe_log_groups, {"limit": 51}),
        (logs.describe_log_streams, {"logGroupName": group, "orderBy": "LastEventTime", "logStreamNamePrefix": "s"}),
    ]:
        assert error_of(call, **arguments)[0] == "InvalidParameterException", arguments
    assert error_of(logs.create_log_stream, logGroupName=group, logStreamName=stream) == (
        "ResourceAlreadyExistsException", "The specified log stream already exists")
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event], sequenceToken="of no meaning")


@pytest.mark.parametrize("pattern, found", [
    ("ERROR", ["ERROR one"]), ('"ERROR one"', ["ERROR one"]), ("INFO two", ["INFO two"]),
    ("-ERROR -INFO", ['{"n": {"k": 5}}']),
    ("?ERROR ?INFO", ["ERROR one", "INFO two"]), ("{ $.n.k > 4 }", ['{"n": {"k": 5}}']), ("{ $.n.k > 5 }", []),
])
def test_patterns_find_what_they_say(logs, group, stream, pattern, found):
    put(logs, group, stream, "ERROR one", "INFO two", '{"n": {"k": 5}}')
    events = logs.filter_log_events(logGroupName=group, filterPattern=pattern)["events"]
    assert [event["message"] for event in events] == found


def test_reading_forward_stops_at_an_equal_token(logs, group, stream):
    put(logs, group, stream, "one", "two", "three")
    seen, token = [], None
    while True:
        more = {"nextToken": token} if token else {}
        page = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, limit=2, **more)
        seen += [e["message"] for e in page["events"]]
        if page["nextForwardToken"] == token:
            break
        token = page["nextForwardToken"]
    assert seen == ["one", "two", "three"]


def test_a_filter_finds_lines_over_all_streams(logs, group, stream):
    logs.create_log_stream(logGroupName=group, logStreamName="t")
    put(logs, group, "s", "ERROR in s", "fine")
    put(logs, group, "t", "ERROR in t")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern="ERROR")
    assert [e["message"] for page in pages for e in page["events"]] == ["ERROR in s", "ERROR in t"]


def test_late_events_are_reported(logs, group, stream):
    answer = logs.put_log_events(logGroupName=group, logStreamName=stream,
                                 logEvents=[{"timestamp": now() + 3 * 3600 * 1000, "message": "tomorrow"}])
    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 0}


def test_the_cli_reads_a_group(server, logs, group, stream):
    put(logs, group, stream, "one line")
    done = server.cli("logs", "filter-log-events", "--log-group-name", group, "--query", "events[].message", "--output",
                      "text")
    assert done.stdout == "one line\n"


def test_tags_are_kept(logs, group):
    arn = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["arn"].removesuffix(":*")
    logs.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
    logs.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
