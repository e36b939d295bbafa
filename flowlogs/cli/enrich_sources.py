"""What a user names, as inputs of `flowlogs enrich`."""

import gzip
import os
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from flowlogs.cli.inputs import ZSTD, Input, open_input
from flowlogs.cli.lines_in import a_lake, check_is_no_lake
from flowlogs.cli.local_inputs import event_in, lines_of_event
from flowlogs.enrich.batch import REFUSED
from flowlogs.enrich.day_files import PARTITION
from flowlogs.enrich.pieces import Readable
from flowlogs.enrich.source import Content, Lines, Tables, Text
from flowlogs.enrich.written import NAME as LIST
from flowlogs.enrich.written import Version, is_list
from flowlogs.errors import MalformedEnvelope, UnreadableInput
from flowlogs.ingest.cloudwatch_logs import GZIP
from flowlogs.ingest.text_stream import PARQUET, peeked
from flowlogs.record.log_format import LogFormat

_PACKED = (".gz", ".zst", ".parquet")
_PACKED_TIMES = 10
"""How much more a packed flow log is when it is open."""
_OBJECT = 10_000_000
"""Bytes that an object in S3 is taken for: a flow log's objects are of some MB."""
_UNPACKED = 1 << 16
"""Bytes of text that are unpacked at a time, at most."""
_ROWS = 150_000
"""Rows of Parquet that are worked on together."""


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file, an object in S3 or standard input (`flowlogs.enrich.source.Source`).

    An object in S3 is known by its address: a flow log writes each only once.
    """

    found: Input
    log_format: LogFormat
    version: Version | None
    stored: int
    """Bytes as they lie there; 0 where that is not known."""
    on_read: Callable[[int], None]

    @property
    def name(self) -> str:
        """What the user called it, or what was found there."""
        return self.found.name

    @property
    def size(self) -> int:
        """Bytes, about, once it is open."""
        times = _PACKED_TIMES if self.found.place.endswith(_PACKED) else 1
        return (self.stored or _OBJECT) * times

    @contextmanager
    def open(self) -> Iterator[Content]:
        """Open it as what it turns out to be."""
        event = event_in(self.found)
        if event is not None:
            lines = lines_of_event(event, self.log_format)
            yield Lines(lines, lambda: lines.ignored)
            self.on_read(self.stored)
            return
        if self.version is None or not self.stored:
            with self._open_stream() as content:
                yield content
            return
        with Path(self.found.place).open("rb", buffering=0) as file:
            first = file.read(len(ZSTD))
            file.seek(0)
            if first == PARQUET:
                yield Tables(_tables(pa.OSFile(self.found.place), self.name))  # it is read from its end
                self.on_read(self.stored)
            elif first == ZSTD:
                with open_input(self.found, self.on_read) as opened:
                    yield Text(opened)
            else:  # without the layers of `open_input`, each of which copies
                told = _Told(file, self.on_read)
                yield Text(_Gunzipped(told) if first.startswith(GZIP) else told)

    @contextmanager
    def _open_stream(self) -> Iterator[Content]:
        with open_input(self.found, self.on_read) as opened:
            first, stream = peeked(opened)
            if first == PARQUET:
                yield Tables(_tables(pa.BufferReader(stream.read()), self.name))
            else:
                yield Text(_Gunzipped(stream) if first.startswith(GZIP) else stream)


class _Told:
    """A file that tells how many bytes were read of it."""

    def __init__(self, file: Readable, on_read: Callable[[int], None]) -> None:
        self._file, self._on_read = file, on_read

    def read(self, size: int = -1) -> bytes:
        """Read as the file does."""
        data = self._file.read(size)
        self._on_read(len(data))
        return data


class _Gunzipped:
    """All members of a gzip stream, as text."""

    def __init__(self, packed: Readable) -> None:
        self._text = gzip.GzipFile(fileobj=cast(BinaryIO, packed))
        self._broken: Exception | None = None

    def read(self, size: int, /) -> bytes:
        """Give text; where it breaks off, all that comes before, and raise MalformedEnvelope when asked for more."""
        parts = list(self._parts(size)) if self._broken is None else []
        if self._broken is not None and not parts:
            raise MalformedEnvelope("gzip is broken or cut short") from self._broken
        return b"".join(parts)

    def _parts(self, size: int) -> Iterator[bytes]:
        try:
            while size and (part := self._text.read1(min(size, _UNPACKED))):
                size -= len(part)
                yield part
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self._broken = error


def _tables(file: pa.NativeFile, name: str) -> Iterator[pa.Table]:
    opened = pq.ParquetFile(file)
    check_is_no_lake(name, opened.schema_arrow.names)
    for batch in opened.iter_batches(batch_size=_ROWS):
        yield pa.Table.from_batches([batch])


def inputs_beside(found: Sequence[Input], out: Path) -> list[Input]:
    """Leave out what an earlier run wrote into the folder that is written to, which may lie among the logs."""
    if not is_list(out / LIST):
        return list(found)
    folder = os.path.realpath(out)
    others = [each for each in found if not _is_written_into(folder, os.path.realpath(each.place))]
    return others or list(found)


def _is_written_into(folder: str, place: str) -> bool:
    parts = Path(place).relative_to(folder).parts if Path(place).is_relative_to(folder) else ("",)
    return parts[0] in (LIST, REFUSED) or parts[0].startswith(PARTITION)


def sources_of(found: Sequence[Input], log_format: LogFormat, on_read: Callable[[int], None]) -> list[FileSource]:
    """Give inputs, each once; raise UnreadableInput where one has gone, or is the list of what this command wrote."""
    sources: dict[str, FileSource] = {}
    for each in found:
        if is_list(Path(each.place)):
            raise a_lake(str(Path(each.place).parent))
        version, stored = _version(each)
        sources.setdefault(
            version.name if version else each.place, FileSource(each, log_format, version, stored, on_read)
        )
    return list(sources.values())


def _version(found: Input) -> tuple[Version | None, int]:
    if found.place == "-":
        return None, 0
    if found.place.startswith("s3://"):
        return Version(found.place, ""), 0
    try:
        about = Path(found.place).stat()
    except OSError as error:
        raise UnreadableInput(f"{found.name}: {error.strerror or error}") from error
    if not stat.S_ISREG(about.st_mode):
        return None, 0
    return Version(os.path.realpath(found.place), f"{about.st_size} bytes of {about.st_mtime_ns}"), about.st_size
