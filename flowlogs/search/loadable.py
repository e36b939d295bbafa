"""Reads a line as a document to be added: one that was never sent, or one that Firehose kept as refused."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from flowlogs.deliver.local.rotation import Rotation, parted
from flowlogs.errors import MalformedRecord
from flowlogs.search.bulk import Document
from flowlogs.search.prefix import is_prefix

_ID_BYTES = 16  # of a hash: two of 10^12 documents are taken for one with a likelihood of 10^-15
_ENDINGS = re.compile(r"(\.(ndjson|jsonl|json|log|txt))?(\.(gz|gzip|zst|zstd))?$")
_OF_FIREHOSE = frozenset({"rawData", "attemptsMade"})
_YEAR_10000_MS = 253_402_300_800_000
_MANY = 1_000_000_000
_NO_TIME = "no @timestamp: `flowlogs run` makes documents of flow records"


class Earlier(NamedTuple):
    """What Firehose, or we, noted of a document that was kept."""

    arrived: int | None
    """Milliseconds since 1970; None where that was not noted."""
    attempts: int


class Loaded(NamedTuple):
    """What a line holds."""

    document: Document
    earlier: Earlier | None
    """None of a document that was never sent."""


@dataclass(frozen=True, slots=True)
class Loadable:
    """Reads lines, and says which index each belongs into, whenever it is read: so adding it twice is adding it once.

    A document whose file is named for an index, and one that was kept for an index, go there, whatever the prefix; if
    they are to `move`, to the index of this prefix with the same ending. Others go by the time of their traffic.
    """

    prefix: str
    rotation: Rotation = Rotation.DAILY
    moves: bool = False

    def index_of_file(self, name: str) -> str | None:
        """Give the index that a file is named for, a prefix with the ending of a rotation; None where it is not."""
        stem = _ENDINGS.sub("", re.split(r"[/\\]", name)[-1])
        prefix, ending = parted(stem)
        if not ending:
            return stem if stem == self.prefix else None
        return self._moved(stem) if is_prefix(prefix) else None

    def read(self, line: bytes, index: str | None = None) -> Loaded:
        """Give the document of a line; raise MalformedRecord, with the reason, where it is none.

        A document that was never sent goes to `index`, if one is given; its id is a hash of its bytes. One that was
        kept has the id that it was sent with.
        """
        found = _object_in(line)
        if _OF_FIREHOSE.issubset(found):
            return self._kept(found)
        time = _time_in(found)
        source = _on_one_line(line)
        return Loaded((index or self._index_at(time), id_of(source), source), None)

    def _kept(self, kept: Mapping[str, Any]) -> Loaded:
        """Give the document in a line of a failed object; those of OpenSearch Serverless begin with `os`.

        Source: Firehose Developer Guide, "Handle data delivery failures".
        """
        index = kept.get("esIndexName", kept.get("osIndexName"))
        id_ = kept.get("esDocumentId", kept.get("osDocumentId"))
        if not isinstance(index, str) or not index:
            raise MalformedRecord("esIndexName", "a record that Firehose kept, but no document for an index")
        try:
            text = base64.b64decode(kept["rawData"], validate=True)
        except (TypeError, ValueError, binascii.Error) as error:
            raise MalformedRecord("rawData", "not base64") from error
        _object_in(text, "rawData")
        source = _on_one_line(text)
        document = self._moved(index), id_ if isinstance(id_, str) and id_ else id_of(source), source
        return Loaded(document, Earlier(_instant(kept.get("arrivalTimestamp")), _number(kept["attemptsMade"])))

    def _moved(self, index: str) -> str:
        return f"{self.prefix}{parted(index)[1]}" if self.moves else index

    def _index_at(self, time: object) -> str:
        try:
            return self.rotation.index_of(self.prefix, _milliseconds(time))
        except (OSError, OverflowError, TypeError, ValueError) as error:
            raise MalformedRecord("@timestamp", "not a time") from error


def id_of(source: bytes) -> str:
    """Give the id of a document that has none: a hash of its bytes, in letters that need no escape."""
    return base64.urlsafe_b64encode(blake2b(source, digest_size=_ID_BYTES).digest()).rstrip(b"=").decode()


def _time_in(document: Mapping[str, Any]) -> object:
    """Give what a document has for the time of its traffic: `@timestamp`, in shape `ocsf` its `time`."""
    time = document.get("@timestamp", document.get("time") if "class_uid" in document else None)
    if time is None:
        raise MalformedRecord("@timestamp", _NO_TIME)
    return time


def _milliseconds(time: object) -> int:
    """Read a time as OpenSearch does: ISO 8601, in UTC if it does not say, or milliseconds; raise where it is none."""
    if isinstance(time, str):
        instant = datetime.fromisoformat(time)
        return int((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() * 1000)
    if not isinstance(time, int) or isinstance(time, bool):
        raise TypeError("no time")
    return time


def _instant(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < _YEAR_10000_MS else None  # a bool is none


def _number(value: object) -> int:
    return value if type(value) is int and 0 < value < _MANY else 0


def _on_one_line(text: bytes) -> bytes:
    """Write JSON on one line: a line break in it is a blank between two values, for JSON takes none within a text."""
    return text.strip().replace(b"\n", b" ").replace(b"\r", b" ")


def _object_in(text: bytes, field: str = "document") -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MalformedRecord(field, _why_no_json(text, error)) from error
    if not isinstance(found, dict):
        raise MalformedRecord(field, "not a JSON object")
    return found


def _why_no_json(text: bytes, error: orjson.JSONDecodeError) -> str:
    try:
        text.decode()
    except UnicodeDecodeError:
        return "not UTF-8 text"
    return f"not one JSON document: {error.msg}"
