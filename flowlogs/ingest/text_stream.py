"""Reads the lines of a stream of text, plain or compressed, of any length."""

import gzip
import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from flowlogs.errors import MalformedEnvelope
from flowlogs.ingest.cloudwatch_logs import GZIP

PARQUET = b"PAR1"
LONGEST_LINE = 1024 * 1024
"""Bytes of a line that are kept; a real one is a few hundred. What is longer is cut, and refused for it."""
_CHUNK = 1 << 20


class _Peeked(io.RawIOBase):
    """A stream, begun again after its first bytes were looked at."""

    def __init__(self, first: bytes, rest: BinaryIO) -> None:
        self._first = first
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        data = self._first[: len(view)] or self._rest.read(len(view))
        self._first = self._first[len(view) :]
        view[: len(data)] = data
        return len(data)


def peeked(stream: BinaryIO) -> tuple[bytes, BinaryIO]:
    """Give the first four bytes of a stream, and the whole stream."""
    first = stream.read(4)
    return first, io.BufferedReader(_Peeked(first, stream), _CHUNK)


def lines_of(stream: BinaryIO, longest: int = LONGEST_LINE) -> Iterator[bytes]:
    """Give the lines of text, gunzipped (all members) if need be; raise MalformedEnvelope where that breaks off."""
    first, whole = peeked(stream)
    text = cast(BinaryIO, gzip.GzipFile(fileobj=whole)) if first.startswith(GZIP) else whole
    try:
        while line := text.readline(longest):
            if len(line) == longest and not line.endswith(b"\n"):
                _skip_line(text)
            yield line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise MalformedEnvelope("gzip is broken or cut short") from error


def _skip_line(text: BinaryIO) -> None:
    while (rest := text.readline(_CHUNK)) and not rest.endswith(b"\n"):
        pass
