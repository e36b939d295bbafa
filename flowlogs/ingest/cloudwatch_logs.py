"""Opens what CloudWatch Logs sends to a subscription: base64, gzip, JSON.

Source: CloudWatch Logs User Guide, "Using CloudWatch Logs subscription filters".
"""

import base64
import binascii
import gzip
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

import orjson

from flowlogs.errors import MalformedEnvelope
from flowlogs.record.json_line import names_fields
from flowlogs.record.timestamps import instant

GZIP = b"\x1f\x8b"
LARGEST_ENVELOPE = 64 * 1024 * 1024
"""Bytes an envelope may open to. A real one is under 1 MB in all (Lambda's asynchronous payload); this stops bombs."""


class LogEvent(NamedTuple):
    """One log event: its message, when it happened (Unix seconds; None where not said), its extracted fields."""

    message: bytes
    timestamp: int | None
    extracted: dict[str, object] | None


class Envelope(NamedTuple):
    """What a subscription sends at once. A control message only probes whether the destination is there."""

    is_control: bool
    log_group: str
    log_stream: str
    events: list[LogEvent]


def open_subscription_event(event: object) -> Envelope:
    """Open a Lambda event `{"awslogs": {"data": …}}`; raise MalformedEnvelope where it is none."""
    awslogs = event.get("awslogs") if isinstance(event, dict) else None
    data = awslogs.get("data") if isinstance(awslogs, dict) else None
    if not isinstance(data, str | bytes):
        raise MalformedEnvelope("the event has no awslogs.data")
    try:
        packed = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedEnvelope("awslogs.data is not base64") from error
    return open_envelope(gunzip(packed))


def gunzip(packed: bytes, largest: int = LARGEST_ENVELOPE) -> bytes:
    """Decompress gzip of one or several members; raise MalformedEnvelope where it is broken or too large."""
    try:
        with gzip.GzipFile(fileobj=BytesIO(packed)) as members:
            text = members.read(largest + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise MalformedEnvelope("gzip is broken or cut short") from error
    if len(text) > largest:
        raise MalformedEnvelope(f"gzip opens to more than {largest} bytes")
    return text


def open_envelope(text: bytes) -> Envelope:
    """Open the JSON of an envelope; raise MalformedEnvelope where it is none."""
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MalformedEnvelope("the envelope is not JSON") from error
    if not is_envelope(content):
        raise MalformedEnvelope("the JSON is no CloudWatch Logs envelope: messageType or logEvents is missing")
    return envelope_of(content)


def is_envelope(content: object) -> bool:
    """Say whether decoded JSON is an envelope of CloudWatch Logs."""
    return (
        isinstance(content, dict)
        and content.get("messageType") in ("DATA_MESSAGE", "CONTROL_MESSAGE")
        and isinstance(content.get("logEvents"), list)
    )


def envelope_of(content: dict[str, object]) -> Envelope:
    """Give the envelope that decoded JSON is; check with `is_envelope` first."""
    events = content["logEvents"]
    if not isinstance(events, list) or not all(_is_log_event(event) for event in events):
        raise MalformedEnvelope("a log event of the envelope has no message")
    return Envelope(
        content["messageType"] == "CONTROL_MESSAGE",
        str(content.get("logGroup", "")),
        str(content.get("logStream", "")),
        list(_log_events(events)),
    )


def _is_log_event(event: object) -> bool:
    return isinstance(event, dict) and isinstance(event.get("message"), str)


def _log_events(events: list[dict[str, object]]) -> Iterator[LogEvent]:
    for event in events:
        message = str(event["message"])
        yield LogEvent(
            message.encode(),
            instant(event.get("timestamp")),
            _named(event.get("extractedFields"), message),
        )


def _named(extracted: object, message: str) -> dict[str, object] | None:
    """Keep extracted fields only where they are the whole record by its field names, else the message says more."""
    whole = isinstance(extracted, dict) and len(extracted) == len(message.split())
    return extracted if isinstance(extracted, dict) and whole and names_fields(extracted) else None
