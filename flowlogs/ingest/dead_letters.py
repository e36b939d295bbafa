"""Keeps lines that could not be passed on, so that they can be replayed: one gzip NDJSON object per invocation."""

import gzip
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import NamedTuple, Protocol

import orjson

from flowlogs.errors import NotKept
from flowlogs.record.timestamps import iso_utc

SCHEMA = 1
"""Version of the form below; a reader refuses one it does not know."""


class DeadLetter(NamedTuple):
    """A line that could not be passed on.

    `stream` is where it was to go, `header` names the order of its fields, `field` is None unless one was at fault.
    """

    stream: str
    reason: str
    line: bytes
    header: bytes = b""
    field: str | None = None


class Objects(Protocol):
    """Where objects are kept: a folder or a bucket."""

    def put(self, key: str, content: bytes) -> None:
        """Keep an object under a key, whole or not at all; raise OSError where that fails."""
        ...


class DeadLetters:
    """Writes dead letters of one function; `objects` is None where no place is set for them."""

    def __init__(self, objects: Objects | None, function: str) -> None:
        self._objects = objects
        self._function = function

    def keep(self, letters: Iterable[DeadLetter], now: float, name: str) -> int:
        """Write letters as one object and give their number; none means no object.

        `now` is Unix seconds, `name` makes the object's key unique (the invocation's request id). Raise NotKept
        where they cannot be written.
        """
        packed, number = _written(letters, iso_utc(int(now)))
        if not number:
            return 0
        if self._objects is None:
            raise NotKept(f"{number} lines could not be passed on, and FLOWLOGS_DEAD_LETTERS names no place for them")
        day = datetime.fromtimestamp(now, UTC).strftime("%Y/%m/%d/%H")
        key = f"{self._function}/{day}/{self._function}-{int(now)}-{name}.ndjson.gz"
        try:
            self._objects.put(key, packed)
        except OSError as error:
            raise NotKept(f"{number} lines could not be passed on nor kept as dead letters: {error}") from error
        return number


def _written(letters: Iterable[DeadLetter], first_seen: str) -> tuple[bytes, int]:
    """Compress letters as they come, so that memory holds them packed."""
    number, packed = 0, BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=6, mtime=0) as file:
        for letter in letters:
            file.write(_row(letter, first_seen))
            number += 1
    return packed.getvalue(), number


def _row(letter: DeadLetter, first_seen: str) -> bytes:
    row = {
        "schema": SCHEMA,
        "stream": letter.stream,
        "reason": letter.reason,
        "field": letter.field,
        "line": letter.line.decode(errors="backslashreplace"),
        "header": letter.header.decode(errors="backslashreplace"),
        "first_seen": first_seen,
    }
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def rows_of(packed: bytes) -> list[bytes]:
    """Give the rows of an object of dead letters."""
    return gzip.decompress(packed).splitlines()


class Folder:
    """Keeps objects as files of a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, content: bytes) -> None:
        """Write a file under a temporary name and then give it its own."""
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        try:
            part.write_bytes(content)
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
