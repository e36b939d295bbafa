"""Packs lines into records of a delivery stream, and records into calls."""

from collections.abc import Iterable, Iterator

from flowlogs.ingest.lines import Line
from flowlogs.ingest.streams import MAX_CALL_BYTES, MAX_RECORDS
from flowlogs.record.log_format import LogFormat
from flowlogs.record.timestamps import iso_utc

PACKED_BYTES = 100 * 1024
"""Bytes of a packed record: 20 billing steps of 5 KB, of which rounding up wastes under 5 %."""
PACKED_LINES = 1000
"""Lines of a packed record, so that the decorator's answer stays small."""


def single(line: Line, log_format: LogFormat) -> bytes:
    """Give a line as a record of its own, with a header where its order is not the configured one."""
    text = _timed(line)
    return text if line.log_format == log_format else line.log_format.header + b"\n" + text


def packed(lines: Iterable[Line]) -> Iterator[tuple[bytes, int]]:
    """Pack lines of one format each behind a header: give records of at most PACKED_BYTES, and the lines in each.

    A line that is larger by itself has a record of its own.
    """
    texts: list[bytes] = []
    header, size = b"", 0
    for line in lines:
        text = _timed(line)
        full = size + len(text) + 1 > PACKED_BYTES or len(texts) == PACKED_LINES
        if texts and (full or header != line.log_format.header):
            yield b"\n".join((header, *texts, b"")), len(texts)
            texts = []
        if not texts:
            header, size = line.log_format.header, len(line.log_format.header) + 1
        texts.append(text)
        size += len(text) + 1
    if texts:
        yield b"\n".join((header, *texts, b"")), len(texts)


def calls(records: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Group records into calls of at most MAX_RECORDS and MAX_CALL_BYTES."""
    call: list[bytes] = []
    size = 0
    for record in records:
        if call and (len(call) == MAX_RECORDS or size + len(record) > MAX_CALL_BYTES):
            yield call
            call, size = [], 0
        call.append(record)
        size += len(record)
    if call:
        yield call


def _timed(line: Line) -> bytes:
    """Write the carrier's time before a line whose format has none, as a CloudWatch export does."""
    if line.event_time is None or line.log_format.has_time:
        return line.text
    return iso_utc(line.event_time).encode() + b" " + line.text
