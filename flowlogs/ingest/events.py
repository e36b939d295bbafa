"""Says what an event of the ingestor brings: log events of CloudWatch Logs, or objects of S3 to be read."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

import orjson

from flowlogs.errors import MalformedEnvelope


class S3Object(NamedTuple):
    """An object that S3 says was created."""

    bucket: str
    key: str


class Message(NamedTuple):
    """Objects named by one message of a queue; `message_id` is None where no queue stands between.

    `problem` says why a message of a queue cannot be opened, `body` is its text then.
    """

    objects: list[S3Object]
    message_id: str | None = None
    problem: str | None = None
    body: bytes = b""


_CREATED = "ObjectCreated"


def is_subscription(event: object) -> bool:
    """Say whether CloudWatch Logs sent this."""
    return isinstance(event, Mapping) and "awslogs" in event


def messages_of(event: object) -> list[Message]:
    """Find the objects that an event of S3, EventBridge, SNS or SQS names; raise MalformedEnvelope where it is none."""
    if not isinstance(event, Mapping):
        raise MalformedEnvelope("the event is no JSON object")
    records = event.get("Records")
    if isinstance(records, list) and records and all(_source(record) == "aws:sqs" for record in records):
        return [_queued(record) for record in records]
    return [Message(list(_objects(event)))]


def _queued(record: Mapping[str, Any]) -> Message:
    """Read one message of a queue; what is wrong with it is its own problem, not that of its neighbours."""
    message_id, body = str(record.get("messageId")), record.get("body")
    try:
        return Message(list(_objects(_json(body))), message_id)
    except MalformedEnvelope as error:
        return Message([], message_id, str(error), str(body).encode(errors="backslashreplace"))


def _source(record: object) -> str:
    return str(record.get("eventSource") or record.get("EventSource")) if isinstance(record, Mapping) else ""


def _objects(content: Mapping[str, Any]) -> Iterator[S3Object]:
    if content.get("Event") == "s3:TestEvent":
        return
    if isinstance(content.get("Message"), str):  # SNS, between S3 and the queue
        yield from _objects(_json(content["Message"]))
    elif content.get("source") == "aws.s3":
        if content.get("detail-type") not in (None, "Object Created"):
            return
        detail = content["detail"] if isinstance(content.get("detail"), Mapping) else {}
        yield _object(detail, unquoted=True)
    elif isinstance(content.get("Records"), list):
        for record in content["Records"]:
            yield from _objects_of_record(record)
    else:
        raise MalformedEnvelope("the event is neither CloudWatch Logs' nor S3's, SNS's, SQS's or EventBridge's of S3")


def _objects_of_record(record: object) -> Iterator[S3Object]:
    if _source(record) == "aws:sns" and isinstance(record, Mapping):
        sns = record.get("Sns")
        yield from _objects(_json(sns.get("Message") if isinstance(sns, Mapping) else None))
    elif _source(record) == "aws:s3" and isinstance(record, Mapping):
        if not str(record.get("eventName", _CREATED)).removeprefix("s3:").startswith(_CREATED):
            return  # removed, restored, tagged …: nothing new to read
        yield _object(record.get("s3"), unquoted=False)
    else:
        raise MalformedEnvelope("a record of the event is not of S3")


def _object(described: object, *, unquoted: bool) -> S3Object:
    """Read bucket and key; S3's own notifications write the key as in a form, EventBridge as it is."""
    try:
        bucket, key = described["bucket"]["name"], described["object"]["key"]  # type: ignore[index]
    except (KeyError, TypeError) as error:
        raise MalformedEnvelope("the event names no bucket and key") from error
    return S3Object(str(bucket), str(key) if unquoted else unquote_plus(str(key)))


def _json(text: object) -> Mapping[str, Any]:
    try:
        content = orjson.loads(text) if isinstance(text, str) else None
    except orjson.JSONDecodeError as error:
        raise MalformedEnvelope("a message of the event is not JSON") from error
    if not isinstance(content, dict):
        raise MalformedEnvelope("a message of the event is not a JSON object")
    return content
