"""Objects of a publication in S3, whose pointer only one of several writers swaps."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowlogs.aws.failures import FAILURES, code_of
from flowlogs.aws.s3 import Address, refused, s3_client
from flowlogs.published import Stored

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError
    from types_boto3_s3 import S3Client

_NO_LONGER = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"})
"""Answers to a conditional write whose condition does not hold: 412, 409 while another writes, 404 where the object to
be matched is gone. Source: S3 User Guide, "How to prevent object overwrites with conditional writes"."""


class S3Store:
    """Objects below an address (`flowlogs.published.Store`).

    The role needs s3:GetObject for `swap` too, and s3:ListBucket: without it S3 answers AccessDenied, not NoSuchKey,
    for an object that is not there. Source: S3 User Guide (page above); S3 API Reference, "GetObject".
    """

    def __init__(self, address: Address, client: "S3Client | None" = None) -> None:
        self._bucket = address.bucket
        self._below = f"{address.key.rstrip('/')}/" if address.key.rstrip("/") else ""
        self._given = client

    @property
    def _client(self) -> "S3Client":
        return self._given or s3_client()

    def read(self, key: str) -> tuple[bytes, str] | None:
        """Give an object's content and its entity tag; None where there is none. Raise OSError where S3 refuses."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._below + key)
            return answer["Body"].read(), answer["ETag"]
        except FAILURES as error:
            if code_of(error) == "NoSuchKey":
                return None
            raise refused(error, self._below + key) from error

    def write(self, key: str, content: bytes) -> None:
        """Write an object, whole or not at all; raise OSError where S3 refuses."""
        try:
            self._client.put_object(Bucket=self._bucket, Key=self._below + key, Body=content)
        except FAILURES as error:
            raise refused(error, self._below + key) from error

    def swap(self, key: str, content: bytes, tag: str | None) -> bool:
        """Write an object only if it still has this entity tag (None: if there is none); say whether it did.

        A request that was repeated because its answer was lost may meet what it wrote itself the first time: then the
        object tells. Raise OSError where S3 refuses, and where it is not known whether the object was written.
        """
        name = self._below + key
        try:
            if tag is None:
                self._client.put_object(Bucket=self._bucket, Key=name, Body=content, IfNoneMatch="*")
            else:
                self._client.put_object(Bucket=self._bucket, Key=name, Body=content, IfMatch=tag)
        except FAILURES as error:
            if code_of(error) not in _NO_LONGER:
                raise refused(error, name) from error
            return _was_repeated(error) and (self.read(key) or (None,))[0] == content
        return True

    def keys(self, prefix: str) -> Iterator[Stored]:
        """List the objects whose keys begin so; raise OSError where S3 refuses."""
        try:
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._below + prefix):
                for found in page.get("Contents", ()):
                    if not found["Key"].endswith("/"):  # the console's folders
                        yield Stored(found["Key"].removeprefix(self._below), found["LastModified"].timestamp())
        except FAILURES as error:
            raise refused(error, self._below + prefix) from error

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is no error. Raise OSError where S3 refuses."""
        try:
            self._client.delete_object(Bucket=self._bucket, Key=self._below + key)
        except FAILURES as error:
            raise refused(error, self._below + key) from error


def _was_repeated(error: "BotoCoreError | ClientError") -> bool:
    """Say whether botocore sent the request more than once; an error of its own never reached S3's condition."""
    metadata = getattr(error, "response", {}).get("ResponseMetadata", {})
    return bool(metadata.get("RetryAttempts", 0))
