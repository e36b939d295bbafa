"""Reads a line as a document to be added: one that was never sent, or one that Firehose kept as refused."""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from flowlogs.errors import MalformedRecord
from flowlogs.search.bulk import Document

_ID_BYTES = 16  # of a hash: two of 10^12 documents are taken for one with a likelihood of 10^-15
_ROTATED = r"(-\d{4}(-w\d\d|-\d\d(-\d\d(-\d\d)?)?))?"
_ENDINGS = r"(\.(ndjson|jsonl|json|log|txt))?(\.(gz|gzip|zst|zstd))?"
_OF_FIREHOSE = frozenset({"rawData", "attemptsMade"})


@dataclass(frozen=True, slots=True)
class Loadable:
    """Reads lines; `index_of` names the index of what arrived at a time, in milliseconds since 1970.

    A kept document goes back to the index it was meant for, unless `moves`.
    """

    index_of: Callable[[int], str]
    now: Callable[[], int]
    moves: bool = False

    def read(self, line: bytes, index: str | None = None) -> Document:
        """Give the document of a line; raise MalformedRecord, with the reason, where it is none.

        A document that was never sent goes to `index`, if one is given; its id is a hash of its bytes, so that adding
        it twice is adding it once. One that was kept has the id that it was sent with.
        """
        source = _on_one_line(line)
        document = _object_in(source)
        if _OF_FIREHOSE.issubset(document):
            return self._kept(document)
        return index or self.index_of(self.now()), id_of(source), source

    def _kept(self, kept: dict[str, Any]) -> Document:
        """Give the document in a line of a failed object; those of OpenSearch Serverless begin with `os`.

        Source: Firehose Developer Guide, "Handle data delivery failures".
        """
        index, id_ = (
            kept.get("esIndexName", kept.get("osIndexName")),
            kept.get("esDocumentId", kept.get("osDocumentId")),
        )
        if not isinstance(index, str) or not index:
            raise MalformedRecord("esIndexName", "a record that Firehose kept, but no document for an index")
        try:
            source = _on_one_line(base64.b64decode(kept["rawData"], validate=True))
        except (TypeError, ValueError, binascii.Error) as error:
            raise MalformedRecord("rawData", "not base64") from error
        _object_in(source, "rawData")
        arrived = kept.get("arrivalTimestamp")
        if self.moves:
            index = self.index_of(arrived if isinstance(arrived, int) else self.now())
        return index, id_ if isinstance(id_, str) and id_ else id_of(source), source


def id_of(source: bytes) -> str:
    """Give the id of a document that has none: a hash of its bytes, in letters that need no escape."""
    return base64.urlsafe_b64encode(blake2b(source, digest_size=_ID_BYTES).digest()).rstrip(b"=").decode()


def index_named(file: str, prefix: str) -> str | None:
    """Give the index that a file is named for, `<prefix>` with the ending of a rotation; None where it is not."""
    found = re.fullmatch(rf"({re.escape(prefix)}{_ROTATED}){_ENDINGS}", re.split(r"[/\\]", file)[-1], re.ASCII)
    return found.group(1) if found else None


def _on_one_line(text: bytes) -> bytes:
    """Write JSON on one line: a line break in it is a blank between two values, for no text holds one."""
    return text.strip().replace(b"\n", b" ").replace(b"\r", b" ")


def _object_in(text: bytes, field: str = "document") -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MalformedRecord(field, f"not one JSON document: {error.msg}") from error
    if not isinstance(found, dict):
        raise MalformedRecord(field, "not a JSON object")
    return found
