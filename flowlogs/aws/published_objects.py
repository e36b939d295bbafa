"""The files of a publication in S3, kept as local files while they are the published ones."""

from typing import TYPE_CHECKING, BinaryIO

from flowlogs.aws.failures import FAILURES, code_of
from flowlogs.aws.s3 import Address, S3Objects, refused, s3_client
from flowlogs.published import POINTER, Pointer, pointer_of
from flowlogs.published_copy import PublishedCopy

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_NOT_MODIFIED = "304"


class PublishedObjects(PublishedCopy):
    """Follows `s3://bucket/prefix/pointer.json` (`flowlogs.decorate.watched.Watched`) by one request at a time.

    The role needs s3:GetObject, and s3:ListBucket: without it S3 answers AccessDenied, not NoSuchKey, for a pointer
    that is not there yet. Source: S3 API Reference, "GetObject".
    """

    def __init__(self, address: Address, client: "S3Client | None" = None) -> None:
        super().__init__(_Objects(address, client), f"s3://{address.bucket}/{address.key}")


class _Objects:
    """A publication's objects (`flowlogs.published_copy.Origin`)."""

    def __init__(self, pointer: Address, client: "S3Client | None") -> None:
        self._bucket, self._key = pointer
        self._below = pointer.key.removesuffix(POINTER)
        self._given = client

    def pointer(self, tag: str | None) -> Pointer | None:
        """Read the pointer; None where it still has this entity tag. Raise OSError, ValueError where it is none.

        Where `If-None-Match` is the object's own tag, the answer is 304. Source: S3 API Reference, "GetObject".
        """
        condition = {} if tag is None else {"IfNoneMatch": tag}
        client = self._given or s3_client()
        try:
            answer = client.get_object(Bucket=self._bucket, Key=self._key, **condition)  # type: ignore[arg-type]
            return pointer_of(answer["Body"].read(), answer["ETag"])
        except FAILURES as error:
            if code_of(error) == _NOT_MODIFIED:
                return None
            raise refused(error) from error

    def open(self, key: str) -> BinaryIO:
        """Open an object as a stream; raise FileNotFoundError where it is gone, OSError where it cannot be had."""
        return S3Objects(self._given).open(self._bucket, self._below + key)
