"""Objects in S3: kept, read, watched."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast
from urllib.parse import urlsplit

from botocore.config import Config

from flowlogs.aws.clients import client_of
from flowlogs.aws.failures import FAILURES, code_of
from flowlogs.errors import SettingsError
from flowlogs.published import POINTER
from flowlogs.published_copy import folder_for, path_below, remove_others, whole

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError
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


def s3_client() -> "S3Client":
    """Give a client that gives up before an invocation does."""
    return cast("S3Client", client_of("s3", _CONFIG))


def refused(error: "BotoCoreError | ClientError", key: str = "") -> OSError:
    """Give what a failed call is here: FileNotFoundError where S3 says that there is no such object, else OSError."""
    code, operation = code_of(error), getattr(error, "operation_name", "")
    what = " of ".join(filter(None, (operation, key)))
    return (FileNotFoundError if code == "NoSuchKey" else OSError)(f"S3 answered {code}{what and f' to {what}'}")


class Bucket:
    """Keeps objects under a prefix of a bucket (`flowlogs.ingest.dead_letters.Objects`)."""

    def __init__(self, address: Address, client: "S3Client | None" = None) -> None:
        self._bucket, self._prefix = address
        self._given = client

    def put(self, key: str, content: bytes) -> None:
        """Write an object; raise OSError where S3 refuses."""
        try:
            (self._given or s3_client()).put_object(
                Bucket=self._bucket, Key="/".join(filter(None, (self._prefix.rstrip("/"), key))), Body=content
            )
        except FAILURES as error:
            raise refused(error) from error


class S3Objects:
    """Opens objects for reading (`flowlogs.ingest.objects.ObjectReader`)."""

    def __init__(self, client: "S3Client | None" = None) -> None:
        self._given = client

    def open(self, bucket: str, key: str) -> BinaryIO:
        """Open an object as a stream of bytes; raise OSError where S3 refuses."""
        try:
            body = (self._given or s3_client()).get_object(Bucket=bucket, Key=key)["Body"]
        except FAILURES as error:
            raise refused(error) from error
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


class WatchedObjects:
    """One object, or those under a prefix, kept as local files (`flowlogs.decorate.watched.Watched`).

    Names below the prefix stay as they are, also those with `/`.
    """

    def __init__(self, address: Address, client: "S3Client | None" = None) -> None:
        self._bucket, self._prefix = address
        self._place = f"s3://{self._bucket}/{self._prefix}"
        self._given = client

    def version(self) -> str:
        """Give keys and entity tags; raise OSError where S3 refuses, or nothing is there."""
        return repr(self._watched())

    def keys(self) -> list[str]:
        """List the keys; raise OSError where S3 refuses."""
        return [key for key, _ in self._objects()]

    def files(self) -> Sequence[Path]:
        """Download what is not here yet, into a folder of its own version; give the folder."""
        objects = self._watched()
        folder = folder_for(self._place, repr(objects))
        for key, _ in objects:
            path = path_below(folder, self._name(key))
            if not path.exists():
                self._download(key, path)
        remove_others(folder)
        return [folder]

    def _watched(self) -> list[tuple[str, str]]:
        objects = list(self._objects())
        if not objects:
            raise OSError(f"nothing lies under {self._place}")
        if any(self._name(key) == POINTER for key, _ in objects):
            raise OSError(f"what lies under {self._place} is a publication: its address ends in {POINTER}")
        return objects

    def _name(self, key: str) -> str:
        """Give what follows the prefix as a folder, else what follows the last folder in the prefix."""
        below = f"{self._prefix.rstrip('/')}/"
        return key.removeprefix(below if key.startswith(below) else self._prefix[: self._prefix.rfind("/") + 1])

    def _objects(self) -> Iterator[tuple[str, str]]:
        try:
            pages = (self._given or s3_client()).get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix):
                yield from ((found["Key"], found["ETag"]) for found in page.get("Contents", ()) if found.get("Size"))
        except FAILURES as error:
            raise refused(error) from error

    def _download(self, key: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as part:
            try:
                (self._given or s3_client()).download_file(self._bucket, key, str(part))
            except FAILURES as error:
                raise refused(error) from error
