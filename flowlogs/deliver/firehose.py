"""Firehose's side of a transformation: what it sends, and what it takes for an answer.

Source: Amazon Data Firehose Developer Guide, "Transform source data".
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, NotRequired, TypedDict

from flowlogs.errors import MalformedEnvelope
from flowlogs.record.timestamps import instant

LARGEST_ANSWER = 6_000_000
"""Serialized bytes of an answer. Lambda's own limit for a synchronous answer is 6 MB; this stays below it."""


class Answered(TypedDict):
    """The answer to one record; `data` only where the result is Ok."""

    recordId: str
    result: str
    data: NotRequired[str]


class Received(NamedTuple):
    """One record of an event: its id, its bytes (None where they are not base64), its arrival in Unix seconds."""

    record_id: str
    data: bytes | None
    arrival: int | None


class TransformationEvent(NamedTuple):
    """What Firehose sends: the stream's name, its account, its region (empty where not said), the records.

    `unanswerable` counts records without a recordId, which Firehose never sends: nobody could be answered.
    """

    stream: str
    account_id: str
    region: str
    records: list[Received]
    unanswerable: int = 0


def is_transformation_event(event: object) -> bool:
    """Say whether this looks like Firehose's: an object with records; `Records` would be S3's or SQS's."""
    return isinstance(event, dict) and "records" in event


def open_transformation_event(event: object) -> TransformationEvent:
    """Open a transformation event; raise MalformedEnvelope where there are no records to answer."""
    if not isinstance(event, Mapping) or not isinstance(event.get("records"), list):
        raise MalformedEnvelope("this is no Firehose transformation event: it has no list of records")
    arn = str(event.get("deliveryStreamArn") or "").split(":")
    region, account_id, name = (arn[3], arn[4], arn[5]) if len(arn) == _ARN_PARTS else ("", "", "")
    records = _all_received(event["records"])
    unanswerable = len(event["records"]) - len(records)
    if unanswerable and not records:
        raise MalformedEnvelope("no record of the event has a recordId")
    return TransformationEvent(
        name.removeprefix("deliverystream/"), account_id, str(event.get("region") or region), records, unanswerable
    )


_ARN_PARTS = 6
_ARRIVAL = "approximateArrivalTimestamp"  # milliseconds


def _all_received(records: list[Any]) -> list[Received]:
    """Decode records, all at once where they are as Firehose sends them, else each with care."""
    decode, instants = binascii.a2b_base64, _Instants()
    try:
        received = [
            Received(record["recordId"], decode(record["data"], strict_mode=True), instants[record[_ARRIVAL]])
            for record in records
        ]
        "".join([record.record_id for record in received])  # a TypeError where one is no text
    except (binascii.Error, KeyError, TypeError, ValueError):
        return [_received(record) for record in records if isinstance(record, Mapping) and _has_id(record)]
    return received


class _Instants(dict[Any, int | None]):
    """Arrivals in milliseconds as Unix seconds; many records of an event have the same."""

    def __missing__(self, milliseconds: Any) -> int | None:
        seconds = self[milliseconds] = instant(milliseconds)
        return seconds


def _has_id(record: Mapping[str, Any]) -> bool:
    return record.get("recordId") is not None  # one that is no text is answered by itself


def _received(record: Mapping[str, Any]) -> Received:
    return Received(record["recordId"], _decoded(record.get("data")), instant(record.get(_ARRIVAL)))


def _decoded(data: Any) -> bytes | None:
    try:
        return binascii.a2b_base64(data, strict_mode=True) if data != "" else b""
    except (binascii.Error, ValueError, TypeError):
        return None


class Answers:
    """Answers every record once, in order, within LARGEST_ANSWER."""

    def __init__(self, record_ids: Sequence[str]) -> None:
        """Begin with every record failed, which is the longest result: what is left is room for data."""
        self._answers: list[Answered] = [
            {"recordId": record_id, "result": "ProcessingFailed"} for record_id in record_ids
        ]
        ids = len(json.dumps(list(record_ids)))
        self._room = LARGEST_ANSWER - ids - len(record_ids) * _AROUND - len('{"records": []}')
        self.most = self._room // 4 * 3  # bytes of a document: what an answer with nothing in it yet could take

    def ok(self, place: int, document: bytes) -> bool:
        """Answer with a document, if it fits; say whether it does."""
        data = binascii.b2a_base64(document, newline=False)
        if len(data) > self._room:
            return False
        self._room -= len(data)
        answer = self._answers[place]
        answer["result"] = "Ok"
        answer["data"] = data.decode("ascii")
        return True

    def dropped(self, place: int) -> None:
        """Answer that a record is left out on purpose."""
        self._answers[place]["result"] = "Dropped"

    def failed(self, place: int) -> None:
        """Answer that Firehose shall keep the record as failed."""
        answer = self._answers[place]
        answer["result"] = "ProcessingFailed"
        answer.pop("data", None)

    def as_response(self) -> dict[str, list[Answered]]:
        """Give the answer as Firehose wants it."""
        return {"records": self._answers}


_AROUND = len('{"recordId": "", "result": "ProcessingFailed", "data": ""}, ')


def encoded(data: bytes) -> str:
    """Write bytes as Firehose does in an event."""
    return base64.b64encode(data).decode("ascii")
