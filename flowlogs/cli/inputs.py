"""Opens what a user names: files, folders, globs, `-`; text, gzip, zstd, Parquet."""

import glob
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from flowlogs.errors import MalformedEnvelope, UnreadableInput
from flowlogs.ingest.text_stream import PARQUET, peeked

ZSTD = b"\x28\xb5\x2f\xfd"
_NOT_LOGS = (".part", ".md")
_CHUNK = 1 << 20
_PACKED_CHUNK = 1 << 13  # bytes at a time: a hostile one opens to thousands of times as much


class NothingInFolder(UnreadableInput):
    """A folder without a file to read."""


class Input(NamedTuple):
    """One thing to read: the name to show, and the path or address it lies at ("-" is standard input)."""

    name: str
    place: str


def inputs_of(places: Sequence[str]) -> list[Input]:
    """Find all files behind what a user named; raise UnreadableInput where there is nothing."""
    return [found for place in places for found in _found(place)]


def _found(place: str) -> list[Input]:
    if not place:
        raise UnreadableInput("a path is empty")
    if place == "-":
        return [Input("standard input", "-")]
    if place.startswith("s3://"):
        return _found_in_s3(place)
    path = Path(place)
    if path.is_file() or path.is_char_device() or path.is_fifo():  # /dev/null, say, or a shell's <(…)
        return [Input(place, place)]
    paths = sorted(path.rglob("*")) if path.is_dir() else sorted(map(Path, glob.glob(place, recursive=True)))  # noqa: PTH207 (a glob from anywhere)
    files = [file for file in paths if file.is_file() and not _is_hidden(file) and file.suffix not in _NOT_LOGS]
    if not files and path.is_dir():
        raise NothingInFolder(f"{place}: no file in this folder")
    if not files:
        raise UnreadableInput(f"{place}: no such file or folder")
    return [Input(str(file), str(file)) for file in files]


def _is_hidden(file: Path) -> bool:
    return file.name.startswith(".")


def _found_in_s3(place: str) -> list[Input]:
    from flowlogs.aws.s3 import WatchedObjects, address_of

    bucket, _ = address = address_of(place)
    try:
        keys = WatchedObjects(address).keys()
    except OSError as error:
        raise UnreadableInput(f"{place}: {error}") from error
    if not keys:
        raise UnreadableInput(f"{place}: nothing lies there")
    return [Input(f"s3://{bucket}/{key}", f"s3://{bucket}/{key}") for key in keys]


def open_input(found: Input, on_read: Callable[[int], None] | None = None) -> BinaryIO:
    """Open an input as bytes, zstd decompressed; raise UnreadableInput where that fails.

    `on_read` is told how many bytes were read, as they lie there. Reading raises MalformedEnvelope where zstd is
    broken, as `text_stream.lines_of` does for gzip.
    """
    try:
        if found.place == "-":
            return _unpacked(_told(sys.stdin.buffer, on_read))
        if found.place.startswith("s3://"):
            from flowlogs.aws.s3 import S3Objects, address_of  # boto3 takes 0.2 s to import, which files do without

            return _closing(_told(S3Objects().open(*address_of(found.place)), on_read))
        return _closing(_told(Path(found.place).open("rb"), on_read))
    except OSError as error:
        raise UnreadableInput(f"{found.name}: {error.strerror or error}") from error
    except ValueError as error:  # a NUL in the name
        raise UnreadableInput(f"{found.name!r}: {error}") from error


def _told(stream: BinaryIO, on_read: Callable[[int], None] | None) -> BinaryIO:
    return stream if on_read is None else io.BufferedReader(_Told(stream, on_read), _CHUNK)


class _Told(io.RawIOBase):
    """A stream that tells how many bytes were read of it."""

    def __init__(self, stream: BinaryIO, on_read: Callable[[int], None]) -> None:
        self._stream, self._on_read = stream, on_read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        data = self._stream.read(len(view))
        view[: len(data)] = data
        self._on_read(len(data))
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _closing(stream: BinaryIO) -> BinaryIO:
    try:
        return cast(BinaryIO, _Closing(_unpacked(stream), stream))
    except OSError:  # a folder, say
        stream.close()
        raise


class _Closing(io.BufferedReader):
    """A stream that closes, when it is closed, the one it is made of."""

    def __init__(self, unpacked: BinaryIO, stream: BinaryIO) -> None:
        self._stream = stream
        super().__init__(cast(io.BufferedReader, unpacked).detach(), _CHUNK)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _unpacked(stream: BinaryIO) -> BinaryIO:
    first, whole = peeked(stream)
    return io.BufferedReader(_Unzstd(whole), _CHUNK) if first == ZSTD else whole


class _Unzstd(io.RawIOBase):
    """Decompresses all frames of a zstd stream, and refuses one that is cut short, which zstandard's reader takes."""

    def __init__(self, packed: BinaryIO) -> None:
        import zstandard

        self._packed = packed
        self._new_frame, self._broken = zstandard.ZstdDecompressor().decompressobj, zstandard.ZstdError
        self._frame = self._new_frame()
        self._begun = False
        self._unread = b""  # packed bytes behind the frame
        self._text = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        while not self._text and self._unpack():
            pass
        data, self._text = self._text[: len(view)], self._text[len(view) :]
        view[: len(data)] = data
        return len(data)

    def _unpack(self) -> bool:
        """Make text of the next packed bytes; say whether there were any."""
        packed = self._unread or self._packed.read(_PACKED_CHUNK)
        if not packed and self._begun:
            raise MalformedEnvelope("zstd is cut short")
        if packed:
            try:
                self._text = self._frame.decompress(packed)
            except self._broken as error:
                raise MalformedEnvelope("zstd is broken") from error
            self._unread, self._begun = self._frame.unused_data, not self._frame.eof
            if self._frame.eof:
                self._frame = self._new_frame()
        return bool(packed)

    def close(self) -> None:
        self._packed.close()
        super().close()


def is_parquet(stream: BinaryIO) -> tuple[bool, BinaryIO]:
    """Say whether a stream is Parquet; give it back whole."""
    first, whole = peeked(stream)
    return first == PARQUET, whole


def parquet_rows(found: Input) -> Iterator[dict[str, object]]:
    """Give the rows of a Parquet file, keyed by column."""
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    try:
        with open_input(found) as stream:
            source = pa.BufferReader(stream.read())
        for batch in pq.ParquetFile(source).iter_batches(batch_size=10_000):
            yield from batch.to_pylist()
    except pa.ArrowException as error:
        raise UnreadableInput(f"{found.name}: not a readable Parquet file: {error}") from error
