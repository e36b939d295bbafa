"""Parts text into pieces that can be read apart: whole lines, one format each, headers taken out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from flowlogs.enrich.columns import STAMP
from flowlogs.ingest.lines import BOM, LineReader
from flowlogs.ingest.text_stream import LONGEST_LINE
from flowlogs.record.log_format import LogFormat

_BLANK = rb"[ \t\r\v\f\x1c-\x1f]"  # what `bytes.split` or `str.split` takes for one, except the newline
_NAME = rb"[a-z][a-z0-9_-]*"
_MAYBE_HEADER = rb"(?:%b)?%b*%b(?:%b+%b)*%b*\n" % (BOM, _BLANK, _NAME, _BLANK, _NAME, _BLANK)
_AT_BEGINNING = re.compile(_MAYBE_HEADER)
_FURTHER_ON = re.compile(rb"\n(?=%b)" % _MAYBE_HEADER)
"""Lines of nothing but names: every header is one, and hardly any record."""
_NO_NUMBER = re.compile(rb"\n[^0-9-]")
_STAMPED = re.compile(STAMP.encode() + rb"[ \t]")


class Readable(Protocol):
    """Bytes that come in parts."""

    def read(self, size: int, /) -> bytes:
        """Give some bytes, at most `size`; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of one input, each newline-ended, in one format; `number` is that of the first, from 1."""

    source: str
    log_format: LogFormat
    number: int
    text: bytes

    @property
    def stamped(self) -> bool:
        """Whether the first line has a time in front, as all have in an export of CloudWatch."""
        return _STAMPED.match(self.text) is not None


class Pieces:
    """Reads one text; a header sets the order of what follows it."""

    def __init__(self, source: str, log_format: LogFormat) -> None:
        self._source = source
        self._reader = LineReader(log_format)
        self.number = 0  # the line read last, from 1

    @property
    def ignored(self) -> int:
        """Headers so far."""
        return self._reader.ignored

    def read(self, stream: Readable, size: int) -> Iterator[Piece]:
        """Give the pieces of a text, in blocks of about `size` bytes; raise what reading raises."""
        for block in _blocks(stream, size):
            yield from self._parts(block)

    def _parts(self, block: bytes) -> Iterator[Piece]:
        """Part a block at its headers."""
        done = 0
        for begin in _maybe_headers(block):
            log_format, ignored = self._reader.log_format, self._reader.ignored
            end = block.index(b"\n", begin) + 1
            list(self._reader.read(block[begin : end - 1]))  # whatever it holds is read again
            if self._reader.ignored > ignored:
                if begin > done:
                    yield self._piece(log_format, block[done:begin])
                self.number += 1
                done = end
        if done < len(block):
            yield self._piece(self._reader.log_format, block[done:])

    def _piece(self, log_format: LogFormat, text: bytes) -> Piece:
        piece = Piece(self._source, log_format, self.number + 1, text)
        self.number += text.count(b"\n")
        return piece


def _maybe_headers(block: bytes) -> Iterator[int]:
    if _AT_BEGINNING.match(block):
        yield 0
    if _NO_NUMBER.search(block):  # which takes half the time, and few blocks have one
        for found in _FURTHER_ON.finditer(block):
            yield found.end()


def _blocks(text: Readable, size: int) -> Iterator[bytes]:
    """Give a text in blocks of whole lines, each newline-ended; what is too long of a line is cut off."""
    begun, skips = b"", False  # a line that is not complete; whether the rest of it is left out
    while data := text.read(size):
        if skips:
            data = data[data.find(b"\n") :] if b"\n" in data else b""
            skips = not data
        end = data.rfind(b"\n") + 1
        if end:
            yield _with_short_lines(b"".join((begun, memoryview(data)[:end])))
            begun = b""
        begun += data[end:]
        if len(begun) >= LONGEST_LINE:
            begun, skips = begun[:LONGEST_LINE], True
    if begun:
        yield begun + b"\n"


def _with_short_lines(block: bytes) -> bytes:
    """Cut lines as `lines_of` does."""
    at = 0
    while len(block) - at > LONGEST_LINE:
        newline = block.rfind(b"\n", at, at + LONGEST_LINE)
        if newline < 0:
            return b"\n".join(line[:LONGEST_LINE] for line in block.split(b"\n"))
        at = newline + 1
    return block
