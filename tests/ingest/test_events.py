import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.errors import MalformedEnvelope
from flowlogs.ingest.cloudwatch_logs import open_subscription_event
from flowlogs.ingest.events import Message, S3Object, is_subscription, messages_of

EVENTS = Path(__file__).parent.parent.parent / "events"


def s3(*keys: str, bucket: str = "logs") -> dict[str, Any]:
    records = [{"eventSource": "aws:s3", "s3": {"bucket": {"name": bucket}, "object": {"key": key}}} for key in keys]
    return {"Records": records}


def sqs(*bodies: object) -> dict[str, Any]:
    return {
        "Records": [
            {
                "eventSource": "aws:sqs",
                "messageId": f"m{place}",
                "body": body if isinstance(body, str) else json.dumps(body),
            }
            for place, body in enumerate(bodies)
        ]
    }


def sns(message: object) -> dict[str, Any]:
    return {"Type": "Notification", "TopicArn": "arn", "Message": json.dumps(message)}


def bridge(key: str) -> dict[str, Any]:
    return {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": "logs"}, "object": {"key": key}},
    }


TEST_EVENT = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "logs"}
A, B = S3Object("logs", "a b+c.log.gz"), S3Object("logs", "AWSLogs/région=1.log")
A_QUOTED, B_QUOTED = "a+b%2Bc.log.gz", "AWSLogs/r%C3%A9gion%3D1.log"


@pytest.mark.parametrize(
    ("event", "messages"),
    [
        (s3(A_QUOTED, B_QUOTED), [Message([A, B])]),
        (TEST_EVENT, [Message([])]),
        (bridge("a b+c.log.gz"), [Message([A])]),
        (sqs(s3(A_QUOTED), s3(B_QUOTED)), [Message([A], "m0"), Message([B], "m1")]),
        (sqs(TEST_EVENT), [Message([], "m0")]),
        (sqs(bridge("a b+c.log.gz")), [Message([A], "m0")]),
        (sqs(sns(s3(A_QUOTED))), [Message([A], "m0")]),
        (sqs(sns(bridge("a b+c.log.gz"))), [Message([A], "m0")]),
        (sqs(sns(TEST_EVENT)), [Message([], "m0")]),
        ({"Records": [{"EventSource": "aws:sns", "Sns": sns(s3(A_QUOTED))}]}, [Message([A])]),
        ({"Records": []}, [Message([])]),
    ],
)
def test_objects_are_found_behind_every_carrier(event: object, messages: list[Message]) -> None:
    assert messages_of(event) == messages


@pytest.mark.parametrize("name", ["s3", "sqs-s3", "eventbridge-s3"])
def test_the_sample_events_name_an_object(name: str) -> None:
    event = json.loads((EVENTS / f"{name}.json").read_text())
    (found,) = [found for message in messages_of(event) for found in message.objects]
    assert found.key.endswith(".log.gz")
    assert not is_subscription(event)


@pytest.mark.parametrize("name", ["cloudwatch-logs", "cloudwatch-logs-control", "cloudwatch-logs-extracted-fields"])
def test_the_sample_subscriptions_can_be_opened(name: str) -> None:
    event = json.loads((EVENTS / f"{name}.json").read_text())
    assert is_subscription(event)
    assert open_subscription_event(event).is_control is (name == "cloudwatch-logs-control")


JUNK: list[object] = [
    None,
    [],
    "text",
    {},
    {"Records": None},
    {"Records": [{}]},
    {"Records": ["x"]},
    {"Records": [{"eventSource": "aws:kinesis"}]},
    {"Records": [{"eventSource": "aws:s3"}]},
    {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": "b", "object": "k"}}]},
    {"Records": [{"EventSource": "aws:sns", "Sns": "x"}]},
    {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": "{"}}]},
    {"source": "aws.s3"},
    {"source": "aws.s3", "detail": []},
    {"source": "aws.s3", "detail": {"bucket": {"name": "b"}}},
    {"source": "aws.ec2", "detail": {}},
    {"Message": "not JSON"},
    {"Message": "[]"},
]


@pytest.mark.parametrize("event", JUNK, ids=range(len(JUNK)))
def test_what_names_no_object_is_no_envelope(event: object) -> None:
    with pytest.raises(MalformedEnvelope):
        messages_of(event)


def test_a_message_that_cannot_be_opened_leaves_its_neighbours_in_the_queue_alone() -> None:
    first, second, third = messages_of(sqs(s3(A_QUOTED), "no JSON", s3(B_QUOTED)))
    assert (first.objects, third.objects) == ([A], [B])
    assert (second.objects, second.body, second.message_id) == ([], b"no JSON", "m1")
    assert second.problem is not None
    assert first.problem is None


KEYS = st.sampled_from(
    [
        "Records",
        "eventSource",
        "EventSource",
        "s3",
        "Sns",
        "Message",
        "Event",
        "source",
        "detail",
        "bucket",
        "object",
        "name",
        "key",
        "body",
        "messageId",
        "awslogs",
        "data",
    ]
)
WORDS = st.sampled_from(["aws:s3", "aws:sqs", "aws:sns", "aws.s3", "{}", '{"Records": [1]}', "s3:TestEvent", "\ud800"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, max_examples=500)
@given(JSON)
def test_any_event_names_objects_or_is_refused(event: object) -> None:
    try:
        messages = messages_of(event)
    except MalformedEnvelope:
        pass
    else:
        assert all(isinstance(found, S3Object) for message in messages for found in message.objects)
    with pytest.raises(MalformedEnvelope):
        open_subscription_event(event)
