from collections.abc import Iterator
from time import time
from typing import Any

import boto3
import pytest
from aws_in_moto import AWS, Failing, stubbed
from botocore.exceptions import NoCredentialsError
from moto import mock_aws

from flowlogs.aws.log_groups import CloudWatchLogGroups
from flowlogs.doctor.refused import Refused
from flowlogs.generate.carriers.log_streams import Event


@pytest.fixture
def logs() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("logs", **AWS)
        client.create_log_group(logGroupName="Flowlogs")
        yield client


def test_events_are_put_into_a_stream_that_may_be_there_already(logs: Any) -> None:
    groups, now = CloudWatchLogGroups(logs), int(time() * 1000)
    for number in range(2):
        groups.create("Flowlogs", "eni-1-all")
        assert groups.put("Flowlogs", "eni-1-all", [Event(now + number, f"line {number}")]) == 0
    found = logs.get_log_events(logGroupName="Flowlogs", logStreamName="eni-1-all", startFromHead=True)["events"]
    assert [(event["timestamp"], event["message"]) for event in found] == [(now, "line 0"), (now + 1, "line 1")]


def test_a_log_group_that_is_not_there_says_how_to_list_them(logs: Any) -> None:
    groups = CloudWatchLogGroups(logs)
    for call in (lambda: groups.create("None", "s"), lambda: groups.put("None", "s", [Event(0, "x")])):
        with pytest.raises(Refused, match=r"there is no log group None .*describe-log-groups") as refused:
            call()
        assert refused.value.missing


@pytest.mark.parametrize(
    ("info", "rejected"),
    [
        ({}, 0),
        ({"tooOldLogEventEndIndex": 2}, 2),  # exclusive: 0 and 1
        ({"expiredLogEventEndIndex": 3, "tooOldLogEventEndIndex": 1}, 3),
        ({"tooNewLogEventStartIndex": 4}, 1),  # inclusive: 4 of 0 … 4
        ({"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 3}, 3),
    ],
)
def test_rejected_events_are_counted_as_the_indexes_say(info: dict[str, int], rejected: int) -> None:
    answer = {"rejectedLogEventsInfo": info} if info else {}
    client = stubbed("logs", lambda aws: aws.add_response("put_log_events", answer))
    assert CloudWatchLogGroups(client).put("g", "s", [Event(0, "x")] * 5) == rejected


def test_a_call_that_is_not_allowed_names_the_permission() -> None:
    client = stubbed("logs", lambda aws: aws.add_client_error("create_log_stream", "AccessDeniedException"))
    with pytest.raises(Refused, match="lack the permission logs:CreateLogStream on Flowlogs"):
        CloudWatchLogGroups(client).create("Flowlogs", "s")


def test_no_credentials_are_said() -> None:
    with pytest.raises(Refused, match="there are no AWS credentials") as refused:
        CloudWatchLogGroups(Failing(NoCredentialsError())).create("g", "s")  # type: ignore[arg-type]
    assert refused.value.for_everything


def test_subscriptions_are_listed_over_pages() -> None:
    def tell(aws: Any) -> None:
        for token, arn in (("more", "arn:1"), (None, "arn:2")):
            page = {"subscriptionFilters": [{"filterName": "f", "destinationArn": arn}]}
            aws.add_response("describe_subscription_filters", page | ({"nextToken": token} if token else {}))

    assert CloudWatchLogGroups(stubbed("logs", tell)).subscriptions("g") == ["arn:1", "arn:2"]


def test_the_default_client_tries_again_when_it_is_throttled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowlogs.aws.clients._clients", {})
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    retries = CloudWatchLogGroups()._client.meta.config.retries  # type: ignore[attr-defined]
    assert retries["total_max_attempts"] > 4
