"""Objects in S3: kept, read, watched."""

import hashlib
import io
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast
from urllib.parse import urlsplit

from botocore.config import Config

from flowlogs.aws.clients import client_of
from flowlogs.aws.failures import FAILURES, code_of
from flowlogs.errors import SettingsError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 4})


class Address(NamedTuple):
    """Where objects lie: a bucket, and a key or the beginning of keys."""

    bucket: str
    key: str


def address_of(text: str) -> Address:
    """Read `s3://bucket/key`; raise SettingsError where it is none."""
    parts = urlsplit(text)
    if parts.scheme != "s3" or not parts.netloc:
        raise SettingsError(f"{text[:100]!r} is no address in S3; one reads s3://bucket/prefix")
    return Address(parts.netloc, parts.path.lstrip("/"))


def _s3() -> "S3Client":
    """Give a client that gives up before an invocation does."""
    return cast("S3Client", client_of("s3", _CONFIG))


class Bucket:
    """Keeps objects under a prefix of a bucket (`flowlogs.ingest.dead_letters.Objects`)."""

    def __init__(self, address: Address, client: "S3Client | None" = None) -> None:
        self._bucket, self._prefix = address
        self._given = client

    def put(self, key: str, content: bytes) -> None:
        """Write an object; raise OSError where S3 refuses."""
        try:
            (self._given or _s3()).put_object(
                Bucket=self._bucket, Key="/".join(filter(None, (self._prefix.rstrip("/"), key))), Body=content
            )
        except FAILURES as error:
            raise OSError(f"S3 answered {code_of(error)}") from error


class S3Objects:
    """Opens objects for reading (`flowlogs.ingest.objects.ObjectReader`)."""

    def __init__(self, client: "S3Client | None" = None) -> None:
        self._given = client

    def open(self, bucket: str, key: str) -> BinaryIO:
        """Open an object as a stream of bytes; raise OSError where S3 refuses."""
        try:
            body = (self._given or _s3()).get_object(Bucket=bucket, Key=key)["Body"]
        except FAILURES as error:
            raise OSError(f"S3 answered {code_of(error)}") from error
        return cast(BinaryIO, _Body(cast(BinaryIO, body)))


class _Body(io.RawIOBase):
    """The bytes of an object; what breaks off while they come is an OSError, as for any file."""

    def __init__(self, body: BinaryIO) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._body.read() if size < 0 else self._body.read(size)
        except FAILURES as error:
            raise OSError(f"S3 broke off: {code_of(error)}") from error

    def close(self) -> None:
        self._body.close()
        super().close()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class WatchedObjects:
    """One object, or those under a prefix, kept as local files (`flowlogs.decorate.watched.Watched`)."""

    def __init__(self, address: Address, client: "S3Client | None" = None) -> None:
        self._bucket, self._prefix = address
        self._given = client
        self._folder = Path(tempfile.gettempdir()) / "flowlogs" / _digest(f"{self._bucket}/{self._prefix}")

    def version(self) -> str:
        """Give keys and entity tags; raise OSError where S3 refuses, or nothing is there."""
        objects = list(self._objects())
        if not objects:
            raise OSError(f"nothing lies under s3://{self._bucket}/{self._prefix}")
        return repr(objects)

    def keys(self) -> list[str]:
        """List the keys; raise OSError where S3 refuses."""
        return [key for key, _ in self._objects()]

    def files(self) -> Sequence[Path]:
        """Download what is not here yet, each under a name of its own version; give the folder."""
        objects = list(self._objects())
        folder = self._folder / _digest(repr(objects))
        folder.mkdir(parents=True, exist_ok=True)
        for number, (key, _) in enumerate(objects):  # keys may end alike under different prefixes
            path = folder / f"{number:04}-{Path(key).name}"
            if not path.exists():
                self._download(key, path)
        for older in set(self._folder.iterdir()) - {folder}:  # a file that is still mapped stays until it is let go
            shutil.rmtree(older, ignore_errors=True)
        return [folder]

    def _objects(self) -> Iterator[tuple[str, str]]:
        try:
            pages = (self._given or _s3()).get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix):
                yield from ((found["Key"], found["ETag"]) for found in page.get("Contents", ()) if found.get("Size"))
        except FAILURES as error:
            raise OSError(f"S3 answered {code_of(error)}") from error

    def _download(self, key: str, path: Path) -> None:
        part = path.with_name(path.name + ".part")
        try:
            (self._given or _s3()).download_file(self._bucket, key, str(part))
        except FAILURES as error:
            raise OSError(f"S3 answered {code_of(error)}") from error
        part.replace(path)
