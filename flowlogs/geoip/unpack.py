"""Takes one database out of what it is wrapped in, by streams: no path within an archive is ever followed."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from flowlogs.errors import UnusableDatabase
from flowlogs.geoip.providers import Edition, Packing

MOST_UNPACKED = 1 << 29
"""Bytes that an archive may become; today's largest free database has about 130 MB.

The function has 1,024 MB of /tmp, where the archive lies beside it, and 1,024 MB of memory, which it passes through as
a whole when it is written to S3.
"""
_MOST_HEADER = 1 << 16
"""Bytes of a header that describes a member; tarfile reads it into memory. A path takes some hundred."""
_MOST_MEMBERS = 1000
"""Members of a tar, each of which tarfile keeps in mind; MaxMind's have four."""
_CHUNK = 1 << 16
_BROKEN = (EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError, ValueError, ArithmeticError, LookupError)
"""What gzip and tarfile raise over content; numbers in headers that are none come as they are."""


def unpack(archive: Path, packing: Packing, edition: Edition, into: Path, most: int = MOST_UNPACKED) -> None:
    """Write the archive's one database into a file; raise UnusableDatabase where there is none, or no single one.

    Source: MaxMind, "Updating GeoIP and GeoLite Databases": the tar holds a folder of the build's date with the
    database and texts; DB-IP: a gzip of the database itself.
    """
    with _plain(archive, most) as plain, into.open("wb") as file:
        if packing is Packing.GZ:
            _copy(plain, file)
        else:
            _copy_member(plain, edition, file)
            while plain.read(_CHUNK):  # a tar ends before its gzip does, whose sum comes last
                pass


class _Limited(io.RawIOBase):
    """A stream that refuses to become larger than it may: what is packed may unpack to anything."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._stream = stream
        self._left = most
        self._most = most

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        chunk = self._stream.read(size)
        self._left -= len(chunk)
        if self._left < 0:
            raise UnusableDatabase(f"what came unpacks to more than {self._most // 1_000_000} MB")
        return chunk


@contextmanager
def _plain(archive: Path, most: int) -> Iterator[BinaryIO]:
    """Open what was compressed; what goes wrong while it is read is an UnusableDatabase."""
    try:
        with gzip.open(archive) as opened:
            yield cast(BinaryIO, _Limited(cast(BinaryIO, opened), most))
    except (*_BROKEN, RecursionError) as error:
        raise UnusableDatabase(f"what came is no whole archive ({_why(error)})") from error


def _why(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "it breaks off"
    is_told = isinstance(error, (zlib.error, gzip.BadGzipFile, tarfile.TarError))
    return (str(error)[:100].lower() if is_told else "") or type(error).__name__


class _Header(tarfile.TarInfo):
    """A header of a tar, refused before what it announces is read into memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_Header":
        header = super().frombuf(buf, encoding, errors)
        if not -1 < header.size <= (MOST_UNPACKED if header.type in _OF_CONTENT else _MOST_HEADER):
            raise UnusableDatabase(f"what came announces {header.size:,} bytes where so many cannot be")
        return header


_OF_CONTENT = frozenset({tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE})


def _copy_member(plain: BinaryIO, edition: Edition, file: BinaryIO) -> None:
    """Copy the one database that a tar holds, read from its beginning to its end."""
    found: list[str] = []
    with tarfile.open(fileobj=plain, mode="r|", tarinfo=_Header) as tar:
        for number, member in enumerate(tar):
            if number >= _MOST_MEMBERS or member.issparse():
                raise UnusableDatabase("what came holds too many files, or one with holes: such a file grows unseen")
            name = PurePosixPath(member.name).name
            if not name.endswith(".mmdb"):
                continue
            found.append(name)
            content = tar.extractfile(member) if member.isreg() and len(found) == 1 else None
            if content is not None:
                _copy(cast(BinaryIO, content), file)
    if found != [edition.file]:
        held = " and ".join(map(repr, found[:3])) or "no database"
        raise UnusableDatabase(f"the archive holds {held[:200]} where one {edition.file} belongs")
    if file.tell() == 0:
        raise UnusableDatabase(f"{edition.file} in the archive is empty or no file")


def _copy(stream: BinaryIO, file: BinaryIO) -> None:
    while chunk := stream.read(_CHUNK):
        file.write(chunk)
