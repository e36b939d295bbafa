"""Events as CloudWatch Logs sends them to a subscribed function."""

import base64
from collections.abc import Iterable
from gzip import GzipFile
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson

from flowlogs.generate.atomic import whole
from flowlogs.generate.vpc import Vpc

LOG_GROUP = "Flowlogs"
FILTER = "flowlogs-ingestor"

MOST_EVENTS = 1000
"""Log events an envelope; CloudWatch Logs publishes no figure."""
MOST_BYTES = 700_000
"""Bytes of an envelope's JSON, so that even without compression base64 of it stays within an asynchronous
invocation's 1 MB. Source: Lambda quotas."""
MOST_HELD = 200_000
"""Lines held in memory over all interfaces."""
_AROUND = 110
"""Bytes of JSON around the message of a log event."""

LogEvent = dict[str, object]


def gzipped(data: bytes) -> bytes:
    """Compress without time and name: the same bytes from the same data."""
    compressed = BytesIO()
    with GzipFile(filename="", mode="wb", compresslevel=6, fileobj=compressed, mtime=0) as file:
        file.write(data)
    return compressed.getvalue()


def log_event(number: int, start: int, message: str) -> LogEvent:
    """Give a log event: `timestamp` is the record's start in milliseconds, the id has AWS's 56 digits."""
    return {"id": str(3 * 10**55 + start * 10**23 + number), "timestamp": start * 1000, "message": message}


def data_message(owner: str, log_stream: str, log_events: Iterable[LogEvent]) -> dict[str, object]:
    """Give an envelope's content. Source: CloudWatch Logs User Guide, "Subscription filters"."""
    return {
        "messageType": "DATA_MESSAGE",
        "owner": owner,
        "logGroup": LOG_GROUP,
        "logStream": log_stream,
        "subscriptionFilters": [FILTER],
        "logEvents": list(log_events),
    }


def control_message(start: int) -> dict[str, object]:
    """Give what CloudWatch Logs sends to see whether the destination is there; it carries no records."""
    event = log_event(0, start, "CWL CONTROL MESSAGE: Checking health of destination Lambda.")
    envelope = data_message("CloudwatchLogs", "", [event | {"id": ""}])
    return envelope | {"messageType": "CONTROL_MESSAGE", "logGroup": "", "subscriptionFilters": []}


def subscription_event(envelope: dict[str, object]) -> dict[str, object]:
    """Give the event a Lambda function receives: the envelope as JSON, gzip'd, in base64."""
    return {"awslogs": {"data": base64.b64encode(gzipped(orjson.dumps(envelope))).decode()}}


class SubscriptionEvents:
    """Writes one event a file, numbered; an event has lines of one interface: each has its own log stream.

    The first is a control message. With many interfaces at once events are small: the fullest are written
    when MOST_HELD lines are in memory.
    """

    def __init__(self, folder: Path, vpc: Vpc, start: int) -> None:
        self.count = 0
        """Events written so far."""
        self._folder = folder
        self._owner = vpc.account_id
        self._waiting: dict[str, list[LogEvent]] = {}
        self._sizes: dict[str, int] = {}
        self._held = 0
        self._number = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._write(control_message(start))

    def add(self, line: bytes, interface_id: str, start: int) -> None:
        """Add a line of an interface whose record starts at this time, Unix seconds."""
        self._number += 1
        event = log_event(self._number, start, line.decode(errors="replace"))
        size = self._sizes.get(interface_id, 0) + len(line) + _AROUND
        if size > MOST_BYTES:
            self._flush(interface_id)
            size = len(line) + _AROUND
        waiting = self._waiting.setdefault(interface_id, [])
        waiting.append(event)
        self._sizes[interface_id] = size
        self._held += 1
        if len(waiting) >= MOST_EVENTS:
            self._flush(interface_id)
        elif self._held >= MOST_HELD:
            self._make_room()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failed: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if failed is None:
            for interface_id in list(self._waiting):
                self._flush(interface_id)

    def _make_room(self) -> None:
        fullest = sorted(self._waiting, key=lambda interface_id: -len(self._waiting[interface_id]))
        for interface_id in fullest:
            if self._held <= MOST_HELD // 2:
                return
            self._flush(interface_id)

    def _flush(self, interface_id: str) -> None:
        events = self._waiting.pop(interface_id, [])
        self._sizes.pop(interface_id, None)
        self._held -= len(events)
        if events:
            in_order = sorted(events, key=lambda event: str(event["id"]))  # which begins with the time
            self._write(data_message(self._owner, f"{interface_id}-all", in_order))

    def _write(self, envelope: dict[str, object]) -> None:
        self.count += 1
        with whole(self._folder / f"cloudwatch-logs-{self.count:05}.json") as partial:
            partial.write_bytes(orjson.dumps(subscription_event(envelope)) + b"\n")
